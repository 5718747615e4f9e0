//! OTLP: the three export requests, in protobuf and JSON, into batches.
//!
//! A protobuf request is walked once; JSON (`json`) too. Of a message that holds what its children need after them (a resource's schema follows its
//! spans), the outermost fields are looked at first, which costs a few bytes a child.

mod json;
mod logs;
mod metrics;
mod origin;
mod point;
mod traces;
mod values;

pub use json::{Document, Documents, documents};

use super::{Decoded, Encoding, Limits, WireError};
use crate::model::Signal;

/// Reads an export request of one signal: `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`,
/// `ExportLogsServiceRequest` (or `TracesData` and its kin: the same bytes). Events have none.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    match (encoding, signal) {
        (Encoding::Protobuf, Signal::Spans) => traces::decode(body, limits),
        (Encoding::Protobuf, Signal::Metrics) => metrics::decode(body, limits),
        (Encoding::Protobuf, Signal::Logs) => logs::decode(body, limits),
        (Encoding::Json, signal) => json::decode(signal, body, limits),
        (_, Signal::Events) => Err(WireError::Json("OTLP has no request for events".into())),
    }
}

/// One item as an OTLP JSON document, appended with a line feed; whether it has such a form (events have none).
pub fn write_item(_item: crate::columns::Item<'_>, _out: &mut Vec<u8>) -> bool {
    false
}
