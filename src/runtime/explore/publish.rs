//! Tells the loop about new views and changed connections.

use super::mailbox::Sender;
use super::message::Message;
use super::pace::FRAME;
use crate::runtime::ingest::Ingest;
use crate::runtime::self_telemetry::Stored;
use crate::store::View;
use std::sync::{Arc, Mutex, PoisonError};

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
