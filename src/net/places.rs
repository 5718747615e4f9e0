//! Places for connections: when all are taken, the most idle connection makes room for a new one.
//!
//! A connection without an open request costs its sender nothing to make again, so it goes first: one that never sent a
//! request before one that did, and among those the one that has been idle longest. Then goes a connection whose requests all
//! have bodies that come slowly, or not at all. Any other open request keeps its place; a new connection then waits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The places of one listener.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Mutex<BTreeMap<u64, Arc<PlaceState>>>,
    freed: Notify,
    /// Counts events, so that idle connections have an order without a clock.
    events: AtomicU64,
}

/// A connection's place; dropping it frees the place.
#[derive(Debug)]
pub(super) struct ConnectionPlace {
    places: Arc<Places>,
    id: u64,
    state: Arc<PlaceState>,
}

/// An open request; its connection is not idle until this is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    places: Arc<Places>,
    state: Arc<PlaceState>,
}

/// The connection of a request, for the code that reads the body. An extension of each request.
#[derive(Clone, Debug)]
pub struct Connection {
    places: Arc<Places>,
    state: Arc<PlaceState>,
}

#[derive(Debug, Default)]
struct PlaceState {
    activity: Mutex<Activity>,
    /// Bodies that come slowly.
    slow: Mutex<BTreeSet<u64>>,
    evicted: Notify,
}

#[derive(Debug, Default, Clone, Copy)]
struct Activity {
    open: usize,
    served: bool,
    /// The event that began or ended its last request, or its acceptance.
    last: u64,
    evicted: bool,
}

impl Places {
    /// Creates this many places, at least one.
    pub fn new(most: usize) -> Arc<Places> {
        let (taken, freed, events) = (Mutex::default(), Notify::new(), AtomicU64::new(0));
        Arc::new(Places { most: most.max(1), taken, freed, events })
    }

    /// A place, at the expense of an idle connection if need be; waits while every connection is at work.
    pub async fn take(self: &Arc<Places>) -> ConnectionPlace {
        loop {
            let freed = self.freed.notified();
            if let Some(place) = self.try_take() {
                return place;
            }
            freed.await;
        }
    }

    fn try_take(self: &Arc<Places>) -> Option<ConnectionPlace> {
        let mut taken = lock(&self.taken);
        if taken.len() >= self.most && !evict(&mut taken) {
            return None;
        }
        let id = self.event();
        let state = Arc::new(PlaceState::default());
        lock(&state.activity).last = id;
        taken.insert(id, state.clone());
        Some(ConnectionPlace { places: self.clone(), id, state })
    }

    /// Ends the most idle connection, where the system has no file for a new one; `false` where none is idle.
    pub fn make_room(&self) -> bool {
        evict(&mut lock(&self.taken))
    }

    fn event(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }
}

impl ConnectionPlace {
    /// Ready once the connection is to end, to make room for another.
    pub async fn evicted(&self) {
        self.state.evicted.notified().await;
    }

    /// What marks requests of this connection as open.
    pub fn requests(&self) -> impl Fn() -> Busy + Clone + use<> {
        let (places, state) = (self.places.clone(), self.state.clone());
        move || Busy::new(places.clone(), state.clone())
    }
}

impl Busy {
    fn new(places: Arc<Places>, state: Arc<PlaceState>) -> Busy {
        let mut activity = lock(&state.activity);
        activity.open += 1;
        activity.served = true;
        drop(activity);
        Busy { places, state }
    }
}

impl Busy {
    /// The connection of this request.
    pub fn connection(&self) -> Connection {
        Connection { places: self.places.clone(), state: self.state.clone() }
    }
}

impl Connection {
    /// Notes whether this body comes slowly.
    pub(super) fn is_slow(&self, body: u64, is_slow: bool) {
        let mut slow = lock(&self.state.slow);
        let has_changed = if is_slow { slow.insert(body) } else { slow.remove(&body) };
        drop(slow);
        if has_changed && is_slow {
            self.places.freed.notify_one();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut activity = lock(&self.state.activity);
        activity.open -= 1;
        activity.last = self.places.event();
        let idle = activity.open == 0;
        drop(activity);
        if idle {
            self.places.freed.notify_one();
        }
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        lock(&self.places.taken).remove(&self.id);
        self.places.freed.notify_one();
    }
}

/// Ends the most idle connection, or else one that waits for slow bodies alone; `false` where there is neither.
fn evict(taken: &mut BTreeMap<u64, Arc<PlaceState>>) -> bool {
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

    fn is_evicted(place: &ConnectionPlace) -> bool {
        lock(&place.state.activity).evicted
    }

    #[tokio::test]
    async fn the_longest_idle_connection_makes_room() {
        let places = Places::new(2);
        let (first, second) = (places.take().await, places.take().await);
        drop(first.requests()());
        drop(second.requests()());
        drop(first.requests()());
        let third = places.take().await;
        assert_eq!([is_evicted(&first), is_evicted(&second), is_evicted(&third)], [false, true, false]);
        second.evicted().await;
    }

    #[tokio::test]
    async fn a_connection_without_requests_goes_first() {
        let places = Places::new(2);
        let served = places.take().await;
        drop(served.requests()());
        let silent = places.take().await;
        let _third = places.take().await;
        assert_eq!([is_evicted(&served), is_evicted(&silent)], [false, true]);
    }

    #[tokio::test]
    async fn a_connection_of_slow_bodies_alone_makes_room() {
        let places = Places::new(2);
        let (slow, mixed) = (places.take().await, places.take().await);
        let open = [slow.requests()(), mixed.requests()(), mixed.requests()()];
        let mut waiting = Box::pin(places.take());
        assert!((&mut waiting).now_or_never().is_none());
        open[1].connection().is_slow(1, true);
        assert!((&mut waiting).now_or_never().is_none(), "its other request is at work");
        open[0].connection().is_slow(2, true);
        let _new = waiting.await;
        assert_eq!([is_evicted(&slow), is_evicted(&mixed)], [true, false]);
    }

    #[tokio::test]
    async fn an_open_request_keeps_its_place() {
        let places = Places::new(1);
        let first = places.take().await;
        let busy = first.requests()();
        let mut waiting = Box::pin(places.take());
        assert!((&mut waiting).now_or_never().is_none());
        drop(busy);
        let second = waiting.await;
        assert!(is_evicted(&first) && !is_evicted(&second));
        drop((first, second));
        assert!(lock(&places.taken).is_empty());
    }
}
