//! The keys of a stream's texts: each by a number, and which of them followed it last. Texts of one stream are alike, so
//! that most keys need neither be searched for their end nor looked up to be understood: they are the ones expected.

use super::json::Level;
use foldhash::fast::RandomState;
use hashbrown::{Equivalent, HashMap};

/// A key by its number. Equal numbers are equal keys; equal keys at two depths have two numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct KeyId(u16);

impl KeyId {
    /// A key without a number: one of too many, or a long one, or one with an escape.
    pub const NONE: KeyId = KeyId(0);

    /// In the place of the key before the first.
    pub(super) fn start(level: Level) -> KeyId {
        KeyId(1 + level as u16)
    }

    /// For indexing by it.
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// So many numbers are given, and none to a longer key, so that no stream makes this large.
const MOST: usize = 1_024;
const LONGEST: usize = 100;

/// The keys that have a number.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// By number.
    known: Vec<Known>,
    numbers: HashMap<Place, KeyId, RandomState>,
}

#[derive(Debug)]
struct Known {
    /// As it stands in a text, in its quotes and with the colon behind them.
    quoted: Box<[u8]>,
    /// The beginning of that, and which bits of it count.
    head: [u64; HEAD / 8],
    mask: [u64; HEAD / 8],
    /// The key that followed it last.
    next: KeyId,
}

/// Keys are compared in so many bytes at once, without a branch for their length.
const HEAD: usize = 32;

impl Keys {
    /// The key that followed `last` before, and its length with quotes and colon, if `rest` begins with it.
    #[inline]
    pub fn expected(&self, last: KeyId, rest: &[u8]) -> Option<(KeyId, usize)> {
        let id = self.known.get(last.index())?.next;
        let known = self.known.get(id.index())?;
        known.begins(rest).then_some((id, known.quoted.len()))
    }

    /// The number of a key at a depth, which from now on is the one expected to follow `last`.
    pub fn find(&mut self, key: &str, depth: (Level, usize), last: KeyId) -> KeyId {
        let id = match self.numbers.get(&(key, depth)) {
            Some(id) => *id,
            None => self.add(key, depth),
        };
        if last != KeyId::NONE
            && let Some(known) = self.known.get_mut(last.index())
        {
            known.next = id;
        }
        id
    }

    fn add(&mut self, key: &str, depth: (Level, usize)) -> KeyId {
        if self.known.len() == MOST || key.len() > LONGEST {
            return KeyId::NONE;
        }
        if self.known.is_empty() {
            // None and the two starts: no text has this byte in it, so that they are never found in one.
            self.known.extend((0..3).map(|_| Known::new(Box::new([0xff]))));
        }
        let id = KeyId(self.known.len() as u16);
        self.known.push(Known::new(format!("\"{key}\":").into_bytes().into()));
        self.numbers.insert(Place { key: key.into(), depth }, id);
        id
    }
}

impl Known {
    fn new(quoted: Box<[u8]>) -> Known {
        let (mut head, mut mask) = ([0; HEAD], [0; HEAD]);
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(&quoted) {
            (*head, *mask) = (*byte, 0xff);
        }
        Known { quoted, head: words(&head), mask: words(&mask), next: KeyId::NONE }
    }

    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        match rest.first_chunk::<HEAD>() {
            Some(head) if self.quoted.len() <= HEAD => {
                let [a, b, c, d] = words(head);
                let differs = |at: usize, word: u64| (word ^ self.head[at]) & self.mask[at];
                differs(0, a) | differs(1, b) | differs(2, c) | differs(3, d) == 0
            }
            _ => rest.starts_with(&self.quoted),
        }
    }
}

#[inline]
fn words(bytes: &[u8; HEAD]) -> [u64; HEAD / 8] {
    let mut words = [0; HEAD / 8];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// A key at a depth: `name` in a span is followed by another than `name` in its events.
#[derive(PartialEq, Eq, Hash, Debug)]
struct Place {
    key: Box<str>,
    depth: (Level, usize),
}

impl Equivalent<Place> for (&str, (Level, usize)) {
    fn equivalent(&self, place: &Place) -> bool {
        *self == (&*place.key, place.depth)
    }
}
