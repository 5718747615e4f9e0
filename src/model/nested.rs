//! Arrays and maps of values, encoded as bytes, so that a dictionary can hold them like any text.
//!
//! ```text
//! value  = 0                      empty
//!        | 1 len text | 2 bool | 3 i64 le | 4 f64 le | 5 len bytes
//!        | 6 len value*           array; len in bytes of what follows
//!        | 7 len (len text value)*  map, keys in the order they came, duplicates kept
//! ```
//!
//! `len` is a u32, little endian. Only [`NestedWriter`] writes this encoding, so reading has no errors; a reader stops at
//! invalid bytes.

use super::{Value, visible_into};

/// The maximum depth of nested arrays and maps; the outermost has depth 1.
pub const MAX_NESTING: usize = 32;

/// An array or a map, borrowed. Iterate with [`Nested::items`] (arrays) or [`Nested::entries`] (maps).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nested<'a>(&'a [u8]);

/// Why a value could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NestedError {
    /// Deeper than [`MAX_NESTING`].
    #[error("an attribute's value is nested deeper than {MAX_NESTING} levels")]
    TooDeep,
}

const EMPTY: u8 = 0;
const TEXT: u8 = 1;
const BOOL: u8 = 2;
const INT: u8 = 3;
const DOUBLE: u8 = 4;
const BYTES: u8 = 5;
const ARRAY: u8 = 6;
const MAP: u8 = 7;

impl<'a> Nested<'a> {
    /// Wraps bytes from a [`NestedWriter`].
    pub fn from_bytes(bytes: &'a [u8]) -> Nested<'a> {
        Nested(bytes)
    }

    /// The encoded bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether it is a map (else an array).
    pub fn is_map(self) -> bool {
        self.0.first() == Some(&MAP)
    }

    /// The elements of an array; the values of a map.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        self.entries().map(|(_, value)| value)
    }

    /// The entries of a map; the elements of an array, with empty keys.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.entries_from(0).map(|(_, key, value)| (key, value))
    }

    /// The entries from a byte offset on, each with its own offset, at which reading can be resumed. The first entry has
    /// offset 0.
    pub fn entries_from(self, place: usize) -> impl Iterator<Item = (usize, &'a str, Value<'a>)> {
        const HEAD: usize = 5;
        let keyed = self.is_map();
        let whole = self.0.get(HEAD..).unwrap_or_default();
        let mut rest = whole.get(place..).unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let place = whole.len() - rest.len();
            let key = if keyed { std::str::from_utf8(take_run(&mut rest)?).ok()? } else { "" };
            Some((place, key, take_value(&mut rest)?))
        })
    }

    /// Appends the value like JSON, on one line that is safe to print.
    pub fn display_into(self, text: &mut String) {
        self.display_up_to(usize::MAX, text);
    }

    /// Like [`Nested::display_into`], but stops once `text` is longer than `max` bytes; texts inside are cut too. Returns
    /// whether all of it was appended.
    pub fn display_up_to(self, max: usize, text: &mut String) -> bool {
        let keyed = self.is_map();
        text.push(if keyed { '{' } else { '[' });
        for (index, (key, value)) in self.entries().enumerate() {
            if text.len() > max {
                return false;
            }
            if index > 0 {
                text.push_str(", ");
            }
            if keyed {
                visible_into(&key[..key.floor_char_boundary(max)], text);
                text.push_str(": ");
            }
            let whole = match value {
                Value::Text(inner) => {
                    let shown = &inner[..inner.floor_char_boundary(max)];
                    text.push('"');
                    visible_into(shown, text);
                    text.push('"');
                    shown.len() == inner.len()
                }
                Value::Empty => {
                    text.push_str("null");
                    true
                }
                Value::Nested(nested) => nested.display_up_to(max, text),
                Value::Bytes(bytes) if bytes.len() > max => {
                    Value::Bytes(&bytes[..max]).display_into(text);
                    false
                }
                value => {
                    value.display_into(text);
                    true
                }
            };
            if !whole {
                return false;
            }
        }
        text.push(if keyed { '}' } else { ']' });
        true
    }
}

impl std::fmt::Debug for Nested<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.display_into(&mut text);
        f.write_str(&text)
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn take_run<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(take(rest, 4)?.try_into().ok()?);
    take(rest, length as usize)
}

