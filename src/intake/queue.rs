//! The sending side: what happens when there is no room.

use super::counts::{CountsSnapshot, Fill};
use super::newest::event_time;
use super::parcel::{Parcel, telemetry_rows};
use super::reader::Reader;
use crate::model::{Counts, DropReason, SourceId, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Door, Notify};

/// How long a request waits for room before it is refused.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// Limits of the queue. A single parcel above the limits still enters an empty queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Items.
    pub items: u64,
    /// Resident bytes.
    pub bytes: usize,
}

impl Default for Limits {
    /// 64 MiB limit the memory; a million items limit the work after one drain.
    fn default() -> Limits {
        Limits { items: 1_000_000, bytes: 64 << 20 }
    }
}

/// How to treat a parcel when there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overflow {
    /// Wait for [`PATIENCE`], then refuse: for requests whose sender keeps what is not acknowledged (OTLP).
    Refuse,
    /// Wait: for sources that can wait (files, standard input, polls).
    Wait,
    /// Drop the oldest parcels pushed with `DropOldest`, and leave a gap row in their place: for streams without
    /// acknowledgement (SSE, WebSocket). Parcels pushed with the other two are never dropped; if those alone fill the queue,
    /// the new parcel is dropped.
    DropOldest,
}

/// Why the queue did not take a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PushError {
    /// There was no room in time; the sender should retry.
    #[error("the queue is full")]
    Full,
    /// The reader has stopped.
    #[error("the reader has stopped")]
    Closed,
}

/// The sending side; clones share one queue.
#[derive(Clone, Debug)]
pub struct Intake {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub limits: Limits,
    state: Mutex<QueueState>,
    /// Wakes the reader.
    pub arrived: Condvar,
    /// Senders that wait for room queue here, first come, first served, whatever the size of their parcels.
    door: Door<()>,
    /// Wakes the sender that holds the door.
    pub room: Notify,
}

#[derive(Debug, Default)]
pub(super) struct QueueState {
    /// Parcels that are never dropped.
    pub kept: VecDeque<(u64, Parcel)>,
    /// Parcels that may be dropped, oldest first.
    pub droppable: VecDeque<(u64, Parcel)>,
    /// Gap rows to insert for dropped items, at most one a source since the oldest go first, and for skipped items.
    pub gaps: Vec<Gap>,
    /// Items skipped since a source was paused.
    skipped: BTreeMap<SourceId, u64>,
    pub fill: Fill,
    pub reader_waits: bool,
    pub nudged: bool,
    pub closed: bool,
    /// Counts of the known sources.
    sources: BTreeMap<SourceId, Counts>,
    rest: Counts,
    /// Sources to forget once none of their items is waiting.
    leaving: Vec<SourceId>,
    next: u64,
}

/// The reason in gap rows of a paused source.
const SKIPPED: &str = "skipped while paused";

#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// The sequence number of the last dropped parcel.
    pub at: u64,
    pub source: SourceId,
    pub received: Time,
    /// Dropped items, including those that dropped gap rows reported.
    pub dropped: u64,
    pub reason: &'static str,
}

impl Intake {
    /// Creates a queue and its reader, which detects duplicates among the last [`DUPLICATE_WINDOW`](super::DUPLICATE_WINDOW)
    /// spans.
    pub fn new(limits: Limits) -> (Intake, Reader) {
        let shared = Arc::new(Shared {
            limits,
            state: Mutex::default(),
            arrived: Condvar::new(),
            door: Door::new(()),
            room: Notify::new(),
        });
        (Intake { shared: shared.clone() }, Reader::new(shared))
    }

    /// Pushes a parcel. Dropping the future before it is ready pushes nothing and counts nothing.
    ///
    /// # Errors
    ///
    /// [`PushError::Full`], only for [`Overflow::Refuse`]; [`PushError::Closed`] once the reader has stopped.
    pub async fn push(&self, parcel: Parcel, overflow: Overflow) -> Result<(), PushError> {
        if overflow == Overflow::DropOldest {
            return self.shared.push_dropping(parcel);
        }
        let mut parcel = Some(parcel);
        if let Ok(_inside) = self.shared.door.try_lock()
            && let Some(outcome) = self.shared.try_push(&mut parcel)
        {
            return outcome;
        }
        match overflow {
            Overflow::Refuse => {
                let source = parcel.as_ref().map(|parcel| (parcel.source, parcel.items));
                match tokio::time::timeout(PATIENCE, self.shared.enter(&mut parcel)).await {
                    Ok(outcome) => outcome,
                    Err(_) => {
                        if let Some((source, items)) = source {
                            self.shared.lock().counts(source).refused += items;
                        }
                        Err(PushError::Full)
                    }
                }
            }
            Overflow::Wait | Overflow::DropOldest => self.shared.enter(&mut parcel).await,
        }
    }

