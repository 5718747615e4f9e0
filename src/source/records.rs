//! Decodes text items from a stream or a file into batches, in order of arrival.

use super::beginning::Gate;
use super::link::Link;
use crate::columns::{Batch, EventsBuilder};
use crate::wire::Rejected;
use crate::wire::lines::ContainerLine;
use crate::wire::span_record::{Decoded, Decoder};

/// Decodes items and collects them until they are delivered.
pub(super) struct Records {
    decoder: Decoder,
    link: Link,
    /// Drops items that are not wanted.
    pub(super) gate: Gate,
    /// Bytes of text read since the last delivery.
    gathered: usize,
}

/// Rows after which a batch is delivered without waiting for more.
const ENOUGH: usize = 4_096;
/// Bytes of text after which a batch is delivered, so that a few long items do not make a large batch.
const ENOUGH_BYTES: usize = 1 << 20;

impl Records {
    pub fn new(link: Link) -> Records {
        Records { decoder: Decoder::default(), link, gate: Gate::default(), gathered: 0 }
    }

    /// For lines instead of the events of a stream.
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

    /// Decodes a line of a container log.
    pub async fn read_container_line(&mut self, line: &ContainerLine<'_>) {
        self.decoder.read_container_line(line);
        self.gathered += line.text.len();
        if self.decoder.len() >= ENOUGH || self.gathered >= ENOUGH_BYTES {
            self.deliver().await;
        }
    }

    /// Rejects an item above the size limit, and leaves a gap row in its place.
    pub async fn too_large(&mut self, limit: usize) {
        self.deliver().await;
        let reason = format!("an item larger than {limit} bytes");
        self.link.reject(1, format!("{reason}; it was skipped"));
        let mut events = EventsBuilder::default();
        events.push_gap(&reason, 1, self.link.now());
        self.push(vec![events.finish()], Rejected::default()).await;
    }

    /// Delivers the collected batches.
    pub async fn deliver(&mut self) {
        self.gathered = 0;
        if self.decoder.is_empty() {
            return;
        }
        let taken = self.decoder.take();
        self.push(taken.batches, taken.rejected).await;
    }

    /// An error means that the reader is gone; the source is then about to end too.
    pub async fn push(&mut self, mut batches: Vec<Batch>, rejected: Rejected) {
        let left_out = self.gate.leave_out(&mut batches);
        if left_out > 0 {
            self.link.leave_out(left_out);
        }
        let _ = self.link.deliver(batches, rejected).await;
    }
}
