//! Tracks the bodies that are being read, and drops some of them when memory is short.
//!
//! A body holds memory from its first byte to its last, however slowly it arrives. To keep slow bodies from blocking new
//! ones, the slow body that holds the most for its speed is dropped, and its sender must retry. A connection or an IP address
//! that holds more than a quarter of the memory loses its bodies at any speed while others wait. A body younger than one
//! second is never dropped: most are complete by then.

use super::body_error::BodyError;
use super::slots::SlotHandle;
use crate::budget::{Budget, Hold, NoRoom};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A body slower than this, in bytes a second, is dropped if others need its memory or its connection's slot.
pub(super) const SLOW: usize = 64 << 10;

/// How often to measure the speed of a body.
pub(super) const MEASURE: Duration = Duration::from_secs(1);

/// The divisor for a quarter: new bodies get that much memory, and a peer may hold no more while others wait.
const SHARE: usize = 4;

/// How long a body waits for the memory of a dropped one.
const WAIT: Duration = Duration::from_secs(2);

/// All bodies that are being read now; clones share them.
#[derive(Clone, Debug)]
pub struct BodyReaders {
    budget: Budget,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    open: Mutex<BTreeMap<u64, Arc<ReaderState>>>,
    next: AtomicU64,
    freed: Notify,
}

/// One body that is being read.
#[derive(Debug)]
pub struct BodyReader {
    readers: BodyReaders,
    id: u64,
    state: Arc<ReaderState>,
    connection: Option<SlotHandle>,
}

#[derive(Debug)]
struct ReaderState {
    peer: SocketAddr,
    evicted: Notify,
    progress: Mutex<Progress>,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    held: usize,
    /// Start of the current measurement.
    since: Instant,
    bytes: usize,
    /// Bytes a second in the last measurement; `None` before the first.
    speed: Option<usize>,
    evicted: bool,
}

/// Whether dropping bodies must free the whole need to be worth it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Whole,
    Part,
}

impl BodyReaders {
    /// For bodies that take their memory from this budget.
    pub fn new(budget: Budget) -> BodyReaders {
        BodyReaders { budget, shared: Arc::default() }
    }

    /// Begins to read a body of this peer. `connection` is set if other connections may need its slot.
    pub fn begin(&self, peer: SocketAddr, connection: Option<SlotHandle>) -> BodyReader {
        let progress = Progress { held: 0, since: Instant::now(), bytes: 0, speed: None, evicted: false };
        let state = Arc::new(ReaderState { peer, evicted: Notify::new(), progress: Mutex::new(progress) });
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.shared.open).insert(id, state.clone());
        BodyReader { readers: self.clone(), id, state, connection }
    }

    /// Drops bodies until this many bytes are free or about to be. Returns whether any are about to be.
    fn make_room(&self, bytes: usize, need: Need, peer: SocketAddr) -> bool {
        let open: Vec<(Arc<ReaderState>, Progress)> =
            lock(&self.shared.open).values().map(|state| (state.clone(), *lock(&state.progress))).collect();
        let held_by = |is_its: &dyn Fn(SocketAddr) -> bool| -> usize {
            open.iter().filter(|(state, _)| is_its(state.peer)).map(|(_, progress)| progress.held).sum()
        };
        let coming: usize =
            open.iter().filter(|(_, progress)| progress.evicted).map(|(_, progress)| progress.held).sum();
        let mut missing = bytes.saturating_sub(self.budget.left().saturating_add(coming));
        let share = self.budget.total() / SHARE;
        let is_modest = held_by(&|other| other == peer) <= share;
        let has_too_much = |other: SocketAddr| {
            let is_over = |is_its: &dyn Fn(SocketAddr) -> bool| held_by(is_its) > share;
            is_modest
                && ((other != peer && is_over(&|one| one == other))
                    || (other.ip() != peer.ip() && is_over(&|one| one.ip() == other.ip())))
        };
        let mut give_way: Vec<(usize, usize, &ReaderState)> = Vec::new();
        for (state, progress) in &open {
            let Some(speed) = progress.speed.filter(|_| !progress.evicted && progress.held > 0) else { continue };
            if speed < SLOW || has_too_much(state.peer) {
                let seconds = progress.held / (speed + 1024);
                give_way.push((seconds, progress.held, state));
            }
        }
        let all: usize = give_way.iter().map(|(_, held, _)| held).sum();
        if need == Need::Whole && all < missing {
            return coming > 0;
        }
        give_way.sort_by_key(|(seconds, held, _)| std::cmp::Reverse((*seconds, *held)));
        let mut is_coming = coming > 0;
        for (_, held, state) in give_way {
            if missing == 0 {
                break;
            }
            missing = missing.saturating_sub(held);
            is_coming = true;
            lock(&state.progress).evicted = true;
            state.evicted.notify_one();
        }
        is_coming
    }
}

impl BodyReader {
    /// Call before reading a body: drops slow bodies until a quarter of the memory is free.
    pub(super) async fn admitted(&self) {
        let BodyReaders { budget, shared } = &self.readers;
        let wanted = budget.total() / SHARE;
        let end = Instant::now() + MEASURE;
        while budget.left() < wanted {
            let freed = shared.freed.notified();
            let is_coming = self.readers.make_room(wanted, Need::Part, self.state.peer);
            if !is_coming || tokio::time::timeout_at(end, freed).await.is_err() {
                break;
            }
        }
    }

