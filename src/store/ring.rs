//! The rings: what is pushed, merged and evicted.

use super::chunk::{Chunk, Run};
use super::counters::StoreCounters;
use super::view::View;
use crate::columns::Batch;
use crate::model::{Row, Signal, SourceId, Time};
use std::collections::VecDeque;
use std::sync::Arc;

/// How much is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Bytes of all four rings together.
    pub max_bytes: usize,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { max_bytes: 256 << 20 }
    }
}

impl Retention {
    /// A signal's share, so that a flood of one never evicts another: spans 60 %, logs 20, points 15, events 5.
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

/// Where rows of a batch came from: those from `first` on, to the next one's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The index of the first of them.
    pub first: u32,
    /// When they were received.
    pub received: Time,
    /// From which source.
    pub source: SourceId,
}

impl Arrival {
    /// All rows of a batch.
    pub fn one(source: SourceId, received: Time) -> Vec<Arrival> {
        vec![Arrival { first: 0, received, source }]
    }
}

/// The rings. One thread owns it; everybody else reads its views.
#[derive(Debug)]
pub struct Store {
    retention: Retention,
    rings: [VecDeque<Arc<Chunk>>; 4],
    published: [Option<Arc<[Arc<Chunk>]>>; 4],
    view: Option<View>,
    counters: StoreCounters,
    next_row: Row,
}

/// A merged chunk has at most so many rows …
const MAX_ROWS: usize = 65_536;
/// … and at most this part of its ring, so that eviction lets go of little at a time.
const MAX_PART: usize = 32;
/// So many neighbours are merged …
const NEIGHBOURS: usize = 16;
/// … if together they are so many times the largest of them: a row is then merged a handful of times in its life.
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

    /// Numbers, seals and keeps a batch; then merges and evicts as needed. `origins` begin with index 0 and rise. An empty
    /// batch changes nothing.
    pub fn push(&mut self, batch: Batch, origins: Vec<Arrival>) {
        if batch.is_empty() || origins.is_empty() {
            return;
        }
        let ring = batch.signal() as usize;
        let count = batch.len() as u64;
        let base = self.next_row;
        let run = |from: Arrival| {
            let row = base.plus(u64::from(from.first));
            Run { first: from.first, row, received: from.received, source: from.source }
        };
        let runs = origins.into_iter().map(run).collect();
        self.next_row = base.plus(count);
        let chunk = Chunk::seal(batch, runs);
        self.counters.stored[ring] += count;
        self.counters.resident[ring] += count;
        self.counters.bytes[ring] += chunk.bytes;
        self.rings[ring].push_back(Arc::new(chunk));
        self.changed(ring);
        self.merge(ring);
        self.evict(ring, self.retention.share(Signal::ALL[ring]));
    }

    /// Lets go of everything; what views hold lives on with them.
    pub fn clear(&mut self) {
        (0..4).for_each(|ring| self.evict(ring, 0));
    }

    /// What happened so far.
    pub fn counters(&self) -> StoreCounters {
        self.counters
    }

    /// What is there now. If nothing changed since the last view it is the same view, with the same id; lists of rings that
    /// did not change are shared with it.
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
        let max_bytes = self.retention.share(Signal::ALL[ring]) / MAX_PART;
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

    fn evict(&mut self, ring: usize, max_bytes: usize) {
        // The youngest stays, however small the share: what has just come can be seen. Only clearing lets go of it too.
        while self.counters.bytes[ring] > max_bytes && (max_bytes == 0 || self.rings[ring].len() > 1) {
            let Some(chunk) = self.rings[ring].pop_front() else { return };
            let count = chunk.len() as u64;
            self.counters.bytes[ring] -= chunk.bytes;
            self.counters.resident[ring] -= count;
            self.counters.evicted[ring] += count;
            self.changed(ring);
        }
    }
}

