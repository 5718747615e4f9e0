//! The keys of a stream's texts: each has a number, and remembers which key followed it last. The texts of one stream are
//! alike, so most keys are the expected ones; these need no search for their end and no lookup.

use super::json::Level;
use foldhash::fast::RandomState;
use hashbrown::{Equivalent, HashMap};

/// A key as a number. Equal numbers mean equal keys; one key at two depths has two numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct KeyId(u16);

impl KeyId {
    /// A key without a number: there were too many, it is too long, or it has an escape.
    pub const NONE: KeyId = KeyId(0);

    /// Stands for the key before the first one.
    pub(super) fn start(level: Level) -> KeyId {
        KeyId(1 + level as u16)
    }

    /// As an index.
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The most numbers, so that no stream can make this large. Long keys get none.
const MOST: usize = 1_024;
const LONGEST: usize = 100;

/// The keys that have numbers.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// By number.
    known: Vec<Known>,
    numbers: HashMap<KeyAtDepth, KeyId, RandomState>,
}

#[derive(Debug)]
struct Known {
    /// As it stands in a text, with its quotes and the colon.
    quoted: Box<[u8]>,
    /// The first bytes of `quoted`, and a mask of the bits that count.
    head: [u64; HEAD / 8],
    mask: [u64; HEAD / 8],
    /// The key that followed it last time.
    next: KeyId,
}

/// This many bytes of a key are compared at once, without a branch for the length.
const HEAD: usize = 32;

impl Keys {
    /// The key that followed `last` before, and its length with quotes and colon, if `rest` begins with it.
    #[inline]
    pub fn expected(&self, last: KeyId, rest: &[u8]) -> Option<(KeyId, usize)> {
        let id = self.known.get(last.index())?.next;
        let known = self.known.get(id.index())?;
        known.begins(rest).then_some((id, known.quoted.len()))
    }

    /// The number of a key at a depth. This key is then expected after `last`.
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
            // `NONE` and the two start keys: no text contains this byte, so they never match.
            self.known.extend((0..3).map(|_| Known::new(Box::new([0xff]))));
        }
        let id = KeyId(self.known.len() as u16);
        self.known.push(Known::new(format!("\"{key}\":").into_bytes().into()));
        self.numbers.insert(KeyAtDepth { key: key.into(), depth }, id);
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

/// A key at a depth: the key that follows `name` in a span differs from the one in its events.
#[derive(PartialEq, Eq, Hash, Debug)]
struct KeyAtDepth {
    key: Box<str>,
    depth: (Level, usize),
}

impl Equivalent<KeyAtDepth> for (&str, (Level, usize)) {
    fn equivalent(&self, place: &KeyAtDepth) -> bool {
        *self == (&*place.key, place.depth)
    }
}
