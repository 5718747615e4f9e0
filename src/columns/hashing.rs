//! Finds content again: hashes with a secret seed, and tables from content to id.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

// One seed for the whole process, so that a merge reuses the hashes; random, so that nobody outside can aim at collisions.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::default);

#[inline]
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = HASHER.build_hasher();
    hasher.write(bytes);
    hasher.finish() as u32
}

/// Hashes a few numbers with the secret seed.
pub(super) fn hash_parts(parts: impl Iterator<Item = u64>) -> u32 {
    let mut hasher = HASHER.build_hasher();
    parts.for_each(|part| hasher.write_u64(part));
    hasher.finish() as u32
}

/// Spreads 32 stored bits over the 64 that the table needs: it takes its tag from the top 7 bits and the position from the
/// low ones.
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(hash)
}

/// `a == b`, inlined for short texts, since keys and most values are short.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        Some((bytes.first_chunk::<N>()?, bytes.last_chunk::<N>()?))
    }
    a.len() == b.len()
        && match a.len() {
            0 => true,
            1..4 => a[0] == b[0] && a[a.len() / 2] == b[a.len() / 2] && a[a.len() - 1] == b[a.len() - 1],
            4..8 => ends::<4>(a) == ends::<4>(b),
            8..=16 => ends::<8>(a) == ends::<8>(b),
            17..=32 => ends::<16>(a) == ends::<16>(b),
            _ => a == b,
        }
}

/// Ids of distinct things, each of which is stored once in a list; its id is its index there. The table stores the hashes, so
/// it can grow without reading the things.
#[derive(Debug, Default)]
pub(super) struct Ids(HashTable<(u32, u32)>);

impl Ids {
    /// The id of the equal thing with this hash.
    pub fn find<T>(&self, hash: u32, things: &[T], same: impl Fn(&T) -> bool) -> Option<u32> {
        self.0.find(spread(hash), |(_, id)| same(&things[*id as usize])).map(|(_, id)| *id)
    }

    /// Adds a thing that [`Ids::find`] did not find; returns its id.
    pub fn add<T>(&mut self, hash: u32, things: &mut Vec<T>, thing: T) -> u32 {
        let id = things.len() as u32;
        things.push(thing);
        self.0.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        id
    }
}
