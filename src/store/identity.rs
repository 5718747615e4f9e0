//! The ids of chunks and views, and the lineage of merged chunks.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identifies a chunk, uniquely in the process; a merge makes a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChunkId(u64);

/// Identifies the rows of a view, uniquely in the process: views with equal ids have the same rows. The default is the empty
/// view.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ViewId(u64);

impl ChunkId {
    /// A new id.
    pub(super) fn next() -> ChunkId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        ChunkId(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl ViewId {
    /// A new id.
    pub(super) fn next() -> ViewId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        ViewId(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A chunk that was merged into another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ancestor {
    /// Its id.
    pub id: ChunkId,
    /// The rows of the merged chunk that came from this one, in the same order.
    pub rows: Range<u32>,
}

/// How to compute an answer for a merged chunk from known answers for its ancestors.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Cover {
    /// Ancestors with known answers. Their rows do not overlap.
    pub known: Vec<Ancestor>,
    /// The rows without a known answer, in order.
    pub rest: Vec<Range<u32>>,
}

/// An ancestor older than the parents is remembered if it has at least this part of the merged rows: for fewer rows,
/// computing the answer again costs no more than looking it up.
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

/// The widest ancestors with known answers, and the remaining rows (of `rows`). A lineage lists an ancestor before its own
/// ancestors, so the first known one that does not overlap is the widest.
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
