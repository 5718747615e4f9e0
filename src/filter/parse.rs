//! Text to [`Expr`], by recursive descent, bounded in length and depth.
//!
//! ```text
//! whole    = "{" [any] "}" | [any]
//! any      = all (("or" | "||") all)*
//! all      = term (["and" | "&&"] term)*            terms side by side are ANDed
//! term     = ("not" | "!") term | "(" any ")" | name operator operand | word
//! ```

use super::FilterError;
use super::ast::{At, Comparison, Expr, Name, Operator, is_keyword};
use super::field::is_intrinsic;
use super::scan::Scanner;

/// The maximum length of an expression, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;
/// The maximum depth of parentheses and negations.
pub const MAX_DEPTH: usize = 64;

const A_TERM: &str = "a word, a comparison such as service:checkout, or a parenthesis";

/// Parses an expression without resolving its names. Empty text is [`Expr::Everything`].
pub fn parse(text: &str) -> Result<Expr, FilterError> {
    let mut parser = Parser { scanner: Scanner::new(text), depth: 0 };
    if text.len() > MAX_LENGTH {
        let end = (0..=MAX_LENGTH).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let message = format!("an expression of {} bytes", text.len());
        return Err(FilterError::new(&text[..end], end..end, message, format!("at most {MAX_LENGTH}")));
    }
    parser.whole()
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
}

/// An operator that joins two terms.
#[derive(PartialEq)]
enum Joint {
    And,
    Or,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Expr, FilterError> {
        self.scanner.skip_space();
        let start = self.scanner.at();
        let braces = self.scanner.take("{");
        self.scanner.skip_space();
        let expr = match self.scanner.peek() {
            None => Expr::Everything,
            Some('}') if braces => Expr::Everything,
            Some(_) => self.any()?,
        };
        self.scanner.skip_space();
        if braces {
            self.closing("}", start)?;
            self.scanner.skip_space();
        }
        match self.scanner.peek() {
            None => Ok(expr),
            Some(c) => {
                let at = self.scanner.at();
                let (message, expected) = match c {
                    _ if braces => ("something behind the braces", "braces around the whole expression, or none"),
                    ')' => ("this parenthesis was not opened", ""),
                    '}' => ("this brace was not opened", ""),
                    _ => ("this cannot stand here", A_TERM),
                };
                Err(self.scanner.error(at..at + c.len_utf8(), message, expected))
            }
        }
    }

