//! Attribute lists: the keys as a shape, the values as words.

use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder};
use super::texts::{BlobId, TextId, hash_parts, same, spread};
use hashbrown::HashTable;

/// A sequence of attribute keys, as it came; [`ShapeId::NONE`] is the empty one.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ShapeId(pub u32);

impl ShapeId {
    /// No keys.
    pub const NONE: ShapeId = ShapeId(0);
}

/// The attributes of a row, a resource, an event …: which keys, and where the values begin in the dictionary's words.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Attributes {
    /// The keys.
    pub shape: ShapeId,
    /// The index of the first value.
    pub start: u32,
}

/// A value in 4 bytes: three bits of kind, 29 of the value itself or of where it lies.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Word(u32);

/// What a [`Word`] says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum WordView {
    /// Present, and nothing in it.
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

/// A value on its way into a dictionary. Text need not be valid UTF-8; what is not becomes U+FFFD.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Present, and nothing in it.
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
    /// What a [`NestedWriter`](crate::model::NestedWriter) wrote.
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
    /// Present, and nothing in it.
    pub const EMPTY: Word = Word(0);

    /// The word of a text: what to compare words with when looking for it.
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

    /// The id, where the word is text: the cheapest look.
    pub fn text(self) -> Option<TextId> {
        (self.0 & 7 == TEXT).then_some(TextId(self.0 >> 3))
    }

    /// Equal bits are equal values in one dictionary, but for what is kept apart ([`Word::wide_index`]).
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
    /// Reads a word of this dictionary.
    pub fn word(&self, word: Word) -> WordView {
        let payload = word.0 >> 3;
        let wide = || self.wide.get(payload as usize).copied().unwrap_or_default();
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

    /// The values of all lists, end to end; where those of a list begin, [`Attributes::start`] says.
    pub fn all_words(&self) -> &[Word] {
        &self.words
    }

    /// The values of a list, in the order of its keys.
    pub fn words(&self, attributes: Attributes) -> &[Word] {
        let start = attributes.start as usize;
        self.words.get(start..start + self.shapes.keys(attributes.shape).len()).unwrap_or_default()
    }
}

impl DictionaryBuilder {
    /// A word for a value; what does not fit in place is put into the dictionary.
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

    /// Begins a list. `like` is a list that this one is likely to resemble (the last one of the same kind): where keys
    /// and values turn out the same, nothing is hashed. Lists are written one after the other, never interleaved.
    #[inline]
    pub fn begin_list(&mut self, like: Attributes) -> ListBuilder {
        self.keys.clear();
        let (first, end) = self.shapes.shapes.range(like.shape);
        let expected = self.shapes.shapes.keys.get(first..end).map_or(0, <[TextId]>::len);
        ListBuilder { start: self.words.len() as u32, like, first, expected, count: 0, alike: true }
    }

    /// Adds a key and its value to the list.
    #[inline]
    pub fn add(&mut self, list: &mut ListBuilder, key: &[u8], value: Raw<'_>) {
        let at = list.count as usize;
        if list.alike && at < list.expected {
            let expected = self.shapes.shapes.keys[list.first + at];
            if same(self.texts.texts().bytes_of(expected), key) {
                self.add_expected(list, value);
                return;
            }
        }
        let key = self.texts.intern(key);
        self.add_unlike(list, key, value);
    }

    /// The same with a key of this dictionary.
    #[inline]
    pub fn add_known(&mut self, list: &mut ListBuilder, key: TextId, value: Raw<'_>) {
        let at = list.count as usize;
        if list.alike && at < list.expected && self.shapes.shapes.keys[list.first + at] == key {
            self.add_expected(list, value);
        } else {
            self.add_unlike(list, key, value);
        }
    }

    #[inline]
    fn add_expected(&mut self, list: &mut ListBuilder, value: Raw<'_>) {
        let before = self.words[list.like.start as usize + list.count as usize];
        list.count += 1;
        let word = match (value, before.text()) {
            (Raw::Text(bytes), Some(text)) if same(self.texts.texts().bytes_of(text), bytes) => before,
            _ => self.make_word(value),
        };
        self.words.push(word);
    }

    fn add_unlike(&mut self, list: &mut ListBuilder, key: TextId, value: Raw<'_>) {
        if list.alike {
            list.alike = false;
            self.keys.extend_from_slice(&self.shapes.shapes.keys(list.like.shape)[..list.count as usize]);
        }
        list.count += 1;
        self.keys.push(key);
        let word = self.make_word(value);
        self.words.push(word);
    }

    /// Ends the list.
    #[inline]
    pub fn end_list(&mut self, list: ListBuilder) -> Attributes {
        let count = list.count as usize;
        if count == 0 {
            return Attributes::default();
        }
        let keys = self.shapes.shapes.keys(list.like.shape);
        let shape = match list.alike {
            true if keys.len() == count => list.like.shape,
            true => {
                self.keys.extend_from_slice(&keys[..count]);
                self.shapes.intern(&self.keys)
            }
            false => self.shapes.intern(&self.keys),
        };
        Attributes { shape, start: list.start }
    }

    /// A word of another dictionary, as a word of this one.
    pub(super) fn moved_word(&mut self, word: Word, from: &Absorbed<'_>) -> Word {
        moved(word, from, &mut self.wide)
    }

