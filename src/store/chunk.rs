//! A chunk: a sealed batch, and when and whence its rows came.

use crate::columns::{Batch, Item, merge};
use crate::model::{Row, SourceId, Time};
use std::ops::Range;
use std::sync::Arc;

/// Names a chunk for as long as the program runs; a merge has a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChunkId(pub u64);

/// Where a run of neighbouring rows came from, one a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// The index of its first row in the chunk.
    pub first: u32,
    /// The arrival number of that row; the next rows count on.
    pub row: Row,
    /// When it was received.
    pub received: Time,
    /// From which source.
    pub source: SourceId,
}

/// Immutable and shared. Rows rise with the index, with holes where other signals' rows arrived in between.
#[derive(Debug)]
pub struct Chunk {
    /// Its name.
    pub id: ChunkId,
    /// Its rows.
    pub batch: Batch,
    /// Where they came from.
    pub runs: Vec<Run>,
    /// From the earliest to just after the latest event time that is known; empty where none is.
    pub times: Range<Time>,
    /// Resident bytes.
    pub bytes: usize,
}

impl Chunk {
    /// Seals a batch; `runs` must begin with index 0 and rise.
    pub fn seal(id: ChunkId, batch: Batch, runs: Vec<Run>) -> Chunk {
        let known = batch.items().map(Item::time).filter(|time| !time.is_unknown());
        let times = known
            .fold(Time::default()..Time::default(), |times, time| cover(times, time..Time(time.0.saturating_add(1))));
        Chunk::with_times(id, batch, runs, times)
    }

    fn with_times(id: ChunkId, batch: Batch, runs: Vec<Run>, times: Range<Time>) -> Chunk {
        let bytes = batch.bytes() + runs.capacity() * size_of::<Run>() + size_of::<Chunk>();
        Chunk { id, batch, runs, times, bytes }
    }

    /// Neighbours of one ring as one chunk; `None` where there is none.
    pub fn merge(id: ChunkId, chunks: &[Arc<Chunk>]) -> Option<Chunk> {
        let batches: Vec<&Batch> = chunks.iter().map(|chunk| &chunk.batch).collect();
        let batch = merge(&batches)?;
        let mut runs: Vec<Run> = Vec::with_capacity(chunks.iter().map(|chunk| chunk.runs.len()).sum());
        let mut first = 0;
        for chunk in chunks {
            for run in &chunk.runs {
                let run = Run { first: run.first + first, ..*run };
                // A run that merely goes on needs no entry of its own: the trickle of a stream stays small.
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
        let times = chunks.iter().map(|chunk| chunk.times.clone()).fold(Time::default()..Time::default(), cover);
        Some(Chunk::with_times(id, batch, runs, times))
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The run that a row lies in.
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

    /// The index of the first row that is not before `row`; the length where all are.
    pub fn lower_bound(&self, row: Row) -> usize {
        let after = self.runs.partition_point(|run| run.row <= row);
        let Some(run) = after.checked_sub(1).map(|at| self.runs[at]) else { return 0 };
        let end = self.runs.get(after).map_or(self.len(), |next| next.first as usize);
        end.min(run.first as usize + usize::try_from(row.0 - run.row.0).unwrap_or(usize::MAX))
    }
}

/// The smallest range over both; an empty one says nothing.
fn cover(a: Range<Time>, b: Range<Time>) -> Range<Time> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => a.start.min(b.start)..a.end.max(b.end),
    }
}
