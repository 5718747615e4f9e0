//! OTLP: the three export requests, in protobuf and JSON, into batches.
//!
//! A protobuf request is walked once. Of a message that holds what its children need after them (a resource's schema
//! follows its spans), the outermost fields are looked at first, which costs a few bytes a child. JSON has a folder of its
//! own (`json`), and so has writing it (`write`); what a good span or point is, is told once (`traces`, `point`).
//! [`sniff_protobuf`] tells which signal a body is, where nobody says.

mod json;
mod logs;
mod metrics;
mod origin;
mod point;
mod sniff;
mod traces;
mod unknown;
mod values;
mod write;

pub use json::{Document, Documents, Scan, begins_document, documents};
pub use sniff::sniff_protobuf;
pub use unknown::unknown;
pub use write::write_item;

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
