//! Metric data points as columns. What makes a stream (metric, resource, scope, attributes) is a [`Series`], once a batch.

mod absorb;
mod builder;
mod inconsistency;
mod item;
mod series;
mod value;

pub use builder::PointsBuilder;
pub use inconsistency::Inconsistency;
pub use item::PointItem;
pub use series::{Metric, MetricId, Series, SeriesId};
pub use value::{Buckets, Distribution, Exemplar, PointValue};

use super::column::Column;
use super::heap;
use super::sparse::Sparse;
use super::{Dictionary, SeriesKey};
use crate::model::Time;
use std::ops::Range;
use std::sync::OnceLock;
use value::{DISTRIBUTION, number};

/// The flag of a point without a recorded value; its number has no meaning then.
pub const NO_RECORDED_VALUE: u32 = 1;

/// The columns of a batch of points.
#[derive(Debug, Default)]
pub struct Points {
    /// Which stream.
    pub series: Vec<SeriesId>,
    /// Start times; unknown where the sender did not say.
    pub start: Vec<Time>,
    /// Times.
    pub time: Vec<Time>,
    /// OTLP flags; bit 0: no recorded value.
    pub flags: Vec<u32>,
    value: Vec<u64>,
    kind: Vec<u8>,
    /// Metrics.
    pub metrics: Vec<Metric>,
    /// Streams, by [`SeriesId`].
    pub streams: Vec<Series>,
    distributions: Vec<Distribution>,
    counts: Vec<u64>,
    exemplars: Sparse<Exemplar>,
    keys: OnceLock<Box<[SeriesKey]>>,
    inconsistent: Sparse<Inconsistency>,
}

/// The fields of one point on its way into a batch.
#[derive(Clone, Debug, Default)]
pub struct PointRow {
    /// Which stream.
    pub series: SeriesId,
    /// Start time.
    pub start: Time,
    /// Time.
    pub time: Time,
    /// OTLP flags.
    pub flags: u32,
}

impl PointRow {
    fn is_recorded(&self) -> bool {
        self.flags & NO_RECORDED_VALUE == 0
    }
}

impl Points {
    /// The number of points.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// A point's value.
    pub fn value(&self, row: usize) -> PointValue<'_> {
        match self.kind[row] {
            DISTRIBUTION => {
                self.distributions.get(self.value[row] as usize).map_or(PointValue::None, PointValue::Distribution)
            }
            kind => number(kind, self.value[row]),
        }
    }

    /// A point's stream.
    pub fn stream(&self, row: usize) -> Series {
        self.streams.get(self.series[row].0 as usize).copied().unwrap_or_default()
    }

    /// The keys of the streams, by [`SeriesId`]; made when first asked for. `dictionary` is that of the batch.
    pub fn series_keys(&self, dictionary: &Dictionary) -> &[SeriesKey] {
        self.keys.get_or_init(|| {
            let mut keys = dictionary.keys();
            let key = |series: &Series| {
                let group = keys.group(series.metric, &self.metric(*series), series.origin);
                keys.series(group, series.attributes)
            };
            self.streams.iter().map(key).collect()
        })
    }

    /// A stream's metric.
    pub fn metric(&self, series: Series) -> Metric {
        self.metrics.get(series.metric.0 as usize).copied().unwrap_or_default()
    }

    /// Bucket counts of a distribution of this batch.
    pub fn counts(&self, range: &Range<u32>) -> &[u64] {
        self.counts.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// Exemplars with their points' rows, in the order of rows.
    pub fn exemplars(&self) -> &[(u32, Exemplar)] {
        self.exemplars.all()
    }

    /// Bytes of a point in the columns.
    const ROW: usize = 4 + 8 + 8 + 4 + 8 + 1;

    /// Bytes of what is written, without room to grow; with what a builder keeps beside each metric and stream.
    fn written(&self) -> usize {
        self.series.len() * Points::ROW
            + self.metrics.len() * (size_of::<Metric>() + 16)
            + self.streams.len() * (size_of::<Series>() + 16)
            + self.distributions.len() * size_of::<Distribution>()
            + self.counts.len() * 8
            + self.exemplars.written()
            + self.inconsistent.written()
    }

    /// The points whose numbers contradict each other, by row.
    pub fn inconsistencies(&self) -> &[(u32, Inconsistency)] {
        self.inconsistent.all()
    }

    pub(super) fn bytes(&self) -> usize {
        let Points {
            series,
            start,
            time,
            flags,
            value,
            kind,
            metrics,
            streams,
            distributions,
            counts,
            exemplars,
            keys: _,
            inconsistent,
        } = self;
        heap::of(series)
            + heap::of(start)
            + heap::of(time)
            + heap::of(flags)
            + heap::of(value)
            + heap::of(kind)
            + heap::of(metrics)
            + heap::of(streams)
            + heap::of(distributions)
            + heap::of(counts)
            + exemplars.bytes()
            + inconsistent.bytes()
            // They are made when first asked for, and counted from the beginning.
            + heap::heap_bytes(streams.len() * size_of::<SeriesKey>())
    }

    pub(super) fn shrink(&mut self) {
        self.columns().into_iter().for_each(Column::shrink);
        self.metrics.shrink_to_fit();
        self.streams.shrink_to_fit();
        self.distributions.shrink_to_fit();
        self.counts.shrink_to_fit();
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        self.columns().into_iter().for_each(|column| column.keep(keep));
    }

    /// Every column and every table of rare fields.
    fn columns(&mut self) -> [&mut dyn Column; 8] {
        [
            &mut self.series,
            &mut self.start,
            &mut self.time,
            &mut self.flags,
            &mut self.value,
            &mut self.kind,
            &mut self.exemplars,
            &mut self.inconsistent,
        ]
    }
}
