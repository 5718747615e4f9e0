//! Bytes ⇄ batches: OTLP protobuf, OTLP JSON, Prometheus text, span records, SSE framing.
//!
//! Each reader goes once over borrowed bytes and writes straight into a batch's columns; nothing in between is owned.
//! What one bad item costs is that item: readers return `(batch, rejected)`, and an error only where the frame around the
//! items is broken. May import `model`, `columns` and `budget`. Start with [`otlp::decode`]. Deliberately not here: sockets, time,
//! compression (`net`), what to do about an error (`source`).

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

/// How a body is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// What a body may hold at most, so that a small body cannot become a large batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Spans, log records or points in one body; what is over is rejected and counted.
    pub items: usize,
    /// Attributes, events, links, exemplars and buckets in one body; an item that would go over is rejected and counted.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { items: 1_000_000, parts: 16_000_000 }
    }
}

/// What a body held.
#[derive(Debug)]
pub struct Decoded {
    /// The good items.
    pub batch: Batch,
    /// The bad ones.
    pub rejected: Rejected,
}

/// Items that could not be taken, each on its own account.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// How many.
    pub count: u64,
    /// Why the first of them was; `None` where a reader gave the reason before.
    pub reason: Option<String>,
}

impl Rejected {
    /// Counts one more; the first reason is kept.
    pub fn one(&mut self, reason: impl ToString) {
        self.some(1, &reason);
    }

    /// Counts so many more that have one reason.
    pub fn some(&mut self, count: u64, reason: &impl ToString) {
        self.count += count;
        self.reason.get_or_insert_with(|| reason.to_string());
    }

    /// Counts those of another reading too.
    pub fn add(&mut self, others: Rejected) {
        self.count += others.count;
        self.reason = self.reason.take().or(others.reason);
    }
}

/// Why a body, or an item in it, could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end inside a field.
    #[error("the protobuf bytes end in the middle of a field")]
    Truncated,
    /// A number of more than ten bytes.
    #[error("a protobuf varint is longer than ten bytes")]
    Varint,
    /// Field number zero, an unknown wire type, or a group that is not closed.
    #[error("a protobuf tag is invalid: is this really protobuf?")]
    Tag,
    /// A known field with a wire type that it never has.
    #[error("protobuf field {0} has the wrong wire type: is this really OTLP?")]
    WireType(u32),
    /// JSON that is none, or is not OTLP.
    #[error("{0}")]
    Json(String),
    /// A JSON value of a type that its field never has, or out of range.
    #[error("the value of {0} is not what OTLP has there")]
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
    /// A point of a gauge or sum without a number, and without the flag that says so.
    #[error("a data point must have asDouble or asInt, or the flag 1 (no recorded value)")]
    NoValue,
    /// Over [`Limits`].
    #[error("one request may hold {0} {1} at most")]
    TooMany(usize, &'static str),
    /// More memory than its body may take; [`Over::Busy`](crate::budget::Over::Busy) alone passes.
    #[error(transparent)]
    Over(#[from] crate::budget::Over),
    /// A value nested too deep.
    #[error(transparent)]
    Nested(#[from] crate::model::NestedError),
}
