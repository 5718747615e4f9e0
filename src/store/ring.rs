//! The rings: pushing, splitting, merging and evicting batches.

use super::chunk::{Chunk, Run};
use super::counters::StoreCounters;
use super::view::View;
use crate::columns::{Batch, EventsBuilder, slice};
use crate::model::{DropReason, Row, Signal, SourceId, Time};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// The limit of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Resident bytes of all four rings together.
    pub max_bytes: usize,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { max_bytes: 256 << 20 }
    }
}

impl Retention {
    /// A signal's guaranteed share: spans 60 %, logs 20 %, points 15 %, events 5 %. Unused room is lent to other signals; a
    /// ring within its share never loses rows to another.
    pub fn share(self, signal: Signal) -> usize {
        let percent = match signal {
            Signal::Spans => 60,
            Signal::Logs => 20,
            Signal::Metrics => 15,
            Signal::Events => 5,
        };
        self.max_bytes / 100 * percent
    }
}

/// The source of the rows of a batch, from `first` up to the next origin's `first`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The index of the first row.
    pub first: u32,
    /// When they were received.
    pub received: Time,
    /// The source.
    pub source: SourceId,
}

impl Arrival {
    /// All rows of a batch.
    pub fn one(source: SourceId, received: Time) -> Vec<Arrival> {
        vec![Arrival { first: 0, received, source }]
    }
}

/// An item that was not stored because it alone is larger than the whole buffer. A gap row replaces it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Oversize {
    /// Its source and time of receipt.
    pub source: SourceId,
}

/// The rings. One thread owns them; all others read its views.
#[derive(Debug)]
pub struct Store {
    retention: Retention,
    rings: [VecDeque<Arc<Chunk>>; 4],
    published: [Option<Arc<[Arc<Chunk>]>>; 4],
    view: Option<View>,
    counters: StoreCounters,
    next_row: Row,
}

/// A chunk has at most this many rows …
const MAX_ROWS: usize = 65_536;
/// … and, after a merge, at most this part of its signal's share, so that each eviction removes little …
const MERGED_PART: usize = 32;
/// … and, when pushed, at most this part; larger batches are split.
const PIECE_PART: usize = 4;
/// This many neighbours are merged …
const NEIGHBOURS: usize = 16;
/// … if their sum is this many times the largest of them. So each row is merged only a few times.
const GROWTH: usize = 4;

impl Store {
    /// An empty store; the first row is 1.
    pub fn new(retention: Retention) -> Store {
        Store {
            retention,
            rings: Default::default(),
            published: Default::default(),
            view: None,
            counters: StoreCounters::default(),
            next_row: Row(1),
        }
    }

    /// Numbers, seals and stores a batch, in pieces if it is large; merges and evicts as needed. `origins` begin with index 0
    /// and ascend. An empty batch changes nothing. Returns the items that are too large to be stored: each is replaced by a
    /// gap row.
    pub fn push(&mut self, batch: Batch, origins: Vec<Arrival>) -> Vec<Oversize> {
        let mut oversize = Vec::new();
        if batch.is_empty() || origins.is_empty() {
            return oversize;
        }
        let signal = batch.signal();
        let most = self.retention.share(signal) / PIECE_PART;
        let (rows, bytes) = (batch.len(), batch.bytes());
        if rows <= MAX_ROWS && bytes <= most {
            self.keep(batch, &origins, &mut oversize);
            return oversize;
        }
        // Rows that younger rows of the same batch would evict are not sealed at all. Rows differ in size, so twice the
        // buffer is considered.
        let room = self.retention.max_bytes.saturating_mul(2);
        let skipped = if bytes > room { (rows as u128 * (bytes - room) as u128 / bytes as u128) as usize } else { 0 };
        self.skip(signal, &origins, skipped);
        let pieces = bytes.div_ceil(most.max(1)).max(rows.div_ceil(MAX_ROWS));
        let step = rows.div_ceil(pieces).max(1);
        for start in (skipped..rows).step_by(step) {
            self.split(&batch, start..rows.min(start + step), most, &origins, &mut oversize);
        }
        oversize
    }

    /// Stores some rows of a batch, halved until they fit.
    fn split(
        &mut self,
        batch: &Batch,
        rows: Range<usize>,
        most: usize,
        origins: &[Arrival],
        oversize: &mut Vec<Oversize>,
    ) {
        let piece = slice(batch, rows.clone());
        if piece.bytes() > most && rows.len() > 1 {
            drop(piece);
            let middle = rows.start + rows.len() / 2;
            self.split(batch, rows.start..middle, most, origins, oversize);
            self.split(batch, middle..rows.end, most, origins, oversize);
        } else {
            self.keep(piece, &arrivals_of(origins, &rows), oversize);
        }
    }

    /// Stores a batch as one chunk; a row that can never fit becomes a gap row.
    fn keep(&mut self, batch: Batch, origins: &[Arrival], oversize: &mut Vec<Oversize>) {
        let base = self.next_row;
        let run = |from: &Arrival| {
            let row = base.plus(u64::from(from.first));
            Run { first: from.first, row, received: from.received, source: from.source }
        };
        let chunk = Chunk::seal(batch, origins.iter().map(run).collect());
        if chunk.bytes <= self.retention.max_bytes {
            self.add(chunk);
        } else if let [Arrival { received, source, .. }] = *origins {
            let mut gap = EventsBuilder::default();
            gap.push_gap(DropReason::Oversize.word(), chunk.len() as u64, received);
            drop(chunk);
            oversize.push(Oversize { source });
            let run = Run { first: 0, row: base, received, source };
            self.add(Chunk::seal(gap.finish(), vec![run]));
        }
    }

