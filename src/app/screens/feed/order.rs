//! The order of the rows: of arrival, or of event time while the view is frozen.

use crate::app::parts::Sort;
use crate::model::{Row, Time};
use crate::store::{Chunk, Hit};

/// What the rows are sorted by.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum SortBy {
    /// By their arrival at otail.
    #[default]
    Arrival,
    /// By the time of the event. An item without one counts with its time of receipt.
    Time,
}

/// Stands before every row. No row has this number.
pub(super) const FIRST: Row = Row(0);
/// Stands behind every row.
pub(super) const LAST: Row = Row(u64::MAX);

/// Where a row stands in its order: of two rows, the one with the smaller rank comes first.
pub(super) type Rank = (u64, u64);

impl Sort<SortBy> {
    /// Whether this is the order of arrival, the oldest first: the only one that a live view has.
    pub fn is_arrival(self) -> bool {
        self == Sort::default()
    }

    /// Whether the oldest row comes first.
    pub fn rises(self) -> bool {
        !self.inverted
    }

    /// In words: `by time, the oldest first`.
    pub(super) fn words(self) -> String {
        let by = match self.by {
            SortBy::Arrival => "in order of arrival",
            SortBy::Time => "by time",
        };
        format!("{by}, the {} first", if self.rises() { "oldest" } else { "newest" })
    }

    /// The rank of a row of a page.
    pub(super) fn rank(self, hit: &Hit) -> Rank {
        let time = match self.by {
            SortBy::Arrival => Time(0),
            SortBy::Time => time_of(&hit.chunk, hit.index),
        };
        self.rank_at(time, hit.row)
    }

    /// The rank of a row with this time; 0 where the order is that of arrival.
    pub(super) fn rank_at(self, time: Time, row: Row) -> Rank {
        if self.rises() { (time.0, row.0) } else { (!time.0, !row.0) }
    }
}

/// The time of the event, or of receipt where the item has none.
pub(super) fn time_of(chunk: &Chunk, index: usize) -> Time {
    let time = chunk.batch.item(index).time();
    if time.is_unknown() { chunk.run(index).received } else { time }
}
