//! JSON, written: objects, and the values in them.

use crate::columns::{Attributes, Dictionary};
use crate::model::{Nested, SpanId, Time, TraceId, Value, is_harmless_char};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

/// A JSON object being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    pub fn begin(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, empty: true }
    }

    pub fn end(&mut self) {
        self.out.push(b'}');
    }

    pub fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        write_text(key, self.out);
        self.out.push(b':');
    }

    pub fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        write_text(text, self.out);
    }

    pub fn some_text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    pub fn number(&mut self, key: &str, number: u64) {
        self.key(key);
        let _ = write!(self.out, "{number}");
    }

    pub fn count(&mut self, key: &str, count: u32) {
        if count > 0 {
            self.number(key, u64::from(count));
        }
    }

    pub fn time(&mut self, key: &str, time: Time) {
        if !time.is_unknown() {
            self.text(key, &time.rfc3339());
        }
    }

    pub fn trace(&mut self, key: &str, id: TraceId) {
        if !id.is_none() {
            self.text(key, &id.to_string());
        }
    }

    pub fn span(&mut self, key: &str, id: SpanId) {
        if !id.is_none() {
            self.text(key, &id.to_string());
        }
    }

    pub fn value(&mut self, key: &str, value: Value<'_>) {
        self.key(key);
        write_value(value, self.out);
    }

    pub fn attributes(&mut self, key: &str, dictionary: &Dictionary, attributes: Attributes) {
        self.object(key, |object| {
            for (key, value) in dictionary.attributes(attributes) {
                object.value(key, value);
            }
        });
    }

    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        let mut object = Object::begin(self.out);
        fill(&mut object);
        object.end();
    }

    pub fn array<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(T, &mut Object<'_>),
    ) {
        self.list(key, items, |item, out| {
            let mut object = Object::begin(out);
            fill(item, &mut object);
            object.end();
        });
    }

    pub fn list<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut write: impl FnMut(T, &mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(item, self.out);
        }
        self.out.push(b']');
    }
}

/// Integers as numbers, bytes as base64; a double that JSON has no number for as text (`"NaN"`, `"Infinity"`).
pub(super) fn write_value(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Empty => out.extend_from_slice(b"null"),
        Value::Text(text) => write_text(text, out),
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::Int(value) => _ = write!(out, "{value}"),
        Value::Double(value) if value.is_finite() => _ = serde_json::to_writer(out, &value),
        Value::Double(value) if value.is_nan() => write_text("NaN", out),
        Value::Double(value) => write_text(if value > 0.0 { "Infinity" } else { "-Infinity" }, out),
        Value::Bytes(bytes) => write_text(&STANDARD.encode(bytes), out),
        Value::Nested(nested) => write_nested(nested, out),
    }
}

fn write_nested(nested: Nested<'_>, out: &mut Vec<u8>) {
    let keyed = nested.is_map();
    out.push(if keyed { b'{' } else { b'[' });
    for (index, (key, value)) in nested.entries().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if keyed {
            write_text(key, out);
            out.push(b':');
        }
        write_value(value, out);
    }
    out.push(if keyed { b'}' } else { b']' });
}

/// A JSON string in which what could do harm in a terminal is escaped too, not only what JSON demands.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = |c: char| c != '"' && c != '\\' && is_harmless_char(c);
    let mut rest = text;
    while let Some(at) = rest.find(|c| !plain(c)) {
        let (clean, tail) = rest.split_at(at);
        out.extend_from_slice(clean.as_bytes());
        let mut chars = tail.chars();
        match chars.next() {
            Some('"') => out.extend_from_slice(b"\\\""),
            Some('\\') => out.extend_from_slice(b"\\\\"),
            Some('\n') => out.extend_from_slice(b"\\n"),
            Some('\r') => out.extend_from_slice(b"\\r"),
            Some('\t') => out.extend_from_slice(b"\\t"),
            Some(c) => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
            None => {}
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}
