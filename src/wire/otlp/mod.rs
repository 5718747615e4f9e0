//! OTLP: the three export requests, in protobuf and JSON, into batches.
//!
//! A protobuf request is read in one pass. Only where a message's children need a field that follows them (a resource's
//! schema URL follows its spans), its outermost fields are read first, which costs a few bytes per child. `json` reads JSON,
//! `write` writes it; `traces` and `point` define which spans and points are valid, for both encodings. [`sniff_protobuf`]
//! finds the signal of a body that does not name it.

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

/// Decodes an export request of one signal: `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`,
/// `ExportLogsServiceRequest` (or `TracesData` and its like, which have the same bytes). OTLP has no request for
/// [`Signal::Events`].
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    decode_within(signal, encoding, body, limits, &Meter::of_body(body.len()))
}

/// [`decode`] with a memory limit: items that would exceed it are rejected.
///
/// # Errors
///
/// As [`decode`], and [`Over::Busy`] if there may be memory for the whole request later.
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
