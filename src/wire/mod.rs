//! Bytes ⇄ batches: OTLP protobuf, OTLP JSON, Prometheus text, span records, SSE framing.
//!
//! Each reader makes one pass over borrowed bytes and writes straight into a batch's columns. A bad item costs only that
//! item: readers return `(batch, rejected)`, and an error only if the structure around the items is broken. May import
//! `model`, `columns` and `budget`. Start with [`otlp::decode`]. Deliberately not here: sockets, time and compression
//! (`net`), and the reaction to errors (`source`).

mod decimal;
mod json;
mod json_general;
mod json_keys;
mod json_repair;
mod json_scan;
mod json_values;
pub mod lines;
pub mod otlp;
pub mod prometheus;
mod protobuf;
pub mod span_record;
pub mod sse;

use crate::columns::Batch;

/// The encoding of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// The most that one body may contain, so that a small body cannot become a large batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Spans, log records or data points in one body; the rest is rejected and counted.
    pub items: usize,
    /// Attributes, events, links, exemplars and buckets in one body; an item that exceeds it is rejected and counted.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { items: 1_000_000, parts: 16_000_000 }
    }
}

/// The result of decoding a body.
#[derive(Debug)]
pub struct Decoded {
    /// The good items.
    pub batch: Batch,
    /// The bad items.
    pub rejected: Rejected,
}

/// Items that were rejected, each for its own reason.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// How many items.
    pub count: u64,
    /// The reason of the first; `None` if an earlier read reported it already.
    pub reason: Option<String>,
}

impl Rejected {
    /// Counts one more; keeps the first reason.
    pub fn one(&mut self, reason: impl ToString) {
        self.some(1, &reason);
    }

    /// Counts `count` more with one reason.
    pub fn some(&mut self, count: u64, reason: &impl ToString) {
        self.count += count;
        self.reason.get_or_insert_with(|| reason.to_string());
    }

    /// Adds the items that another read rejected.
    pub fn add(&mut self, others: Rejected) {
        self.count += others.count;
        self.reason = self.reason.take().or(others.reason);
    }
}

/// Why a body or one of its items could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end inside a field.
    #[error("the protobuf bytes end in the middle of a field")]
    Truncated,
    /// A number longer than ten bytes.
    #[error("a protobuf varint is longer than ten bytes")]
    Varint,
    /// Field number zero, an unknown wire type, or a group that is not closed.
    #[error("a protobuf tag is invalid; check that the body is protobuf")]
    Tag,
    /// A known field with the wrong wire type.
    #[error("protobuf field {0} has the wrong wire type; check that the body is OTLP")]
    WireType(u32),
    /// Invalid JSON, or JSON that is not OTLP.
    #[error("{0}")]
    Json(String),
    /// A JSON value of the wrong type for its field, or out of range.
    #[error("the value of {0} has the wrong type or is out of range")]
    Field(&'static str),
    /// A span whose trace id is not 16 bytes, or all zero.
    #[error("a span's trace id must be 16 bytes and not all zero")]
    TraceId,
    /// A span whose span id is not 8 bytes, or all zero.
    #[error("a span's span id must be 8 bytes and not all zero")]
    SpanId,
    /// A point without a time.
    #[error("a data point's timeUnixNano must not be zero")]
    PointTime,
    /// A point of a gauge or sum without a number and without the flag for "no recorded value".
    #[error("a data point needs asDouble, asInt or flag 1 (no recorded value)")]
    NoValue,
    /// More than [`Limits`] allows: the limit, and the name of the items.
    #[error("one request may contain at most {0} {1}")]
    TooMany(usize, &'static str),
    /// More memory than a body may become. Only [`Over::Busy`](crate::budget::Over::Busy) is temporary.
    #[error(transparent)]
    Over(#[from] crate::budget::Over),
    /// A value nested too deeply.
    #[error(transparent)]
    Nested(#[from] crate::model::NestedError),
}
