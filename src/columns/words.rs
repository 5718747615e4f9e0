//! Attribute values, 4 bytes each: small ones in place, others by where they lie in the dictionary.

use super::blobs::BlobId;
use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder};
use super::texts::TextId;

/// A value in 4 bytes: three bits for the kind, 29 for the value or its position.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Word(u32);

/// The decoded form of a [`Word`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum WordView {
    /// Present, but empty.
    Empty,
    /// True or false.
    Bool(bool),
    /// A string of the dictionary.
    Text(TextId),
    /// An integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// Bytes of the dictionary.
    Bytes(BlobId),
    /// An array or a map of the dictionary.
    Nested(BlobId),
}

/// A value to be written to a dictionary. Text need not be valid UTF-8; invalid bytes become U+FFFD.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Present, but empty.
    Empty,
    /// Text.
    Text(&'a [u8]),
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// The bytes of a [`NestedWriter`](crate::model::NestedWriter).
    Nested(&'a [u8]),
}

const CONSTANT: u32 = 0;
const TEXT: u32 = 1;
const SMALL: u32 = 2;
const INT: u32 = 3;
const DOUBLE: u32 = 4;
const BYTES: u32 = 5;
const NESTED: u32 = 6;

impl Word {
    /// The word of a present but empty value.
    pub const EMPTY: Word = Word(0);

    /// The word of a text, for comparing with other words.
    pub fn of_text(id: TextId) -> Word {
        Word::new(TEXT, id.0)
    }

    /// The word of a boolean.
    pub fn of_bool(value: bool) -> Word {
        Word::new(CONSTANT, 1 + u32::from(value))
    }

    /// Whether it is a boolean or empty, so that equal words are equal values.
    pub fn is_constant(self) -> bool {
        self.0 & 7 == CONSTANT
    }

    /// Whether it is an integer or a double.
    pub fn is_number(self) -> bool {
        matches!(self.0 & 7, SMALL | INT | DOUBLE)
    }

    /// Whether it is an array or a map.
    pub fn is_nested(self) -> bool {
        self.0 & 7 == NESTED
    }

    /// The id, if the word is text; the fastest accessor.
    pub fn text(self) -> Option<TextId> {
        (self.0 & 7 == TEXT).then_some(TextId(self.0 >> 3))
    }

    /// Equal bits mean equal values within one dictionary, except for values stored apart ([`Word::wide_index`]).
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn wide_index(self) -> Option<(u32, usize)> {
        matches!(self.0 & 7, INT | DOUBLE).then_some((self.0 & 7, (self.0 >> 3) as usize))
    }

    fn new(kind: u32, payload: u32) -> Word {
        Word(payload << 3 | kind)
    }
}

impl Dictionary {
    /// Decodes a word of this dictionary.
    #[inline]
    pub fn word(&self, word: Word) -> WordView {
        view(word, &self.wide)
    }
}

/// Decodes a word, given the wide values of its dictionary.
#[inline]
pub(super) fn view(word: Word, wide: &[u64]) -> WordView {
    let payload = word.0 >> 3;
    let wide = || wide.get(payload as usize).copied().unwrap_or_default();
    match word.0 & 7 {
        TEXT => WordView::Text(TextId(payload)),
        SMALL => WordView::Int(i64::from(word.0 as i32 >> 3)),
        INT => WordView::Int(wide() as i64),
        DOUBLE => WordView::Double(f64::from_bits(wide())),
        BYTES => WordView::Bytes(BlobId(payload)),
        NESTED => WordView::Nested(BlobId(payload)),
        _ => match payload {
            1 => WordView::Bool(false),
            2 => WordView::Bool(true),
            _ => WordView::Empty,
        },
    }
}

impl DictionaryBuilder {
    /// The word of a value; a value that does not fit is stored in the dictionary.
    #[inline]
    pub fn make_word(&mut self, raw: Raw<'_>) -> Word {
        match raw {
            Raw::Empty => Word::EMPTY,
            Raw::Bool(value) => Word::of_bool(value),
            Raw::Text(bytes) => Word::new(TEXT, self.texts.intern(bytes).0),
            Raw::Int(value) if (-(1 << 28)..1 << 28).contains(&value) => Word((value as u32) << 3 | SMALL),
            Raw::Int(value) => self.wide_word(INT, value as u64),
            Raw::Double(value) => self.wide_word(DOUBLE, value.to_bits()),
            Raw::Bytes(bytes) => Word::new(BYTES, self.blobs.intern(bytes).0),
            Raw::Nested(bytes) => Word::new(NESTED, self.blobs.intern(bytes).0),
        }
    }

    fn wide_word(&mut self, kind: u32, bits: u64) -> Word {
        self.wide.push(bits);
        Word::new(kind, self.wide.len() as u32 - 1)
    }

    /// Translates a word of another dictionary.
    pub(super) fn moved_word(&mut self, word: Word, from: &Absorbed<'_>) -> Word {
        moved(word, from, &mut self.wide)
    }
}

/// A word of another dictionary, as a word of the one that these wide values belong to.
#[inline]
pub(super) fn moved(word: Word, from: &Absorbed<'_>, wide: &mut Vec<u64>) -> Word {
    let payload = word.0 >> 3;
    match word.0 & 7 {
        TEXT => Word::new(TEXT, from.text(TextId(payload)).0),
        kind @ (INT | DOUBLE) => {
            wide.push(from.other.wide.get(payload as usize).copied().unwrap_or_default());
            Word::new(kind, wide.len() as u32 - 1)
        }
        kind @ (BYTES | NESTED) => Word::new(kind, from.blob(BlobId(payload)).0),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back() {
        let values = [
            Raw::Empty,
            Raw::Text(b"x"),
            Raw::Bool(true),
            Raw::Bool(false),
            Raw::Int(0),
            Raw::Int(-1),
            Raw::Int((1 << 28) - 1),
            Raw::Int(1 << 28),
            Raw::Int(-(1 << 28)),
            Raw::Int(-(1 << 28) - 1),
            Raw::Int(i64::MIN),
            Raw::Double(0.1),
            Raw::Bytes(b"\xff"),
        ];
        let mut dictionary = DictionaryBuilder::default();
        let words = values.map(|value| dictionary.make_word(value));
        let dictionary = dictionary.finish();
        let seen = words.map(|word| dictionary.word(word));
        for (raw, view) in values.iter().zip(seen) {
            let same = match (*raw, view) {
                (Raw::Empty, WordView::Empty) => true,
                (Raw::Text(a), WordView::Text(b)) => a == dictionary.texts.get(b).as_bytes(),
                (Raw::Bool(a), WordView::Bool(b)) => a == b,
                (Raw::Int(a), WordView::Int(b)) => a == b,
                (Raw::Double(a), WordView::Double(b)) => a == b,
                (Raw::Bytes(a), WordView::Bytes(b)) => a == dictionary.blobs.get(b),
                _ => false,
            };
            assert!(same, "{raw:?} came back as {view:?}");
        }
    }
}
