//! Tells the loop about new views and changed connections.

use super::mailbox::Sender;
use super::message::Message;
use super::pace::FRAME;
use crate::runtime::ingest::Ingest;
use crate::runtime::self_telemetry::Stored;
use crate::store::View;
use std::sync::{Arc, Mutex, PoisonError};

/// Puts the newest view into the slot, and sends one message until the loop takes it.
pub(super) fn publisher(
    slot: Arc<Mutex<Option<View>>>,
    stored: Stored,
    messages: Sender,
) -> impl FnMut(View) + Send + 'static {
    move |view| {
        *stored.lock().unwrap_or_else(PoisonError::into_inner) = *view.counters();
        let before = slot.lock().unwrap_or_else(PoisonError::into_inner).replace(view);
        if before.is_none() {
            // It fails only after the loop has ended.
            let _ = messages.send(Message::View);
        }
    }
}

/// Sends a message when connections change.
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
