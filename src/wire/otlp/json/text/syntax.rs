//! Why a text is no JSON.

use super::MAX_DEPTH;
use std::fmt;

/// Why a text is no JSON.
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
    /// Whether the text ends where it should go on.
    pub fn is_end(&self) -> bool {
        self.what == What::End
    }

    /// What is wrong, and where in the text.
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
            What::Control => "a string holds a bare control character",
            What::Escape => "a string holds an escape that there is not",
            What::Key => "expected a key in quotes",
            What::Colon => "expected `:`",
            What::Comma => "expected `,` or the end of the array or object",
            What::Depth => return write!(f, "nested deeper than {MAX_DEPTH} levels"),
            What::Trailing => "something follows the value",
        })
    }
}
