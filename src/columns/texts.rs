//! The distinct strings of a batch.

use super::hashing::{hash, same, spread};
use super::heap;
use super::recent::{Recent, Short};
use super::slice::wanted;
use hashbrown::HashTable;

/// A string of a batch; [`TextId::EMPTY`] is "" in every batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TextId(pub u32);

impl TextId {
    /// The empty string.
    pub const EMPTY: TextId = TextId(0);

    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The distinct strings of a batch, end to end in one arena, with their hashes for the next merge.
#[derive(Debug)]
pub struct Texts {
    arena: String,
    ends: Vec<u32>,
    hashes: Vec<u32>,
}

impl Default for Texts {
    fn default() -> Texts {
        Texts { arena: String::new(), ends: vec![0], hashes: vec![hash(b"")] }
    }
}

impl Texts {
    /// The string of an id of this batch; "" for an unknown id.
    pub fn get(&self, id: TextId) -> &str {
        let end = self.ends.get(id.index()).copied().unwrap_or_default();
        let start = if id.0 == 0 { 0 } else { self.ends.get(id.index() - 1).copied().unwrap_or_default() };
        self.arena.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Like [`Texts::get`], but as bytes, for comparisons: this saves the check of character boundaries.
    #[inline]
    pub(super) fn bytes_of(&self, id: TextId) -> &[u8] {
        let end = self.ends.get(id.index()).copied().unwrap_or_default();
        let start = if id.0 == 0 { 0 } else { self.ends.get(id.index() - 1).copied().unwrap_or_default() };
        self.arena.as_bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    /// The number of distinct strings, with the empty one.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Always false: the empty string is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every string with its id, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0..self.len() as u32).map(|id| (TextId(id), self.get(TextId(id))))
    }

    /// All strings in sequence, for searching them at once; [`Texts::ends`] has the end of each.
    pub fn arena(&self) -> &str {
        &self.arena
    }

    /// The end of each string in [`Texts::arena`], by id; a string begins where the one before it ends.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The id of a string, if the batch has it. Linear in the number of strings; hashes are compared first.
    pub fn find(&self, text: &str) -> Option<TextId> {
        // Comparing many hashes at once takes few instructions.
        const AT_ONCE: usize = 256;
        let wanted = hash(text.as_bytes());
        let runs = self.hashes.chunks(AT_ONCE).enumerate();
        let hit_runs = runs.filter(|(_, run)| run.iter().fold(false, |hit, hash| hit | (*hash == wanted)));
        let mut hits = hit_runs.flat_map(|(at, run)| {
            let hits = run.iter().enumerate().filter(|(_, hash)| **hash == wanted);
            hits.map(move |(place, _)| TextId((at * AT_ONCE + place) as u32))
        });
        hits.find(|id| self.get(*id) == text)
    }

    /// Bytes in use, without unused capacity, with what a builder stores for each string.
    pub(super) fn written(&self) -> usize {
        self.arena.len() + self.ends.len() * (4 + 4 + 8 + 8)
    }

    pub(super) fn bytes(&self) -> usize {
        heap::heap_bytes(self.arena.capacity()) + heap::of(&self.ends) + heap::of(&self.hashes)
    }

    pub(super) fn shrink(&mut self) {
        self.arena.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.hashes.shrink_to_fit();
    }
}

/// Assigns ids to strings.
#[derive(Debug)]
pub struct TextsBuilder {
    texts: Texts,
    table: HashTable<u32>,
    recent: Recent,
}

impl Default for TextsBuilder {
    fn default() -> TextsBuilder {
        TextsBuilder::with_capacity(0, 0)
    }
}

impl TextsBuilder {
    pub(super) fn with_capacity(texts: usize, bytes: usize) -> TextsBuilder {
        let mut table = HashTable::with_capacity(texts + 1);
        let mut empty = Texts::default();
        empty.arena.reserve_exact(bytes);
        empty.ends.reserve(texts);
        empty.hashes.reserve(texts);
        table.insert_unique(spread(empty.hashes[0]), 0, |_| 0);
        TextsBuilder { texts: empty, table, recent: Recent::default() }
    }

