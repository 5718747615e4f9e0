//! An attribute's value.

use super::{Nested, visible_into};
use std::fmt::Write;

/// The value of an attribute, a log body or an array element (OTLP's AnyValue), borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Present, but without a value.
    Empty,
    /// Text as received; not escaped for terminals.
    Text(&'a str),
    /// True or false.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double; may be NaN or infinite.
    Double(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An array or a map.
    Nested(Nested<'a>),
}

impl Value<'_> {
    /// Appends the value as one line of text that is safe to print: bytes as `0x…`, arrays and maps like JSON.
    pub fn display_into(&self, text: &mut String) {
        match self {
            Value::Empty => {}
            Value::Text(value) => visible_into(value, text),
            Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => _ = write!(text, "{value}"),
            Value::Double(value) => _ = write!(text, "{value}"),
            Value::Bytes(bytes) => {
                text.push_str("0x");
                bytes.iter().for_each(|byte| _ = write!(text, "{byte:02x}"));
            }
            Value::Nested(nested) => nested.display_into(text),
        }
    }

    /// Returns what [`Value::display_into`] appends.
    pub fn display(&self) -> String {
        let mut text = String::new();
        self.display_into(&mut text);
        text
    }
}
