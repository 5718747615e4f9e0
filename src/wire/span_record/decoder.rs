//! Reads a stream's events into batches.

use super::BadSpan;
use super::envelope::{self, Contents};
use super::fields::{self, Unit};
use super::names::Names;
use super::record::Record;
use super::spans::SpanRecords;
use crate::columns::{Batch, EventsBuilder, Raw};
use crate::model::Time;
use crate::wire::json::{Json, JsonValue, Level, Room, View};
use crate::wire::json_values::Values;
use crate::wire::lines::{Around, ContainerLine, LogLines, is_log};
use crate::wire::otlp::{Document, documents};
use crate::wire::{Limits, Rejected};

/// Reads the events of a stream (server-sent events or WebSocket messages) into batches. Batches keep the order of arrival: a
/// new batch begins where events follow spans or spans follow events. Call [`Decoder::take`] for the batches at any time.
#[derive(Default)]
pub struct Decoder {
    limits: Limits,
    sealed: Vec<Batch>,
    sealed_rows: usize,
    /// Spans after the sealed batches; then `events` and `logs` are empty.
    spans: SpanRecords,
    /// Events after the sealed batches; then `spans` and `logs` are empty.
    events: EventsBuilder,
    /// Log lines after the sealed batches; then `spans` and `events` are empty.
    logs: LogLines,
    values: Values,
    learned: Learned,
    rejected: Rejected,
    /// Whether the input is lines and not the events of a stream.
    of_lines: bool,
    /// Whether anything was read.
    has_begun: bool,
    /// Whether the stream has carried span records.
    has_span_records: bool,
}

/// What earlier texts of a stream taught about the next ones.
#[derive(Default)]
pub(super) struct Learned {
    pub room: Room,
    /// The meanings of keys, by their numbers in `room`.
    pub names: Names,
}

/// What an event turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoded {
    /// Telemetry: the number of spans, log records or data points kept. [`Decoder::take`] returns the rejected ones.
    Items(usize),
    /// Not telemetry: kept as an event.
    Event,
    /// The server confirms the connection. Not kept.
    Connected,
    /// The server shows that it is alive. Not kept.
    Heartbeat {
        /// How many items the server has dropped for this client, if it says so.
        dropped: Option<u64>,
    },
    /// The server dropped items at this position. Kept as a gap.
    Gap {
        /// How many it dropped.
        dropped: u64,
    },
}

/// What was read since the last call.
#[derive(Debug, Default)]
pub struct Taken {
    /// In the order of arrival; none is empty.
    pub batches: Vec<Batch>,
    /// Items that were rejected.
    pub rejected: Rejected,
}

/// Memory of an event longer than this is freed, so that one large event does not hold it forever.
const LARGE: usize = 64 << 10;

impl Decoder {
    /// A decoder with these limits for each OTLP document.
    pub fn new(limits: Limits) -> Decoder {
        Decoder { limits, ..Decoder::default() }
    }

    /// A decoder of lines from files, standard input and HTTP responses. A logger's line becomes a log record, and no line
    /// counts as a heartbeat.
    pub fn of_lines() -> Decoder {
        Decoder { of_lines: true, ..Decoder::default() }
    }

    /// Reads a line that a container runtime stored: telemetry as telemetry, anything else as a log record.
    pub fn read_container_line(&mut self, line: &ContainerLine<'_>) -> Decoded {
        let text = line.text.as_ref();
        if text.trim().is_empty() && line.rest.is_none() {
            return Decoded::Items(0);
        }
        let before = self.len();
        let mut documents = documents(text, &self.limits).ended().peekable();
        if documents.peek().is_some_and(|first| matches!(first, Document::Items(_))) {
            for document in documents {
                if let Document::Items(decoded) = document {
                    self.seal_all();
                    self.rejected.add(decoded.rejected);
                    self.seal(decoded.batch);
                }
            }
            return Decoded::Items(self.len() - before);
        }
        drop(documents);
        let outer = line.rest.and_then(|rest| Json::parse(&mut self.learned.room, Level::Outer, rest).ok());
        let around = Around { time: line.time, stream: line.stream.as_ref(), rest: outer.as_ref().map(Json::root) };
        match Json::parse(&mut self.learned.room, Level::Inner, text) {
            Ok(json) if matches!(json.root().view(), View::Object | View::Array) => {
                let found = self.read_json("message", "", text, json.root(), Some(&around));
                if text.len() < LARGE {
                    self.learned.room.take_back(json);
                }
                found
            }
            _ => {
                self.seal_but_logs();
                self.logs.push_text(text, &around);
                Decoded::Items(self.len() - before)
            }
        }
    }

