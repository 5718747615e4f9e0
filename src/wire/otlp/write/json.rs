//! A message as JSON: camelCase, 64-bit integers as strings, enums as numbers, ids in hex, bytes in base64.

use super::sink::{Field, Sink};
use crate::model::write_json_string;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

/// An object that is open at the end of the bytes.
pub(super) struct Json<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

/// Appends an object.
pub(super) fn write(out: &mut Vec<u8>, fields: impl FnOnce(&mut Json<'_>)) {
    let mut json = Json { out, is_empty: true };
    json.object(fields);
}

impl Json<'_> {
    fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        let outer = std::mem::replace(&mut self.is_empty, true);
        fields(self);
        self.is_empty = outer;
        self.out.push(b'}');
    }

    fn array<T>(&mut self, field: Field, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.key(field);
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self, item);
        }
        self.out.push(b']');
    }

    /// Keys are ours, and need no escapes.
    fn key(&mut self, Field(name, _): Field) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.print(format_args!("\"{name}\":"));
    }

    /// The shortest digits that read as the same double.
    fn digits(&mut self, value: f64) {
        if value.is_finite() {
            _ = serde_json::to_writer(&mut *self.out, &value);
        } else if value.is_nan() {
            self.out.extend_from_slice(b"\"NaN\"");
        } else {
            self.out.extend_from_slice(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
        }
    }

    fn print(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a vector cannot fail.
        _ = self.out.write_fmt(text);
    }
}

impl Sink for Json<'_> {
    fn message(&mut self, field: Field, fields: impl FnOnce(&mut Self)) {
        self.key(field);
        self.object(fields);
    }

    fn messages<T>(&mut self, field: Field, items: impl IntoIterator<Item = T>, mut fields: impl FnMut(&mut Self, T)) {
        self.array(field, items, |o, item| o.object(|o| fields(o, item)));
    }

    fn text_always(&mut self, field: Field, text: &str) {
        self.key(field);
        write_json_string(text, self.out);
    }

    fn texts<'t>(&mut self, field: Field, texts: impl Iterator<Item = &'t str>) {
        let mut texts = texts.peekable();
        if texts.peek().is_some() {
            self.array(field, texts, |o, text| write_json_string(text, o.out));
        }
    }

    fn small(&mut self, field: Field, value: impl Into<i64>) {
        let value = value.into();
        if value != 0 {
            self.key(field);
            self.print(format_args!("{value}"));
        }
    }

    fn signed(&mut self, field: Field, value: i32) {
        self.small(field, value);
    }

    fn fixed32(&mut self, field: Field, value: u32) {
        self.small(field, value);
    }

    fn fixed64(&mut self, field: Field, value: u64) {
        if value != 0 {
            self.key(field);
            self.print(format_args!("\"{value}\""));
        }
    }

    fn fixed64s(&mut self, field: Field, values: &[u64]) {
        self.uints(field, values);
    }

    fn uints(&mut self, field: Field, values: &[u64]) {
        if !values.is_empty() {
            self.array(field, values, |o, value| o.print(format_args!("\"{value}\"")));
        }
    }

    fn int_always(&mut self, field: Field, value: i64) {
        self.key(field);
        self.print(format_args!("\"{value}\""));
    }

    fn sfixed64_always(&mut self, field: Field, value: i64) {
        self.int_always(field, value);
    }

    fn double_always(&mut self, field: Field, value: f64) {
        self.key(field);
        self.digits(value);
    }

    fn doubles(&mut self, field: Field, values: impl Iterator<Item = f64>) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.array(field, values, |o, value| o.digits(value));
        }
    }

    fn bool_always(&mut self, field: Field, value: bool) {
        self.key(field);
        self.print(format_args!("{value}"));
    }

    fn bytes_always(&mut self, field: Field, bytes: &[u8]) {
        self.key(field);
        self.print(format_args!("\"{}\"", STANDARD.encode(bytes)));
    }

    fn id_always(&mut self, field: Field, id: &[u8]) {
        self.key(field);
        self.out.push(b'"');
        id.iter().for_each(|byte| self.print(format_args!("{byte:02x}")));
        self.out.push(b'"');
    }
}
