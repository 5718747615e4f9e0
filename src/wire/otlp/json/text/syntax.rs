//! Syntax errors of JSON.

use super::MAX_DEPTH;
use std::fmt;

/// A syntax error.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Syntax {
    pub(super) at: usize,
    pub(super) what: What,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum What {
    End,
    Value,
    Literal,
    Number,
    Control,
    Escape,
    Key,
    Colon,
    Comma,
    Depth,
    Trailing,
}

impl Syntax {
    /// Whether the text ends too early.
    pub fn is_end(&self) -> bool {
        self.what == What::End
    }

    /// The error with its line and column.
    pub fn explain(&self, text: &str) -> String {
        let before = &text.as_bytes()[..self.at.min(text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1) + 1;
        format!("{} at line {line} column {column}", self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::End => "the text ends in the middle of a value",
            What::Value => "expected a value",
            What::Literal => "expected `true`, `false` or `null`",
            What::Number => "a number lacks a digit",
            What::Control => "a string has an unescaped control character",
            What::Escape => "a string has an invalid escape",
            What::Key => "expected a key in quotes",
            What::Colon => "expected `:`",
            What::Comma => "expected `,` or the end of the array or object",
            What::Depth => return write!(f, "nested deeper than {MAX_DEPTH} levels"),
            What::Trailing => "text follows the value",
        })
    }
}
