//! JSON, one key a line: valid, and harmless to a terminal.

use crate::columns::{Attributes, Dictionary};
use crate::model::{Nested, Time, Value, is_harmless};
use base64::Engine;
use std::fmt::Write;

/// JSON, one key a line.
#[derive(Default)]
pub(super) struct Writer {
    /// What was written.
    pub text: String,
    depth: usize,
    first: bool,
}

impl Writer {
    pub fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.first = true;
    }

    pub fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        if !self.first {
            self.line();
        }
        self.text.push(bracket);
        self.first = false;
    }

    pub fn element(&mut self) {
        if !self.first {
            self.text.push(',');
        }
        self.first = false;
        self.line();
    }

    fn line(&mut self) {
        self.text.push('\n');
        (0..self.depth).for_each(|_| self.text.push_str("  "));
    }

    pub fn key(&mut self, key: &str) {
        self.element();
        self.string(key);
        self.text.push_str(": ");
    }

    pub fn plain(&mut self, key: &str, literal: &str) {
        self.key(key);
        self.text.push_str(literal);
    }

    pub fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text);
    }

    pub fn text_if(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    pub fn time(&mut self, key: &str, time: Time) {
        if !time.is_unknown() {
            self.text(key, &time.rfc3339());
        }
    }

    pub fn list(&mut self, key: &str, dictionary: &Dictionary, list: Attributes) {
        self.attributes(key, dictionary.attributes(list));
    }

    pub fn attributes<'a>(&mut self, key: &str, attributes: impl Iterator<Item = (&'a str, Value<'a>)>) {
        let mut attributes = attributes.peekable();
        if attributes.peek().is_none() {
            return;
        }
        self.key(key);
        self.open('{');
        for (key, value) in attributes {
            self.key(key);
            self.value(value);
        }
        self.close('}');
    }

    pub fn inline(&mut self, values: &mut dyn Iterator<Item = Value<'_>>) {
        self.text.push('[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.value(value);
        }
        self.text.push(']');
    }

    pub fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Empty => self.text.push_str("null"),
            Value::Text(text) => self.string(text),
            Value::Bool(value) => _ = write!(self.text, "{value}"),
            Value::Int(value) => _ = write!(self.text, "{value}"),
            // JSON has no NaN and no infinities: OTLP writes them as text.
            Value::Double(value) if value.is_nan() => self.string("NaN"),
            Value::Double(value) if value.is_infinite() => {
                self.string(if value > 0.0 { "Infinity" } else { "-Infinity" });
            }
            Value::Double(value) => _ = write!(self.text, "{value:?}"),
            Value::Bytes(bytes) => self.string(&base64::engine::general_purpose::STANDARD.encode(bytes)),
            Value::Nested(nested) => self.nested(nested),
        }
        self.first = false;
    }

    fn nested(&mut self, nested: Nested<'_>) {
        let (open, close) = if nested.is_map() { ('{', '}') } else { ('[', ']') };
        self.open(open);
        for (key, value) in nested.entries() {
            if nested.is_map() {
                self.key(key)
            } else {
                self.element()
            }
            self.value(value);
        }
        self.close(close);
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                c if is_harmless(c.encode_utf8(&mut [0; 4])) => self.text.push(c),
                c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(self.text, "\\u{unit:04x}")),
            }
        }
        self.text.push('"');
    }
}