    /// A list of another dictionary, copied to the end of this one's words.
    pub(super) fn moved_list(&mut self, list: Attributes, from: &Absorbed<'_>) -> Attributes {
        let shape = from.shape(list.shape);
        if shape == ShapeId::NONE {
            return Attributes::default();
        }
        let start = self.words.len() as u32;
        let DictionaryBuilder { words, wide, .. } = self;
        words.extend(from.other.words(list).iter().map(|word| moved(*word, from, wide)));
        Attributes { shape, start }
    }
}

#[inline]
fn moved(word: Word, from: &Absorbed<'_>, wide: &mut Vec<u64>) -> Word {
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

/// A list being written; see [`DictionaryBuilder::begin_list`].
#[derive(Debug)]
pub struct ListBuilder {
    start: u32,
    like: Attributes,
    /// Where the keys of that list lie among the keys of all shapes, and how many they are.
    first: usize,
    expected: usize,
    count: u32,
    alike: bool,
}

/// The distinct sequences of keys.
#[derive(Debug)]
pub struct Shapes {
    keys: Vec<TextId>,
    ends: Vec<u32>,
}

impl Default for Shapes {
    fn default() -> Shapes {
        Shapes { keys: Vec::new(), ends: vec![0] }
    }
}

impl Shapes {
    /// The keys of a shape, in the order they came, duplicates kept (ruling G16: look-up takes the last).
    pub fn keys(&self, id: ShapeId) -> &[TextId] {
        let (start, end) = self.range(id);
        self.keys.get(start..end).unwrap_or_default()
    }

    fn range(&self, id: ShapeId) -> (usize, usize) {
        let end = self.ends.get(id.0 as usize).copied().unwrap_or_default();
        let start = if id.0 == 0 { 0 } else { self.ends.get(id.0 as usize - 1).copied().unwrap_or_default() };
        (start as usize, end as usize)
    }

    /// Where a key's value lies in lists of this shape; the last of several.
    pub fn position(&self, id: ShapeId, key: TextId) -> Option<usize> {
        self.keys(id).iter().rposition(|k| *k == key)
    }

    /// How many shapes, the empty one included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: the empty shape is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    pub(super) fn bytes(&self) -> usize {
        (self.keys.capacity() + self.ends.capacity()) * 4
    }
}

#[derive(Debug, Default)]
pub(super) struct ShapesBuilder {
    pub shapes: Shapes,
    hashes: Vec<u32>,
    table: HashTable<u32>,
}

impl ShapesBuilder {
    pub fn intern(&mut self, keys: &[TextId]) -> ShapeId {
        if keys.is_empty() {
            return ShapeId::NONE;
        }
        let hash = hash_parts(keys.iter().map(|key| u64::from(key.0)));
        let found = self.table.find(spread(hash), |id| self.shapes.keys(ShapeId(*id)) == keys);
        if let Some(id) = found {
            return ShapeId(*id);
        }
        let id = self.shapes.ends.len() as u32;
        self.shapes.keys.extend_from_slice(keys);
        self.shapes.ends.push(self.shapes.keys.len() as u32);
        self.hashes.resize(id as usize, 0);
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(spread(hash), id, |id| spread(hashes[*id as usize]));
        ShapeId(id)
    }

    /// The ids here of every shape of another dictionary, by its ids.
    pub fn absorb(&mut self, other: &Shapes, texts: &[TextId]) -> Vec<ShapeId> {
        let mut keys = Vec::new();
        (0..other.len() as u32)
            .map(|id| {
                keys.clear();
                keys.extend(other.keys(ShapeId(id)).iter().map(|key| texts[key.index()]));
                self.intern(&keys)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lists: &[&[(&str, Raw<'_>)]]) -> (Dictionary, Vec<Attributes>) {
        let mut dictionary = DictionaryBuilder::default();
        let mut like = Attributes::default();
        let mut all = Vec::new();
        for list in lists {
            let mut builder = dictionary.begin_list(like);
            for (key, value) in *list {
                dictionary.add(&mut builder, key.as_bytes(), *value);
            }
            like = dictionary.end_list(builder);
            all.push(like);
        }
        (dictionary.finish(), all)
    }

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
        let list: Vec<(&str, Raw<'_>)> = values.iter().map(|value| ("k", *value)).collect();
        let (dictionary, lists) = written(&[&list]);
        let seen: Vec<WordView> = dictionary.words(lists[0]).iter().map(|word| dictionary.word(*word)).collect();
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

    #[test]
    fn a_list_like_the_last_one_shares_its_shape() {
        let (dictionary, lists) = written(&[
            &[("a", Raw::Int(1)), ("b", Raw::Text(b"x"))],
            &[("a", Raw::Int(2)), ("b", Raw::Text(b"y"))],
            &[("a", Raw::Int(2))],
            &[("a", Raw::Int(2)), ("c", Raw::Empty)],
            &[],
        ]);
        assert_eq!(lists[0].shape, lists[1].shape);
        assert_eq!(dictionary.shapes.keys(lists[2].shape).len(), 1);
        assert_ne!(lists[3].shape, lists[0].shape);
        assert_eq!(lists[4].shape, ShapeId::NONE);
        assert_eq!(dictionary.words(lists[1]).len(), 2);
    }

    #[test]
    fn lookup_takes_the_last_of_duplicate_keys() {
        let (dictionary, lists) = written(&[&[("a", Raw::Int(1)), ("a", Raw::Int(2))]]);
        let key = dictionary.texts.find("a").unwrap();
        assert_eq!(dictionary.shapes.position(lists[0].shape, key), Some(1));
    }
}
