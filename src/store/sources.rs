//! The names of the sources that the rows of a view came from.

use super::chunk::Chunk;
use crate::filter::Sources;
use crate::model::{Connection, SourceId, SourceKind};
use std::sync::Arc;

/// A source. It is known for as long as a row of it may be there: longer than its connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSource {
    /// Its number.
    pub id: SourceId,
    /// Its name, as the user or the configuration gave it.
    pub label: String,
    /// What kind of source it is, as known when it was added.
    pub kind: SourceKind,
}

/// Present and past sources by number. Entries are only added, so an older list is right as far as it reaches.
#[derive(Clone, Debug, Default)]
pub struct SourceNames(Arc<[KnownSource]>);

impl SourceNames {
    /// A list of these sources.
    pub fn new(mut sources: Vec<KnownSource>) -> SourceNames {
        sources.sort_by_key(|known| known.id);
        SourceNames(sources.into())
    }

    /// This list and the sources of connections that are not in it yet.
    pub fn with(&self, connections: &[Connection]) -> SourceNames {
        let new: Vec<&Connection> = connections.iter().filter(|connection| self.get(connection.id).is_none()).collect();
        if new.is_empty() {
            return self.clone();
        }
        let new = new.into_iter().map(|new| KnownSource { id: new.id, label: new.label.clone(), kind: new.kind });
        SourceNames::new(self.0.iter().cloned().chain(new).collect())
    }

    /// How many sources there are and were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// One of them.
    pub fn get(&self, id: SourceId) -> Option<&KnownSource> {
        let place = self.0.binary_search_by_key(&id, |known| known.id);
        place.ok().and_then(|place| self.0.get(place))
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &KnownSource> {
        self.0.iter()
    }
}

/// Two lists are equal if they are the same list: comparing costs nothing.
impl PartialEq for SourceNames {
    fn eq(&self, other: &SourceNames) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.is_empty() && other.0.is_empty()
    }
}

/// The sources of a chunk's rows by name, for filters that ask for `source`.
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