    /// Counts items that arrived while their source was paused.
    pub fn skip(&self, source: SourceId, items: u64, now: Time) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.came(items, now);
        counts.skipped += items;
        *state.skipped.entry(source).or_default() += items;
    }

    /// Leaves a gap row for the items that were skipped while a source was paused, if there are any.
    pub fn mark_skipped(&self, source: SourceId, now: Time) {
        let mut state = self.shared.lock();
        let dropped = state.skipped.remove(&source).unwrap_or_default();
        if dropped == 0 || state.closed {
            return;
        }
        let at = state.place();
        state.gaps.push(Gap { at, source, received: now, dropped, reason: SKIPPED });
        state.counts(source).gaps += 1;
        self.shared.wake_reader(state);
    }

    /// Counts items that their source left out because of `--tail` or `--since`.
    pub fn leave_out(&self, source: SourceId, items: u64, now: Time) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.came(items, now);
        counts.filtered += items;
    }

    /// Counts duplicate items: those of a response that equals the previous one.
    pub fn duplicate(&self, source: SourceId, items: u64, now: Time) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.came(items, now);
        counts.duplicate += items;
    }

    /// Counts items that could not be decoded. ([`Parcel::rejected`] counts those that came with valid items.)
    pub fn reject(&self, source: SourceId, items: u64, now: Time) {
        let mut state = self.shared.lock();
        let counts = state.counts(source);
        counts.came(items, now);
        counts.rejected += items;
    }

    /// Counts items that were refused before they reached the queue; their sender should retry.
    pub fn refuse(&self, source: SourceId, items: u64) {
        self.shared.lock().counts(source).refused += items;
    }

    /// Removes the counts of these sources once none of their items is waiting; the total keeps them.
    pub fn forget(&self, sources: &[SourceId]) {
        let mut state = self.shared.lock();
        state.leaving.extend(sources);
        state.let_leave();
    }

    /// Lets a waiting reader return from [`Reader::drain`] with nothing.
    pub fn nudge(&self) {
        self.shared.lock().nudged = true;
        self.shared.arrived.notify_one();
    }

    /// Closes the queue: waiting parcels can still be drained, new ones fail with [`PushError::Closed`].
    pub fn close(&self) {
        self.shared.close();
    }

    /// The counts so far.
    pub fn counts(&self) -> CountsSnapshot {
        self.shared.snapshot()
    }
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
        self.room.notify_one();
    }

    pub fn snapshot(&self) -> CountsSnapshot {
        let mut state = self.lock();
        state.let_leave();
        let mut total = state.rest;
        state.sources.values().for_each(|counts| total.add(counts));
        let known = |(_, counts): &(&SourceId, &Counts)| **counts != Counts::default();
        let sources = state.sources.iter().filter(known).map(|(id, counts)| (*id, *counts)).collect();
        CountsSnapshot { total, sources, fill: state.fill }
    }

    /// Waits at the door for its turn, then for room.
    async fn enter(&self, parcel: &mut Option<Parcel>) -> Result<(), PushError> {
        let _inside = self.door.lock().await;
        loop {
            if let Some(outcome) = self.try_push(parcel) {
                return outcome;
            }
            self.room.notified().await;
        }
    }

    /// Returns `None` while there is no room, and leaves the parcel in place.
    fn try_push(&self, parcel: &mut Option<Parcel>) -> Option<Result<(), PushError>> {
        let mut state = self.lock();
        if state.closed {
            return Some(Err(PushError::Closed));
        }
        if !parcel.as_ref().is_none_or(|parcel| state.has_room(parcel, self.limits)) {
            return None;
        }
        if let Some(parcel) = parcel.take() {
            state.admit(&parcel);
            state.kept_push(parcel);
            self.wake_reader(state);
        }
        Some(Ok(()))
    }

    fn push_dropping(&self, parcel: Parcel) -> Result<(), PushError> {
        let mut state = self.lock();
        if state.closed {
            let (items, rejected) = (parcel.items, parcel.rejected);
            let counts = state.counts(parcel.source);
            counts.came(items + rejected, parcel.received);
            counts.rejected += rejected;
            counts.inconsistent += parcel.inconsistent;
            counts.dropped[DropReason::Closed as usize] += items;
            return Err(PushError::Closed);
        }
        state.admit(&parcel);
        while !state.has_room(&parcel, self.limits) {
            match state.droppable.pop_front() {
                Some((at, oldest)) => {
                    state.fill.items -= oldest.items;
                    state.fill.bytes -= oldest.bytes;
                    state.drop_parcel(at, &oldest);
                }
                None => {
                    let at = state.place();
                    state.drop_parcel(at, &parcel);
                    self.wake_reader(state);
                    return Ok(());
                }
            }
        }
        if parcel.rows() > 0 {
            let at = state.place();
            state.fill.items += parcel.items;
            state.fill.bytes += parcel.bytes;
            state.droppable.push_back((at, parcel));
        }
        self.wake_reader(state);
        // The dropped parcels may have been larger than the new one, so wake the next sender.
        self.room.notify_one();
        Ok(())
    }

    /// Wakes the reader only when there is something to drain: otherwise it would sleep again, no longer marked as waiting.
    fn wake_reader(&self, mut state: MutexGuard<'_, QueueState>) {
        if !state.is_empty() && std::mem::take(&mut state.reader_waits) {
            drop(state);
            self.arrived.notify_one();
        }
    }
}

