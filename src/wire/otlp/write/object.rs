//! A JSON object being written. Fields with their default are left out, but for what is written with `_always`.

use crate::model::write_json_string;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

/// An object that is open; its fields are appended as they are named.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Appends an object.
pub(super) fn write(out: &mut Vec<u8>, fields: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    let mut object = Object { out, empty: true };
    fields(&mut object);
    object.out.push(b'}');
}

impl Object<'_> {
    pub fn object(&mut self, key: &str, fields: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        write(self.out, fields);
    }

    /// An array of objects, written even if it has none.
    pub fn objects<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fields: impl FnMut(&mut Object<'_>, T),
    ) {
        self.array(key, items, |out, item| write(out, |o| fields(o, item)));
    }

    pub fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text_always(key, text);
        }
    }

    pub fn text_always(&mut self, key: &str, text: &str) {
        self.key(key);
        write_json_string(text, self.out);
    }

    pub fn texts<'t>(&mut self, key: &str, texts: impl Iterator<Item = &'t str>) {
        let mut texts = texts.peekable();
        if texts.peek().is_some() {
            self.array(key, texts, |out, text| write_json_string(text, out));
        }
    }

    /// A number of 32 bits at most, as a number.
    pub fn small(&mut self, key: &str, value: impl Into<i64>) {
        let value = value.into();
        if value != 0 {
            self.key(key);
            print(self.out, format_args!("{value}"));
        }
    }

    /// A 64-bit number, as a string.
    pub fn uint(&mut self, key: &str, value: u64) {
        if value != 0 {
            self.key(key);
            print(self.out, format_args!("\"{value}\""));
        }
    }

    pub fn int_always(&mut self, key: &str, value: i64) {
        self.key(key);
        print(self.out, format_args!("\"{value}\""));
    }

    /// 64-bit numbers, as strings.
    pub fn uints(&mut self, key: &str, values: &[u64]) {
        if !values.is_empty() {
            self.array(key, values, |out, value| print(out, format_args!("\"{value}\"")));
        }
    }

    pub fn double(&mut self, key: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.double_always(key, value);
        }
    }

    pub fn double_always(&mut self, key: &str, value: f64) {
        self.key(key);
        double(self.out, value);
    }

    pub fn doubles(&mut self, key: &str, values: impl Iterator<Item = f64>) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.array(key, values, double);
        }
    }

    pub fn bool_always(&mut self, key: &str, value: bool) {
        self.key(key);
        print(self.out, format_args!("{value}"));
    }

    pub fn bytes_always(&mut self, key: &str, bytes: &[u8]) {
        self.key(key);
        print(self.out, format_args!("\"{}\"", STANDARD.encode(bytes)));
    }

    fn array<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
        self.key(key);
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self.out, item);
        }
        self.out.push(b']');
    }

    /// Keys are ours, and need no escapes.
    fn key(&mut self, key: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        print(self.out, format_args!("\"{key}\":"));
    }
}

/// The shortest digits that read as the same double.
fn double(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        _ = serde_json::to_writer(out, &value);
    } else if value.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else {
        out.extend_from_slice(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
    }
}

fn print(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing into a vector cannot fail.
    _ = out.write_fmt(text);
}
