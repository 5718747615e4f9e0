//! The metrics and streams that points share.

use crate::columns::{Attributes, OriginId, TextId};
use crate::model::{MetricType, Temporality};

/// A metric of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MetricId(pub u32);

/// A stream of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SeriesId(pub u32);

/// The definition of a metric, without its origin.
#[derive(Clone, Copy, Default, Debug)]
pub struct Metric {
    /// Name.
    pub name: TextId,
    /// Description.
    pub description: TextId,
    /// UCUM unit.
    pub unit: TextId,
    /// Shape of its data.
    pub kind: MetricType,
    /// Temporality.
    pub temporality: Temporality,
    /// Whether a sum only ever grows.
    pub monotonic: bool,
    /// Metadata (OTLP 1.2).
    pub metadata: Attributes,
}

/// The identity of a metric stream.
#[derive(Clone, Copy, Default, Debug)]
pub struct Series {
    /// Metric.
    pub metric: MetricId,
    /// Resource and scope.
    pub origin: OriginId,
    /// Point attributes.
    pub attributes: Attributes,
}
