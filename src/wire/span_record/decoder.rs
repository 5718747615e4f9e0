//! Events of a stream in, batches out.

use super::BadSpan;
use super::envelope::{self, Contents};
use super::fields::{self, Unit};
use super::spans::SpanRecords;
use super::values::Values;
use crate::columns::{Batch, EventsBuilder, Raw};
use crate::model::Time;
use crate::wire::Rejected;
use crate::wire::json::{Json, JsonValue, View};
use std::borrow::Cow;

/// Reads the events of a stream (server-sent events, or the messages of a WebSocket) into a batch of spans and a batch of
/// events. [`Decoder::take`] them as often as they are wanted.
#[derive(Default)]
pub struct Decoder {
    spans: SpanRecords,
    events: EventsBuilder,
    values: Values,
    rejected: Rejected,
}

/// What an event was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found<'a> {
    /// So many spans, kept; those that were rejected are told by [`Decoder::take`].
    Spans(usize),
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
    /// OTLP JSON: one document, or several, one a line. Not kept: it is for the reader of OTLP JSON. Span records beside
    /// documents, in one array, are kept.
    Otlp(Cow<'a, str>),
}

/// What was read since the last time.
#[derive(Debug, Default)]
pub struct Taken {
    /// Spans; `None` where there were none.
    pub spans: Option<Batch>,
    /// Events and gaps; `None` where there were none.
    pub events: Option<Batch>,
    /// Spans that were not taken.
    pub rejected: Rejected,
}

impl Decoder {
    /// Reads one event: its name (`message` where it has none), the stream's last event id, its data.
    pub fn read<'a>(&mut self, name: &str, id: &str, data: &'a str) -> Found<'a> {
        if envelope::begins_as_otlp(data) {
            return Found::Otlp(Cow::Borrowed(data));
        }
        match Json::parse(data) {
            Ok(json) => self.read_json(name, id, data, json.root()),
            Err(_) if is(name, "heartbeat") => Found::Heartbeat { dropped: None },
            Err(_) => self.keep_text(name, id, data),
        }
    }

    /// How many spans, events and gaps wait to be taken.
    pub fn len(&self) -> usize {
        self.spans.builder.len() + self.events.len()
    }

    /// Whether nothing waits to be taken, be it a rejection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.rejected.count == 0
    }

    /// Seals what was read, and begins anew.
    pub fn take(&mut self) -> Taken {
        let Decoder { spans, events, rejected, .. } = std::mem::take(self);
        Taken {
            spans: (!spans.builder.is_empty()).then(|| spans.builder.finish()),
            events: (!events.is_empty()).then(|| events.finish()),
            rejected,
        }
    }

    fn read_json(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Found<'static> {
        let contents = Contents::of(root, name);
        if contents.otlp.is_empty() && contents.spans.is_empty() && !contents.is_span_list {
            return self.read_other(name, id, data, root);
        }
        let before = self.spans.builder.len();
        for span in &contents.spans {
            self.spans.push(*span).unwrap_or_else(|bad| self.rejected.one(bad));
        }
        // What stands beside spans or in a list of them and is none.
        (0..contents.others).for_each(|_| self.rejected.one(BadSpan::TraceId));
        if contents.otlp.is_empty() {
            return Found::Spans(self.spans.builder.len() - before);
        }
        let documents = contents.otlp.iter().filter_map(|document| serde_json::to_string(document).ok());
        Found::Otlp(Cow::Owned(documents.collect::<Vec<_>>().join("\n")))
    }

    /// What holds neither spans nor OTLP.
    fn read_other(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Found<'static> {
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
            self.events.push_gap(reason, dropped, time);
            return Found::Gap { dropped };
        }
        let session =
            find(root, &["sessionId", "session_id", "session.id"]).and_then(JsonValue::text).unwrap_or_default();
        // What is nested too deep for a value is kept as the text that it came in.
        let payload = self.values.raw(root).unwrap_or(Raw::Text(data.as_bytes()));
        let payload = self.events.dictionary.make_word(payload);
        self.events.push(name, id, time, session, payload);
        Found::Event
    }

    fn keep_text(&mut self, name: &str, id: &str, data: &str) -> Found<'static> {
        let payload = self.events.dictionary.make_word(Raw::Text(data.as_bytes()));
        self.events.push(name, id, Time::default(), "", payload);
        Found::Event
    }
}

/// A field of a value or of what it wraps, the outermost first.
fn find<'j>(root: JsonValue<'j>, keys: &[&str]) -> Option<JsonValue<'j>> {
    envelope::layers(root).find_map(|layer| layer.get(keys))
}

fn is(word: &str, expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected)
}
