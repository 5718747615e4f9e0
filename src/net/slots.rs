//! Limits the connections of a listener: when all slots are taken, a new connection takes the slot of an idle one.
//!
//! A connection without an open request goes first, since reconnecting costs its sender nothing: first those that never sent
//! a request, then the one that has been idle longest. Next goes a connection whose open requests all have slow bodies. A
//! connection with any other open request keeps its slot; the new connection then waits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The connection slots of one listener.
#[derive(Debug)]
pub(super) struct Slots {
    most: usize,
    taken: Mutex<BTreeMap<u64, Arc<SlotState>>>,
    freed: Notify,
    /// Numbers the events, so that idle connections have an order without a clock.
    events: AtomicU64,
}

/// A connection's slot; dropping it frees the slot.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    slots: Arc<Slots>,
    id: u64,
    state: Arc<SlotState>,
}

/// Marks a request as open: its connection is not idle until this is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    slots: Arc<Slots>,
    state: Arc<SlotState>,
}

/// The connection of a request, for the code that reads the body. `serve` adds it to each request's extensions.
#[derive(Clone, Debug)]
pub struct SlotHandle {
    slots: Arc<Slots>,
    state: Arc<SlotState>,
}

#[derive(Debug, Default)]
struct SlotState {
    activity: Mutex<Activity>,
    /// Numbers of the bodies that arrive slowly.
    slow: Mutex<BTreeSet<u64>>,
    evicted: Notify,
}

#[derive(Debug, Default, Clone, Copy)]
struct Activity {
    open: usize,
    served: bool,
    /// The last event: the connection was accepted, or a request began or ended.
    last: u64,
    evicted: bool,
}

impl Slots {
    /// Creates `most` slots, at least one.
    pub fn new(most: usize) -> Arc<Slots> {
        let (taken, freed, events) = (Mutex::default(), Notify::new(), AtomicU64::new(0));
        Arc::new(Slots { most: most.max(1), taken, freed, events })
    }

    /// Takes a slot, from an idle connection if all are taken. Waits while every connection is busy.
    pub async fn take(self: &Arc<Slots>) -> ConnectionSlot {
        loop {
            let freed = self.freed.notified();
            if let Some(slot) = self.try_take() {
                return slot;
            }
            freed.await;
        }
    }

    fn try_take(self: &Arc<Slots>) -> Option<ConnectionSlot> {
        let mut taken = lock(&self.taken);
        if taken.len() >= self.most && !evict(&mut taken) {
            return None;
        }
        let id = self.event();
        let state = Arc::new(SlotState::default());
        lock(&state.activity).last = id;
        taken.insert(id, state.clone());
        Some(ConnectionSlot { slots: self.clone(), id, state })
    }

    /// Ends the most idle connection, for when the process has no file descriptor left; `false` if none is idle.
    pub fn make_room(&self) -> bool {
        evict(&mut lock(&self.taken))
    }

    fn event(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }
}

impl ConnectionSlot {
    /// Completes when the connection must end to free its slot.
    pub async fn evicted(&self) {
        self.state.evicted.notified().await;
    }

    /// Returns a function that marks a request of this connection as open.
    pub fn requests(&self) -> impl Fn() -> Busy + Clone + use<> {
        let (slots, state) = (self.slots.clone(), self.state.clone());
        move || Busy::new(slots.clone(), state.clone())
    }
}

impl Busy {
    fn new(slots: Arc<Slots>, state: Arc<SlotState>) -> Busy {
        let mut activity = lock(&state.activity);
        activity.open += 1;
        activity.served = true;
        drop(activity);
        Busy { slots, state }
    }
}

impl Busy {
    /// The connection of this request.
    pub fn connection(&self) -> SlotHandle {
        SlotHandle { slots: self.slots.clone(), state: self.state.clone() }
    }
}

impl SlotHandle {
    /// Records whether this body arrives slowly.
    pub(super) fn is_slow(&self, body: u64, is_slow: bool) {
        let mut slow = lock(&self.state.slow);
        let has_changed = if is_slow { slow.insert(body) } else { slow.remove(&body) };
        drop(slow);
        if has_changed && is_slow {
            self.slots.freed.notify_one();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut activity = lock(&self.state.activity);
        activity.open -= 1;
        activity.last = self.slots.event();
        let idle = activity.open == 0;
        drop(activity);
        if idle {
            self.slots.freed.notify_one();
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        lock(&self.slots.taken).remove(&self.id);
        self.slots.freed.notify_one();
    }
}

/// Ends the most idle connection, or else one whose requests all have slow bodies; `false` if there is neither.
fn evict(taken: &mut BTreeMap<u64, Arc<SlotState>>) -> bool {
    let idle = taken.iter().filter_map(|(id, state)| {
        let activity = *lock(&state.activity);
        let is_slow = activity.open > 0 && lock(&state.slow).len() == activity.open;
        (activity.open == 0 || is_slow).then_some(((is_slow, activity.served, activity.last), *id))
    });
    let Some(state) = idle.min().and_then(|(_, id)| taken.remove(&id)) else { return false };
    lock(&state.activity).evicted = true;
    state.evicted.notify_one();
    true
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn is_evicted(slot: &ConnectionSlot) -> bool {
        lock(&slot.state.activity).evicted
    }

    #[tokio::test]
    async fn the_longest_idle_connection_makes_room() {
        let slots = Slots::new(2);
        let (first, second) = (slots.take().await, slots.take().await);
        drop(first.requests()());
        drop(second.requests()());
        drop(first.requests()());
        let third = slots.take().await;
        assert_eq!([is_evicted(&first), is_evicted(&second), is_evicted(&third)], [false, true, false]);
        second.evicted().await;
    }

    #[tokio::test]
    async fn a_connection_without_requests_goes_first() {
        let slots = Slots::new(2);
        let served = slots.take().await;
        drop(served.requests()());
        let silent = slots.take().await;
        let _third = slots.take().await;
        assert_eq!([is_evicted(&served), is_evicted(&silent)], [false, true]);
    }

    #[tokio::test]
    async fn a_connection_of_slow_bodies_alone_makes_room() {
        let slots = Slots::new(2);
        let (slow, mixed) = (slots.take().await, slots.take().await);
        let open = [slow.requests()(), mixed.requests()(), mixed.requests()()];
        let mut waiting = Box::pin(slots.take());
        assert!((&mut waiting).now_or_never().is_none());
        open[1].connection().is_slow(1, true);
        assert!((&mut waiting).now_or_never().is_none(), "its other request is not slow");
        open[0].connection().is_slow(2, true);
        let _new = waiting.await;
        assert_eq!([is_evicted(&slow), is_evicted(&mixed)], [true, false]);
    }

    #[tokio::test]
    async fn an_open_request_keeps_its_place() {
        let slots = Slots::new(1);
        let first = slots.take().await;
        let busy = first.requests()();
        let mut waiting = Box::pin(slots.take());
        assert!((&mut waiting).now_or_never().is_none());
        drop(busy);
        let second = waiting.await;
        assert!(is_evicted(&first) && !is_evicted(&second));
        drop((first, second));
        assert!(lock(&slots.taken).is_empty());
    }
}
