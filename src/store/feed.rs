//! The feed: the rings merged by arrival, seen through a selection of rows.

use super::chunk::Chunk;
use super::view::View;
use crate::columns::RowSet;
use crate::model::{Row, Signal};
use std::sync::Arc;

/// The position of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Anchor {
    /// At the newest end.
    Newest,
    /// Around this row: those before it, and those from it on.
    At(Row),
}

/// One row of a page.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its arrival number.
    pub row: Row,
    /// Its chunk.
    pub chunk: Arc<Chunk>,
    /// Its index in the chunk.
    pub index: usize,
}

/// Neighbouring rows of the feed, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows.
    pub hits: Vec<Hit>,
    /// Whether older ones precede the first.
    pub older: bool,
    /// Whether younger ones follow the last.
    pub newer: bool,
}

/// A filtered view: `select` returns the visible rows of a chunk, or `None` for all of them. The feed calls it for a
/// chunk only when it reaches the chunk, so a page at the young end of a large view needs few calls.
pub struct Feed<'a, S> {
    view: &'a View,
    select: S,
}

impl<'a, S: FnMut(&Arc<Chunk>) -> Option<Arc<RowSet>>> Feed<'a, S> {
    /// A feed of a view.
    pub fn new(view: &'a View, select: S) -> Feed<'a, S> {
        Feed { view, select }
    }

    /// Up to `before` rows before the anchor and `after` rows from it on; at the newest end, the last `before`.
    pub fn page(&mut self, anchor: Anchor, before: usize, after: usize) -> Page {
        let row = match anchor {
            Anchor::Newest => self.view.end(),
            Anchor::At(row) => row,
        };
        let (mut hits, older) = self.backward(row, before);
        hits.reverse();
        let (following, newer) = match anchor {
            Anchor::Newest => (Vec::new(), false),
            Anchor::At(row) => self.forward(row, after),
        };
        hits.extend(following);
        Page { hits, older, newer }
    }

    /// The nearest row after `row` (or before it) for which `wanted` is true.
    pub fn find(&mut self, row: Row, forward: bool, mut wanted: impl FnMut(&Hit) -> bool) -> Option<Hit> {
        let mut cursors = self.cursors(if forward { row.plus(1) } else { row }, forward);
        loop {
            let hit = self.step(&mut cursors, forward)?;
            if wanted(&hit) {
                return Some(hit);
            }
        }
    }

    fn backward(&mut self, end: Row, count: usize) -> (Vec<Hit>, bool) {
        self.walk(self.cursors(end, false), false, count)
    }

    fn forward(&mut self, start: Row, count: usize) -> (Vec<Hit>, bool) {
        self.walk(self.cursors(start, true), true, count)
    }

    fn walk(&mut self, mut cursors: [Cursor; 4], forward: bool, count: usize) -> (Vec<Hit>, bool) {
        let mut hits = Vec::with_capacity(count.min(1_024));
        while hits.len() < count {
            match self.step(&mut cursors, forward) {
                Some(hit) => hits.push(hit),
                None => return (hits, false),
            }
        }
        let more = self.step(&mut cursors, forward).is_some();
        (hits, more)
    }

    fn cursors(&self, row: Row, forward: bool) -> [Cursor; 4] {
        let row = row.max(self.view.start()).min(self.view.end());
        Signal::ALL.map(|signal| {
            let ring = self.view.ring(signal);
            let after = ring.partition_point(|chunk| chunk.first_row() < row);
            // The chunk before may reach over `row`; the next one begins at or after it.
            match after.checked_sub(1) {
                None => Cursor { chunk: 0, index: 0, ready: None },
                Some(chunk) => {
                    let index = ring[chunk].lower_bound(row);
                    if forward && index == ring[chunk].len() {
                        Cursor { chunk: after, index: 0, ready: None }
                    } else {
                        Cursor { chunk, index, ready: None }
                    }
                }
            }
        })
    }

    /// The next row of all four rings in the direction of the walk.
    fn step(&mut self, cursors: &mut [Cursor; 4], forward: bool) -> Option<Hit> {
        let mut best: Option<(usize, Row)> = None;
        for (ring, cursor) in cursors.iter_mut().enumerate() {
            if cursor.ready.is_none() {
                cursor.advance(self.view, Signal::ALL[ring], &mut self.select, forward);
            }
            if let Some((_, _, row)) = cursor.ready
                && best.is_none_or(|(_, other)| if forward { row < other } else { row > other })
            {
                best = Some((ring, row));
            }
        }
        let (ring, row) = best?;
        let (chunk, index, _) = cursors[ring].ready.take()?;
        Some(Hit { row, chunk: self.view.ring(Signal::ALL[ring])[chunk].clone(), index })
    }
}

/// A position in a ring: going forward, the next row to look at; going backward, the one after it.
struct Cursor {
    chunk: usize,
    index: usize,
    /// Chunk, index and number of the row found and not yet given.
    ready: Option<(usize, usize, Row)>,
}

impl Cursor {
    fn advance(
        &mut self,
        view: &View,
        signal: Signal,
        select: &mut impl FnMut(&Arc<Chunk>) -> Option<Arc<RowSet>>,
        forward: bool,
    ) {
        let ring = view.ring(signal);
        while let Some(chunk) = ring.get(self.chunk) {
            let index = if !forward && self.index == 0 {
                None
            } else {
                match select(chunk) {
                    Some(rows) if forward => rows.next(self.index),
                    Some(rows) => rows.previous(self.index),
                    None if forward => (self.index < chunk.len()).then_some(self.index),
                    None => self.index.checked_sub(1),
                }
            };
            // At an edge of a cut view, the chunk continues beyond the view.
            let index = index.filter(|index| view.window(chunk).contains(index));
            if let Some(index) = index {
                self.ready = Some((self.chunk, index, chunk.row(index)));
                self.index = if forward { index + 1 } else { index };
                return;
            }
            if forward {
                self.chunk += 1;
                self.index = 0;
            } else {
                let Some(previous) = self.chunk.checked_sub(1) else { return };
                self.chunk = previous;
                self.index = ring[previous].len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arrival, Retention, Store};
    use super::*;
    use crate::columns::{Batch, EventsBuilder, LogRow, LogsBuilder, Word};
    use crate::model::{SourceId, Time};
    use proptest::prelude::*;

    fn events(count: usize) -> Batch {
        let mut events = EventsBuilder::default();
        (0..count).for_each(|_| events.push("e", "", Time(1), "", Word::EMPTY));
        events.finish()
    }

    fn logs(count: usize) -> Batch {
        let mut logs = LogsBuilder::default();
        (0..count).for_each(|_| logs.push(LogRow::default()));
        logs.finish()
    }

    fn rows(page: &Page) -> Vec<u64> {
        page.hits.iter().map(|hit| hit.row.0).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_page_is_a_slice_of_all_rows_in_the_order_of_arrival(
            requests in prop::collection::vec((any::<bool>(), 1usize..40), 0..60),
            anchor in 0u64..1_500, before in 0usize..50, after in 0usize..50, modulus in 1u64..5,
        ) {
            let mut store = Store::new(Retention { max_bytes: 1 << 30 });
            for (is_log, count) in &requests {
                let batch = if *is_log { logs(*count) } else { events(*count) };
                store.push(batch, Arrival::one(SourceId(0), Time(1)));
            }
            let view = store.view();
            let all: Vec<u64> = (1..view.end().0).filter(|row| row.is_multiple_of(modulus)).collect();
            let select = |chunk: &Arc<Chunk>| {
                (modulus > 1).then(|| Arc::new(RowSet::from_fn(chunk.len(), |at| chunk.row(at).0.is_multiple_of(modulus))))
            };
            let page = Feed::new(&view, select).page(Anchor::At(Row(anchor)), before, after);
            let place = all.partition_point(|row| *row < anchor);
            let start = place.saturating_sub(before);
            let end = all.len().min(place + after);
            prop_assert_eq!(rows(&page), all[start..end].to_vec());
            prop_assert_eq!(page.older, before > 0 && start > 0 || before == 0 && place > 0);
            prop_assert_eq!(page.newer, end < all.len());
            let newest = Feed::new(&view, select).page(Anchor::Newest, before, after);
            prop_assert_eq!(rows(&newest), all[all.len().saturating_sub(before)..].to_vec());
            let found = Feed::new(&view, select).find(Row(anchor), true, |_| true);
            prop_assert_eq!(found.map(|hit| hit.row.0), all.iter().copied().find(|row| *row > anchor));
            let found = Feed::new(&view, select).find(Row(anchor), false, |_| true);
            prop_assert_eq!(found.map(|hit| hit.row.0), all.iter().copied().rfind(|row| *row < anchor));
        }
    }
}
