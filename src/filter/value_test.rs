//! One comparison as a question to one value.
//!
//! Numbers compare as numbers where the operand is one and stands without quotes; then text that is a number is one too.
//! Everything else compares as text: a number, a boolean or bytes as they are displayed. An array is asked as a whole
//! and element by element.

use super::pattern::Pattern;
use super::quantity::{Dimension, Number, Quantity};
use super::{Operand, Operator};
use crate::model::Value;
use regex::Regex;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A comparison without its field. A value that is missing is never asked.
#[derive(Clone, Debug)]
pub(super) struct ValueTest {
    kind: Kind,
    negated: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Exists,
    Equal(Literal),
    Is(Pattern, Option<Quantity>),
    Order(Operator, Literal),
    Matches(Regex),
}

/// A range of integers, or all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Integers {
    from: i64,
    width: u64,
    negated: bool,
}

impl Integers {
    #[inline]
    pub fn contain(&self, value: i64) -> bool {
        (value.wrapping_sub(self.from) as u64 <= self.width) != self.negated
    }
}

/// What a value is compared with: its text, and the number it is where it stands without quotes.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub text: String,
    pub quantity: Option<Quantity>,
}

impl Literal {
    pub fn of(operand: &Operand) -> Literal {
        let text = operand.pieces.concat();
        let quantity = if operand.quoted { None } else { Quantity::read(&text).ok() };
        Literal { text, quantity }
    }
}

impl ValueTest {
    /// `~` takes a compiled `regex`, the others the operand.
    pub fn new(operator: Operator, operand: &Operand) -> ValueTest {
        let literal = Literal::of(operand);
        let kind = match operator {
            Operator::Is => {
                let pattern = Pattern::new(&operand.pieces);
                let quantity = if operand.text().is_some() { literal.quantity } else { None };
                if pattern.is_anything() { Kind::Exists } else { Kind::Is(pattern, quantity) }
            }
            operator if operator.is_order() => Kind::Order(operator, literal),
            _ => Kind::Equal(literal),
        };
        ValueTest { kind, negated: operator.is_negated() }
    }

    pub fn matching(regex: Regex, negated: bool) -> ValueTest {
        ValueTest { kind: Kind::Matches(regex), negated }
    }

    /// Whether only presence is asked for.
    pub fn is_exists(&self) -> bool {
        matches!(self.kind, Kind::Exists)
    }

    /// The text that alone would fit, and the answer for it, where no other text can: no number, no pattern.
    pub fn exact_text(&self) -> Option<(&str, bool)> {
        match &self.kind {
            Kind::Equal(Literal { text, quantity: None }) => Some((text, !self.negated)),
            _ => None,
        }
    }

    /// The integers that it holds for, where it compares numbers.
    pub fn integers(&self) -> Option<Integers> {
        let (operator, quantity) = match &self.kind {
            Kind::Equal(Literal { quantity, .. }) | Kind::Is(_, quantity) => (Operator::Equal, (*quantity)?),
            Kind::Order(operator, literal) => (*operator, literal.quantity?),
            Kind::Exists | Kind::Matches(_) => return None,
        };
        // The integers at and below the number, and those at and above it; casts stop at the ends.
        let (below, above) = match quantity.number {
            Number::Int(value) => (i128::from(value), i128::from(value)),
            Number::Double(value) => (value.floor() as i128, value.ceil() as i128),
        };
        let (from, to) = match operator {
            Operator::Less => (i128::MIN, above - 1),
            Operator::LessOrEqual => (i128::MIN, below),
            Operator::Greater => (below + 1, i128::MAX),
            Operator::GreaterOrEqual => (above, i128::MAX),
            _ => (above, below),
        };
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        // None is all but all.
        let (from, to, negated) = match from > to || from > most || to < least {
            true => (least, most, !self.negated),
            false => (from.max(least), to.min(most), self.negated),
        };
        Some(Integers { from: from as i64, width: (to - from) as u64, negated })
    }

    /// The answer for a value that is there.
    pub fn holds(&self, value: Value<'_>) -> bool {
        self.holds_unnegated(value) != self.negated
    }

    /// The answer for text that is there.
    pub fn holds_text(&self, text: &str) -> bool {
        self.text(text) != self.negated
    }

    fn holds_unnegated(&self, value: Value<'_>) -> bool {
        if self.is_exists() {
            return true;
        }
        match value {
            Value::Text(text) => self.text(text),
            Value::Int(int) => self.number(Number::Int(int)).unwrap_or_else(|| self.shown(value)),
            Value::Double(double) => self.number(Number::Double(double)).unwrap_or_else(|| self.shown(value)),
            Value::Nested(nested) if !nested.is_map() => {
                self.shown(value) || nested.items().any(|item| self.holds_unnegated(item))
            }
            Value::Empty | Value::Bool(_) | Value::Bytes(_) | Value::Nested(_) => self.shown(value),
        }
    }

