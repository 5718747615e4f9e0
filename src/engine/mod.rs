//! The thread that owns the store.
//!
//! ```text
//! intake ══► Reader::drain ─► join small batches ─► Store::push ─► View ─► publish(View)
//!                                   ▲ Command::Clear
//! ```
//!
//! It numbers, seals, merges and evicts chunks, and publishes a view after each drain. It waits only for telemetry: the
//! receiver of the views must not block it. May import `model`, `columns`, `filter`, `store`, `intake`. Start with
//! [`Engine::start`]. Deliberately not here: the clock (sources stamp their parcels), the use of a view.

mod join;

use crate::columns::Batch;
use crate::intake::{Intake, Reader};
use crate::model::{SourceId, Time};
use crate::store::{Retention, Store, StoreCounters, View};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Maximum sleep without telemetry.
const IDLE: Duration = Duration::from_secs(60);
/// Time to gather telemetry after a drain, so that a stream of single items costs one view per frame instead of one per item.
/// It is less than half a frame, so the delay is invisible.
const GATHER: Duration = Duration::from_millis(8);

/// A running engine. Dropping it stores everything that waits in the intake, then ends the thread.
#[derive(Debug)]
pub struct Engine {
    intake: Intake,
    commands: Sender<Command>,
    thread: Option<JoinHandle<StoreCounters>>,
}

#[derive(Debug)]
enum Command {
    Clear,
}

impl Engine {
    /// Starts the thread. `publish` is called with each new view, on that thread; it must return at once.
    ///
    /// # Errors
    ///
    /// The operating system's error if it cannot start a thread.
    pub fn start(
        intake: Intake,
        reader: Reader,
        retention: Retention,
        publish: impl FnMut(View) + Send + 'static,
    ) -> std::io::Result<Engine> {
        let (commands, received) = channel();
        let run = move || run(reader, Store::new(retention), &received, publish);
        let thread = std::thread::Builder::new().name("engine".into()).spawn(run)?;
        Ok(Engine { intake, commands, thread: Some(thread) })
    }

    /// Deletes all rows from the store; existing views keep theirs.
    pub fn clear(&self) {
        // The receiver lives as long as the thread. After its end there is nothing to clear.
        let _ = self.commands.send(Command::Clear);
        self.intake.nudge();
    }

    /// Ends the thread as dropping does, and returns the store's counters; `None` if the thread panicked.
    pub fn stop(mut self) -> Option<StoreCounters> {
        self.end()
    }

    fn end(&mut self) -> Option<StoreCounters> {
        self.intake.close();
        self.thread.take()?.join().ok()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}

/// The thread's loop. Returns the final counters.
fn run(
    mut reader: Reader,
    mut store: Store,
    commands: &Receiver<Command>,
    mut publish: impl FnMut(View),
) -> StoreCounters {
    loop {
        let parcels = reader.drain(IDLE);
        let busy = !parcels.is_empty();
        let mut batches: Vec<(Batch, SourceId, Time)> = Vec::new();
        let mut settled = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            settled.push((parcel.source, parcel.items, parcel.hold));
            let (source, received) = (parcel.source, parcel.received);
            batches.extend(parcel.batches.into_iter().map(|batch| (batch, source, received)));
        }
        for piece in join::joined(batches) {
            for oversize in store.push(piece.batch, piece.runs) {
                reader.settle_oversize(oversize.source, 1);
                if let Some((_, items, _)) =
                    settled.iter_mut().find(|(at, items, _)| *at == oversize.source && *items > 0)
                {
                    *items -= 1;
                }
            }
        }
        // The store's limits apply to these items from now on.
        settled.into_iter().for_each(|(source, items, _hold)| reader.settle(source, items, 0));
        let cleared = commands.try_iter().count() > 0;
        if cleared {
            store.clear();
        }
        if busy || cleared {
            publish(store.view());
        }
        if reader.is_closed() {
            return store.counters();
        }
        if busy {
            std::thread::sleep(GATHER);
        }
    }
}

#[cfg(test)]
mod tests;
