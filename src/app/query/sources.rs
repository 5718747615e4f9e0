//! Who sent the rows of a chunk, for filters that ask for `source`.

use crate::filter::Sources;
use crate::model::{Connection, SourceId};
use crate::store::Chunk;
use std::sync::Arc;

/// The names of the sources. They are never given anew, so an older list is right as far as it goes.
#[derive(Clone, Debug, Default)]
pub struct SourceNames(Arc<[(SourceId, String)]>);

/// The runs of a chunk, by name.
pub(super) struct RunsOf<'a> {
    pub chunk: &'a Chunk,
    pub names: &'a SourceNames,
}

impl SourceNames {
    /// These names, with those of connections that have come since.
    pub fn with(&self, connections: &[Connection]) -> SourceNames {
        let new: Vec<&Connection> = connections.iter().filter(|c| self.0.iter().all(|(id, _)| *id != c.id)).collect();
        if new.is_empty() {
            return self.clone();
        }
        let new = new.into_iter().map(|connection| (connection.id, connection.label.clone()));
        SourceNames(self.0.iter().cloned().chain(new).collect())
    }

    fn of(&self, id: SourceId) -> &str {
        self.0.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name)
    }
}

/// One list is another where it is the same list.
impl PartialEq for SourceNames {
    fn eq(&self, other: &SourceNames) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Sources for RunsOf<'_> {
    fn runs(&self) -> Vec<(usize, &str)> {
        self.chunk.runs.iter().map(|run| (run.first as usize, self.names.of(run.source))).collect()
    }
}