    /// The id of a string given as bytes. Only new strings are checked to be UTF-8; invalid bytes become a visible U+FFFD.
    pub fn intern(&mut self, bytes: &[u8]) -> TextId {
        let Some(short) = Short::of(bytes) else { return self.intern_any(bytes) };
        if let Some(id) = self.recent.get(short) {
            return id;
        }
        let id = self.intern_any(bytes);
        self.recent.put(short, id);
        id
    }

    fn intern_any(&mut self, bytes: &[u8]) -> TextId {
        if bytes.is_empty() {
            return TextId::EMPTY;
        }
        let hash = hash(bytes);
        if let Some(id) = self.lookup(bytes, hash) {
            return id;
        }
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => self.add(text, hash),
            Err(_) => self.intern_any(String::from_utf8_lossy(bytes).as_bytes()),
        }
    }

    pub(super) fn intern_hashed(&mut self, text: &str, hash: u32) -> TextId {
        self.lookup(text.as_bytes(), hash).unwrap_or_else(|| self.add(text, hash))
    }

    /// The strings so far.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(super) fn finish(self) -> Texts {
        self.texts
    }

    /// The new ids of another batch's strings, indexed by their old ids; with marks, only of the marked strings.
    pub(super) fn absorb(&mut self, other: &Texts, used: Option<&[bool]>) -> Vec<TextId> {
        let moved = |((id, text), hash): ((TextId, &str), &u32)| match wanted(used, id.index()) {
            true => self.intern_hashed(text, *hash),
            false => TextId::EMPTY,
        };
        other.iter().zip(&other.hashes).map(moved).collect()
    }

    fn lookup(&self, bytes: &[u8], hash: u32) -> Option<TextId> {
        // The table has compared seven bits of the hash; comparing the string is cheaper than reading the other bits.
        self.table.find(spread(hash), |id| same(self.texts.bytes_of(TextId(*id)), bytes)).map(|id| TextId(*id))
    }

    fn add(&mut self, text: &str, hash: u32) -> TextId {
        let id = self.texts.ends.len() as u32;
        self.texts.arena.push_str(text);
        self.texts.ends.push(self.texts.arena.len() as u32);
        self.texts.hashes.push(hash);
        let hashes = &self.texts.hashes;
        self.table.insert_unique(spread(hash), id, |id| spread(hashes[*id as usize]));
        TextId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_have_one_id() {
        let mut texts = TextsBuilder::default();
        let a = texts.intern(b"checkout");
        let b = texts.intern(b"payments");
        assert_eq!(texts.intern(b"checkout"), a);
        assert_ne!(a, b);
        assert_eq!(texts.intern(b""), TextId::EMPTY);
        let texts = texts.finish();
        assert_eq!((texts.get(a), texts.get(b), texts.get(TextId::EMPTY)), ("checkout", "payments", ""));
        assert_eq!(texts.find("payments"), Some(b));
        assert_eq!(texts.find("none"), None);
        assert_eq!(texts.get(TextId(99)), "");
    }

    #[test]
    fn bytes_that_are_no_utf8_become_visible_replacements() {
        let mut texts = TextsBuilder::default();
        let id = texts.intern(b"caf\xe9");
        assert_eq!(texts.texts().get(id), "caf\u{fffd}");
        assert_eq!(texts.intern(b"caf\xe9"), id);
    }

    #[test]
    fn many_strings_keep_their_ids_apart() {
        let mut texts = TextsBuilder::default();
        let ids: Vec<TextId> = (0..10_000).map(|n| texts.intern(format!("key-{n}").as_bytes())).collect();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(texts.texts().get(*id), format!("key-{n}"));
            assert_eq!(texts.intern(format!("key-{n}").as_bytes()), *id);
        }
    }
}
