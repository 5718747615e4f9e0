//! Unwraps an event's JSON and finds the records in it.
//!
//! ```text
//! {"type"|"eventType": …, "data": X}      wraps X, at any depth
//! [X, …]    {"spans": [X, …]}             wraps each X
//! {"traceId": …, "spanId": …, …}          is a span record
//! {"resourceSpans": […]}                  is OTLP JSON
//! ```

use super::names::Names;
use crate::wire::json::{Entry, JsonValue, View};

/// What an event's JSON contains.
#[derive(Default)]
pub(super) struct Contents<'j> {
    /// Span records, good or bad.
    pub spans: Vec<JsonValue<'j>>,
    /// OTLP documents.
    pub otlp: Vec<JsonValue<'j>>,
    /// How many other values stand beside them.
    pub others: usize,
    /// Whether it was a list of spans; the list may be empty.
    pub is_span_list: bool,
}

impl<'j> Contents<'j> {
    /// The contents of `root`. `name` is the event's name; it may announce spans.
    pub fn of(root: JsonValue<'j>, name: &str, names: &mut Names) -> Contents<'j> {
        let mut contents = Contents::default();
        contents.gather(root, means_spans(name), names);
        contents
    }

    fn gather(&mut self, value: JsonValue<'j>, spans_expected: bool, names: &mut Names) {
        match value.view() {
            View::Array => value.items().for_each(|item| self.gather(item, spans_expected, names)),
            View::Object => self.gather_object(value, spans_expected, names),
            _ => self.others += 1,
        }
    }

    fn gather_object(&mut self, value: JsonValue<'j>, spans_expected: bool, names: &mut Names) {
        let marks = Marks::of(value, names);
        let is_list = |spans: &JsonValue<'_>| matches!(spans.view(), View::Array);
        if marks.are_of_record() {
            self.spans.push(value);
        } else if marks.has(Mark::Otlp) {
            self.otlp.push(value);
        } else if let Some((kind, data)) = wrapped(value) {
            self.gather(data, spans_expected || kind.text().is_some_and(means_spans), names);
        } else if let Some(spans) = marked(value, Mark::Spans).filter(is_list).last() {
            self.is_span_list = true;
            spans.items().for_each(|item| self.gather(item, true, names));
        } else if spans_expected && (marks.has(Mark::TraceId) || marks.has(Mark::SpanId)) {
            self.spans.push(value);
        } else {
            self.others += 1;
        }
    }
}

/// The value, then the value that it wraps, and so on inwards.
pub(super) fn layers(root: JsonValue<'_>) -> impl Iterator<Item = JsonValue<'_>> {
    std::iter::successors(Some(root), |value| wrapped(*value).map(|(_, data)| data))
}

/// The `type` or `eventType` of a value.
pub(super) fn kind(value: JsonValue<'_>) -> Option<&str> {
    value.get(KIND_KEYS).and_then(JsonValue::text)
}

/// Whether a text begins like an OTLP JSON document; then it need not be searched.
pub(super) fn begins_as_otlp(text: &str) -> bool {
    let first_key = text.trim_ascii_start().strip_prefix('{').map(str::trim_ascii_start);
    let first_key = first_key.and_then(|rest| rest.strip_prefix('"')).filter(|rest| rest.starts_with("resource"));
    let first_key = first_key.and_then(|rest| rest.split('"').next());
    first_key.is_some_and(|key| OTLP_KEYS.contains(&key))
}

const KIND_KEYS: &[&str] = &["eventType", "event_type", "type"];
const OTLP_KEYS: &[&str] =
    &["resourceSpans", "resource_spans", "resourceMetrics", "resource_metrics", "resourceLogs", "resource_logs"];
/// The keys of ResourceSpans, ResourceMetrics and ResourceLogs, which may stand on their own.
const SCOPE_KEYS: &[&str] = &["scopeSpans", "scope_spans", "scopeMetrics", "scope_metrics", "scopeLogs", "scope_logs"];

fn means_spans(word: &str) -> bool {
    word.eq_ignore_ascii_case("span") || word.eq_ignore_ascii_case("spans")
}

/// What a key reveals about its object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    TraceId,
    SpanId,
    /// A field that spans have, and that log records with span ids do not.
    SpanField,
    Otlp,
    Data,
    Kind,
    Spans,
}

impl Mark {
    /// What this key reveals.
    pub fn of(key: &str) -> Option<Mark> {
        Some(match key {
            "traceId" | "trace_id" => Mark::TraceId,
            "spanId" | "span_id" => Mark::SpanId,
            "name" | "startTimeUnixNano" | "start_time_unix_nano" | "startTime" | "start_time" => Mark::SpanField,
            "data" => Mark::Data,
            "spans" => Mark::Spans,
            key if KIND_KEYS.contains(&key) => Mark::Kind,
            key if OTLP_KEYS.contains(&key) || SCOPE_KEYS.contains(&key) => Mark::Otlp,
            _ => return None,
        })
    }
}

/// What the keys of an object reveal: one bit for each [`Mark`].
#[derive(Clone, Copy, Default)]
pub(super) struct Marks(u8);

impl Marks {
    fn of(value: JsonValue<'_>, names: &mut Names) -> Marks {
        let mut marks = Marks::default();
        value.entries().for_each(|entry| marks.add(names.of(entry).mark));
        marks
    }

    /// Adds one mark.
    #[inline]
    pub fn add(&mut self, mark: Option<Mark>) {
        self.0 |= mark.map_or(0, |mark| 1 << mark as u8);
    }

    fn has(self, mark: Mark) -> bool {
        self.0 & 1 << mark as u8 != 0
    }

    /// Whether an object with these keys is a span record, good or bad.
    #[inline]
    pub fn are_of_record(self) -> bool {
        [Mark::TraceId, Mark::SpanId, Mark::SpanField].into_iter().all(|mark| self.has(mark))
    }
}

/// The values whose keys have this mark, in order.
fn marked(value: JsonValue<'_>, mark: Mark) -> impl Iterator<Item = JsonValue<'_>> {
    value.entries().filter(move |entry| Mark::of(entry.key()) == Some(mark)).map(Entry::value)
}

/// The `type` and the `data` of an object that wraps another value; the last ones if they repeat.
fn wrapped(value: JsonValue<'_>) -> Option<(JsonValue<'_>, JsonValue<'_>)> {
    marked(value, Mark::Kind).last().zip(marked(value, Mark::Data).last())
}
