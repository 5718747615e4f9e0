//! Resolves an expression: names become fields, and operands become values of the field's type. All errors are found here, so
//! matching items cannot fail.

use super::FilterError;
use super::ast::{At, Comparison, Expr, Operand, Operator};
use super::field::{AttributePlace, Field, IdField};
use super::leaf::{IdTest, Leaf, Test, TextField};
use super::quantity::{BYTE_UNITS, Dimension, NoQuantity, Number, Quantity, TIME_UNITS};
use super::severity::SeverityTest;
use super::value_test::ValueTest;
use super::vocabulary::{self, Vocabulary};
use super::word::WordTest;
use crate::model::visible;
use regex::{Regex, RegexBuilder};
use std::cell::Cell;

/// The maximum memory of a compiled regular expression, in bytes.
const REGEX_BYTES: usize = 1 << 20;
/// The maximum number of regular expressions. With their size limit it bounds the memory of a remote subscription.
const MAX_REGEXES: usize = 32;

/// Resolves an expression; `text` is its source.
pub(super) fn check(expr: &Expr, text: &str) -> Result<Test, FilterError> {
    Checker { text, regexes: Cell::new(0) }.expr(expr)
}

struct Checker<'a> {
    text: &'a str,
    regexes: Cell<usize>,
}

impl Checker<'_> {
    fn expr(&self, expr: &Expr) -> Result<Test, FilterError> {
        Ok(match expr {
            Expr::Everything => Test::Always,
            Expr::And(parts) => Test::And(self.parts(parts)?),
            Expr::Or(parts) => Test::Or(self.parts(parts)?),
            Expr::Not(inner, _) => Test::Not(Box::new(self.expr(inner)?)),
            Expr::Word(word) => WordTest::new(&word.pieces).map_or(Test::Always, |word| Test::Leaf(Leaf::Word(word))),
            Expr::Comparison(comparison) => self.comparison(comparison)?,
        })
    }

    /// Puts cheap tests first; the order does not change the result.
    fn parts(&self, parts: &[Expr]) -> Result<Vec<Test>, FilterError> {
        let mut tests = parts.iter().map(|part| self.expr(part)).collect::<Result<Vec<Test>, _>>()?;
        tests.sort_by_key(Test::cost);
        Ok(tests)
    }

    fn comparison(&self, comparison: &Comparison) -> Result<Test, FilterError> {
        let Comparison { field: name, operator, operand } = comparison;
        let Some(field) = Field::of(name) else {
            return Err(self.error(&name.at, "a point and no name behind it", "the key of an attribute"));
        };
        if let Some(test) = self.nil(comparison, &field)? {
            return Ok(test);
        }
        Ok(match field {
            Field::Signal => Test::Leaf(Leaf::Signal(self.words(comparison, &vocabulary::SIGNALS)?)),
            Field::Kind => Test::Leaf(Leaf::Kind(self.words(comparison, &vocabulary::KINDS)?)),
            Field::Status => Test::Leaf(Leaf::Status(self.words(comparison, &vocabulary::STATUSES)?)),
            Field::Severity => Test::Leaf(Leaf::Severity(self.severity(comparison)?)),
            Field::Duration => self.duration(*operator, operand)?,
            Field::Value => self.value(*operator, operand)?,
            Field::Id(id) => Test::Leaf(Leaf::Id(id, self.id(id, *operator, operand)?)),
            Field::GenAi => self.gen_ai(*operator, operand)?,
            Field::Service => self.text_field(TextField::Service, comparison)?,
            Field::Name => self.text_field(TextField::Name, comparison)?,
            Field::StatusMessage => self.text_field(TextField::StatusMessage, comparison)?,
            Field::Scope => self.text_field(TextField::Scope, comparison)?,
            Field::ScopeVersion => self.text_field(TextField::ScopeVersion, comparison)?,
            Field::Source => self.text_field(TextField::Source, comparison)?,
            Field::Type => self.text_field(TextField::Type, comparison)?,
            Field::Unit => self.text_field(TextField::Unit, comparison)?,
            Field::Session => Test::Leaf(Leaf::Session(self.value_test(comparison)?)),
            Field::Attribute(place, key) => Test::Leaf(Leaf::Attribute(place, key, self.value_test(comparison)?)),
        })
    }

    /// TraceQL's `x != nil` is `x:*` here.
    fn nil(&self, comparison: &Comparison, field: &Field) -> Result<Option<Test>, FilterError> {
        let Comparison { field: name, operator, operand } = comparison;
        let nil = operand.text() == Some("nil") && !operand.quoted;
        if !nil || !matches!(operator, Operator::Equal | Operator::NotEqual) || *field == Field::GenAi {
            return Ok(None);
        }
        let anything = Operand { pieces: vec![String::new(); 2], quoted: false, at: operand.at.clone() };
        let exists = Comparison { field: name.clone(), operator: Operator::Is, operand: anything };
        let exists = self.comparison(&exists)?;
        Ok(Some(if *operator == Operator::NotEqual { exists } else { Test::Not(Box::new(exists)) }))
    }

    fn text_field(&self, field: TextField, comparison: &Comparison) -> Result<Test, FilterError> {
        let Comparison { field: name, operator, operand } = comparison;
        if operator.is_order() {
            let message = format!("{} is text, which is not less or more than other text", visible(&name.plain));
            return Err(self.error(&operand.at, message, "`:`, `=`, `!=` or `~`"));
        }
        Ok(Test::Leaf(Leaf::Text(field, self.value_test(comparison)?)))
    }

    fn value_test(&self, comparison: &Comparison) -> Result<ValueTest, FilterError> {
        let Comparison { operator, operand, .. } = comparison;
        if matches!(operator, Operator::Matches | Operator::MatchesNot) {
            return Ok(ValueTest::matching(self.regex(operand)?, operator.is_negated()));
        }
        if operator.is_order()
            && !operand.quoted
            && let Err(NoQuantity::UnknownUnit(unit)) = Quantity::read(&operand.pieces.concat())
        {
            return Err(self.unknown_unit(
                operand,
                &unit,
                &format!("{TIME_UNITS}; {BYTE_UNITS}; or quotes around text"),
            ));
        }
        Ok(ValueTest::new(*operator, operand))
    }

    fn regex(&self, operand: &Operand) -> Result<Regex, FilterError> {
        self.regexes.set(self.regexes.get() + 1);
        if self.regexes.get() > MAX_REGEXES {
            return Err(self.error(&operand.at, format!("more than {MAX_REGEXES} regular expressions"), ""));
        }
        let pattern = operand.pieces.concat();
        let built =
            RegexBuilder::new(&pattern).size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES).nest_limit(64).build();
        built.map_err(|error| {
            let reason = match &error {
                regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                error => {
                    let text = error.to_string();
                    let last = text.lines().last().unwrap_or_default().trim();
                    last.trim_start_matches("error: ").to_owned()
                }
            };
            self.error(&operand.at, format!("no regular expression: {}", visible(&reason)), "")
        })
    }

    fn words(&self, comparison: &Comparison, vocabulary: &Vocabulary) -> Result<u32, FilterError> {
        let Comparison { operator, operand, .. } = comparison;
        if operator.is_order() {
            let message = format!("a {} is not less or more than another", vocabulary.noun);
            return Err(self.error(
                &operand.at,
                message,
                format!("`:`, `=`, `!=` or `~` before {}", vocabulary.list()),
            ));
        }
        let all = vocabulary.all();
        let found = match self.set_test(comparison)? {
            Some(test) => vocabulary.like(&test),
            None => {
                let text = operand.pieces.concat();
                let found = vocabulary.named(&text);
                found.ok_or_else(|| self.no_word(operand, vocabulary.noun, &vocabulary.list()))?
            }
        };
        Ok(if operator.is_negated() { all & !found } else { found })
    }

    /// Tests each word of a closed set, if the operand is a pattern and not one of the words.
    fn set_test(&self, comparison: &Comparison) -> Result<Option<ValueTest>, FilterError> {
        let Comparison { operator, operand, .. } = comparison;
        Ok(match operator {
            Operator::Matches | Operator::MatchesNot => Some(ValueTest::matching(self.regex(operand)?, false)),
            Operator::Is if operand.text().is_none() => Some(ValueTest::new(Operator::Is, operand)),
            _ => None,
        })
    }

    /// A word of the severity table is compared by rank; patterns and other texts are compared with the record's text.
    fn severity(&self, comparison: &Comparison) -> Result<SeverityTest, FilterError> {
        let Comparison { operator, operand, .. } = comparison;
        let negated = operator.is_negated();
        if let Some(test) = self.set_test(comparison)? {
            let numbers = vocabulary::severities_like(&test);
            return Ok(SeverityTest { numbers, ranks_text: false, text: Some(test), negated });
        }
        let word = operand.pieces.concat();
        let range = vocabulary::severity_range(&word).filter(|_| word.parse::<i32>().is_err() || !operand.quoted);
        let expected = "trace, debug, info, warn, error, fatal or a number from 1 to 24";
        if range.is_none() && (operator.is_order() || word.is_empty() || word == "0" && !operand.quoted) {
            return Err(self.no_word(operand, "severity", expected));
        }
        let range = range.unwrap_or(0..=0);
        let within = |number: i32| match operator {
            Operator::Less => number < *range.start(),
            Operator::LessOrEqual => number <= *range.end(),
            Operator::Greater => number > *range.end(),
            Operator::GreaterOrEqual => number >= *range.start(),
            _ => range.contains(&number),
        };
        let numbers = (1..=24).filter(|number| within(*number)).fold(0, |set, number| set | 1 << number);
        let text = (!operator.is_order()).then(|| {
            let operator = if *operator == Operator::NotEqual { Operator::Equal } else { *operator };
            ValueTest::new(operator, operand)
        });
        Ok(SeverityTest { numbers, ranks_text: true, text, negated })
    }

    fn duration(&self, operator: Operator, operand: &Operand) -> Result<Test, FilterError> {
        if is_anything(operator, operand) {
            return Ok(Test::Leaf(Leaf::Duration { from: 0, to: u64::MAX }));
        }
        let expected = format!("a number with a unit: {TIME_UNITS}");
        let wrong = |message: String| self.error(&operand.at, message, expected.clone());
        let shown = shown(operand);
        let nanoseconds = match self.quantity(operator, operand, &expected)? {
            Quantity { number, dimension: Dimension::Time } => number,
            // A number without a unit is in milliseconds, the usual unit for spans.
            Quantity { number: Number::Int(value), dimension: Dimension::None } => match value.checked_mul(1_000_000) {
                Some(nanoseconds) => Number::Int(nanoseconds),
                None => Number::Double(value as f64 * 1e6),
            },
            Quantity { number: Number::Double(value), dimension: Dimension::None } => Number::Double(value * 1e6),
            Quantity { dimension: Dimension::Bytes, .. } => return Err(wrong(format!("{shown} is no length of time"))),
        };
        let at = match nanoseconds {
            Number::Int(value) => i128::from(value),
            Number::Double(value) => value as i128,
        };
        let (from, to) = match operator {
            Operator::Less => (0, at - 1),
            Operator::LessOrEqual => (0, at),
            Operator::Greater => (at + 1, i128::from(u64::MAX)),
            Operator::GreaterOrEqual => (at, i128::from(u64::MAX)),
            _ => (at, at),
        };
        let clamped = (u64::try_from(from.max(0)), u64::try_from(to.min(i128::from(u64::MAX))));
        let within = match clamped {
            (Ok(from), Ok(to)) if from <= to => Test::Leaf(Leaf::Duration { from, to }),
            _ => Test::Never,
        };
        if operator != Operator::NotEqual {
            return Ok(within);
        }
        let any = Test::Leaf(Leaf::Duration { from: 0, to: u64::MAX });
        Ok(Test::And(vec![any, Test::Not(Box::new(within))]))
    }

    fn value(&self, operator: Operator, operand: &Operand) -> Result<Test, FilterError> {
        if is_anything(operator, operand) {
            return Ok(Test::Leaf(Leaf::HasValue));
        }
        let expected = format!("a number, also with a unit: {TIME_UNITS}; {BYTE_UNITS}");
        let quantity = self.quantity(operator, operand, &expected)?;
        let operator = if operator == Operator::Is { Operator::Equal } else { operator };
        Ok(Test::Leaf(Leaf::Value(operator, quantity)))
    }

    fn quantity(&self, operator: Operator, operand: &Operand, expected: &str) -> Result<Quantity, FilterError> {
        if matches!(operator, Operator::Matches | Operator::MatchesNot) {
            let message = "a regular expression is for text, and this is a number";
            return Err(self.error(&operand.at, message, "`<`, `<=`, `>`, `>=`, `=` or `!=`"));
        }
        let read = operand.text().map_or(Err(NoQuantity::NoNumber), Quantity::read);
        read.map_err(|error| match error {
            NoQuantity::UnknownUnit(unit) => self.unknown_unit(operand, &unit, expected),
            NoQuantity::NoNumber => self.error(&operand.at, format!("{} is no number", shown(operand)), expected),
        })
    }

    fn id(&self, field: IdField, operator: Operator, operand: &Operand) -> Result<IdTest, FilterError> {
        let digits = if field == IdField::Trace { 32 } else { 16 };
        let noun = if field == IdField::Trace { "trace id" } else { "span id" };
        let mut test = IdTest { mask: [0; 16], wanted: [0; 16], negated: operator.is_negated() };
        if is_anything(operator, operand) {
            return Ok(test);
        }
        let whole = matches!(operator, Operator::Equal | Operator::NotEqual);
        if !whole && operator != Operator::Is {
            let message = format!("a {noun} is compared with `:`, `=` or `!=`");
            return Err(self.error(&operand.at, message, format!("`:` and the first of its {digits} hex digits")));
        }
        // An id copied from a screen that shortened it: 4bf92f35… is a prefix.
        let text = match &operand.pieces[..] {
            [text] => text.trim_end_matches('…'),
            [text, end] if end.is_empty() => text,
            _ => "",
        };
        let nibbles: Option<Vec<u8>> =
            text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let nibbles = nibbles.filter(|nibbles| (1..=digits).contains(&nibbles.len()));
        let Some(nibbles) = nibbles.filter(|nibbles| !whole || nibbles.len() == digits) else {
            let expected = match whole {
                true => format!("all of its {digits} hex digits, or `:` and the first of them"),
                false => format!("the first of its {digits} hex digits, or all"),
            };
            return Err(self.error(&operand.at, format!("{} is no {noun}", shown(operand)), expected));
        };
        for (at, nibble) in nibbles.into_iter().enumerate() {
            let shift = if at % 2 == 0 { 4 } else { 0 };
            test.mask[at / 2] |= 0xf << shift;
            test.wanted[at / 2] |= nibble << shift;
        }
        Ok(test)
    }

    /// A GenAI operation has `gen_ai.operation.name`; older conventions had `gen_ai.system`.
    fn gen_ai(&self, operator: Operator, operand: &Operand) -> Result<Test, FilterError> {
        let wanted = match operand.text() {
            Some("true") => true,
            Some("false") => false,
            _ => return Err(self.error(&operand.at, format!("{} is neither", shown(operand)), "true or false")),
        };
        let wanted = match operator {
            Operator::Is | Operator::Equal => wanted,
            Operator::NotEqual => !wanted,
            _ => return Err(self.error(&operand.at, "true is not less or more than false", "`:`, `=` or `!=`")),
        };
        let has = |key: &str| {
            let anything = Operand { pieces: vec![String::new(); 2], quoted: false, at: At(0..0) };
            Test::Leaf(Leaf::Attribute(AttributePlace::Item, key.to_owned(), ValueTest::new(Operator::Is, &anything)))
        };
        let operation = Test::Or(vec![has("gen_ai.operation.name"), has("gen_ai.system")]);
        Ok(if wanted { operation } else { Test::Not(Box::new(operation)) })
    }

    fn unknown_unit(&self, operand: &Operand, unit: &str, expected: &str) -> FilterError {
        let mut at = operand.at.0.clone();
        if self.text.get(at.clone()).is_some_and(|text| text.ends_with(unit)) {
            at.start = at.end - unit.len();
        }
        self.error(&At(at), format!("`{}` is no unit", visible(unit)), expected)
    }

    fn no_word(&self, operand: &Operand, noun: &str, expected: &str) -> FilterError {
        self.error(&operand.at, format!("{} is no {noun}", shown(operand)), expected)
    }

    fn error(&self, at: &At, message: impl Into<String>, expected: impl Into<String>) -> FilterError {
        FilterError::new(self.text, at.0.clone(), message, expected)
    }
}

fn is_anything(operator: Operator, operand: &Operand) -> bool {
    operator == Operator::Is && operand.pieces.len() > 1 && operand.pieces.iter().all(String::is_empty)
}

fn shown(operand: &Operand) -> String {
    super::error::shown(&operand.pieces.join("*"))
}