    /// Takes memory for bytes that arrived. Waits if another body is being dropped for it.
    ///
    /// # Errors
    ///
    /// [`BodyError::Overloaded`], [`BodyError::NeverFits`] or [`BodyError::GaveWay`].
    pub(super) async fn hold(&self, bytes: usize, hold: &mut Hold) -> Result<(), BodyError> {
        let end = Instant::now() + WAIT;
        let mut has_waited = false;
        loop {
            let freed = self.readers.shared.freed.notified();
            match hold.grow(bytes) {
                Ok(()) => break,
                Err(why @ NoRoom::Ever(_)) => return Err(why.into()),
                Err(why @ NoRoom::Now) => {
                    if Instant::now() >= end || !self.readers.make_room(bytes, Need::Whole, self.state.peer) {
                        return Err(why.into());
                    }
                }
            }
            has_waited = true;
            // Others may take the freed memory first, and the end of those does not notify, so look again soon.
            let moment = end.min(Instant::now() + MEASURE / 20);
            tokio::select! {
                _ = tokio::time::timeout_at(moment, freed) => {}
                () = self.gives_way() => return Err(BodyError::GaveWay),
            }
        }
        let mut progress = lock(&self.state.progress);
        progress.held += bytes;
        progress.bytes += bytes;
        if has_waited {
            // otail read nothing while it waited, so that time must not count against the sender.
            (progress.since, progress.bytes) = (Instant::now(), bytes);
        }
        Ok(())
    }

    /// Measures the speed, about once a second, and records it with the connection.
    pub(super) fn measure(&self) {
        let mut progress = lock(&self.state.progress);
        let passed = progress.since.elapsed();
        if passed < MEASURE {
            return;
        }
        let speed = (progress.bytes as f64 / passed.as_secs_f64()) as usize;
        (progress.since, progress.bytes, progress.speed) = (Instant::now(), 0, Some(speed));
        drop(progress);
        if let Some(connection) = &self.connection {
            connection.is_slow(self.id, speed < SLOW);
        }
    }

    /// Notifies waiting bodies that this one has returned its memory.
    pub(super) fn freed(&self) {
        lock(&self.state.progress).held = 0;
        self.readers.shared.freed.notify_waiters();
    }

    /// Completes when this body must end to make room for another.
    pub(super) async fn gives_way(&self) {
        self.state.evicted.notified().await;
    }
}

impl Drop for BodyReader {
    fn drop(&mut self) {
        lock(&self.readers.shared.open).remove(&self.id);
        if let Some(connection) = &self.connection {
            connection.is_slow(self.id, false);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn peer(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    async fn holding(readers: &BodyReaders, from: &str, bytes: usize) -> (BodyReader, Hold) {
        let (reader, mut hold) = (readers.begin(peer(from), None), readers.budget.hold());
        reader.hold(bytes, &mut hold).await.unwrap();
        (reader, hold)
    }

    fn has_to_go(reader: &BodyReader) -> bool {
        lock(&reader.state.progress).evicted
    }

    #[tokio::test(start_paused = true)]
    async fn the_slow_body_that_holds_most_is_dropped() {
        let readers = BodyReaders::new(Budget::new(100 << 20));
        let small = holding(&readers, "127.0.0.1:1", 10 << 20).await;
        let large = holding(&readers, "127.0.0.1:2", 20 << 20).await;
        let quick = holding(&readers, "127.0.0.1:3", 15 << 20).await;
        let fresh_room = 55 << 20;
        let _rest = holding(&readers, "127.0.0.1:4", fresh_room).await;
        tokio::time::sleep(MEASURE).await;
        for (reader, _) in [&small, &large, &quick] {
            reader.measure();
        }
        tokio::time::sleep(MEASURE).await;
        lock(&quick.0.state.progress).bytes = 1 << 20;
        for (reader, _) in [&small, &large, &quick] {
            reader.measure();
        }
        assert!(readers.make_room(1, Need::Whole, peer("127.0.0.1:5")));
        assert_eq!([&small, &large, &quick].map(|(reader, _)| has_to_go(reader)), [false, true, false]);
        large.0.gives_way().now_or_never().expect("the dropped body is notified");
    }

    #[tokio::test(start_paused = true)]
    async fn new_bodies_are_not_dropped() {
        let readers = BodyReaders::new(Budget::new(100));
        let young = holding(&readers, "127.0.0.1:1", 100).await;
        let (reader, mut hold) = (readers.begin(peer("127.0.0.1:2"), None), readers.budget.hold());
        assert_eq!(reader.hold(1, &mut hold).await, Err(BodyError::Overloaded));
        assert!(!has_to_go(&young.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_above_its_share_loses_a_body() {
        for (greedy, other, gives_way) in [
            (["127.0.0.1:1", "127.0.0.1:1"], "127.0.0.1:9", true),
            (["10.0.0.1:1", "10.0.0.1:2"], "10.0.0.2:1", true),
            (["127.0.0.1:1", "127.0.0.1:1"], "127.0.0.1:1", false),
            (["127.0.0.1:1", "127.0.0.1:2"], "127.0.0.1:9", false),
        ] {
            let readers = BodyReaders::new(Budget::new(100 << 20));
            let [first, second] = greedy;
            let held = [holding(&readers, first, 20 << 20).await, holding(&readers, second, 20 << 20).await];
            tokio::time::sleep(MEASURE).await;
            held.iter().for_each(|(reader, _)| reader.measure());
            let mut rest = readers.budget.hold();
            rest.grow(60 << 20).unwrap();
            readers.make_room(1, Need::Whole, peer(other));
            assert_eq!(held.iter().any(|(reader, _)| has_to_go(reader)), gives_way, "{greedy:?} {other}");
        }
    }
}
