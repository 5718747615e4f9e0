//! The distinct byte strings of a batch.

use super::hashing::{hash, spread};
use super::heap;
use super::slice::wanted;
use hashbrown::HashTable;

/// Bytes of a batch: a bytes value, a nested value, or an array of numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlobId(pub u32);

/// The distinct runs of bytes of a batch.
#[derive(Debug, Default)]
pub struct Blobs {
    arena: Vec<u8>,
    ends: Vec<u32>,
    hashes: Vec<u32>,
}

impl Blobs {
    /// The bytes of an id of this batch; empty for an unknown id.
    pub fn get(&self, id: BlobId) -> &[u8] {
        let index = id.0 as usize;
        let end = self.ends.get(index).copied().unwrap_or_default();
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or_default() };
        self.arena.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The number of distinct byte strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of what is written, without room to grow; with what a builder keeps beside each run.
    pub(super) fn written(&self) -> usize {
        self.arena.len() + self.ends.len() * (4 + 4 + 8)
    }

    pub(super) fn bytes(&self) -> usize {
        heap::of(&self.arena) + heap::of(&self.ends) + heap::of(&self.hashes)
    }

    pub(super) fn shrink(&mut self) {
        self.arena.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.hashes.shrink_to_fit();
    }
}

/// Assigns ids to byte strings.
#[derive(Debug, Default)]
pub struct BlobsBuilder {
    blobs: Blobs,
    table: HashTable<u32>,
}

impl BlobsBuilder {
    /// The id of a byte string.
    pub fn intern(&mut self, bytes: &[u8]) -> BlobId {
        self.intern_hashed(bytes, hash(bytes))
    }

    /// The byte strings so far.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    pub(super) fn finish(self) -> Blobs {
        self.blobs
    }

    /// The ids here of every run of bytes of another batch, by its ids; with marks, of the marked ones.
    pub(super) fn absorb(&mut self, other: &Blobs, used: Option<&[bool]>) -> Vec<BlobId> {
        let moved = |id: usize| match wanted(used, id) {
            true => self.intern_hashed(other.get(BlobId(id as u32)), other.hashes[id]),
            false => BlobId::default(),
        };
        (0..other.len()).map(moved).collect()
    }

    fn intern_hashed(&mut self, bytes: &[u8], hash: u32) -> BlobId {
        let same = |id: &u32| self.blobs.hashes[*id as usize] == hash && self.blobs.get(BlobId(*id)) == bytes;
        if let Some(id) = self.table.find(spread(hash), same) {
            return BlobId(*id);
        }
        let id = self.blobs.ends.len() as u32;
        self.blobs.arena.extend_from_slice(bytes);
        self.blobs.ends.push(self.blobs.arena.len() as u32);
        self.blobs.hashes.push(hash);
        let hashes = &self.blobs.hashes;
        self.table.insert_unique(spread(hash), id, |id| spread(hashes[*id as usize]));
        BlobId(id)
    }
}
