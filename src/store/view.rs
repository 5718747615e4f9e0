//! The contents of the store at one moment, or a part of them.

use super::chunk::Chunk;
use super::counters::StoreCounters;
use super::feed::Hit;
use super::identity::ViewId;
use super::sources::SourceNames;
use crate::model::{Row, Signal, Time, TraceId};
use std::ops::Range;
use std::sync::Arc;

/// Chunks of the four signals, and the range of their rows in view. Immutable, cheap to clone; keeps its chunks alive.
///
/// The store publishes a view of all its chunks, [`View::of`] takes a list of chunks, [`View::between`] and
/// [`View::until`] cut a view. A cut view has whole chunks at its edges; [`View::window`] says which of their rows belong.
#[derive(Clone, Debug, Default)]
pub struct View {
    id: ViewId,
    rows: Range<Row>,
    rings: [Arc<[Arc<Chunk>]>; 4],
    counters: StoreCounters,
    sources: SourceNames,
}

/// The position of a row: its chunk, and its index there.
#[derive(Clone, Debug)]
pub struct Located {
    /// Its chunk.
    pub chunk: Arc<Chunk>,
    /// Its index in the chunk.
    pub index: usize,
}

/// Error: two chunks of the same signal overlap in their row numbers, so they cannot form a view.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("two chunks of {signal:?} overlap at row {}", row.0)]
pub struct Overlap {
    /// The signal.
    pub signal: Signal,
    /// The first row of the later chunk.
    pub row: Row,
}

impl View {
    /// The view that the store publishes.
    pub(super) fn published(end: Row, rings: [Arc<[Arc<Chunk>]>; 4], counters: StoreCounters) -> View {
        View { id: ViewId::next(), rows: Row(0)..end, rings, counters, sources: SourceNames::default() }
    }

    /// A view of these chunks, in any order, with the names of their sources.
    ///
    /// # Errors
    ///
    /// When chunks of one signal overlap in their row numbers.
    pub fn of(chunks: impl IntoIterator<Item = Arc<Chunk>>, sources: SourceNames) -> Result<View, Overlap> {
        let mut rings: [Vec<Arc<Chunk>>; 4] = Default::default();
        chunks.into_iter().filter(|chunk| !chunk.is_empty()).for_each(|chunk| {
            rings[chunk.batch.signal() as usize].push(chunk);
        });
        let mut end = Row(0);
        for (ring, signal) in rings.iter_mut().zip(Signal::ALL) {
            ring.sort_by_key(|chunk| chunk.first_row());
            if let Some(pair) = ring.windows(2).find(|pair| pair[0].last_row() >= pair[1].first_row()) {
                return Err(Overlap { signal, row: pair[1].first_row() });
            }
            end = end.max(ring.last().map_or(Row(0), |chunk| chunk.last_row().plus(1)));
        }
        Ok(View::cut(Row(0)..end, rings.map(Arc::from), sources))
    }

    /// The rows of this view in a range of numbers.
    pub fn between(&self, rows: Range<Row>) -> View {
        let rows = rows.start.max(self.rows.start)..rows.end.min(self.rows.end);
        let rings = Signal::ALL.map(|signal| {
            let ring = self.ring(signal);
            let start = ring.partition_point(|chunk| chunk.last_row() < rows.start);
            let end = ring.partition_point(|chunk| chunk.first_row() < rows.end);
            Arc::from(&ring[start.min(end)..end])
        });
        View::cut(rows, rings, self.sources.clone())
    }

    /// The view at a time of receipt: the rows before the first that was received later.
    pub fn until(&self, received: Time) -> View {
        let later = self.chunks().filter(|chunk| chunk.received.end > Time(received.0.saturating_add(1)));
        let first = later.filter_map(|chunk| chunk.runs.iter().find(|run| run.received > received).map(|run| run.row));
        self.between(self.rows.start..first.min().unwrap_or(self.rows.end))
    }

