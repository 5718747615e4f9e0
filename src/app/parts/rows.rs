//! The entries of a detail, built when the screen needs them.

use crate::present::item::Entry;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

/// A source of entries. It always returns the same entries.
pub trait Entries: Debug + Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// The entries of a range within the count.
    fn entries(&self, range: Range<usize>) -> Vec<Entry>;
}

/// A list of entries; some are built when the screen needs them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    parts: Vec<Part>,
    count: usize,
}

#[derive(Clone, Debug)]
enum Part {
    Ready(Vec<Entry>),
    Made(Arc<dyn Entries>),
}

impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        match (self, other) {
            (Part::Ready(one), Part::Ready(other)) => one == other,
            (Part::Made(one), Part::Made(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl From<Vec<Entry>> for Rows {
    fn from(entries: Vec<Entry>) -> Rows {
        Rows { count: entries.len(), parts: vec![Part::Ready(entries)] }
    }
}

impl From<Arc<dyn Entries>> for Rows {
    fn from(made: Arc<dyn Entries>) -> Rows {
        Rows { count: made.count(), parts: vec![Part::Made(made)] }
    }
}

impl Rows {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends entries.
    pub fn extend(&mut self, other: impl Into<Rows>) {
        let other = other.into();
        self.count += other.count;
        self.parts.extend(other.parts);
    }

    /// The entries of a range.
    pub fn entries(&self, range: Range<usize>) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut before = 0;
        for part in &self.parts {
            let count = match part {
                Part::Ready(ready) => ready.len(),
                Part::Made(made) => made.count(),
            };
            let start = range.start.max(before) - before;
            let end = range.end.min(before + count).saturating_sub(before);
            if start < end {
                match part {
                    Part::Ready(ready) => entries.extend_from_slice(&ready[start..end]),
                    Part::Made(made) => entries.extend(made.entries(start..end)),
                }
            }
            before += count;
        }
        entries
    }
}
