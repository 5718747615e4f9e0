//! The counts at one moment.

use crate::model::{Counts, SourceId};

/// How full the queue is.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Fill {
    /// Waiting items.
    pub items: u64,
    /// Their resident bytes.
    pub bytes: usize,
}

/// The counts at one moment, consistent with each other.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CountsSnapshot {
    /// The sum over all sources.
    pub total: Counts,
    /// By source, without forgotten sources and perhaps without those that received nothing.
    pub sources: Vec<(SourceId, Counts)>,
    /// How full the queue was.
    pub fill: Fill,
}

impl CountsSnapshot {
    /// The counts of one source; zeros if unknown.
    pub fn of(&self, source: SourceId) -> Counts {
        let at = self.sources.binary_search_by_key(&source, |(id, _)| *id);
        at.ok().and_then(|at| self.sources.get(at)).map(|(_, counts)| *counts).unwrap_or_default()
    }
}
