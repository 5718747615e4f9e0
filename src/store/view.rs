//! What was there at one moment.

use super::chunk::Chunk;
use super::ring::StoreCounters;
use crate::model::{Row, Signal};
use std::sync::Arc;

/// The chunks of the four rings at one moment. Cheap to clone; it keeps alive what it shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    end: Row,
    rings: [Arc<[Arc<Chunk>]>; 4],
    counters: StoreCounters,
}

/// Where a row lies.
#[derive(Clone, Debug)]
pub struct Located {
    /// Its chunk.
    pub chunk: Arc<Chunk>,
    /// Its place there.
    pub index: usize,
}

impl View {
    pub(super) fn new(end: Row, rings: [Arc<[Arc<Chunk>]>; 4], counters: StoreCounters) -> View {
        View { end, rings, counters }
    }

    /// The same moment, with every row let go of.
    pub fn emptied(&self) -> View {
        let StoreCounters { stored, .. } = self.counters;
        let counters = StoreCounters { stored, evicted: stored, ..StoreCounters::default() };
        View { end: self.end, rings: Default::default(), counters }
    }

    /// The row after the last one.
    pub fn end(&self) -> Row {
        self.end
    }

    /// A signal's chunks, oldest first.
    pub fn ring(&self, signal: Signal) -> &[Arc<Chunk>] {
        &self.rings[signal as usize]
    }

    /// Every chunk of every ring.
    pub fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        self.rings.iter().flat_map(|ring| ring.iter())
    }

    /// What had happened by then.
    pub fn counters(&self) -> &StoreCounters {
        &self.counters
    }

    /// How many rows are there, of all signals.
    pub fn len(&self) -> u64 {
        self.counters.resident.iter().sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a row lies; `None` where it was evicted, or has not come yet.
    pub fn locate(&self, row: Row) -> Option<Located> {
        self.rings.iter().find_map(|ring| {
            let after = ring.partition_point(|chunk| chunk.first_row() <= row);
            let chunk = ring.get(after.checked_sub(1)?)?;
            let index = chunk.lower_bound(row);
            let found = index < chunk.len() && chunk.row(index) == row;
            found.then(|| Located { chunk: chunk.clone(), index })
        })
    }
}
