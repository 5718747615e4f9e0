//! Pages and searches in an order other than that of arrival.
//!
//! Nothing sorts the whole view. One pass over the chunks keeps the few rows on both sides of the anchor, and skips chunks
//! whose rows cannot be among them.

use super::order::{FIRST, Rank, SortBy, time_of};
use crate::analyze::Piece;
use crate::app::parts::Sort;
use crate::columns::RowSet;
use crate::model::{Row, Time};
use crate::store::{Anchor, Chunk, Hit, Page, View};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A view in an order.
pub(super) struct Sorted<'a> {
    pub view: &'a View,
    pub order: Sort<SortBy>,
    /// Asked once a chunk. Once it is true, answers are empty.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// A place in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    /// Before the first row.
    Start,
    /// At a row, which need not be in the list.
    At(Rank),
    /// Behind the last row.
    End,
}

/// A row that was found: its rank, the number of its chunk, its index there.
type Found = (Rank, usize, usize);

impl Sorted<'_> {
    /// Up to `before` rows before the anchor and `after` rows from it on. `select` returns the visible rows of a chunk, or
    /// `None` for all of them.
    pub fn page(
        &self,
        anchor: Anchor,
        (before, after): (usize, usize),
        mut select: impl FnMut(&Arc<Chunk>) -> Option<Arc<RowSet>>,
    ) -> Page {
        let at = match anchor {
            Anchor::Newest => Place::End,
            Anchor::At(row) => self.place(row),
        };
        let chunks: Vec<&Arc<Chunk>> = self.view.chunks().collect();
        // One row more than is wanted on each side says whether there are more.
        let mut earlier = Nearest::new(before + 1);
        let mut later = Nearest::new(after + 1);
        for number in self.by_distance(&chunks, at) {
            if (self.cancelled)() {
                return Page::default();
            }
            let chunk = chunks[number];
            let bounds = self.bounds(chunk);
            let (low, high) = (*bounds.start(), *bounds.end());
            let wants_earlier = Place::At(low) < at && earlier.wants(&Reverse((high, usize::MAX, 0)));
            let wants_later = Place::At(high) >= at && later.wants(&(low, 0, 0));
            if !wants_earlier && !wants_later {
                continue;
            }
            let taken = select(chunk);
            self.each(chunk, taken.as_deref(), |index, time| {
                // The row's number takes a search, so the time alone is compared first.
                let (lowest, highest) = (self.order.rank_at(time, self.low()), self.order.rank_at(time, self.high()));
                let may_be_earlier = Place::At(lowest) < at && earlier.wants(&Reverse((highest, usize::MAX, 0)));
                let may_be_later = Place::At(highest) >= at && later.wants(&(lowest, 0, 0));
                if may_be_earlier || may_be_later {
                    let rank = self.order.rank_at(time, chunk.row(index));
                    match Place::At(rank) < at {
                        true => earlier.add(Reverse((rank, number, index))),
                        false => later.add((rank, number, index)),
                    }
                }
            });
        }
        let mut earlier: Vec<Found> = earlier.into_sorted().into_iter().map(|Reverse(found)| found).collect();
        let mut later = later.into_sorted();
        let (older, newer) = (earlier.len() > before, later.len() > after);
        earlier.truncate(before);
        later.truncate(after);
        let found = earlier.into_iter().rev().chain(later);
        let hit = |(_, number, index): Found| {
            let chunk = Arc::clone(chunks[number]);
            Hit { row: chunk.row(index), chunk, index }
        };
        Page { hits: found.map(hit).collect(), older, newer }
    }

    /// The row nearest after `from`, or before it, of those that `select` returns; `including` the row `from` itself.
    pub fn find(
        &self,
        (from, forward, including): (Row, bool, bool),
        mut select: impl FnMut(&Arc<Chunk>) -> Option<Arc<RowSet>>,
    ) -> Option<Row> {
        let from = self.place(from);
        let mut best: Option<(Rank, Row)> = None;
        for chunk in self.view.chunks() {
            if (self.cancelled)() {
                return None;
            }
            let taken = select(chunk);
            self.each(chunk, taken.as_deref(), |index, time| {
                let row = chunk.row(index);
                let rank = self.order.rank_at(time, row);
                let is_ahead = match (Place::At(rank) == from, forward) {
                    (true, _) => including,
                    (false, true) => Place::At(rank) > from,
                    (false, false) => Place::At(rank) < from,
                };
                let is_nearer = best.is_none_or(|(best, _)| if forward { rank < best } else { rank > best });
                if is_ahead && is_nearer {
                    best = Some((rank, row));
                }
            });
        }
        best.map(|(_, row)| row)
    }

    /// Calls `see` with the index and the time of each visible row of a chunk. The time is 0 in the order of arrival.
    fn each(&self, chunk: &Chunk, taken: Option<&RowSet>, mut see: impl FnMut(usize, Time)) {
        let piece = Piece { chunk, range: self.view.window(chunk), taken };
        match self.order.by {
            SortBy::Arrival => piece.for_each(|index| see(index, Time(0))),
            SortBy::Time => piece.for_each(|index| see(index, time_of(chunk, index))),
        }
    }

    fn place(&self, row: Row) -> Place {
        if row == FIRST {
            return Place::Start;
        }
        match self.view.locate(row) {
            Some(located) => Place::At(self.order.rank(&Hit { row, chunk: located.chunk, index: located.index })),
            None if row >= self.view.end() => Place::End,
            None => Place::Start,
        }
    }

    /// The number of a row that ranks before all others of its time.
    fn low(&self) -> Row {
        if self.order.rises() { Row(0) } else { Row(u64::MAX) }
    }

    fn high(&self) -> Row {
        if self.order.rises() { Row(u64::MAX) } else { Row(0) }
    }

    /// Ranks that all rows of a chunk lie within.
    fn bounds(&self, chunk: &Chunk) -> RangeInclusive<Rank> {
        let (first, last) = match self.order.by {
            SortBy::Arrival => ((Time(0), chunk.first_row()), (Time(0), chunk.last_row())),
            // A row without a time has that of receipt.
            SortBy::Time => {
                let (times, received) = (&chunk.times, &chunk.received);
                let times = if times.is_empty() { received } else { times };
                let (start, end) = (times.start.min(received.start), times.end.max(received.end));
                ((start, Row(0)), (end, Row(u64::MAX)))
            }
        };
        let (first, last) = (self.order.rank_at(first.0, first.1), self.order.rank_at(last.0, last.1));
        first.min(last)..=first.max(last)
    }

    /// The numbers of the chunks, those near the place first.
    fn by_distance(&self, chunks: &[&Arc<Chunk>], at: Place) -> Vec<usize> {
        let distance = |chunk: &Chunk| {
            let bounds = self.bounds(chunk);
            let far = |a: Rank, b: Rank| (a.0.abs_diff(b.0), a.1.abs_diff(b.1));
            match at {
                Place::Start => *bounds.start(),
                Place::End => far((u64::MAX, u64::MAX), *bounds.end()),
                Place::At(rank) if bounds.contains(&rank) => (0, 0),
                Place::At(rank) if rank < *bounds.start() => far(rank, *bounds.start()),
                Place::At(rank) => far(rank, *bounds.end()),
            }
        };
        let mut numbers: Vec<usize> = (0..chunks.len()).collect();
        numbers.sort_by_cached_key(|number| distance(chunks[*number]));
        numbers
    }
}

/// The smallest of what is added, as many as there is room for.
struct Nearest<T> {
    heap: BinaryHeap<T>,
    room: usize,
}

impl<T: Ord> Nearest<T> {
    fn new(room: usize) -> Nearest<T> {
        Nearest { heap: BinaryHeap::new(), room }
    }

    /// Whether something as small as this would be kept.
    fn wants(&self, least: &T) -> bool {
        self.heap.len() < self.room || self.heap.peek().is_some_and(|worst| least < worst)
    }

    fn add(&mut self, value: T) {
        if self.wants(&value) {
            if self.heap.len() >= self.room {
                self.heap.pop();
            }
            self.heap.push(value);
        }
    }

    fn into_sorted(self) -> Vec<T> {
        self.heap.into_sorted_vec()
    }
}
