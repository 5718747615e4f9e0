//! OTLP: the three export requests, in protobuf and JSON, into batches.
//!
//! A protobuf request is walked once. Of a message that holds what its children need after them (a resource's schema
//! follows its spans), the outermost fields are looked at first, which costs a few bytes a child. JSON has a folder of its
//! own (`json`), and so has writing it (`write`); what a good span or point is, is told once (`traces`, `point`).
//! [`sniff_protobuf`] tells which signal a body is, where nobody says.

mod json;
mod logs;
mod messages;
mod metrics;
mod misdirected;
mod origin;
mod point;
mod sniff;
mod traces;
mod unknown;
mod values;
mod write;

pub use json::{Document, Documents, Scan, begins_document, documents};
pub use misdirected::misdirected;
pub use sniff::sniff_protobuf;
pub use unknown::unknown;
pub use write::{write_item, write_items};

use super::{Decoded, Encoding, Limits, WireError};
use crate::budget::{Meter, Over};
use crate::model::Signal;

/// Reads an export request of one signal: `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`,
/// `ExportLogsServiceRequest` (or `TracesData` and its kin: the same bytes). Events have none.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    decode_within(signal, encoding, body, limits, &Meter::of_body(body.len()))
}

/// [`decode`] within what a meter allows: items that would make the batch too large are rejected.
///
/// # Errors
///
/// As [`decode`]; and [`Over::Busy`], where there may be room for the whole request later.
pub fn decode_within(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    limits: &Limits,
    meter: &Meter,
) -> Result<Decoded, WireError> {
    let decoded = match (encoding, signal) {
        (Encoding::Protobuf, Signal::Spans) => traces::decode(body, limits, meter),
        (Encoding::Protobuf, Signal::Metrics) => metrics::decode(body, limits, meter),
        (Encoding::Protobuf, Signal::Logs) => logs::decode(body, limits, meter),
        (Encoding::Json, signal) => json::decode(signal, body, limits, meter),
        (_, Signal::Events) => Err(WireError::Json("OTLP has no request for events".into())),
    };
    match meter.check() {
        Err(Over::Busy) => Err(Over::Busy.into()),
        _ => decoded,
    }
}
