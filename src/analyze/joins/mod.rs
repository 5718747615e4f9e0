//! Joined parts of neighbouring chunks, kept so that a view which shares most of its chunks with the last one costs few
//! joins.
//!
//! Every chunk has a random height, which depends on its id alone. The chunks that are higher than all chunks before them,
//! and those that are higher than all chunks behind them, cut a run of chunks into pieces; each piece is cut the same way:
//!
//! ```text
//! height   2 1 4 3 2 7 1 5 3 2
//! pieces   ├──┤├────┤│ ├──┤│ │       2 1 │ 4 3 2 │ 7 │ 1 5 │ 3 │ 2
//! ```
//!
//! A piece is the same whatever lies outside of it. A chunk that comes or goes at one end changes the pieces that it lies
//! in only: about as many as the logarithm of the number of chunks, both at the top and inside of each piece.

use super::fold::Fold;
use super::parts::{Opened, Parts, lock};
use crate::store::{Chunk, ChunkId};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Neighbouring chunks of one ring, each with its known part.
#[derive(Debug)]
pub(super) struct Run<T> {
    ids: Vec<ChunkId>,
    rows: Vec<usize>,
    parts: Vec<Arc<T>>,
}

/// Fewer chunks than this are joined one by one.
const FEW: usize = 4;
/// The last chunk with at least this part of the rows of the largest ends the head of a run. The head changes seldom, and is
/// one join.
const HEAVY_PART: usize = 4;

impl<T> Default for Run<T> {
    fn default() -> Run<T> {
        Run { ids: Vec::new(), rows: Vec::new(), parts: Vec::new() }
    }
}

impl<T: Default + Send + Sync + 'static> Run<T> {
    /// Adds the next chunk.
    pub fn push(&mut self, chunk: &Chunk, part: Arc<T>) {
        self.ids.push(chunk.id);
        self.rows.push(chunk.len());
        self.parts.push(part);
    }

    /// Adds all parts of the run to `into`, with kept joins as far as there are any, and empties the run. `None` once
    /// cancelled.
    pub fn join<F: Fold<Part = T>>(&mut self, into: &mut T, kept: &KeptJoins<'_, F>) -> Option<()> {
        let Run { ids, rows, parts } = std::mem::take(self);
        let heavy = rows.iter().max().copied().unwrap_or_default() / HEAVY_PART;
        let head = rows.iter().rposition(|rows| *rows >= heavy).map_or(0, |last| last + 1);
        let joined = |range: Range<usize>, into: &mut T| {
            if kept.is_cancelled() {
                return None;
            }
            kept.fold.join(into, &*kept.part(&ids, &parts, range)?);
            Some(())
        };
        if head > 0 {
            joined(0..head, into)?;
        }
        pieces(&ids, head..ids.len()).into_iter().try_for_each(|piece| joined(piece, into))
    }
}

/// The joins that the memo keeps for one fold through one filter.
pub(super) struct KeptJoins<'a, F> {
    pub memo: &'a Mutex<Parts>,
    pub opened: Opened,
    pub fold: &'a F,
    pub cancelled: &'a dyn Fn() -> bool,
}

impl<F: Fold> KeptJoins<'_, F> {
    fn is_cancelled(&self) -> bool {
        (self.cancelled)()
    }

    /// The joined part of some chunks. `None` once cancelled.
    fn part(&self, ids: &[ChunkId], parts: &[Arc<F::Part>], range: Range<usize>) -> Option<Arc<F::Part>> {
        if range.len() == 1 {
            return Some(Arc::clone(&parts[range.start]));
        }
        let is_kept = range.len() >= FEW;
        if is_kept {
            let mut memo = lock(self.memo);
            if let Some(part) = memo.get_join(self.opened, &ids[range.clone()]) {
                // The joins inside of this one are needed as soon as a chunk of it goes.
                touch(&mut memo, self.opened, ids, range);
                return Some(part);
            }
        }
        let mut whole = F::Part::default();
        for piece in pieces(ids, range.clone()) {
            let part = self.part(ids, parts, piece)?;
            if self.is_cancelled() {
                return None;
            }
            self.fold.join(&mut whole, &part);
        }
        let whole = Arc::new(whole);
        if is_kept {
            let bytes = self.fold.bytes(&whole) + size_of::<F::Part>();
            lock(self.memo).put_join(self.opened, &ids[range], Arc::clone(&whole) as _, bytes);
        }
        Some(whole)
    }
}

/// Counts the joins inside of a range as used.
fn touch(memo: &mut Parts, opened: Opened, ids: &[ChunkId], range: Range<usize>) {
    for piece in pieces(ids, range) {
        if piece.len() >= FEW {
            memo.touch_join(opened, &ids[piece.clone()]);
            touch(memo, opened, ids, piece);
        }
    }
}

/// Cuts a range of chunks into pieces, in order. A range of two or more has at least two.
fn pieces(ids: &[ChunkId], range: Range<usize>) -> Vec<Range<usize>> {
    let Some(top) = range.clone().max_by_key(|at| height(ids[*at])) else { return Vec::new() };
    let rising = |chunks: &mut dyn Iterator<Item = usize>| {
        let mut highest = None;
        let is_higher = |at: &usize| {
            let height = Some(height(ids[*at]));
            let is_higher = height > highest;
            highest = height.max(highest);
            is_higher
        };
        chunks.filter(is_higher).collect::<Vec<usize>>()
    };
    let mut starts = rising(&mut (range.start..top));
    starts.extend([top, top + 1]);
    // A piece behind the top ends with its highest chunk.
    starts.extend(rising(&mut (top + 1..range.end).rev()).into_iter().rev().map(|last| last + 1));
    starts.dedup();
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn height(id: ChunkId) -> (u64, ChunkId) {
    (FixedState::with_seed(0).hash_one(id), id)
}

#[cfg(test)]
mod tests;
