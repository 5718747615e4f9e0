//! Text of any kind from a stream or a file → batches, in the order it came.

use super::link::Link;
use crate::columns::EventsBuilder;
use crate::intake::Overflow;
use crate::wire::span_record::{Decoder, Found};
use crate::wire::{Limits, otlp};

/// Gathers what is read until it is delivered. Spans and events of one delivery keep their order.
pub(super) struct Records {
    decoder: Decoder,
    link: Link,
    overflow: Overflow,
    /// Whether what waits are events; a change of kind delivers.
    waits_events: bool,
}

/// So many rows are delivered without waiting for more.
const ENOUGH: usize = 4_096;

impl Records {
    pub fn new(link: Link, overflow: Overflow) -> Records {
        Records { decoder: Decoder::default(), link, overflow, waits_events: false }
    }

    /// Reads one event: its name, its id, its data.
    pub async fn read<'a>(&mut self, name: &str, id: &str, data: &'a str) -> Found<'a> {
        let before = self.decoder.len();
        let found = self.decoder.read(name, id, data);
        let is_event = matches!(found, Found::Event | Found::Gap { .. });
        if let Found::Otlp(text) = &found {
            self.deliver().await;
            self.documents(text).await;
        } else if self.decoder.len() > before {
            if before > 0 && is_event != self.waits_events || self.decoder.len() >= ENOUGH {
                self.deliver().await;
            }
            self.waits_events = is_event;
        }
        found
    }

    /// An item over the limit: rejected, counted, and told at its place.
    pub async fn too_large(&mut self, limit: usize) {
        self.deliver().await;
        self.link.reject(1);
        let mut events = EventsBuilder::default();
        events.push_gap(&format!("an item larger than {limit} bytes"), 1, self.link.now());
        self.push(vec![events.finish()], 0).await;
    }

    /// Hands over what waits.
    pub async fn deliver(&mut self) {
        if self.decoder.is_empty() {
            return;
        }
        let read = self.decoder.take();
        let batches = [read.spans, read.events].into_iter().flatten().collect();
        self.push(batches, read.rejected.count).await;
    }

    async fn documents(&mut self, text: &str) {
        for document in otlp::documents(text, &Limits::default()) {
            match document {
                otlp::Document::Items(decoded) => self.push(vec![decoded.batch], decoded.rejected.count).await,
                otlp::Document::Unknown(_) | otlp::Document::Broken(..) | otlp::Document::Unfinished(_) => {
                    self.link.reject(1);
                }
            }
        }
    }

    /// Whoever reads may have gone; then the source is about to be ended too.
    pub async fn push(&self, batches: Vec<crate::columns::Batch>, rejected: u64) {
        let _ = self.link.deliver(batches, rejected, self.overflow).await;
    }
}