    fn any(&mut self) -> Result<Expr, FilterError> {
        let mut parts = vec![self.all()?];
        while self.joint() == Some(Joint::Or) {
            self.take_joint();
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expr::Or))
    }

    fn all(&mut self) -> Result<Expr, FilterError> {
        let mut parts = vec![self.term()?];
        loop {
            self.scanner.skip_space();
            match self.joint() {
                Some(Joint::Or) => break,
                Some(Joint::And) => self.take_joint(),
                None if matches!(self.scanner.peek(), None | Some(')' | '}')) => break,
                None => {}
            }
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Expr::And))
    }

    fn term(&mut self) -> Result<Expr, FilterError> {
        self.scanner.skip_space();
        let start = self.scanner.at();
        if self.depth == MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} parentheses and negations in each other");
            return Err(self.scanner.error(start..start, message, ""));
        }
        self.depth += 1;
        let term = self.term_at(start);
        self.depth -= 1;
        term
    }

    fn term_at(&mut self, start: usize) -> Result<Expr, FilterError> {
        if self.scanner.take("(") {
            self.scanner.skip_space();
            if self.scanner.take(")") {
                return Err(self.scanner.error(start..self.scanner.at(), "empty parentheses", A_TERM));
            }
            let inner = self.any()?;
            self.scanner.skip_space();
            self.closing(")", start)?;
            return Ok(inner);
        }
        if !self.scanner.operator_follows() && self.scanner.take("!") {
            return self.negated(start);
        }
        self.word_or_comparison(start)
    }

    fn negated(&mut self, start: usize) -> Result<Expr, FilterError> {
        let inner = self.term()?;
        Ok(Expr::Not(Box::new(inner), At(start..self.scanner.at())))
    }

    fn word_or_comparison(&mut self, start: usize) -> Result<Expr, FilterError> {
        let name = self.scanner.name()?;
        if name.at.0.is_empty() {
            return self.missing_term(start);
        }
        let name = self.intrinsic(name)?;
        let end = self.scanner.at();
        let direct = self.scanner.operator_follows();
        if !direct && name.quoted.is_none() && is_keyword(&name.plain) {
            return match name.plain.eq_ignore_ascii_case("not") {
                true => self.negated(start),
                false => {
                    let message = format!("nothing before `{}`", name.plain);
                    Err(self.scanner.error(start..end, message, format!("{A_TERM}; the word itself goes in quotes")))
                }
            };
        }
        // `-field:value` leaves items out, as in many search bars; `-word` is text.
        if direct && name.plain.len() > 1 && name.plain.starts_with('-') {
            self.scanner.back_to(start + 1);
            return self.negated(start);
        }
        self.scanner.skip_space();
        // 12:04:31, 10.0.0.1:4317 and https://… are words, not a field and its value.
        let numeral = name.plain.starts_with(|c: char| c.is_ascii_digit());
        let address = direct && self.scanner.peek() == Some(':') && (numeral || self.is_url());
        if address || !self.scanner.operator_follows() {
            return self.word(start);
        }
        if numeral {
            let message = format!("{} is no field", self.scanner.shown(start..end));
            return Err(self.scanner.error(
                start..end,
                message,
                "the field on the left, what it is compared with on the right",
            ));
        }
        let Some((operator, operator_at)) = self.scanner.operator() else { return self.missing_term(start) };
        self.operand_follows(start, &operator_at)?;
        let operand = self.scanner.operand(operator == Operator::Is)?;
        Ok(Expr::Comparison(Comparison { field: name, operator, operand }))
    }

    /// TraceQL's names of two words, as in `span:name = "x"`. Without an operator after it, `span:name` is a comparison.
    fn intrinsic(&mut self, of: Name) -> Result<Name, FilterError> {
        let start = self.scanner.at();
        if of.quoted.is_none() && self.scanner.take(":") {
            let name = self.scanner.name()?;
            let end = self.scanner.at();
            self.scanner.skip_space();
            if is_intrinsic(&of.plain, &name.plain) && self.scanner.operator_follows() {
                self.scanner.back_to(end);
                let plain = format!("{}:{}", of.plain, name.plain);
                return Ok(Name { plain, quoted: None, at: At(of.at.0.start..end) });
            }
        }
        self.scanner.back_to(start);
        Ok(of)
    }

    fn word(&mut self, start: usize) -> Result<Expr, FilterError> {
        let word = self.scanner.word(start)?;
        match word.text() {
            Some("") => Err(self.scanner.error(start..self.scanner.at(), "an empty word is in everything", A_TERM)),
            _ => Ok(Expr::Word(word)),
        }
    }

    fn is_url(&mut self) -> bool {
        let start = self.scanner.at();
        let url = self.scanner.take("://");
        self.scanner.back_to(start);
        url
    }

    /// Moves to the operand; an error if it is missing.
    fn operand_follows(&mut self, start: usize, operator: &At) -> Result<(), FilterError> {
        self.scanner.skip_space();
        let at = self.scanner.at();
        let spaced = at > operator.0.end;
        let wrong = match self.scanner.peek() {
            None | Some(')' | '}' | ':' | '=' | '<' | '>' | '~') => true,
            Some(_) if self.joint().is_some() => spaced || matches!(self.scanner.peek(), Some('&' | '|')),
            Some(_) => false,
        };
        if !wrong {
            return Ok(());
        }
        let comparison = self.scanner.shown(start..operator.0.end);
        let at = operator.0.end;
        Err(self.scanner.error(
            at..at,
            format!("nothing to compare with behind {comparison}"),
            "a value, in quotes where it has spaces",
        ))
    }

    fn missing_term(&mut self, start: usize) -> Result<Expr, FilterError> {
        let (end, message) = match self.scanner.operator() {
            Some((operator, at)) => (at.0.end, format!("no field before `{}`", operator.symbol())),
            None => match self.scanner.peek() {
                Some(c @ ('&' | '|')) => (start + 2, format!("nothing before `{c}{c}`")),
                Some('{') => (start + 1, "a brace inside an expression".to_owned()),
                _ => (start, "something is missing here".to_owned()),
            },
        };
        Err(self.scanner.error(start..end, message, A_TERM))
    }

    fn closing(&mut self, mark: &str, opened: usize) -> Result<(), FilterError> {
        match self.scanner.take(mark) {
            true => Ok(()),
            false => Err(self.scanner.error(opened..opened + 1, "this is not closed", format!("a `{mark}`"))),
        }
    }

    /// The joining operator at this position; not consumed.
    fn joint(&mut self) -> Option<Joint> {
        self.scanner.skip_space();
        let start = self.scanner.at();
        let joint = self.joint_here();
        self.scanner.back_to(start);
        joint
    }

    fn take_joint(&mut self) {
        self.joint_here();
    }

    fn joint_here(&mut self) -> Option<Joint> {
        if self.scanner.take("&&") {
            return Some(Joint::And);
        }
        if self.scanner.take("||") {
            return Some(Joint::Or);
        }
        let name = self.scanner.name().ok().filter(|name| name.quoted.is_none())?;
        match name.plain {
            _ if self.scanner.operator_follows() => None,
            word if word.eq_ignore_ascii_case("and") => Some(Joint::And),
            word if word.eq_ignore_ascii_case("or") => Some(Joint::Or),
            _ => None,
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}
