//! What the query thread keeps from one answer to the next.

use crate::columns::RowSet;
use crate::filter::Filter;
use crate::store::{Chunk, ChunkId, NamedRuns, SourceNames, View};
use std::collections::HashMap;
use std::sync::Arc;

/// Which rows of which chunks the filters in use take. A chunk is evaluated once a filter, so that a new view costs
/// its new chunks only.
#[derive(Debug, Default)]
pub struct Memo {
    names: SourceNames,
    sets: Vec<(Arc<Filter>, HashMap<ChunkId, Selected>)>,
}

#[derive(Clone, Debug)]
struct Selected {
    rows: Arc<RowSet>,
    count: u64,
}

impl Memo {
    /// Forgets every filter but these, and every chunk that the view does not have.
    pub(in crate::app) fn keep(&mut self, view: &View, filters: &[&Arc<Filter>]) {
        self.names = view.sources().clone();
        self.sets.retain(|(filter, _)| filters.iter().any(|kept| Arc::ptr_eq(kept, filter)));
        let known: usize = self.sets.iter().map(|(_, sets)| sets.len()).max().unwrap_or_default();
        if known > view.chunks().count() {
            let there: std::collections::HashSet<ChunkId> = view.chunks().map(|chunk| chunk.id).collect();
            self.sets.iter_mut().for_each(|(_, sets)| sets.retain(|id, _| there.contains(id)));
        }
        for filter in filters {
            if !self.sets.iter().any(|(known, _)| Arc::ptr_eq(known, filter)) {
                self.sets.push((Arc::clone(filter), HashMap::new()));
            }
        }
    }

    /// The rows of a chunk, if they are known.
    pub(in crate::app) fn known(&self, filter: &Arc<Filter>, chunk: &Chunk) -> Option<Arc<RowSet>> {
        self.of(filter)?.get(&chunk.id).map(|selected| Arc::clone(&selected.rows))
    }

    /// The rows of a chunk.
    pub(in crate::app) fn rows(&mut self, filter: &Arc<Filter>, chunk: &Chunk) -> Arc<RowSet> {
        if let Some(rows) = self.known(filter, chunk) {
            return rows;
        }
        let rows = Arc::new(filter.select(&chunk.batch, NamedRuns { chunk, names: &self.names }));
        let selected = Selected { count: rows.count() as u64, rows: Arc::clone(&rows) };
        if let Some((_, sets)) = self.sets.iter_mut().find(|(known, _)| Arc::ptr_eq(known, filter)) {
            sets.insert(chunk.id, selected);
        }
        rows
    }

    /// How many rows of the view are known to be taken, and how many rows are still to be looked at.
    pub(in crate::app) fn matched(&self, filter: &Arc<Filter>, view: &View) -> (u64, u64) {
        let sets = self.of(filter);
        view.chunks().fold((0, 0), |(matched, left), chunk| match sets.and_then(|sets| sets.get(&chunk.id)) {
            Some(selected) => (matched + selected.count, left),
            None => (matched, left + chunk.len() as u64),
        })
    }

    /// How many chunks are known.
    #[cfg(test)]
    pub(in crate::app) fn len(&self) -> usize {
        self.sets.iter().map(|(_, sets)| sets.len()).sum()
    }

    fn of(&self, filter: &Arc<Filter>) -> Option<&HashMap<ChunkId, Selected>> {
        self.sets.iter().find(|(known, _)| Arc::ptr_eq(known, filter)).map(|(_, sets)| sets)
    }
}
