//! What was counted at one moment.

use crate::model::{Counts, SourceId};

/// How full the queue is.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Fill {
    /// Items in it.
    pub items: u64,
    /// Their resident bytes.
    pub bytes: usize,
}

/// The counts of one moment; they agree with each other.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CountsSnapshot {
    /// Of all sources.
    pub total: Counts,
    /// By source; a source of which nothing came may be missing, and those that were forgotten are.
    pub sources: Vec<(SourceId, Counts)>,
    /// How full the queue was.
    pub fill: Fill,
}

impl CountsSnapshot {
    /// One source's; zeros where nothing came.
    pub fn of(&self, source: SourceId) -> Counts {
        let at = self.sources.binary_search_by_key(&source, |(id, _)| *id);
        at.ok().and_then(|at| self.sources.get(at)).map(|(_, counts)| *counts).unwrap_or_default()
    }
}
