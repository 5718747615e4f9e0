//! Events of a stream in, batches out.

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
    /// Log lines behind what is sealed; then there are neither spans nor events.
    logs: LogLines,
    values: Values,
    learned: Learned,
    rejected: Rejected,
    /// Whether lines are read instead of the events of a stream.
    of_lines: bool,
    /// Whether anything was read.
    has_begun: bool,
    /// Whether the stream has shown that it carries span records.
    has_span_records: bool,
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

    /// A decoder of lines: those of files, standard input and answers. A line that a logger wrote becomes a log record, and no
    /// line is a stream's sign of life.
    pub fn of_lines() -> Decoder {
        Decoder { of_lines: true, ..Decoder::default() }
    }

    /// Reads a line that a container runtime kept: telemetry as such, everything else as a log record.
    pub fn read_container_line(&mut self, line: &ContainerLine<'_>) -> Found {
        let text = line.text.as_ref();
        if text.trim().is_empty() && line.rest.is_none() {
            return Found::Items(0);
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
            return Found::Items(self.len() - before);
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
                Found::Items(self.len() - before)
            }
        }
    }

    /// Reads one event: its name (`message` where it has none), the stream's last event id, its data.
    pub fn read(&mut self, name: &str, id: &str, data: &str) -> Found {
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
                Found::Heartbeat { dropped: None }
            }
            Err(_) => self.keep_text(name, id, data),
        }
    }

    /// How many items, events and gaps wait to be taken.
    pub fn len(&self) -> usize {
        self.sealed_rows + self.spans.builder.len() + self.events.len() + self.logs.builder.len()
    }

    /// Whether nothing waits to be taken, be it a rejection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.rejected.count == 0
    }

    /// Seals what was read, and begins anew.
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
            self.seal_all();
            self.rejected.add(decoded.rejected);
            self.seal(decoded.batch);
        }
        Some(Found::Items(self.len() - before))
    }

    fn read_json(
        &mut self,
        name: &str,
        id: &str,
        data: &str,
        root: JsonValue<'_>,
        around: Option<&Around<'_>>,
    ) -> Found {
        let before = self.len();
        // Most events are one span record: it is read as such, and what its keys tell is seen on the way.
        let mut record = Record::of(root, &mut self.learned.names);
        if record.marks.are_of_record() {
            if self.of_lines && is_log_of_span(root) {
                return self.read_line(name, id, data, root, around);
            }
            self.has_span_records = true;
            self.seal_events();
            self.seal_logs();
            self.push(&mut record);
            return Found::Items(self.len() - before);
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
        // What stands beside telemetry and is none.
        let others = contents.others + if has_otlp { 0 } else { contents.otlp.len() };
        (0..others).for_each(|_| self.rejected.one(BadSpan::TraceId));
        Found::Items(self.len() - before)
    }

    /// Reads what a line holds that is neither spans nor OTLP: a log record where a logger or a container wrote it.
    fn read_line(
        &mut self,
        name: &str,
        id: &str,
        data: &str,
        root: JsonValue<'_>,
        around: Option<&Around<'_>>,
    ) -> Found {
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
        Found::Items(self.len() - before)
    }

    /// What only the server of a stream says of the stream itself. Whatever else has such a name is somebody's data.
    ///
    /// A sign of life has no keys but `type`, `timestamp` and `dropped`. Where it is an event called `heartbeat` that calls
    /// itself so too, that is enough; with one of the two, the stream must have carried span records before. `connected` is
    /// the first that a stream says, and names the connection.
    fn control(&mut self, name: &str, root: JsonValue<'_>, is_first: bool) -> Option<Found> {
        if is_first && is_called(name, root, "connected") {
            let innermost = envelope::layers(root).last().unwrap_or(root);
            if innermost.has(&["connectionId", "connection_id", "id"]) {
                self.has_span_records = true;
                return Some(Found::Connected);
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
        is_beat.then(|| Found::Heartbeat { dropped: dropped(root) })
    }

    fn push(&mut self, record: &mut Record<'_>) {
        self.spans.push(record, &mut self.learned.room).unwrap_or_else(|bad| self.rejected.one(bad));
    }

    /// What holds neither spans nor OTLP.
    fn read_other(&mut self, name: &str, id: &str, data: &str, root: JsonValue<'_>) -> Found {
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
            return Found::Gap { dropped };
        }
        let session =
            find(root, &["sessionId", "session_id", "session.id"]).and_then(JsonValue::text).unwrap_or_default();
        self.seal_spans();
        self.seal_logs();
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
        self.seal_logs();
        let payload = self.events.dictionary.make_word(Raw::Text(data.as_bytes()));
        self.events.push(name, id, Time::default(), "", payload);
        Found::Event
    }
}

/// Whether an event, or what it wraps, is called so.
fn is_called(name: &str, root: JsonValue<'_>, word: &str) -> bool {
    is(name, word) || envelope::layers(root).filter_map(envelope::kind).any(|kind| is(kind, word))
}

/// How many items a server says that it has dropped for us.
fn dropped(value: JsonValue<'_>) -> Option<u64> {
    match value.get(&["dropped"])?.view() {
        View::Int(count) => u64::try_from(count).ok(),
        _ => None,
    }
}

/// Whether an object with the ids of a span is what a logger wrote inside it: no span has a level.
fn is_log_of_span(root: JsonValue<'_>) -> bool {
    let has_start = root.has(&["startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time"]);
    !has_start && is_log(root)
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
