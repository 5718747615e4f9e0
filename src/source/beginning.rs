//! Which items of a file's existing content are wanted. All later items are.

use crate::columns::{Batch, Item};
use crate::intake::happened;
use crate::model::Time;
use std::time::Duration;

/// Which items of the existing content are wanted; the default is all of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Beginning {
    /// Only the last N items.
    pub tail: Option<u64>,
    /// Only items of this period before the start, and items without a time.
    pub since: Option<Duration>,
}

/// A [`Beginning`] with a point in time instead of a period.
#[derive(Clone, Copy, Default)]
pub(super) struct WantedItems {
    pub tail: Option<u64>,
    /// The oldest time that is wanted; items without a time are wanted too.
    pub since: Option<Time>,
}

impl Beginning {
    /// Whether every item is wanted.
    pub fn is_everything(&self) -> bool {
        *self == Beginning::default()
    }

    pub(super) fn at(self, now: Time) -> WantedItems {
        let before = |age: Duration| Time(now.0.saturating_sub(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)));
        WantedItems { tail: self.tail, since: self.since.map(before) }
    }
}

/// Drops unwanted items from batches; the default drops nothing.
#[derive(Default)]
pub(super) struct Gate {
    /// The number of items still to drop.
    pub skip: u64,
    /// Drop items that happened before this time.
    pub since: Option<Time>,
}

impl Gate {
    /// Removes unwanted items and empty batches; returns the number of items removed.
    pub fn leave_out(&mut self, batches: &mut Vec<Batch>) -> u64 {
        if self.skip == 0 && self.since.is_none() {
            return 0;
        }
        let before = self.skip;
        let mut old = 0;
        for batch in batches.iter_mut() {
            let wanted: Vec<bool> = batch.items().map(|item| self.wants(item, &mut old)).collect();
            if wanted.contains(&false) {
                batch.keep(&wanted);
            }
        }
        batches.retain(|batch| !batch.is_empty());
        before - self.skip + old
    }

    fn wants(&mut self, item: Item<'_>, old: &mut u64) -> bool {
        // A gap row reports items that this file no longer has.
        if is_gap(item) {
            return true;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        let is_old = self.since.is_some_and(|since| is_old(item, since));
        *old += u64::from(is_old);
        !is_old
    }
}

/// Whether an item happened before `since`. An item without a time did not.
pub(super) fn is_old(item: Item<'_>, since: Time) -> bool {
    let at = happened(item);
    !at.is_unknown() && at < since
}

pub(super) fn is_gap(item: Item<'_>) -> bool {
    matches!(item, Item::Event(event) if event.gap().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, Word};

    fn batch(times: &[u64]) -> Batch {
        let mut events = EventsBuilder::default();
        times.iter().for_each(|time| events.push("message", "", Time(*time), "", Word::EMPTY));
        events.finish()
    }

    fn times(batches: &[Batch]) -> Vec<u64> {
        batches.iter().flat_map(Batch::items).map(|item| item.time().0).collect()
    }

    #[test]
    fn skipping_counts_across_batches() {
        let mut gate = Gate { skip: 3, since: None };
        let mut batches = vec![batch(&[1, 2]), batch(&[3, 4])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (3, vec![4]));
        let mut batches = vec![batch(&[5])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (0, vec![5]));
    }

    #[test]
    fn older_items_are_dropped_but_not_timeless_ones() {
        let mut gate = Gate { skip: 1, since: Some(Time(10)) };
        let mut batches = vec![batch(&[50, 9, 0, 10, 11])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (2, vec![0, 10, 11]));
    }

    #[test]
    fn gap_rows_are_never_dropped() {
        let mut events = EventsBuilder::default();
        events.push_gap("overflow", 3, Time(1));
        events.push("message", "", Time(1), "", Word::EMPTY);
        let mut batches = vec![events.finish()];
        assert_eq!(Gate { skip: 1, since: None }.leave_out(&mut batches), 1);
        assert!(batches.len() == 1 && batches[0].items().all(is_gap));
    }

    #[test]
    fn a_period_longer_than_history_drops_nothing() {
        let since = Some(Duration::from_secs(u64::MAX));
        assert_eq!(Beginning { tail: None, since }.at(Time(5)).since, Some(Time(0)));
    }
}
