//! Attribute lists: the keys as a shape, the values as words.

use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder};
use super::hashing::same;
use super::shapes::ShapeId;
use super::texts::TextId;
use super::words::{Raw, Word, moved};

/// The attributes of a row, a resource or an event: their keys, and the position of their values in the dictionary's words.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Attributes {
    /// The keys.
    pub shape: ShapeId,
    /// The index of the first value.
    pub start: u32,
}

impl Dictionary {
    /// The values of all lists in sequence; [`Attributes::start`] is the position of a list's first.
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
    /// Begins a list. `like` is a list that is probably similar (the last one of the same kind): equal keys and values are
    /// then found without hashing. Only one list can be written at a time.
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

    /// Adds a value under a key of this dictionary.
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

    /// Whether a list has exactly these texts under these keys, in any order and with no duplicate key.
    pub fn is_list_of<'b>(&self, list: Attributes, pairs: impl ExactSizeIterator<Item = (&'b str, &'b str)>) -> bool {
        let texts = self.texts.texts();
        let keys = self.shapes.shapes.keys(list.shape);
        let start = list.start as usize;
        let Some(words) = self.words.get(start..start + keys.len()) else { return false };
        let is_at = |at: usize, key: &str, value: &str| {
            let text = |id| texts.bytes_of(id);
            same(text(keys[at]), key.as_bytes()) && words[at].text().is_some_and(|id| same(text(id), value.as_bytes()))
        };
        pairs.len() == keys.len()
            && pairs.enumerate().all(|(at, (key, value))| {
                is_at(at, key, value) || (0..keys.len()).any(|other| is_at(other, key, value))
            })
    }

    /// Copies a list of another dictionary to the end of this one's words.
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

/// A list being written; see [`DictionaryBuilder::begin_list`].
#[derive(Debug)]
pub struct ListBuilder {
    start: u32,
    like: Attributes,
    /// The position and number of the similar list's keys among the keys of all shapes.
    first: usize,
    expected: usize,
    count: u32,
    alike: bool,
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
