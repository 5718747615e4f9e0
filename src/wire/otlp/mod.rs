//! OTLP: the three export requests, in protobuf and JSON, into batches.
//!
//! A request is walked once. Of a message that holds what its children need after them (a resource's schema follows its
//! spans), the outermost fields are looked at first, which costs a few bytes a child.

mod logs;
mod metrics;
mod origin;
mod traces;
mod values;

use super::{Decoded, Encoding, Limits, WireError};
use crate::model::Signal;

/// Reads an export request of one signal: `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`,
/// `ExportLogsServiceRequest` (or `TracesData` and its kin: the same bytes). Events have none.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    match (encoding, signal) {
        (Encoding::Protobuf, Signal::Spans) => traces::decode(body, limits),
        (Encoding::Protobuf, Signal::Metrics) => metrics::decode(body, limits),
        (Encoding::Protobuf, Signal::Logs) => logs::decode(body, limits),
        (Encoding::Json, _) => Err(WireError::Json("OTLP JSON is not read yet".into())),
        (_, Signal::Events) => Err(WireError::Json("OTLP has no request for events".into())),
    }
}

/// One item as an OTLP JSON document, appended with a line feed; whether it has such a form (events have none).
pub fn write_item(_item: crate::columns::Item<'_>, _out: &mut Vec<u8>) -> bool {
    false
}