fn take_value<'a>(rest: &mut &'a [u8]) -> Option<Value<'a>> {
    let whole = *rest;
    Some(match take(rest, 1)?[0] {
        EMPTY => Value::Empty,
        TEXT => Value::Text(std::str::from_utf8(take_run(rest)?).ok()?),
        BOOL => Value::Bool(take(rest, 1)?[0] != 0),
        INT => Value::Int(i64::from_le_bytes(take(rest, 8)?.try_into().ok()?)),
        DOUBLE => Value::Double(f64::from_le_bytes(take(rest, 8)?.try_into().ok()?)),
        BYTES => Value::Bytes(take_run(rest)?),
        ARRAY | MAP => {
            let inner = take_run(rest)?;
            Value::Nested(Nested(&whole[..5 + inner.len()]))
        }
        _ => return None,
    })
}

/// Encodes one array or map at a time, and reuses its memory for the next.
#[derive(Default)]
pub struct NestedWriter {
    bytes: Vec<u8>,
    open: Vec<usize>,
}

impl NestedWriter {
    /// Opens an array.
    pub fn begin_array(&mut self) -> Result<(), NestedError> {
        self.begin(ARRAY)
    }

    /// Opens a map; each of its values is written after [`NestedWriter::key`].
    pub fn begin_map(&mut self) -> Result<(), NestedError> {
        self.begin(MAP)
    }

    /// Closes the innermost array or map.
    pub fn end(&mut self) {
        if let Some(start) = self.open.pop() {
            let length = (self.bytes.len() - start - 4) as u32;
            self.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        }
    }

    /// The key of the next value of a map.
    pub fn key(&mut self, key: &str) {
        self.run(key.as_bytes());
    }

    /// Writes one value. A nested value is copied unchanged.
    pub fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Empty => self.bytes.push(EMPTY),
            Value::Text(text) => {
                self.bytes.push(TEXT);
                self.run(text.as_bytes());
            }
            Value::Bool(value) => self.bytes.extend([BOOL, u8::from(value)]),
            Value::Int(value) => {
                self.bytes.push(INT);
                self.bytes.extend(value.to_le_bytes());
            }
            Value::Double(value) => {
                self.bytes.push(DOUBLE);
                self.bytes.extend(value.to_le_bytes());
            }
            Value::Bytes(bytes) => {
                self.bytes.push(BYTES);
                self.run(bytes);
            }
            Value::Nested(nested) => self.bytes.extend(nested.as_bytes()),
        }
    }

    /// The bytes written since [`NestedWriter::clear`].
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Discards what was written, to begin the next value.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.open.clear();
    }

    fn begin(&mut self, tag: u8) -> Result<(), NestedError> {
        if self.open.len() == MAX_NESTING {
            return Err(NestedError::TooDeep);
        }
        self.bytes.push(tag);
        self.open.push(self.bytes.len());
        self.bytes.extend([0; 4]);
        Ok(())
    }

    fn run(&mut self, bytes: &[u8]) {
        self.bytes.extend((bytes.len() as u32).to_le_bytes());
        self.bytes.extend(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_come_back_as_they_were() {
        let mut writer = NestedWriter::default();
        writer.begin_map().unwrap();
        writer.key("a");
        writer.begin_array().unwrap();
        writer.value(Value::Int(-7));
        writer.value(Value::Empty);
        writer.begin_array().unwrap();
        writer.end();
        writer.end();
        writer.key("a");
        writer.value(Value::Text("twice"));
        writer.key("b");
        writer.value(Value::Bytes(&[0, 255]));
        writer.end();
        let nested = Nested::from_bytes(writer.bytes());
        assert_eq!(format!("{nested:?}"), r#"{a: [-7, null, []], a: "twice", b: 0x00ff}"#);
    }

    #[test]
    fn nesting_is_bounded() {
        let mut writer = NestedWriter::default();
        for _ in 0..MAX_NESTING {
            writer.begin_array().unwrap();
        }
        assert_eq!(writer.begin_array(), Err(NestedError::TooDeep));
    }

    #[test]
    fn foreign_bytes_end_the_reading() {
        for bytes in
            [&[][..], &[6], &[6, 255, 255, 255, 255, 1], &[7, 1, 0, 0, 0, 9], &[6, 9, 0, 0, 0, 1, 255, 255, 255, 255]]
        {
            assert!(Nested::from_bytes(bytes).entries().count() <= 1);
        }
    }
}
