//! OTLP JSON, read in one pass straight into batches: no message, span or attribute is built in between.
//!
//! It accepts many variants: camelCase and snake_case, numbers as strings and the reverse, enums by number or name, `null`
//! for any default, unknown keys. A value of the wrong type costs the item that contains it; invalid JSON ends the read.
//! Start with [`decode`], then `text` (JSON itself), `read` (typed values), `groups` (the structure around the items), then
//! one of `traces`, `logs`, `metrics`. `documents` reads many requests from one text.

mod around;
mod described;
mod documents;
mod groups;
mod heads;
mod leaf;
mod logs;
mod metrics;
mod misdirected;
mod read;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod traces;
mod unknown;
mod values;

use super::super::{Decoded, Limits, WireError};
use crate::budget::Meter;
use crate::model::Signal;
use groups::{Items, Reader};
use logs::Logs;
use metrics::Metrics;
use read::{Object, ReadValue};
use text::{Json, Syntax};
use traces::Traces;

pub use documents::{Document, Documents, documents};
pub use heads::begins_document;
pub(super) use misdirected::misdirected;
pub use scan::Scan;
pub(super) use unknown::unknown_json;

/// Reads a request of one signal and skips items of other signals.
pub(super) fn decode(signal: Signal, body: &[u8], limits: &Limits, meter: &Meter) -> Result<Decoded, WireError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = simdutf8::basic::from_utf8(body).map_err(|_| WireError::Json("the JSON is not UTF-8".into()))?;
    match signal {
        Signal::Spans => request::<Traces>(text, "resourceSpans", "resource_spans", limits, meter),
        Signal::Metrics => request::<Metrics>(text, "resourceMetrics", "resource_metrics", limits, meter),
        Signal::Logs => request::<Logs>(text, "resourceLogs", "resource_logs", limits, meter),
        Signal::Events => Err(WireError::Json("OTLP has no request for events".into())),
    }
}

fn request<I: Items>(
    text: &str,
    camel: &'static str,
    snake: &'static str,
    limits: &Limits,
    meter: &Meter,
) -> Result<Decoded, WireError> {
    let mut request = Request { reader: Reader::<I>::new(limits), names: [camel, snake], misfit: false };
    let mut json = Json::metered(text, meter);
    let found = read::object(&mut json, &mut request).and_then(|found| json.end().map(|()| found));
    match found.map_err(|error| not_json(error, text))? {
        ReadValue::Wrong => Err(WireError::Json("an OTLP request must be a JSON object".into())),
        _ if request.misfit => Err(WireError::Field(camel)),
        _ => {
            request.reader.look(&json);
            Ok(request.reader.finish())
        }
    }
}

fn not_json(error: Syntax, text: &str) -> WireError {
    WireError::Json(format!("not JSON: {}", error.explain(text)))
}

struct Request<I> {
    reader: Reader<I>,
    names: [&'static str; 2],
    /// Whether its one field is not an array.
    misfit: bool,
}

impl<'a, I: Items> Object<'a> for Request<I> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !self.names.contains(&key) {
            return json.skip();
        }
        self.misfit |= matches!(read::array(json, &mut self.reader)?, ReadValue::Wrong);
        Ok(())
    }
}
