//! What is worked out of chunks and joined.

use crate::columns::RowSet;
use crate::store::Chunk;
use std::ops::Range;

/// A question about rows whose answer is joined from answers about parts of them. Two equal folds give equal parts.
pub trait Fold: Clone + PartialEq + Send + Sync + 'static {
    /// The answer about some rows. The default is the answer about no rows.
    type Part: Default + Send + Sync + 'static;

    /// Whether the memo keeps the parts. False for a fold whose part costs no more than finding it again.
    const KEPT: bool = true;

    /// The answer about some rows of a chunk.
    fn chunk(&self, piece: &Piece<'_>) -> Self::Part;

    /// Adds the answer about other rows. Parts of one chunk are joined in the order of its rows, chunks in any order.
    fn join(&self, into: &mut Self::Part, part: &Self::Part);

    /// The bytes that a part has on the heap.
    fn bytes(&self, part: &Self::Part) -> usize;
}

/// Some rows of a chunk: those of a range that a filter takes.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The chunk.
    pub chunk: &'a Chunk,
    /// Where the rows lie.
    pub range: Range<usize>,
    /// Which rows of the whole chunk the filter takes; `None` for all of them.
    pub taken: Option<&'a RowSet>,
}

impl<'a> Piece<'a> {
    /// All rows of a chunk.
    pub fn whole(chunk: &'a Chunk) -> Piece<'a> {
        Piece { chunk, range: 0..chunk.len(), taken: None }
    }

    /// How many rows.
    pub fn count(&self) -> usize {
        self.taken.map_or(self.range.len(), |taken| taken.rank(self.range.end) - taken.rank(self.range.start))
    }

    /// Calls `see` with each row, in order.
    pub fn for_each(&self, mut see: impl FnMut(usize)) {
        let Some(taken) = self.taken else { return self.range.clone().for_each(see) };
        let mut next = taken.next(self.range.start);
        while let Some(row) = next.filter(|row| *row < self.range.end) {
            see(row);
            next = taken.next(row + 1);
        }
    }
}
