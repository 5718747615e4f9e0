//! Who sent the rows of a chunk, for filters that ask for `source`.

use crate::filter::Sources;
use crate::model::{Connection, SourceId, SourceKind};
use crate::store::Chunk;
use std::sync::Arc;

/// What is known of a source for as long as any row of its may be there: longer than its connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSource {
    /// Which.
    pub id: SourceId,
    /// Its name, as it came.
    pub label: String,
    /// What kind of thing it is, or was taken for at first.
    pub kind: SourceKind,
}

/// The sources that there are and that there were, by number. Nothing of them changes, so an older list is right as far as it
/// goes.
#[derive(Clone, Debug, Default)]
pub struct SourceNames(Arc<[KnownSource]>);

/// The runs of a chunk, by name.
pub(super) struct RunsOf<'a> {
    pub chunk: &'a Chunk,
    pub names: &'a SourceNames,
}

impl SourceNames {
    /// These, with those of connections that have come since.
    pub fn with(&self, connections: &[Connection]) -> SourceNames {
        let new: Vec<&Connection> = connections.iter().filter(|connection| self.get(connection.id).is_none()).collect();
        if new.is_empty() {
            return self.clone();
        }
        let new = new.into_iter().map(|new| KnownSource { id: new.id, label: new.label.clone(), kind: new.kind });
        let mut all: Vec<KnownSource> = self.0.iter().cloned().chain(new).collect();
        all.sort_by_key(|known| known.id);
        SourceNames(all.into())
    }

    /// How many there are and were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// One of them.
    pub fn get(&self, id: SourceId) -> Option<&KnownSource> {
        let place = self.0.binary_search_by_key(&id, |known| known.id);
        place.ok().and_then(|place| self.0.get(place))
    }
}

/// One list is another where it is the same list.
impl PartialEq for SourceNames {
    fn eq(&self, other: &SourceNames) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl RunsOf<'_> {
    fn name(&self, id: SourceId) -> &str {
        self.names.get(id).map_or("", |known| &known.label)
    }
}

impl Sources for RunsOf<'_> {
    fn runs(&self) -> Vec<(usize, &str)> {
        self.chunk.runs.iter().map(|run| (run.first as usize, self.name(run.source))).collect()
    }
}
