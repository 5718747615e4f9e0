//! The receiving end of the queue, for one plain thread.

use super::counts::CountsSnapshot;
use super::duplicates::{DUPLICATE_WINDOW, Duplicates};
use super::parcel::Parcel;
use super::queue::{Gap, Shared};
use crate::model::{DropReason, SourceId};
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Drains the queue. Each queue has one reader; dropping it closes the queue.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    duplicates: Duplicates,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>) -> Reader {
        Reader { shared, duplicates: Duplicates::new(DUPLICATE_WINDOW) }
    }

    /// Returns all waiting parcels in the order of arrival, with gap rows in place and duplicate spans removed and counted.
    /// Sleeps at most `max_wait` until a parcel arrives. Returns nothing after that time, after a nudge, and at the end
    /// ([`Reader::is_closed`]).
    ///
    /// The returned items count as waiting until [`Reader::settle`] records their outcome.
    pub fn drain(&mut self, max_wait: Duration) -> Vec<Parcel> {
        let mut parcels = self.take(max_wait);
        let mut found = Vec::new();
        for parcel in &mut parcels {
            let duplicates = self.duplicates.remove_from(parcel);
            if duplicates > 0 {
                found.push((parcel.source, duplicates));
            }
        }
        if !found.is_empty() {
            parcels.retain(|parcel| parcel.rows() > 0);
            let mut state = self.shared.lock();
            for (source, duplicates) in found {
                let counts = state.counts(source);
                counts.waiting -= duplicates;
                counts.duplicate += duplicates;
            }
        }
        parcels
    }

    /// Records the outcome of drained items of a source: stored (or printed), or left out by a filter. Over time the
    /// numbers must add up to the drained [`Parcel::items`].
    pub fn settle(&self, source: SourceId, stored: u64, filtered: u64) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.waiting = counts.waiting.saturating_sub(stored + filtered);
        counts.stored += stored;
        counts.filtered += filtered;
    }

    /// Counts drained items that are too large to store as dropped, each with a gap row.
    pub fn settle_oversize(&self, source: SourceId, items: u64) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.waiting = counts.waiting.saturating_sub(items);
        counts.dropped[DropReason::Oversize as usize] += items;
        counts.gaps += items;
    }

    /// Whether the queue is closed and empty.
    pub fn is_closed(&self) -> bool {
        let state = self.shared.lock();
        state.closed && state.is_empty()
    }

    /// The counts so far.
    pub fn counts(&self) -> CountsSnapshot {
        self.shared.snapshot()
    }

    fn take(&self, max_wait: Duration) -> Vec<Parcel> {
        let mut state = self.shared.lock();
        if state.is_empty() && !state.closed && !state.nudged {
            state.reader_waits = true;
            let arrived = &self.shared.arrived;
            let idle = |state: &mut super::queue::QueueState| state.is_empty() && !state.closed && !state.nudged;
            let woken = arrived.wait_timeout_while(state, max_wait, idle).unwrap_or_else(PoisonError::into_inner);
            state = woken.0;
            state.reader_waits = false;
        }
        state.nudged = false;
        state.fill = Default::default();
        let kept = std::mem::take(&mut state.kept);
        let droppable = std::mem::take(&mut state.droppable);
        let gaps = std::mem::take(&mut state.gaps);
        drop(state);
        self.shared.room.notify_one();
        in_order(kept, droppable, gaps)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared.close();
        let mut state = self.shared.lock();
        let kept = std::mem::take(&mut state.kept);
        let droppable = std::mem::take(&mut state.droppable);
        for gap in std::mem::take(&mut state.gaps) {
            state.counts(gap.source).gaps -= 1;
        }
        state.fill = Default::default();
        for (_, parcel) in kept.into_iter().chain(droppable) {
            state.count_dropped(&parcel, DropReason::Closed);
        }
    }
}

fn in_order(kept: VecDeque<(u64, Parcel)>, droppable: VecDeque<(u64, Parcel)>, gaps: Vec<Gap>) -> Vec<Parcel> {
    let gaps = gaps.into_iter().map(|gap| {
        let row = Parcel::gap(gap.source, gap.received, gap.reason, gap.dropped);
        (gap.at, row)
    });
    let mut parcels: Vec<(u64, Parcel)> = kept.into_iter().chain(droppable).chain(gaps).collect();
    parcels.sort_by_key(|(at, _)| *at);
    parcels.into_iter().map(|(_, parcel)| parcel).collect()
}
