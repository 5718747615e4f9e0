//! Values of points: a number or a distribution; and exemplars.

use crate::columns::{Attributes, BlobId};
use crate::model::{SpanId, Time, TraceId};
use std::ops::Range;

/// The value of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointValue<'a> {
    /// Nothing was recorded.
    None,
    /// An integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// A histogram or a summary.
    Distribution(&'a Distribution),
}

/// Counts by bucket, or quantiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// The number of values.
    pub count: u64,
    /// Their sum, where known.
    pub sum: Option<f64>,
    /// The smallest, where known.
    pub min: Option<f64>,
    /// The largest, where known.
    pub max: Option<f64>,
    /// The buckets or quantiles.
    pub buckets: Buckets,
}

/// The buckets or quantiles of a distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum Buckets {
    /// Upper-inclusive bounds (doubles, little endian, in the blobs) and one count more than bounds.
    Explicit {
        /// Bounds.
        bounds: BlobId,
        /// Where in the counts of the batch.
        counts: Range<u32>,
    },
    /// Buckets (base^i, base^(i+1)] with base = 2^(2^-scale).
    Exponential {
        /// Scale.
        scale: i32,
        /// How many in the zero bucket.
        zero_count: u64,
        /// How wide it is.
        zero_threshold: f64,
        /// First index of the positive buckets, and where their counts are.
        positive: (i32, Range<u32>),
        /// First index of the negative buckets, and where their counts are.
        negative: (i32, Range<u32>),
    },
    /// (quantile, value) pairs of doubles, little endian, in the blobs.
    Quantiles(BlobId),
}

impl Default for Buckets {
    fn default() -> Buckets {
        Buckets::Quantiles(BlobId::default())
    }
}

/// An exemplar: one measurement in the point, and its trace.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Exemplar {
    /// When.
    pub time: Time,
    /// Bits of the value.
    value: u64,
    kind: u8,
    /// Trace; none where not sampled.
    pub trace: TraceId,
    /// Span.
    pub span: SpanId,
    /// Attributes that the stream's aggregation left out.
    pub attributes: Attributes,
}

impl Exemplar {
    /// An exemplar; `value` is an [`PointValue::Int`], a [`PointValue::Double`] or none.
    pub fn new(time: Time, value: PointValue<'_>, trace: TraceId, span: SpanId, attributes: Attributes) -> Exemplar {
        let (kind, value) = bits(value);
        Exemplar { time, value, kind, trace, span, attributes }
    }

    pub(super) fn with_attributes(self, attributes: Attributes) -> Exemplar {
        Exemplar { attributes, ..self }
    }

    /// The value measured.
    pub fn value(&self) -> PointValue<'static> {
        number(self.kind, self.value)
    }
}

// The kinds of value in the column of kinds. They decide how the bits in the column of values are read.
const NONE: u8 = 0;
pub(super) const INT: u8 = 1;
pub(super) const DOUBLE: u8 = 2;
pub(super) const DISTRIBUTION: u8 = 3;

/// A value as stored in the columns: its kind and its bits. A distribution is stored elsewhere and has no bits here.
pub(super) fn bits(value: PointValue<'_>) -> (u8, u64) {
    match value {
        PointValue::Int(value) => (INT, value as u64),
        PointValue::Double(value) => (DOUBLE, value.to_bits()),
        PointValue::None | PointValue::Distribution(_) => (NONE, 0),
    }
}

/// The number for these bits.
pub(super) fn number(kind: u8, bits: u64) -> PointValue<'static> {
    match kind {
        INT => PointValue::Int(bits as i64),
        DOUBLE => PointValue::Double(f64::from_bits(bits)),
        _ => PointValue::None,
    }
}

/// The doubles of a blob.
pub(super) fn doubles(bytes: &[u8]) -> impl Iterator<Item = f64> {
    bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()))
}
