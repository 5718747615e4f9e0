//! Text of any kind from a stream or a file → batches, in the order it came.

use super::beginning::Gate;
use super::link::Link;
use crate::columns::{Batch, EventsBuilder};
use crate::wire::Rejected;
use crate::wire::lines::ContainerLine;
use crate::wire::span_record::{Decoded, Decoder};

/// Gathers what is read until it is delivered.
pub(super) struct Records {
    decoder: Decoder,
    link: Link,
    /// What of it is not wanted.
    pub(super) gate: Gate,
    /// Bytes of text read since the last delivery.
    gathered: usize,
}

/// So many rows are delivered without waiting for more.
const ENOUGH: usize = 4_096;
/// … and so many bytes of text, so that few long items are no large batch.
const ENOUGH_BYTES: usize = 1 << 20;

impl Records {
    pub fn new(link: Link) -> Records {
        Records { decoder: Decoder::default(), link, gate: Gate::default(), gathered: 0 }
    }

    /// Gathers lines instead of the events of a stream.
    pub fn of_lines(link: Link) -> Records {
        Records { decoder: Decoder::of_lines(), ..Records::new(link) }
    }

    /// Reads one event: its name, its id, its data.
    pub async fn read(&mut self, name: &str, id: &str, data: &str) -> Decoded {
        let found = self.decoder.read(name, id, data);
        self.gathered += data.len();
        if self.decoder.len() >= ENOUGH || self.gathered >= ENOUGH_BYTES {
            self.deliver().await;
        }
        found
    }

    /// Reads a line that a container runtime kept.
    pub async fn read_container_line(&mut self, line: &ContainerLine<'_>) {
        self.decoder.read_container_line(line);
        self.gathered += line.text.len();
        if self.decoder.len() >= ENOUGH || self.gathered >= ENOUGH_BYTES {
            self.deliver().await;
        }
    }

    /// An item over the limit: rejected, counted, and told at its place.
    pub async fn too_large(&mut self, limit: usize) {
        self.deliver().await;
        let reason = format!("an item larger than {limit} bytes");
        self.link.reject(1, format!("{reason}; it was skipped"));
        let mut events = EventsBuilder::default();
        events.push_gap(&reason, 1, self.link.now());
        self.push(vec![events.finish()], Rejected::default()).await;
    }

    /// Hands over what waits.
    pub async fn deliver(&mut self) {
        self.gathered = 0;
        if self.decoder.is_empty() {
            return;
        }
        let taken = self.decoder.take();
        self.push(taken.batches, taken.rejected).await;
    }

    /// Whoever reads may have gone; then the source is about to be ended too.
    pub async fn push(&mut self, mut batches: Vec<Batch>, rejected: Rejected) {
        let left_out = self.gate.leave_out(&mut batches);
        if left_out > 0 {
            self.link.leave_out(left_out);
        }
        let _ = self.link.deliver(batches, rejected).await;
    }
}