    /// An empty view that ends at the same row and counts everything stored as evicted.
    pub fn emptied(&self) -> View {
        let StoreCounters { stored, .. } = self.counters;
        let counters = StoreCounters { stored, evicted: stored, ..StoreCounters::default() };
        let (id, rings) = (ViewId::next(), Default::default());
        View { id, rows: self.rows.clone(), rings, counters, sources: self.sources.clone() }
    }

    /// The same rows and the same id, with the names of their sources.
    pub fn with_sources(self, sources: SourceNames) -> View {
        View { sources, ..self }
    }

    fn cut(rows: Range<Row>, rings: [Arc<[Arc<Chunk>]>; 4], sources: SourceNames) -> View {
        let mut view = View { id: ViewId::next(), rows, rings, counters: StoreCounters::default(), sources };
        for (ring, chunks) in view.rings.iter().enumerate() {
            view.counters.bytes[ring] = chunks.iter().map(|chunk| chunk.bytes).sum();
            view.counters.resident[ring] = chunks.iter().map(|chunk| view.window(chunk).len() as u64).sum();
        }
        view.counters.stored = view.counters.resident;
        view
    }

    /// Identifies this view's rows, uniquely in the process.
    pub fn id(&self) -> ViewId {
        self.id
    }

    /// No row is before this one.
    pub fn start(&self) -> Row {
        self.rows.start
    }

    /// The row after the last one.
    pub fn end(&self) -> Row {
        self.rows.end
    }

    /// The names of the sources of its rows.
    pub fn sources(&self) -> &SourceNames {
        &self.sources
    }

    /// A signal's chunks, oldest first. Those at the edges of a cut view may have rows outside the view.
    pub fn ring(&self, signal: Signal) -> &[Arc<Chunk>] {
        &self.rings[signal as usize]
    }

    /// Every chunk of every ring.
    pub fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        self.rings.iter().flat_map(|ring| ring.iter())
    }

    /// The rows of one of its chunks that are in the view: all of them, except at the edges of a cut view.
    pub fn window(&self, chunk: &Chunk) -> Range<usize> {
        let start = if chunk.first_row() >= self.rows.start { 0 } else { chunk.lower_bound(self.rows.start) };
        let end = if chunk.last_row() < self.rows.end { chunk.len() } else { chunk.lower_bound(self.rows.end) };
        start.min(end)..end
    }

    /// Rows and bytes by signal, and for a published view also what the store evicted. A chunk at an edge counts with all of
    /// its bytes.
    pub fn counters(&self) -> &StoreCounters {
        &self.counters
    }

    /// The number of rows of all signals.
    pub fn len(&self) -> u64 {
        self.counters.resident.iter().sum()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds a row; `None` if it was evicted, is not stored yet or is outside of the view.
    pub fn locate(&self, row: Row) -> Option<Located> {
        if !self.rows.contains(&row) {
            return None;
        }
        self.rings.iter().find_map(|ring| {
            let after = ring.partition_point(|chunk| chunk.first_row() <= row);
            let chunk = ring.get(after.checked_sub(1)?)?;
            let index = chunk.lower_bound(row);
            let found = index < chunk.len() && chunk.row(index) == row;
            found.then(|| Located { chunk: chunk.clone(), index })
        })
    }

    /// The spans of a trace, then its log records, each in the order of arrival. Uses [`Chunk::by_key`], so that each chunk
    /// takes a few steps.
    pub fn rows_of_trace(&self, trace: TraceId) -> impl Iterator<Item = Hit> {
        let chunks = [Signal::Spans, Signal::Logs].into_iter().flat_map(|signal| self.ring(signal));
        chunks.flat_map(move |chunk| {
            let window = self.window(chunk);
            let rows = chunk.rows_of_trace(trace).into_iter().map(|row| row as usize);
            let inside = rows.filter(move |row| window.contains(row));
            inside.map(|index| Hit { row: chunk.row(index), chunk: Arc::clone(chunk), index })
        })
    }
}

#[cfg(test)]
mod tests;
