//! Which rows a filter takes: the fold that all others with a filter stand on.

use super::fold::{Fold, Piece};
use super::parts::Parts;
use super::table::Table;
use crate::columns::RowSet;
use crate::filter::Filter;
use crate::store::{Chunk, NamedRuns, SourceNames};
use std::sync::{Arc, Mutex};

/// The rows of a chunk that a filter takes. The names of sources are only added to, so they make no other fold.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub filter: Arc<Filter>,
    pub names: SourceNames,
}

impl PartialEq for Selection {
    fn eq(&self, other: &Selection) -> bool {
        self.filter == other.filter
    }
}

impl Fold for Selection {
    type Part = RowSet;

    fn chunk(&self, piece: &Piece<'_>) -> RowSet {
        let sources = NamedRuns { chunk: piece.chunk, names: &self.names };
        self.filter.select_in(&piece.chunk.batch, sources, piece.range.clone())
    }

    /// Rows of one chunk are joined in their order, so the other rows lie behind.
    fn join(&self, into: &mut RowSet, part: &RowSet) {
        into.append(part);
    }

    fn bytes(&self, part: &RowSet) -> usize {
        part.bytes() - size_of::<RowSet>()
    }
}

/// The rows that a filter takes, chunk by chunk; see [`Memo::matches`](super::Memo::matches).
#[derive(Debug)]
pub struct Matches<'a>(Table<'a, Selection>);

impl<'a> Matches<'a> {
    pub(super) fn open(parts: &'a Mutex<Parts>, filter: &Arc<Filter>, names: &SourceNames) -> Matches<'a> {
        let fold = Selection { filter: Arc::clone(filter), names: names.clone() };
        Matches(Table::open(parts, fold, None))
    }

    /// The rows of a chunk, if they are known, or if they are known of the chunks that it was merged from.
    pub fn known(&self, chunk: &Arc<Chunk>) -> Option<Arc<RowSet>> {
        self.0.known(chunk)
    }

    /// The rows of a chunk.
    pub fn of(&self, chunk: &Arc<Chunk>) -> Arc<RowSet> {
        self.0.known(chunk).unwrap_or_else(|| self.0.work_out(chunk, None))
    }

    pub(super) fn close(&self) {
        self.0.close();
    }
}