    fn text(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Exists => true,
            Kind::Equal(literal) => text == literal.text || equals(literal.quantity, text),
            Kind::Is(pattern, quantity) => pattern.matches(text) || equals(*quantity, text),
            Kind::Order(operator, Literal { text: bound, quantity: None }) => {
                in_order(*operator, Some(text.cmp(bound)))
            }
            Kind::Order(operator, Literal { quantity: Some(quantity), .. }) => {
                in_order(*operator, read_like(text, *quantity).and_then(|number| number.compare(quantity.number)))
            }
            Kind::Matches(regex) => regex.is_match(text),
        }
    }

    /// The answer for a number, where numbers are compared.
    fn number(&self, number: Number) -> Option<bool> {
        match &self.kind {
            Kind::Equal(Literal { quantity: Some(quantity), .. }) | Kind::Is(_, Some(quantity)) => {
                Some(number.compare(quantity.number) == Some(Ordering::Equal))
            }
            Kind::Order(operator, literal) => Some(match literal.quantity {
                Some(quantity) => in_order(*operator, number.compare(quantity.number)),
                None => false,
            }),
            _ => None,
        }
    }

    /// The answer for the text that a value is displayed as; order is only among text and among numbers.
    fn shown(&self, value: Value<'_>) -> bool {
        let text: Cow<'_, str> = match value {
            _ if matches!(self.kind, Kind::Order(..)) => return false,
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            value => value.display().into(),
        };
        match &self.kind {
            Kind::Equal(literal) => text == literal.text,
            Kind::Is(pattern, _) => pattern.matches(&text),
            Kind::Matches(regex) => regex.is_match(&text),
            Kind::Exists | Kind::Order(..) => false,
        }
    }
}

/// Whether an order is what an operator asks for; nothing is in order with what is not a number.
pub(super) fn in_order(operator: Operator, order: Option<Ordering>) -> bool {
    match (operator, order) {
        (Operator::Less, Some(order)) => order.is_lt(),
        (Operator::LessOrEqual, Some(order)) => order.is_le(),
        (Operator::Greater, Some(order)) => order.is_gt(),
        (Operator::GreaterOrEqual, Some(order)) => order.is_ge(),
        (Operator::NotEqual, order) => order != Some(Ordering::Equal),
        (_, order) => order == Some(Ordering::Equal),
    }
}

fn equals(quantity: Option<Quantity>, text: &str) -> bool {
    let equal = |quantity: Quantity| {
        read_like(text, quantity).and_then(|number| number.compare(quantity.number)) == Some(Ordering::Equal)
    };
    quantity.is_some_and(equal)
}

/// The number that a text is, with a unit only where the operand has one of the same kind.
fn read_like(text: &str, quantity: Quantity) -> Option<Number> {
    // A glance first: most text is no number.
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        return None;
    }
    match quantity.dimension {
        Dimension::None => Number::read(text),
        dimension => match Quantity::read(text) {
            Ok(read) if read.dimension == dimension || read.dimension == Dimension::None => Some(read.number),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Expr, parse};
    use proptest::prelude::*;

    fn test(text: &str) -> ValueTest {
        let Ok(Expr::Comparison(comparison)) = parse(text) else { panic!("{text}") };
        ValueTest::new(comparison.operator, &comparison.operand)
    }

    proptest! {
        #[test]
        fn the_integers_are_those_that_it_holds_for(
            operator in prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", ":"]),
            literal in prop_oneof![
                any::<i8>().prop_map(|value| value.to_string()),
                any::<i64>().prop_map(|value| value.to_string()),
                (any::<i8>(), 1..9_u8).prop_map(|(whole, tenth)| format!("{whole}.{tenth}")),
                Just("1e30".to_owned()),
                Just("-1e30".to_owned()),
                Just("9223372036854775808".to_owned()),
            ],
            near in -2..=2_i64,
        ) {
            let test = test(&format!("x{operator}{literal}"));
            let integers = test.integers().unwrap();
            let at = literal.parse::<i64>().unwrap_or(literal.parse::<f64>().unwrap() as i64);
            for int in [at.saturating_add(near), i64::MIN, i64::MAX, 0] {
                prop_assert_eq!(integers.contain(int), test.holds(Value::Int(int)), "{} {}{}", int, operator, literal);
            }
        }
    }
}
