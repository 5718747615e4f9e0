//! OTLP JSON, read in one pass straight into batches: no message, span or attribute is built in between.
//!
//! Liberal in what it takes: camelCase and snake_case, numbers as strings and the other way round, enums by number or
//! name, `null` for any default, unknown keys. A value of the wrong type costs the item that it is in; what is no JSON
//! ends the reading. Start with [`decode`], then `read` (how a value is taken), `groups` (what holds the items), then
//! one of `traces`, `logs`, `metrics`.

mod documents;
mod groups;
mod leaf;
mod logs;
mod metrics;
mod read;
#[cfg(test)]
mod tests;
mod traces;
mod values;

use super::super::{Decoded, Limits, WireError, json_repair};
use crate::model::Signal;
use groups::{Items, Reader};
use logs::Logs;
use metrics::Metrics;
use read::{Found, Object};
use serde::de::Deserializer;
use traces::Traces;

pub use documents::{Document, Documents, documents};

/// Reads a request of one signal; what it holds of another is passed over.
pub(super) fn decode(signal: Signal, body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = simdutf8::basic::from_utf8(body).map_err(|_| WireError::Json("the JSON is not UTF-8".into()))?;
    let read = |text: &str| match signal {
        Signal::Spans => request::<Traces>(text, "resourceSpans", "resource_spans", limits),
        Signal::Metrics => request::<Metrics>(text, "resourceMetrics", "resource_metrics", limits),
        Signal::Logs => request::<Logs>(text, "resourceLogs", "resource_logs", limits),
        Signal::Events => Err(WireError::Json("OTLP has no request for events".into())),
    };
    read(text).or_else(|error| match json_repair::repair(text) {
        Some(repaired) => read(&repaired),
        None => Err(error),
    })
}

fn request<I: Items>(
    text: &str,
    camel: &'static str,
    snake: &'static str,
    limits: &Limits,
) -> Result<Decoded, WireError> {
    let mut request = Request { reader: Reader::<I>::new(limits), names: [camel, snake], misfit: false };
    let mut json = serde_json::Deserializer::from_str(text);
    let found = read::object(&mut json, &mut request).and_then(|found| json.end().map(|()| found));
    match found.map_err(|error| WireError::Json(format!("not JSON: {error}")))? {
        Found::Wrong => Err(WireError::Json("an OTLP request must be a JSON object".into())),
        _ if request.misfit => Err(WireError::Field(camel)),
        _ => Ok(request.reader.finish()),
    }
}

struct Request<I> {
    reader: Reader<I>,
    names: [&'static str; 2],
    /// Whether its one field is no array.
    misfit: bool,
}

impl<'de, I: Items> Object<'de> for Request<I> {
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error> {
        if !self.names.contains(&key) {
            return read::skip(value);
        }
        self.misfit |= matches!(read::array(value, &mut self.reader)?, Found::Wrong);
        Ok(())
    }
}
