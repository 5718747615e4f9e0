//! Counts the items of another signal without reading them.

use super::read::{self, Array, Object};
use super::text::{Json, Kind, Syntax};
use crate::model::Signal;

/// The keys from the request's field down to the items, in both spellings.
type Path = &'static [&'static [&'static str]];

const SPANS: Path = &[&["scopeSpans", "scope_spans"], &["spans"]];
const LOGS: Path = &[&["scopeLogs", "scope_logs"], &["logRecords", "log_records"]];
const POINTS: Path = &[
    &["scopeMetrics", "scope_metrics"],
    &["metrics"],
    &["gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary"],
    &["dataPoints", "data_points"],
];

/// The only signal in a request that has no items of its own signal, and its number of items.
pub(in crate::wire::otlp) fn misdirected(own: Signal, body: &[u8]) -> Option<(Signal, u64)> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = simdutf8::basic::from_utf8(body).ok()?;
    let mut request = Request { own, counts: [0; 3] };
    let mut json = Json::new(text);
    read::object(&mut json, &mut request).and_then(|_| json.end()).ok()?;
    let [spans, metrics, logs] = request.counts;
    let counts = [(Signal::Spans, spans), (Signal::Metrics, metrics), (Signal::Logs, logs)];
    let mut found = counts.into_iter().filter(|(_, count)| *count > 0);
    found.next().filter(|_| found.next().is_none())
}

struct Request {
    own: Signal,
    counts: [u64; 3],
}

impl<'a> Object<'a> for Request {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let [spans, metrics, logs] = &mut self.counts;
        let (signal, path, items) = match key {
            "resourceSpans" | "resource_spans" => (Signal::Spans, SPANS, spans),
            "resourceMetrics" | "resource_metrics" => (Signal::Metrics, POINTS, metrics),
            "resourceLogs" | "resource_logs" => (Signal::Logs, LOGS, logs),
            _ => return json.skip(),
        };
        if signal == self.own { json.skip() } else { Count { path, items }.value(json) }
    }
}

/// Counts the elements at the end of a path.
struct Count<'c> {
    path: Path,
    items: &'c mut u64,
}

impl Count<'_> {
    fn value(&mut self, json: &mut Json<'_>) -> Result<(), Syntax> {
        match json.kind()? {
            Kind::Object => _ = read::object(json, self)?,
            Kind::Array => _ = read::array(json, self)?,
            _ => json.skip()?,
        }
        Ok(())
    }
}

impl<'a> Array<'a> for Count<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if self.path.is_empty() {
            *self.items += 1;
            return json.skip();
        }
        if json.is_deep() { json.skip() } else { self.value(json) }
    }
}

impl<'a> Object<'a> for Count<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match self.path.split_first() {
            Some((names, path)) if names.contains(&key) => Count { path, items: self.items }.value(json),
            _ => json.skip(),
        }
    }
}