/// How many chunks at the young end should become one now.
fn mergeable(ring: &VecDeque<Arc<Chunk>>, max_bytes: usize) -> Option<usize> {
    let (mut count, mut rows, mut bytes, mut largest) = (0, 0, 0, 0);
    for chunk in ring.iter().rev() {
        if rows + chunk.len() > MAX_ROWS || bytes + chunk.bytes > max_bytes {
            // What is here cannot grow further: a few that fill it are enough.
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
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, Item, Word};
    use proptest::prelude::*;

    fn batch(from: usize, count: usize) -> Batch {
        let mut events = EventsBuilder::default();
        for n in from..from + count {
            events.push(&format!("event {n}"), "", Time(n as u64), "", Word::EMPTY);
        }
        events.finish()
    }

    fn kinds(view: &View) -> Vec<String> {
        let chunks = view.ring(Signal::Events).iter();
        let tell = |item: Item<'_>| match item {
            Item::Event(event) => event.kind().to_owned(),
            _ => String::new(),
        };
        chunks.flat_map(|chunk| chunk.batch.items().map(tell).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn merging_keeps_every_row_its_number_and_few_chunks() {
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        for n in 0..5_000 {
            store.push(batch(n, 1), Arrival::one(SourceId(1), Time(n as u64)));
        }
        let view = store.view();
        assert_eq!(kinds(&view), (0..5_000).map(|n| format!("event {n}")).collect::<Vec<_>>());
        assert!(view.ring(Signal::Events).len() < 64, "{} chunks", view.ring(Signal::Events).len());
        for n in [0, 1, 17, 255, 256, 4_095, 4_999] {
            let found = view.locate(Row(n + 1)).unwrap();
            assert_eq!(found.chunk.row(found.index), Row(n + 1));
            assert_eq!(found.chunk.run(found.index).received, Time(n));
            let Item::Event(event) = found.chunk.batch.item(found.index) else { unreachable!() };
            assert_eq!(event.kind(), format!("event {n}"));
        }
    }

    #[test]
    fn a_full_ring_lets_go_of_the_oldest_and_counts_them() {
        let mut store = Store::new(Retention { max_bytes: 1 << 20 });
        for n in 0..20_000 {
            store.push(batch(n, 1), Arrival::one(SourceId(1), Time(1)));
        }
        let counters = store.counters();
        let ring = Signal::Events as usize;
        assert_eq!(counters.stored[ring], 20_000);
        assert_eq!(counters.stored[ring], counters.resident[ring] + counters.evicted[ring]);
        assert!(counters.evicted[ring] > 0);
        let view = store.view();
        assert_eq!(kinds(&view).len() as u64, counters.resident[ring]);
        assert_eq!(kinds(&view).last().unwrap(), "event 19999");
        assert_eq!(counters.bytes[ring], view.ring(Signal::Events).iter().map(|chunk| chunk.bytes).sum::<usize>());
        assert!(view.locate(Row(1)).is_none(), "evicted");
    }

    #[test]
    fn a_view_never_changes() {
        let mut store = Store::new(Retention::default());
        store.push(batch(0, 3), Arrival::one(SourceId(1), Time(1)));
        let view = store.view();
        store.push(batch(3, 3), Arrival::one(SourceId(1), Time(1)));
        store.clear();
        assert_eq!(kinds(&view).len(), 3);
        assert_eq!(kinds(&store.view()).len(), 0);
        assert_eq!(store.counters().evicted[Signal::Events as usize], 6);
    }

    #[test]
    fn views_share_what_did_not_change() {
        let mut store = Store::new(Retention::default());
        store.push(batch(0, 3), Arrival::one(SourceId(1), Time(1)));
        let (a, b) = (store.view(), store.view());
        assert!(std::ptr::eq(a.ring(Signal::Events), b.ring(Signal::Events)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_sizes_of_requests_keep_order_and_little_work(sizes in prop::collection::vec(1usize..300, 1..200)) {
            let mut store = Store::new(Retention { max_bytes: 1 << 30 });
            let mut from = 0;
            for size in &sizes {
                store.push(batch(from, *size), Arrival::one(SourceId(0), Time(1)));
                from += size;
            }
            let view = store.view();
            prop_assert_eq!(kinds(&view), (0..from).map(|n| format!("event {n}")).collect::<Vec<_>>());
            let chunks = view.ring(Signal::Events).len();
            prop_assert!(chunks <= 64, "{} chunks", chunks);
        }
    }
}
