//! A message as protobuf.

use super::sink::{Field, Sink};

/// A message that is open at the end of the bytes.
pub(super) struct Protobuf<'o>(pub &'o mut Vec<u8>);

const VARINT: u32 = 0;
const EIGHT: u32 = 1;
const RUN: u32 = 2;
const FOUR: u32 = 5;

impl Protobuf<'_> {
    fn tag(&mut self, field: Field, wire_type: u32) {
        self.varint(u64::from(field.1 << 3 | wire_type));
    }

    fn varint(&mut self, value: u64) {
        let (bytes, length) = varint(value);
        self.0.extend_from_slice(&bytes[..length]);
    }

    /// What `content` appends, with its length before it. The length is known last: it is put in where it belongs.
    fn run(&mut self, field: Field, content: impl FnOnce(&mut Self)) {
        self.tag(field, RUN);
        let start = self.0.len();
        content(self);
        let (bytes, length) = varint((self.0.len() - start) as u64);
        self.0.extend_from_slice(&bytes[..length]);
        self.0[start..].rotate_right(length);
    }

    fn bytes(&mut self, field: Field, bytes: &[u8]) {
        self.tag(field, RUN);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

impl Sink for Protobuf<'_> {
    fn message(&mut self, field: Field, fields: impl FnOnce(&mut Self)) {
        self.run(field, fields);
    }

    fn messages<T>(&mut self, field: Field, items: impl IntoIterator<Item = T>, mut fields: impl FnMut(&mut Self, T)) {
        items.into_iter().for_each(|item| self.run(field, |o| fields(o, item)));
    }

    fn text_always(&mut self, field: Field, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn texts<'t>(&mut self, field: Field, texts: impl Iterator<Item = &'t str>) {
        texts.for_each(|text| self.text_always(field, text));
    }

    fn small(&mut self, field: Field, value: impl Into<i64>) {
        let value = value.into();
        if value != 0 {
            self.int_always(field, value);
        }
    }

    fn signed(&mut self, field: Field, value: i32) {
        if value != 0 {
            self.tag(field, VARINT);
            self.varint(u64::from((value << 1 ^ value >> 31) as u32));
        }
    }

    fn fixed32(&mut self, field: Field, value: u32) {
        if value != 0 {
            self.tag(field, FOUR);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    fn fixed64(&mut self, field: Field, value: u64) {
        if value != 0 {
            self.sfixed64_always(field, value as i64);
        }
    }

    fn fixed64s(&mut self, field: Field, values: &[u64]) {
        if !values.is_empty() {
            self.run(field, |o| values.iter().for_each(|value| o.0.extend_from_slice(&value.to_le_bytes())));
        }
    }

    fn uints(&mut self, field: Field, values: &[u64]) {
        if !values.is_empty() {
            self.run(field, |o| values.iter().for_each(|value| o.varint(*value)));
        }
    }

    fn int_always(&mut self, field: Field, value: i64) {
        self.tag(field, VARINT);
        self.varint(value as u64);
    }

    fn sfixed64_always(&mut self, field: Field, value: i64) {
        self.tag(field, EIGHT);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn double_always(&mut self, field: Field, value: f64) {
        self.sfixed64_always(field, value.to_bits() as i64);
    }

    fn doubles(&mut self, field: Field, values: impl Iterator<Item = f64>) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.run(field, |o| values.for_each(|value| o.0.extend_from_slice(&value.to_le_bytes())));
        }
    }

    fn bool_always(&mut self, field: Field, value: bool) {
        self.int_always(field, i64::from(value));
    }

    fn bytes_always(&mut self, field: Field, bytes: &[u8]) {
        self.bytes(field, bytes);
    }

    fn id_always(&mut self, field: Field, id: &[u8]) {
        self.bytes(field, id);
    }
}

/// A varint, and how many of the bytes it has.
fn varint(mut value: u64) -> ([u8; 10], usize) {
    let mut bytes = [0; 10];
    let mut length = 0;
    while value >= 0x80 {
        bytes[length] = value as u8 | 0x80;
        value >>= 7;
        length += 1;
    }
    bytes[length] = value as u8;
    (bytes, length + 1)
}
