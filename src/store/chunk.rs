//! A chunk: a sealed batch with the times of receipt and the sources of its rows.

use super::by_key;
use super::identity::{self, Ancestor, ChunkId, Cover};
use crate::columns::{Batch, Item, heap_bytes, merge};
use crate::model::{Row, SourceId, Time, TraceId};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The source of a run of neighbouring rows from one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// The index of its first row in the chunk.
    pub first: u32,
    /// The arrival number of that row; the next rows count on.
    pub row: Row,
    /// When it was received.
    pub received: Time,
    /// The source.
    pub source: SourceId,
}

/// The two counts of an [`Arc`].
const ARC: usize = 16;
/// The pointers to a chunk in its ring and in the list of a view.
const LISTED: usize = 16;

/// Immutable and shared. Row numbers ascend with the index; they have gaps where other signals' rows arrived in between.
#[derive(Debug)]
pub struct Chunk {
    /// Its id in this process.
    pub id: ChunkId,
    /// Its rows.
    pub batch: Batch,
    /// The sources of its rows.
    pub runs: Vec<Run>,
    /// From the earliest known event time to just after the latest; empty if no row has one.
    pub times: Range<Time>,
    /// From the earliest time of receipt to just after the latest.
    pub received: Range<Time>,
    /// Resident bytes, with the allocator's overhead.
    pub bytes: usize,
    lineage: Box<[Ancestor]>,
    by_key: OnceLock<Box<[u16]>>,
}

impl Chunk {
    /// Seals a batch under a new id; `runs` must begin with index 0 and ascend.
    pub fn seal(batch: Batch, runs: Vec<Run>) -> Chunk {
        let known = batch.items().map(Item::time).filter(|time| !time.is_unknown());
        let times = known.fold(Range::default(), |times, time| cover(times, only(time)));
        Chunk::with_times(batch, runs, times, Box::default())
    }

    fn with_times(batch: Batch, runs: Vec<Run>, times: Range<Time>, lineage: Box<[Ancestor]>) -> Chunk {
        let received = runs.iter().map(|run| only(run.received)).fold(Range::default(), cover);
        // The chunk contains the batch, so the `Batch` struct is counted only once.
        let bytes = batch.bytes() - size_of::<Batch>()
            + heap_bytes(by_key::bytes(&batch))
            + heap_bytes(runs.capacity() * size_of::<Run>())
            + heap_bytes(lineage.len() * size_of::<Ancestor>())
            + heap_bytes(size_of::<Chunk>() + ARC)
            + LISTED;
        Chunk { id: ChunkId::next(), batch, runs, times, received, bytes, lineage, by_key: OnceLock::new() }
    }

    /// Merges neighbours of one ring into one chunk with their lineage; `None` for an empty list.
    pub fn merge(chunks: &[Arc<Chunk>]) -> Option<Chunk> {
        let batches: Vec<&Batch> = chunks.iter().map(|chunk| &chunk.batch).collect();
        let batch = merge(&batches)?;
        let mut runs: Vec<Run> = Vec::with_capacity(chunks.iter().map(|chunk| chunk.runs.len()).sum());
        let mut first = 0;
        for chunk in chunks {
            for run in &chunk.runs {
                let run = Run { first: run.first + first, ..*run };
                // A run that continues the previous one needs no entry: a slow stream stays small.
                let goes_on = runs.last().is_some_and(|last: &Run| {
                    last.source == run.source
                        && last.received == run.received
                        && last.row.plus(u64::from(run.first - last.first)) == run.row
                });
                if !goes_on {
                    runs.push(run);
                }
            }
            first += chunk.batch.len() as u32;
        }
        runs.shrink_to_fit();
        let times = chunks.iter().map(|chunk| chunk.times.clone()).fold(Range::default(), cover);
        let lineage = identity::joined(chunks.iter().map(|chunk| (chunk.id, chunk.len() as u32, &*chunk.lineage)));
        Some(Chunk::with_times(batch, runs, times, lineage))
    }

    /// The chunks that were merged into this one, each before its own ancestors; empty if it was not merged. All parents are
    /// listed; older ancestors only if they make up a large part of it.
    pub fn lineage(&self) -> &[Ancestor] {
        &self.lineage
    }

    /// Splits this chunk into ancestors for which `is_known` is true, the widest first, and the remaining rows: answers for
    /// the first can be joined, the rest must be computed.
    pub fn cover(&self, is_known: impl Fn(ChunkId) -> bool) -> Cover {
        identity::cover(&self.lineage, self.len() as u32, is_known)
    }

    /// The rows ordered by trace ([`TraceOrder`](super::TraceOrder)) or, for points, by series id, and by row within one.
    /// `None` for events, and for fewer than 4 096 rows: those are scanned. Sorted when first asked for.
    pub fn by_key(&self) -> Option<&[u16]> {
        let order = self.by_key.get_or_init(|| by_key::order(&self.batch));
        (!order.is_empty()).then_some(order)
    }

    /// The rows of one trace, ascending; points and events belong to none.
    pub fn rows_of_trace(&self, trace: TraceId) -> Vec<u32> {
        by_key::rows_of_trace(&self.batch, self.by_key().unwrap_or_default(), trace)
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The run that contains a row.
    pub fn run(&self, index: usize) -> Run {
        let after = self.runs.partition_point(|run| run.first as usize <= index);
        self.runs[after.saturating_sub(1)]
    }

    /// A row's arrival number.
    pub fn row(&self, index: usize) -> Row {
        let run = self.run(index);
        run.row.plus(index as u64 - u64::from(run.first))
    }

    /// The first row's arrival number.
    pub fn first_row(&self) -> Row {
        self.row(0)
    }

    /// The last row's arrival number.
    pub fn last_row(&self) -> Row {
        self.row(self.len().saturating_sub(1))
    }

    /// The index of the first row at or after `row`; the length if there is none.
    pub fn lower_bound(&self, row: Row) -> usize {
        let after = self.runs.partition_point(|run| run.row <= row);
        let Some(run) = after.checked_sub(1).map(|at| self.runs[at]) else { return 0 };
        let end = self.runs.get(after).map_or(self.len(), |next| next.first as usize);
        end.min(run.first as usize + usize::try_from(row.0 - run.row.0).unwrap_or(usize::MAX))
    }
}

/// The range of one point in time.
fn only(time: Time) -> Range<Time> {
    time..Time(time.0.saturating_add(1))
}

/// The smallest range that contains both; an empty one adds nothing.
fn cover(a: Range<Time>, b: Range<Time>) -> Range<Time> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => a.start.min(b.start)..a.end.max(b.end),
    }
}
