//! The numbers of one data point, from protobuf or JSON.

use super::super::WireError;
use super::super::protobuf::Field;
use crate::budget::Meter;
use crate::columns::{Buckets, Distribution, NO_RECORDED_VALUE, PointRow, PointValue, PointsBuilder, SeriesId};
use crate::model::{MetricType, Time};

/// One point. Its memory is reused for the next.
#[derive(Default)]
pub(super) struct Point {
    pub start: Time,
    pub time: Time,
    pub flags: u32,
    pub number: Number,
    /// All of it except the buckets.
    pub distribution: Distribution,
    pub scale: i32,
    pub zero_count: u64,
    pub zero_threshold: f64,
    /// The first index of the positive and of the negative buckets.
    pub offsets: [i32; 2],
    /// Bucket counts; of an exponential histogram the positive ones, then the negative ones.
    pub counts: [Vec<u64>; 2],
    /// Bits of doubles: bounds, or alternating quantiles and values.
    pub doubles: Vec<u64>,
    /// How many numbers in the lists above the meter has counted.
    metered: usize,
}

#[derive(Clone, Copy, Default)]
pub(super) enum Number {
    #[default]
    None,
    Int(i64),
    Double(f64),
}

impl Number {
    pub fn value(self) -> PointValue<'static> {
        match self {
            Number::None => PointValue::None,
            Number::Int(value) => PointValue::Int(value),
            Number::Double(value) => PointValue::Double(value),
        }
    }
}

impl Point {
    pub fn clear(&mut self) {
        let Point { counts, doubles, metered, .. } = std::mem::take(self);
        *self = Point { counts, doubles, metered, ..Point::default() };
        self.counts.iter_mut().for_each(Vec::clear);
        self.doubles.clear();
    }

    /// Whether the point is valid for this kind of metric.
    pub fn check(&self, kind: MetricType) -> Result<(), WireError> {
        if self.time.is_unknown() {
            return Err(WireError::PointTime);
        }
        let is_number = matches!(kind, MetricType::Gauge | MetricType::Sum);
        if is_number && self.is_recorded() && matches!(self.number, Number::None) {
            return Err(WireError::NoValue);
        }
        Ok(())
    }

    /// Reserves memory for the numbers of a field, each at least this many bytes long. A count of one byte takes eight here.
    #[inline]
    pub fn room_for(&mut self, field: Field<'_>, smallest: usize, meter: &Meter) -> Result<(), WireError> {
        let more = if let Field::Bytes(run) = field { run.len() / smallest } else { 2 };
        self.room(more, meter)
    }

    /// Reserves memory for this many more numbers.
    #[inline]
    pub fn room(&mut self, more: usize, meter: &Meter) -> Result<(), WireError> {
        let wanted = self.counts[0].len() + self.counts[1].len() + self.doubles.len() + more;
        if wanted <= self.metered { Ok(()) } else { self.grow(wanted, meter) }
    }

    #[cold]
    fn grow(&mut self, wanted: usize, meter: &Meter) -> Result<(), WireError> {
        let wanted = wanted.max(self.metered * 2).max(64);
        meter.scratch((wanted - self.metered) * 8)?;
        self.metered = wanted;
        Ok(())
    }

    fn is_recorded(&self) -> bool {
        self.flags & NO_RECORDED_VALUE == 0
    }

    /// How many buckets it has, for the limits.
    pub fn parts(&self) -> usize {
        self.counts[0].len() + self.counts[1].len()
    }

    /// Pushes a valid point.
    pub fn push(&self, kind: MetricType, series: SeriesId, builder: &mut PointsBuilder) {
        let row = PointRow { series, start: self.start, time: self.time, flags: self.flags };
        if !self.is_recorded() {
            return builder.push_number(&row, PointValue::None);
        }
        let buckets = match kind {
            MetricType::Gauge | MetricType::Sum => return builder.push_number(&row, self.number.value()),
            MetricType::Histogram => {
                let bounds = builder.doubles(self.doubles());
                Buckets::Explicit { bounds, counts: builder.push_counts(self.counts[0].iter().copied()) }
            }
            MetricType::ExponentialHistogram => Buckets::Exponential {
                scale: self.scale,
                zero_count: self.zero_count,
                zero_threshold: self.zero_threshold,
                positive: (self.offsets[0], builder.push_counts(self.counts[0].iter().copied())),
                negative: (self.offsets[1], builder.push_counts(self.counts[1].iter().copied())),
            },
            MetricType::Summary => Buckets::Quantiles(builder.doubles(self.doubles())),
        };
        builder.push_distribution(&row, Distribution { buckets, ..self.distribution.clone() });
    }

    fn doubles(&self) -> impl Iterator<Item = f64> {
        self.doubles.iter().map(|bits| f64::from_bits(*bits))
    }
}