impl QueueState {
    pub fn counts(&mut self, source: SourceId) -> &mut Counts {
        self.sources.entry(source).or_default()
    }

    fn let_leave(&mut self) {
        let leaving = std::mem::take(&mut self.leaving);
        for id in leaving {
            let queued = || self.kept.iter().chain(&self.droppable).any(|(_, parcel)| parcel.source == id);
            let is_leaving =
                |counts: &Counts| counts.waiting > 0 || queued() || self.gaps.iter().any(|gap| gap.source == id);
            match self.sources.get(&id) {
                Some(counts) if is_leaving(counts) => self.leaving.push(id),
                Some(counts) => {
                    self.rest.add(counts);
                    self.sources.remove(&id);
                    self.skipped.remove(&id);
                }
                None => {}
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.droppable.is_empty() && self.gaps.is_empty()
    }

    /// Removes a dropped parcel from the counts of waiting items, including its gap rows.
    pub fn count_dropped(&mut self, parcel: &Parcel, reason: DropReason) {
        let counts = self.counts(parcel.source);
        counts.waiting -= parcel.items;
        counts.gaps -= parcel.gaps;
        counts.dropped[reason as usize] += parcel.items;
    }

    fn has_room(&self, parcel: &Parcel, limits: Limits) -> bool {
        let fits = self.fill.items + parcel.items <= limits.items && self.fill.bytes + parcel.bytes <= limits.bytes;
        fits || (self.kept.is_empty() && self.droppable.is_empty()) || parcel.rows() == 0
    }

    fn admit(&mut self, parcel: &Parcel) {
        let counts = self.counts(parcel.source);
        counts.came(parcel.items + parcel.rejected, parcel.received);
        counts.rejected += parcel.rejected;
        counts.inconsistent += parcel.inconsistent;
        counts.waiting += parcel.items;
        counts.gaps += parcel.gaps;
        counts.bytes += parcel.bytes.saturating_sub(size_of::<Parcel>()) as u64;
        let told = event_time(parcel);
        if !told.is_unknown() {
            counts.newest = (told, parcel.received);
        }
        for batch in &parcel.batches {
            counts.received_by_signal[batch.signal() as usize] += telemetry_rows(batch);
        }
    }

    fn kept_push(&mut self, parcel: Parcel) {
        if parcel.rows() > 0 {
            let at = self.place();
            self.fill.items += parcel.items;
            self.fill.bytes += parcel.bytes;
            self.kept.push_back((at, parcel));
        }
    }

    fn place(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn drop_parcel(&mut self, at: u64, parcel: &Parcel) {
        self.count_dropped(parcel, DropReason::Overflow);
        // The gap row that replaces it reports its losses too.
        let dropped = parcel.items.saturating_add(parcel.lost);
        if dropped == 0 {
            return;
        }
        let reason = DropReason::Overflow.word();
        match self.gaps.iter_mut().find(|gap| gap.source == parcel.source && gap.reason == reason) {
            Some(gap) => {
                (gap.at, gap.received) = (at, parcel.received);
                gap.dropped = gap.dropped.saturating_add(dropped);
            }
            None => {
                let gap = Gap { at, source: parcel.source, received: parcel.received, dropped, reason };
                self.gaps.push(gap);
                self.counts(parcel.source).gaps += 1;
            }
        }
    }
}