    /// Reads one event: its name (`message` if it has none), the stream's last event id, its data.
    pub fn read(&mut self, name: &str, id: &str, data: &str) -> Decoded {
        if envelope::begins_as_otlp(data)
            && let Some(found) = self.read_otlp(data)
        {
            return found;
        }
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        match Json::parse(&mut self.learned.room, Level::Outer, data) {
            Ok(json) => {
                let control = if self.of_lines { None } else { self.control(name, json.root(), is_first) };
                let found = control.unwrap_or_else(|| self.read_json(name, id, data, json.root(), None));
                if data.len() < LARGE {
                    self.learned.room.take_back(json);
                }
                found
            }
            Err(_) if self.has_span_records && name == "heartbeat" && data.trim().is_empty() => {
                Decoded::Heartbeat { dropped: None }
            }
            Err(_) => self.keep_text(name, id, data),
        }
    }

    /// How many items, events and gaps are ready to be taken.
    pub fn len(&self) -> usize {
        self.sealed_rows + self.spans.builder.len() + self.events.len() + self.logs.builder.len()
    }

    /// Whether nothing is ready to be taken, not even a rejection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.rejected.count == 0
    }

    /// Seals what was read and starts over.
    pub fn take(&mut self) -> Taken {
        self.seal_all();
        self.sealed_rows = 0;
        Taken { batches: std::mem::take(&mut self.sealed), rejected: std::mem::take(&mut self.rejected) }
    }

    fn seal_all(&mut self) {
        self.seal_but_logs();
        self.seal_logs();
    }

    fn seal_but_logs(&mut self) {
        self.seal_spans();
        self.seal_events();
    }

    fn seal_logs(&mut self) {
        if !self.logs.builder.is_empty() {
            let batch = self.logs.take();
            self.seal(batch);
        }
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

    /// Reads a text of OTLP documents. `None`, and nothing kept, if it contains anything else.
    fn read_otlp(&mut self, text: &str) -> Option<Decoded> {
        let documents: Option<Vec<_>> = documents(text, &self.limits)
            .map(|document| match document {
                Document::Items(decoded) => Some(decoded),
                _ => None,
            })
            .collect();
        let before = self.len();
        for decoded in documents? {
            self.seal_all();
            self.rejected.add(decoded.rejected);
            self.seal(decoded.batch);
        }
        Some(Decoded::Items(self.len() - before))
    }

    fn read_json(
        &mut self,
        name: &str,
        id: &str,
        data: &str,
        root: JsonValue<'_>,
        around: Option<&Around<'_>>,
    ) -> Decoded {
        let before = self.len();
        // Most events are one span record, so the event is read as one; the keys show on the way if it is something else.
        let mut record = Record::of(root, &mut self.learned.names);
        if record.marks.are_of_record() {
            if self.of_lines && is_log_of_span(root) {
                return self.read_line(name, id, data, root, around);
            }
            self.has_span_records = true;
            self.seal_events();
            self.seal_logs();
            self.push(&mut record);
            return Decoded::Items(self.len() - before);
        }
        let contents = Contents::of(root, name, &mut self.learned.names);
        let has_otlp = !contents.otlp.is_empty() && self.read_otlp(&lines(&contents.otlp)).is_some();
        if !has_otlp && contents.spans.is_empty() && !contents.is_span_list {
            return match self.of_lines {
                true => self.read_line(name, id, data, root, around),
                false => self.read_other(name, id, data, root),
            };
        }
        self.has_span_records |= !contents.spans.is_empty() || contents.is_span_list;
        self.seal_events();
        self.seal_logs();
        for span in &contents.spans {
            let mut record = Record::of(*span, &mut self.learned.names);
            self.push(&mut record);
        }
        // Values beside the telemetry that are not telemetry.
        let others = contents.others + if has_otlp { 0 } else { contents.otlp.len() };
        (0..others).for_each(|_| self.rejected.one(BadSpan::TraceId));
        Decoded::Items(self.len() - before)
    }

    /// Reads a line that has neither spans nor OTLP: a log record if a logger or a container wrote it.
    fn read_line(
        &mut self,
        name: &str,
        id: &str,
        data: &str,
        root: JsonValue<'_>,
        around: Option<&Around<'_>>,
    ) -> Decoded {
        if around.is_none() && !is_log(root) {
            return self.read_other(name, id, data, root);
        }
        let before = self.len();
        self.seal_but_logs();
        if !self.logs.push_json(root, around)
            && let Some(around) = around
        {
            self.logs.push_value(root, data, around);
        }
        Decoded::Items(self.len() - before)
    }

    /// Recognizes messages that a server sends about the stream itself. Other events of these names are user data.
    ///
    /// A heartbeat has no keys but `type`, `timestamp` and `dropped`. It counts if both the event name and the `type` say
    /// `heartbeat`; if only one does, the stream must have carried span records before. `connected` must be the first event
    /// of a stream and name the connection.
    fn control(&mut self, name: &str, root: JsonValue<'_>, is_first: bool) -> Option<Decoded> {
        if is_first && is_called(name, root, "connected") {
            let innermost = envelope::layers(root).last().unwrap_or(root);
            if innermost.has(&["connectionId", "connection_id", "id"]) {
                self.has_span_records = true;
                return Some(Decoded::Connected);
            }
        }
        let kind = root.get(&["type"]).and_then(JsonValue::text);
        let is_bare = matches!(root.view(), View::Object)
            && root.entries().all(|entry| matches!(entry.key(), "type" | "timestamp" | "dropped"))
            && kind.is_none_or(|kind| kind == "heartbeat");
        let is_beat = match (name == "heartbeat", kind.is_some()) {
            _ if !is_bare => false,
            (true, true) => true,
            (true, false) | (false, true) => self.has_span_records,
            (false, false) => false,
        };
        self.has_span_records |= is_beat;
        is_beat.then(|| Decoded::Heartbeat { dropped: dropped(root) })
    }

    fn push(&mut self, record: &mut Record<'_>) {
        self.spans.push(record, &mut self.learned.room).unwrap_or_else(|bad| self.rejected.one(bad));
    }

    /// Keeps an event that has neither spans nor OTLP.
    fn read_other(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Decoded {
        let innermost = envelope::layers(root).last().unwrap_or(root);
        let time =
            find(root, &["timestamp", "time"]).and_then(|value| fields::time(value, Unit::Any)).unwrap_or_default();
        if is(name, "gap")
            && !self.of_lines
            && let Some(dropped) = dropped(innermost)
        {
            let reason = innermost.get(&["reason"]).and_then(JsonValue::text).unwrap_or(name);
            self.seal_spans();
            self.seal_logs();
            self.events.push_gap(reason, dropped, time);
            return Decoded::Gap { dropped };
        }
        let session =
            find(root, &["sessionId", "session_id", "session.id"]).and_then(JsonValue::text).unwrap_or_default();
        self.seal_spans();
        self.seal_logs();
        // A value nested too deeply is kept as its JSON text. So is a string of white space, which would show as a blank.
        let is_blank = root.text().is_some_and(|text| text.trim().is_empty());
        let payload = match self.values.raw(root) {
            Ok(payload) if !is_blank => payload,
            _ => Raw::Text(data.as_bytes()),
        };
        let payload = self.events.dictionary.make_word(payload);
        self.events.push(name, id, time, session, payload);
        Decoded::Event
    }

    fn keep_text(&mut self, name: &str, id: &str, data: &str) -> Decoded {
        self.seal_spans();
        self.seal_logs();
        let payload = self.events.dictionary.make_word(Raw::Text(data.as_bytes()));
        self.events.push(name, id, Time::default(), "", payload);
        Decoded::Event
    }
}

/// Whether an event, or a value that it wraps, has this name.
fn is_called(name: &str, root: JsonValue<'_>, word: &str) -> bool {
    is(name, word) || envelope::layers(root).filter_map(envelope::kind).any(|kind| is(kind, word))
}

/// How many items a server says it has dropped for this client.
fn dropped(value: JsonValue<'_>) -> Option<u64> {
    match value.get(&["dropped"])?.view() {
        View::Int(count) => u64::try_from(count).ok(),
        _ => None,
    }
}

/// Whether an object with span ids is a log record written inside that span: spans have no level.
fn is_log_of_span(root: JsonValue<'_>) -> bool {
    let has_start = root.has(&["startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time"]);
    !has_start && is_log(root)
}

/// The values as JSON texts, one per line.
fn lines(values: &[JsonValue<'_>]) -> String {
    values.iter().filter_map(|value| serde_json::to_string(value).ok()).collect::<Vec<_>>().join("\n")
}

/// A field of a value or of a value that it wraps, the outermost first.
fn find<'j>(root: JsonValue<'j>, keys: &[&str]) -> Option<JsonValue<'j>> {
    envelope::layers(root).find_map(|layer| layer.get(keys))
}

fn is(word: &str, expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected)
}