    fn add(&mut self, chunk: Chunk) {
        let (ring, count) = (chunk.batch.signal() as usize, chunk.len() as u64);
        self.next_row = self.next_row.plus(count);
        self.counters.stored[ring] += count;
        self.counters.resident[ring] += count;
        self.counters.bytes[ring] += chunk.bytes;
        self.rings[ring].push_back(Arc::new(chunk));
        self.changed(ring);
        self.merge(ring);
        self.make_room();
    }

    /// Counts the first rows of a batch as stored and evicted at once.
    fn skip(&mut self, signal: Signal, origins: &[Arrival], count: usize) {
        self.next_row = self.next_row.plus(count as u64);
        self.counters.stored[signal as usize] += count as u64;
        self.counters.evicted[signal as usize] += count as u64;
        if let Some(last) = origins.iter().take_while(|from| (from.first as usize) < count).last() {
            self.counters.lost_until(last.received);
        }
    }

    /// Evicts everything; existing views keep their rows.
    pub fn clear(&mut self) {
        for ring in 0..4 {
            while self.evict_oldest(ring).is_some() {}
        }
        self.counters.back_to = None;
    }

    /// The counters.
    pub fn counters(&self) -> StoreCounters {
        self.counters
    }

    /// The current view. Without changes it is the last view with the same id; lists of unchanged rings are shared.
    pub fn view(&mut self) -> View {
        if let Some(view) = &self.view {
            return view.clone();
        }
        let mut rings = [const { None }; 4];
        for (ring, published) in self.published.iter_mut().enumerate() {
            let list = published.get_or_insert_with(|| self.rings[ring].iter().cloned().collect());
            rings[ring] = Some(list.clone());
        }
        let view = View::published(self.next_row, rings.map(Option::unwrap_or_default), self.counters);
        self.view = Some(view.clone());
        view
    }

    fn changed(&mut self, ring: usize) {
        self.published[ring] = None;
        self.view = None;
    }

    fn merge(&mut self, ring: usize) {
        let max_bytes = self.retention.share(Signal::ALL[ring]) / MERGED_PART;
        while let Some(count) = mergeable(&self.rings[ring], max_bytes) {
            let start = self.rings[ring].len() - count;
            let tail = self.rings[ring].split_off(start);
            let (parts, _) = tail.as_slices();
            let parts: Vec<Arc<Chunk>> =
                if parts.len() == count { parts.to_vec() } else { tail.iter().cloned().collect() };
            let Some(merged) = Chunk::merge(&parts) else { return };
            self.counters.bytes[ring] -= parts.iter().map(|chunk| chunk.bytes).sum::<usize>();
            self.counters.bytes[ring] += merged.bytes;
            self.rings[ring].push_back(Arc::new(merged));
        }
    }

    /// Evicts until everything fits: each time the oldest chunk of the ring that exceeds its share most.
    fn make_room(&mut self) {
        while self.counters.total_bytes() > self.retention.max_bytes {
            let above =
                |ring: &usize| self.counters.bytes[*ring] as i128 - self.retention.share(Signal::ALL[*ring]) as i128;
            let Some(ring) = (0..4).filter(|ring| !self.rings[*ring].is_empty()).max_by_key(above) else { return };
            if let Some(chunk) = self.evict_oldest(ring) {
                self.counters.lost_until(Time(chunk.received.end.0.saturating_sub(1)));
            }
        }
    }

    fn evict_oldest(&mut self, ring: usize) -> Option<Arc<Chunk>> {
        let chunk = self.rings[ring].pop_front()?;
        let count = chunk.len() as u64;
        self.counters.bytes[ring] -= chunk.bytes;
        self.counters.resident[ring] -= count;
        self.counters.evicted[ring] += count;
        self.changed(ring);
        Some(chunk)
    }
}

/// The arrival numbers of some rows, relative to the first.
fn arrivals_of(origins: &[Arrival], rows: &Range<usize>) -> Vec<Arrival> {
    let first = origins.partition_point(|from| from.first as usize <= rows.start).saturating_sub(1);
    let within = origins[first..].iter().take_while(|from| (from.first as usize) < rows.end);
    within.map(|from| Arrival { first: from.first.saturating_sub(rows.start as u32), ..*from }).collect()
}

/// The number of chunks at the young end to merge now.
fn mergeable(ring: &VecDeque<Arc<Chunk>>, max_bytes: usize) -> Option<usize> {
    let (mut count, mut rows, mut bytes, mut largest) = (0, 0, 0, 0);
    for chunk in ring.iter().rev() {
        if rows + chunk.len() > MAX_ROWS || bytes + chunk.bytes > max_bytes {
            // These chunks cannot grow further: a few that fill one are enough.
            return (count >= GROWTH && rows >= GROWTH * largest).then_some(count);
        }
        count += 1;
        rows += chunk.len();
        bytes += chunk.bytes;
        largest = largest.max(chunk.len());
        if count >= NEIGHBOURS && rows >= GROWTH * largest {
            return Some(count);
        }
    }
    None
}

#[cfg(test)]
mod tests;
