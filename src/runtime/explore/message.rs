//! What the loop is told, and who tells it.

use super::mailbox::{Lost, Sender};
use super::pace::FRAME;
use crate::app::Event;
use crate::app::query::{Answer, Generation};
use crate::runtime::ingest::Ingest;
use crate::runtime::reload::Read;
use crate::runtime::self_telemetry::Stored;
use crate::store::View;
use crate::terminal::{Input, Signal};
use std::sync::{Arc, Mutex, PoisonError};

/// Whatever happens.
pub(super) enum Message {
    Input(Input),
    Signal(Signal),
    /// Input came faster than it could be handled; all of it that was dropped since the start.
    Lost(Lost),
    /// A view waits in the slot.
    View,
    Connections,
    Answer(Generation, Answer),
    /// The demo could not go on, or self-telemetry does not get through.
    Trouble(String),
    /// The configuration has been read again.
    Read(Read),
    /// What another configuration came to.
    Reloaded(String),
    /// What a command to the connections came to that took its time.
    Done(Event),
}

/// Keeps the newest view in the slot and says so once, however many come before it is taken.
pub(super) fn publisher(
    slot: Arc<Mutex<Option<View>>>,
    stored: Stored,
    messages: Sender,
) -> impl FnMut(View) + Send + 'static {
    move |view| {
        *stored.lock().unwrap_or_else(PoisonError::into_inner) = *view.counters();
        let before = slot.lock().unwrap_or_else(PoisonError::into_inner).replace(view);
        if before.is_none() {
            // The loop has ended: nobody looks any more.
            let _ = messages.send(Message::View);
        }
    }
}

/// Says when the connections changed.
pub(super) fn watch_connections(ingest: &Ingest, messages: &Sender) {
    let (mut changed, messages) = (ingest.provider.changed(), messages.clone());
    ingest.workers.spawn(async move {
        while changed.changed().await.is_ok() {
            if !messages.send(Message::Connections) {
                return;
            }
            // A flapping source must not flood the screen.
            tokio::time::sleep(FRAME).await;
        }
    });
}
