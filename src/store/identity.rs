//! What names a chunk and a view, and which chunks a merged one was made of.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names a chunk. Unique in the process; a merge makes a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChunkId(u64);

/// Names the rows of a view: two views with one id show the same rows. Unique in the process; the default is the empty view.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ViewId(u64);

impl ChunkId {
    /// An id that no other chunk has.
    pub(super) fn next() -> ChunkId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        ChunkId(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl ViewId {
    /// An id that no other view has.
    pub(super) fn next() -> ViewId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        ViewId(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A chunk that went into a merged one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ancestor {
    /// Its id.
    pub id: ChunkId,
    /// The rows of the merged chunk that were its rows, in the same order.
    pub rows: Range<u32>,
}

/// Which answers about ancestors can be joined into one about the merged chunk.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Cover {
    /// Ancestors whose answers are known. No row belongs to two of them.
    pub known: Vec<Ancestor>,
    /// The rows that no known ancestor has, in order.
    pub rest: Vec<Range<u32>>,
}

/// An ancestor beyond the parents is remembered if it has at least this part of the merged rows: an answer about fewer
/// is as cheap to compute again as to look up.
const PART: usize = 64;

/// The lineage of a merge: the parents (id, rows, lineage) in order, then their ancestors.
pub(super) fn joined<'a>(parents: impl Iterator<Item = (ChunkId, u32, &'a [Ancestor])> + Clone) -> Box<[Ancestor]> {
    let rows: usize = parents.clone().map(|(_, rows, _)| rows as usize).sum();
    let starts = parents.clone().scan(0, |start, (_, rows, _)| {
        let here = *start;
        *start += rows;
        Some(here)
    });
    let direct =
        parents.clone().zip(starts.clone()).map(|((id, rows, _), start)| Ancestor { id, rows: start..start + rows });
    let older = parents.zip(starts).flat_map(|((.., lineage), start)| {
        let large = move |ancestor: &&Ancestor| ancestor.rows.len() * PART >= rows;
        let moved = move |ancestor: &Ancestor| {
            let Range { start: first, end } = ancestor.rows;
            Ancestor { id: ancestor.id, rows: start + first..start + end }
        };
        lineage.iter().filter(large).map(moved)
    });
    direct.chain(older).collect()
}

/// The widest ancestors that are known, and the rows (of `rows`) that are left. A lineage has an ancestor before its own
/// ancestors, so the first that is known and free is the widest.
pub(super) fn cover(lineage: &[Ancestor], rows: u32, is_known: impl Fn(ChunkId) -> bool) -> Cover {
    let mut known: Vec<Ancestor> = Vec::new();
    for ancestor in lineage {
        let is_free =
            !known.iter().any(|other| other.rows.start < ancestor.rows.end && ancestor.rows.start < other.rows.end);
        if is_free && is_known(ancestor.id) {
            known.push(ancestor.clone());
        }
    }
    known.sort_by_key(|ancestor| ancestor.rows.start);
    let mut rest = Vec::new();
    let mut from = 0;
    for ancestor in &known {
        rest.push(from..ancestor.rows.start);
        from = ancestor.rows.end;
    }
    rest.push(from..rows);
    rest.retain(|range| !range.is_empty());
    Cover { known, rest }
}
