//! Events of a stream in, batches out.

use super::BadSpan;
use super::envelope::{self, Contents};
use super::fields::{self, Unit};
use super::names::Names;
use super::record::Record;
use super::spans::SpanRecords;
use super::values::Values;
use crate::columns::{Batch, EventsBuilder, Raw};
use crate::model::Time;
use crate::wire::json::{Json, JsonValue, Level, Room, View};
use crate::wire::otlp::{Document, documents};
use crate::wire::{Limits, Rejected};

/// Reads the events of a stream (server-sent events, or the messages of a WebSocket) into batches, which keep the order
/// that items came in: where spans follow events, or the other way round, a new batch begins. [`Decoder::take`] them as
/// often as they are wanted.
#[derive(Default)]
pub struct Decoder {
    limits: Limits,
    sealed: Vec<Batch>,
    sealed_rows: usize,
    /// Spans behind what is sealed; then there are no events.
    spans: SpanRecords,
    /// Events behind what is sealed; then there are no spans.
    events: EventsBuilder,
    values: Values,
    learned: Learned,
    rejected: Rejected,
}

/// What the texts of a stream have told about the next one.
#[derive(Default)]
pub(super) struct Learned {
    pub room: Room,
    /// By the numbers that keys have in that room.
    pub names: Names,
}

/// What an event was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// Telemetry: so many spans, log records or points, kept. Those that were rejected are told by [`Decoder::take`].
    Items(usize),
    /// No telemetry: kept as an event.
    Event,
    /// The server says that the stream stands. Not kept.
    Connected,
    /// A sign of life. Not kept.
    Heartbeat {
        /// What the server has dropped for us, where it says so.
        dropped: Option<u64>,
    },
    /// The server says that so many items are missing here. Kept as a gap.
    Gap {
        /// How many.
        dropped: u64,
    },
}

/// What was read since the last time.
#[derive(Debug, Default)]
pub struct Taken {
    /// In the order that their items came in; none of them is empty.
    pub batches: Vec<Batch>,
    /// Items that were not taken.
    pub rejected: Rejected,
}

/// What was read of an event this long is given back, so that one large event does not hold memory for good.
const LARGE: usize = 64 << 10;

impl Decoder {
    /// A decoder that takes so much of one OTLP document.
    pub fn new(limits: Limits) -> Decoder {
        Decoder { limits, ..Decoder::default() }
    }

    /// Reads one event: its name (`message` where it has none), the stream's last event id, its data.
    pub fn read(&mut self, name: &str, id: &str, data: &str) -> Found {
        if envelope::begins_as_otlp(data)
            && let Some(found) = self.read_otlp(data)
        {
            return found;
        }
        match Json::parse(&mut self.learned.room, Level::Outer, data) {
            Ok(json) => {
                let found = self.read_json(name, id, data, json.root());
                if data.len() < LARGE {
                    self.learned.room.take_back(json);
                }
                found
            }
            Err(_) if is(name, "heartbeat") => Found::Heartbeat { dropped: None },
            Err(_) => self.keep_text(name, id, data),
        }
    }

    /// How many items, events and gaps wait to be taken.
    pub fn len(&self) -> usize {
        self.sealed_rows + self.spans.builder.len() + self.events.len()
    }

