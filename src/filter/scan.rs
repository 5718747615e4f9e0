//! Reads names, operators, operands and quotes from an expression. A character's meaning depends on its position (`:` ends a
//! name but is part of an operand), so the parser asks for what it expects instead of reading tokens.

use super::FilterError;
use super::ast::{At, Name, Operand, Operator, is_plain};
use super::error::shown;
use std::ops::Range;

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0 }
    }

    /// The position, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Consumes `what` if it is next.
    pub fn take(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    pub fn error(&self, at: Range<usize>, message: impl Into<String>, expected: impl Into<String>) -> FilterError {
        FilterError::new(self.text, at, message, expected)
    }

    /// Describes the text at a position, for messages.
    pub fn shown(&self, at: Range<usize>) -> String {
        shown(self.text.get(at).unwrap_or_default())
    }

    /// The longest operator at this position.
    pub fn operator(&mut self) -> Option<(Operator, At)> {
        let start = self.at;
        let found = Operator::SPELLINGS.iter().find(|(spelling, _)| self.take(spelling));
        found.map(|(_, operator)| (*operator, At(start..self.at)))
    }

    pub fn operator_follows(&mut self) -> bool {
        let start = self.at;
        let found = self.operator().is_some();
        self.at = start;
        found
    }

    /// A name or a bare word: everything up to a space, a quote, a parenthesis or an operator. A quoted part may follow a
    /// dot: `attributes."a b"`.
    pub fn name(&mut self) -> Result<Name, FilterError> {
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                '(' | ')' | '{' | '}' | ':' | '=' | '<' | '>' | '~' => break,
                '"' | '`' => break,
                '\'' if self.at == start || self.text[..self.at].ends_with('.') => break,
                '!' if self.rest().starts_with("!=") || self.rest().starts_with("!~") => break,
                '&' | '|' if self.rest().starts_with("&&") || self.rest().starts_with("||") => break,
                '&' | '|' => {
                    let expected = format!("`{c}{c}`, or quotes around the word");
                    return Err(self.error(self.at..self.at + 1, format!("a single `{c}`"), expected));
                }
                c if c.is_whitespace() => break,
                c => self.at += c.len_utf8(),
            }
        }
        let plain = self.text[start..self.at].to_owned();
        let quoted = match self.peek() {
            Some('"' | '`' | '\'') if plain.is_empty() || plain == "@" || plain.ends_with('.') => {
                let pieces = self.quoted(false)?;
                Some(pieces.concat())
            }
            _ => None,
        };
        Ok(Name { plain, quoted, at: At(start..self.at) })
    }

    /// A bare word that began at `start`: up to the next space; spaces within its parentheses belong to it.
    pub fn word(&mut self, start: usize) -> Result<Operand, FilterError> {
        self.at = start;
        self.operand(true)
    }

    /// An operand or a bare word. With `stars`, a `*` in it matches anything.
    pub fn operand(&mut self, stars: bool) -> Result<Operand, FilterError> {
        let start = self.at;
        if matches!(self.peek(), Some('"' | '`' | '\'')) {
            let pieces = self.quoted(stars)?;
            return Ok(Operand { pieces, quoted: true, at: At(start..self.at) });
        }
        self.run()?;
        let raw = &self.text[start..self.at];
        let pieces = if stars { split_stars(raw) } else { vec![raw.to_owned()] };
        let quoted = !is_plain(&pieces);
        Ok(Operand { pieces, quoted, at: At(start..self.at) })
    }

    /// Skips an unquoted operand: up to a space, `&&`, `||`, or a closing parenthesis that it did not open.
    fn run(&mut self) -> Result<(), FilterError> {
        let mut open = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                '(' | '{' => open.push(self.at),
                ')' | '}' if open.pop().is_none() => break,
                '&' | '|' if open.is_empty() && ["&&", "||"].iter().any(|joint| self.rest().starts_with(joint)) => {
                    break;
                }
                '"' | '<' | '>' => {
                    let message = format!("`{c}` in a word");
                    return Err(self.error(
                        self.at..self.at + 1,
                        message,
                        "a space before it, or quotes around the word",
                    ));
                }
                c if c.is_whitespace() => break,
                _ => {}
            }
            self.at += c.len_utf8();
        }
        match open.first() {
            None => Ok(()),
            Some(at) => {
                let message = "this parenthesis is not closed in the word that it stands in";
                Err(self.error(*at..at + 1, message, "quotes around it; for several values, (a=x or a=y)"))
            }
        }
    }

    /// Quoted text with escapes resolved, split at stars on request. Backquoted text has no escapes.
    fn quoted(&mut self, stars: bool) -> Result<Vec<String>, FilterError> {
        let start = self.at;
        let Some(mark) = self.peek() else { return Ok(vec![String::new()]) };
        self.at += mark.len_utf8();
        let mut pieces = vec![String::new()];
        let mut chars = self.rest().char_indices();
        let inside = self.at;
        let mut put = |c: Option<char>| match (c, pieces.last_mut()) {
            (Some(c), Some(piece)) => piece.push(c),
            _ => pieces.push(String::new()),
        };
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == mark => {
                    self.at = inside + at + mark.len_utf8();
                    self.end_of_quotes()?;
                    return Ok(pieces);
                }
                '*' if stars => put(None),
                '\\' if mark != '`' => {
                    let escape = &chars.as_str();
                    let (c, length) = read_escape(escape, stars);
                    put(Some(c));
                    (0..length).for_each(|_| _ = chars.next());
                }
                c => put(Some(c)),
            }
        }
        let expected = format!("a closing {mark}");
        Err(self.error(start..self.text.len(), "these quotes are not closed", expected))
    }

    /// Only a space, a bracket or an operator may follow a closing quote; `"a"b` is more likely a slip than two words.
    fn end_of_quotes(&mut self) -> Result<(), FilterError> {
        let end = match self.peek() {
            None | Some(')' | '}' | ':' | '=' | '<' | '>' | '~' | '!' | '&' | '|') => true,
            Some(c) => c.is_whitespace(),
        };
        match end {
            true => Ok(()),
            false => Err(self.error(self.at..self.at, "text directly behind quotes", "a space or an operator")),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// The character that an escape stands for, and its length. Unknown escapes keep their backslash, so that `"\d"` still means
/// a digit in a regular expression.
fn read_escape(rest: &str, stars: bool) -> (char, usize) {
    match rest.chars().next() {
        Some('n') => ('\n', 1),
        Some('r') => ('\r', 1),
        Some('t') => ('\t', 1),
        Some(c @ ('\\' | '"' | '\'')) => (c, 1),
        Some('*') if stars => ('*', 1),
        Some('u') => {
            let digits = rest.strip_prefix("u{").and_then(|rest| rest.split_once('}')).map(|(digits, _)| digits);
            let read = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            match digits.filter(|digits| digits.len() <= 6).and_then(|digits| Some((digits.len(), read(digits)?))) {
                Some((length, c)) => (c, length + 3),
                None => ('\\', 0),
            }
        }
        _ => ('\\', 0),
    }
}

/// The pieces between the stars of an unquoted word. `\*` is a literal star and the only escape.
fn split_stars(raw: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let literal = match c {
            '*' => None,
            '\\' if chars.peek() == Some(&'*') => chars.next(),
            c => Some(c),
        };
        match (literal, pieces.last_mut()) {
            (Some(c), Some(piece)) => piece.push(c),
            _ => pieces.push(String::new()),
        }
    }
    pieces
}
