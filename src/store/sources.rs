//! The names of the sources of a view's rows.

use super::chunk::Chunk;
use crate::filter::Sources;
use crate::model::{Connection, SourceId, SourceKind};
use std::sync::Arc;

/// A source. It outlives its connection and stays as long as the store may have rows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSource {
    /// Its number.
    pub id: SourceId,
    /// Its name, as the user or the configuration gave it.
    pub label: String,
    /// The kind of source, as known when it was added.
    pub kind: SourceKind,
}

/// Present and past sources by number. Entries are only added, so an older list is a prefix of a newer one.
#[derive(Clone, Debug, Default)]
pub struct SourceNames(Arc<[KnownSource]>);

impl SourceNames {
    /// A list of these sources.
    pub fn new(mut sources: Vec<KnownSource>) -> SourceNames {
        sources.sort_by_key(|known| known.id);
        SourceNames(sources.into())
    }

    /// This list, with the sources of new connections added.
    pub fn with(&self, connections: &[Connection]) -> SourceNames {
        let new: Vec<&Connection> = connections.iter().filter(|connection| self.get(connection.id).is_none()).collect();
        if new.is_empty() {
            return self.clone();
        }
        let new = new.into_iter().map(|new| KnownSource { id: new.id, label: new.label.clone(), kind: new.kind });
        SourceNames::new(self.0.iter().cloned().chain(new).collect())
    }

    /// The number of present and past sources.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Looks up a source by its number.
    pub fn get(&self, id: SourceId) -> Option<&KnownSource> {
        let place = self.0.binary_search_by_key(&id, |known| known.id);
        place.ok().and_then(|place| self.0.get(place))
    }

    /// All sources, by number.
    pub fn iter(&self) -> impl Iterator<Item = &KnownSource> {
        self.0.iter()
    }
}

/// Compares the pointers: two lists are equal if they are the same list.
impl PartialEq for SourceNames {
    fn eq(&self, other: &SourceNames) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.is_empty() && other.0.is_empty()
    }
}

/// The sources of a chunk's rows by name, for filters on `source`.
#[derive(Clone, Copy, Debug)]
pub struct NamedRuns<'a> {
    /// The chunk.
    pub chunk: &'a Chunk,
    /// The names of the sources of its view.
    pub names: &'a SourceNames,
}

impl Sources for NamedRuns<'_> {
    fn runs(&self) -> Vec<(usize, &str)> {
        let name = |id| self.names.get(id).map_or("", |known| known.label.as_str());
        self.chunk.runs.iter().map(|run| (run.first as usize, name(run.source))).collect()
    }
}
