//! The bytes that are hashed into a key.

use crate::model::{Nested, Value};

/// The kind of a key, its first byte. The numbers are stored in files: never change one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Shape = 1,
    Resource = 2,
    Metric = 3,
    Group = 4,
    Series = 5,
    Operation = 6,
    Pattern = 7,
    Pair = 8,
    Map = 9,
}

/// The key of the hash. It is not secret: it separates these hashes from those of other programs.
const KEY: [u8; 32] = *b"otail content keys, version 1\0\0\0";

/// Encodes one message at a time and reuses its memory.
#[derive(Clone, Default, Debug)]
pub(super) struct Digest(Vec<u8>);

impl Digest {
    pub fn begin(&mut self, kind: Kind) -> &mut Digest {
        self.0.clear();
        self.byte(kind as u8)
    }

    pub fn byte(&mut self, byte: u8) -> &mut Digest {
        self.0.push(byte);
        self
    }

    pub fn number(&mut self, number: u128) -> &mut Digest {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Digest {
        self.run(text.as_bytes())
    }

    /// A value: its kind, then its content. The entries of a map are sorted by key, like attributes.
    pub fn value(&mut self, value: Value<'_>) -> &mut Digest {
        match value {
            Value::Empty => self.byte(0),
            Value::Text(text) => self.byte(1).run(text.as_bytes()),
            Value::Bool(value) => self.byte(2).byte(u8::from(value)),
            Value::Int(value) => self.byte(3).eight(value as u64),
            Value::Double(value) => self.byte(4).eight(value.to_bits()),
            Value::Bytes(bytes) => self.byte(5).run(bytes),
            Value::Nested(nested) => self.nested(nested),
        }
    }

    fn nested(&mut self, nested: Nested<'_>) -> &mut Digest {
        let mut entries: Vec<(&str, Value<'_>)> = nested.entries().collect();
        if nested.is_map() {
            entries.sort_by_key(|(key, _)| *key);
        }
        self.byte(if nested.is_map() { Kind::Map as u8 } else { 6 }).eight(entries.len() as u64);
        for (key, value) in entries {
            if nested.is_map() {
                self.text(key);
            }
            self.value(value);
        }
        self
    }

    fn eight(&mut self, number: u64) -> &mut Digest {
        self.0.extend(number.to_be_bytes());
        self
    }

    fn run(&mut self, bytes: &[u8]) -> &mut Digest {
        self.0.extend((bytes.len() as u32).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    pub fn finish(&self) -> u128 {
        let hash = blake3::keyed_hash(&KEY, &self.0);
        hash.as_bytes().first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default()
    }
}