    /// Whether nothing waits to be taken, be it a rejection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.rejected.count == 0
    }

    /// Seals what was read, and begins anew.
    pub fn take(&mut self) -> Taken {
        self.seal_spans();
        self.seal_events();
        self.sealed_rows = 0;
        Taken { batches: std::mem::take(&mut self.sealed), rejected: std::mem::take(&mut self.rejected) }
    }

    fn seal_spans(&mut self) {
        if !self.spans.builder.is_empty() {
            let spans = std::mem::take(&mut self.spans);
            self.seal(spans.builder.finish());
        }
    }

    fn seal_events(&mut self) {
        if !self.events.is_empty() {
            let events = std::mem::take(&mut self.events);
            self.seal(events.finish());
        }
    }

    fn seal(&mut self, batch: Batch) {
        if !batch.is_empty() {
            self.sealed_rows += batch.len();
            self.sealed.push(batch);
        }
    }

    /// Reads a text of OTLP documents; `None` where something else is in it, and then nothing was kept.
    fn read_otlp(&mut self, text: &str) -> Option<Found> {
        let documents: Option<Vec<_>> = documents(text, &self.limits)
            .map(|document| match document {
                Document::Items(decoded) => Some(decoded),
                _ => None,
            })
            .collect();
        let before = self.len();
        for decoded in documents? {
            self.seal_spans();
            self.seal_events();
            self.rejected.add(decoded.rejected);
            self.seal(decoded.batch);
        }
        Some(Found::Items(self.len() - before))
    }

    fn read_json(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Found {
        let before = self.len();
        // Most events are one span record: it is read as such, and what its keys tell is seen on the way.
        let mut record = Record::of(root, &mut self.learned.names);
        if record.marks.are_of_record() {
            self.seal_events();
            self.push(&mut record);
            return Found::Items(self.len() - before);
        }
        let contents = Contents::of(root, name, &mut self.learned.names);
        let has_otlp = !contents.otlp.is_empty() && self.read_otlp(&lines(&contents.otlp)).is_some();
        if !has_otlp && contents.spans.is_empty() && !contents.is_span_list {
            return self.read_other(name, id, data, root);
        }
        self.seal_events();
        for span in &contents.spans {
            let mut record = Record::of(*span, &mut self.learned.names);
            self.push(&mut record);
        }
        // What stands beside telemetry and is none.
        let others = contents.others + if has_otlp { 0 } else { contents.otlp.len() };
        (0..others).for_each(|_| self.rejected.one(BadSpan::TraceId));
        Found::Items(self.len() - before)
    }

    fn push(&mut self, record: &mut Record<'_>) {
        self.spans.push(record, &mut self.learned.room).unwrap_or_else(|bad| self.rejected.one(bad));
    }

    /// What holds neither spans nor OTLP.
    fn read_other(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Found {
        let innermost = envelope::layers(root).last().unwrap_or(root);
        let is_called =
            |word| is(name, word) || envelope::layers(root).filter_map(envelope::kind).any(|kind| is(kind, word));
        let dropped = innermost.get(&["dropped"]).and_then(|value| match value.view() {
            View::Int(count) => u64::try_from(count).ok(),
            _ => None,
        });
        if is_called("heartbeat") {
            return Found::Heartbeat { dropped };
        }
        if is_called("connected") && innermost.has(&["connectionId", "connection_id", "id"]) {
            return Found::Connected;
        }
        let time =
            find(root, &["timestamp", "time"]).and_then(|value| fields::time(value, Unit::Any)).unwrap_or_default();
        if is(name, "gap")
            && let Some(dropped) = dropped
        {
            let reason = innermost.get(&["reason"]).and_then(JsonValue::text).unwrap_or(name);
            self.seal_spans();
            self.events.push_gap(reason, dropped, time);
            return Found::Gap { dropped };
        }
        let session =
            find(root, &["sessionId", "session_id", "session.id"]).and_then(JsonValue::text).unwrap_or_default();
        self.seal_spans();
        // What is nested too deep for a value is kept as the text that it came in.
        // So is what would be a blank: `null`, and a string with nothing in it to see.
        let is_blank = root.is_null() || root.text().is_some_and(|text| text.trim().is_empty());
        let payload = match self.values.raw(root) {
            Ok(payload) if !is_blank => payload,
            _ => Raw::Text(data.as_bytes()),
        };
        let payload = self.events.dictionary.make_word(payload);
        self.events.push(name, id, time, session, payload);
        Found::Event
    }

    fn keep_text(&mut self, name: &str, id: &str, data: &str) -> Found {
        self.seal_spans();
        let payload = self.events.dictionary.make_word(Raw::Text(data.as_bytes()));
        self.events.push(name, id, Time::default(), "", payload);
        Found::Event
    }
}

/// JSON texts of values, one a line.
fn lines(values: &[JsonValue<'_>]) -> String {
    values.iter().filter_map(|value| serde_json::to_string(value).ok()).collect::<Vec<_>>().join("\n")
}

/// A field of a value or of what it wraps, the outermost first.
fn find<'j>(root: JsonValue<'j>, keys: &[&str]) -> Option<JsonValue<'j>> {
    envelope::layers(root).find_map(|layer| layer.get(keys))
}

fn is(word: &str, expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected)
}
