//! Which of the items are wanted that a file holds before anybody follows it.

use crate::columns::{Batch, Item};
use crate::intake::happened;
use crate::model::Time;
use std::time::Duration;

/// How much of what is there already is wanted; `Default`: everything. What a file gets afterwards is always wanted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Beginning {
    /// Only the last items, this many.
    pub tail: Option<u64>,
    /// Only those that happened at most so long before the connection was begun, and those that tell no time.
    pub since: Option<Duration>,
}

/// The same with the time that it is now.
#[derive(Clone, Copy, Default)]
pub(super) struct WantedItems {
    pub tail: Option<u64>,
    /// The oldest time that is wanted.
    pub since: Option<Time>,
}

impl Beginning {
    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        *self == Beginning::default()
    }

    pub(super) fn at(self, now: Time) -> WantedItems {
        let before = |age: Duration| Time(now.0.saturating_sub(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)));
        WantedItems { tail: self.tail, since: self.since.map(before) }
    }
}

/// Leaves out of what was read what is not wanted; `Default`: nothing.
#[derive(Default)]
pub(super) struct Gate {
    /// So many items that come first.
    pub skip: u64,
    /// What happened before.
    pub since: Option<Time>,
}

impl Gate {
    /// Takes out what is not wanted. How many items that were.
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
        // A gap tells of what nobody has seen.
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

/// Whether it tells that it happened before. What tells no time does not.
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
    fn so_many_items_are_left_out_across_batches_and_then_no_more() {
        let mut gate = Gate { skip: 3, since: None };
        let mut batches = vec![batch(&[1, 2]), batch(&[3, 4])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (3, vec![4]));
        let mut batches = vec![batch(&[5])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (0, vec![5]));
    }

    #[test]
    fn what_is_older_is_left_out_and_what_tells_no_time_is_not() {
        let mut gate = Gate { skip: 1, since: Some(Time(10)) };
        let mut batches = vec![batch(&[50, 9, 0, 10, 11])];
        assert_eq!((gate.leave_out(&mut batches), times(&batches)), (2, vec![0, 10, 11]));
    }

    #[test]
    fn a_gap_is_no_item_and_never_left_out() {
        let mut events = EventsBuilder::default();
        events.push_gap("overflow", 3, Time(1));
        events.push("message", "", Time(1), "", Word::EMPTY);
        let mut batches = vec![events.finish()];
        assert_eq!(Gate { skip: 1, since: None }.leave_out(&mut batches), 1);
        assert!(batches.len() == 1 && batches[0].items().all(is_gap));
    }

    #[test]
    fn a_beginning_before_all_time_leaves_out_nothing() {
        let since = Some(Duration::from_secs(u64::MAX));
        assert_eq!(Beginning { tail: None, since }.at(Time(5)).since, Some(Time(0)));
    }
}
