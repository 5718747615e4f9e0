//! The two kinds of histogram: explicit buckets, and base-2 exponential buckets that widen when needed.

use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use std::collections::BTreeMap;

/// The SDKs' maximum number of buckets in an exponential histogram.
const MAX_BUCKETS: i32 = 160;
/// The SDKs' finest scale, used for the first observation.
const FINEST: i32 = 20;

/// Count, sum, minimum and maximum.
#[derive(Clone, Default)]
pub(super) struct Moments {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Moments {
    pub(super) fn observe(&mut self, value: f64) {
        (self.min, self.max) =
            if self.count == 0 { (value, value) } else { (self.min.min(value), self.max.max(value)) };
        self.count += 1;
        self.sum += value;
    }
}

/// The bucket of explicit `bounds` that a value falls into: upper bounds are inclusive.
pub(super) fn explicit_bucket(bounds: &[f64], value: f64) -> usize {
    bounds.partition_point(|bound| *bound < value)
}

/// The positive half of an exponential histogram; other values count as zero.
#[derive(Clone)]
pub(super) struct Exponential {
    pub(super) scale: i32,
    pub(super) zeros: u64,
    counts: BTreeMap<i32, u64>,
}

impl Default for Exponential {
    fn default() -> Exponential {
        Exponential { scale: FINEST, zeros: 0, counts: BTreeMap::new() }
    }
}

impl Exponential {
    pub(super) fn observe(&mut self, value: f64) {
        if value <= 0.0 {
            self.zeros += 1;
            return;
        }
        *self.counts.entry(index(value, self.scale)).or_default() += 1;
        while self.width() > MAX_BUCKETS {
            self.halve();
        }
    }

    /// The buckets from the lowest to the highest non-empty one.
    pub(super) fn buckets(&self) -> Buckets {
        let offset = self.counts.keys().next().copied().unwrap_or_default();
        let count = |place| self.counts.get(&(offset + place)).copied().unwrap_or_default();
        Buckets { offset, bucket_counts: (0..self.width()).map(count).collect() }
    }

    fn width(&self) -> i32 {
        match (self.counts.keys().next(), self.counts.keys().next_back()) {
            (Some(low), Some(high)) => high - low + 1,
            _ => 0,
        }
    }

    /// Merges neighbouring buckets in pairs.
    fn halve(&mut self) {
        self.scale -= 1;
        for (index, count) in std::mem::take(&mut self.counts) {
            *self.counts.entry(index >> 1).or_default() += count;
        }
    }
}

/// The index of the bucket (base^i, base^(i+1)] that holds the value, where base = 2^(2^-scale).
fn index(value: f64, scale: i32) -> i32 {
    (value.log2() * f64::from(scale).exp2()).ceil() as i32 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_bounds_are_inclusive() {
        let told: Vec<usize> = [0.5, 1.0, 1.5, 2.0, 9.0].map(|value| explicit_bucket(&[1.0, 2.0], value)).to_vec();
        assert_eq!(told, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn an_exponential_histogram_widens_and_loses_no_observation() {
        let mut histogram = Exponential::default();
        for step in 0..1_000 {
            histogram.observe(0.000_1 * 1.02_f64.powi(step));
        }
        histogram.observe(0.0);
        let buckets = histogram.buckets();
        assert!(histogram.scale < FINEST && buckets.bucket_counts.len() <= MAX_BUCKETS as usize);
        assert_eq!(buckets.bucket_counts.iter().sum::<u64>(), 1_000);
        assert_eq!(histogram.zeros, 1);
    }

    #[test]
    fn a_value_lies_within_its_bucket() {
        for scale in [-2, 0, 3, 20] {
            for value in [0.000_7, 0.3, 1.7, 5.0, 1_234.5] {
                let (base, index) = ((-f64::from(scale)).exp2().exp2(), index(value, scale));
                assert!(base.powi(index) <= value * 1.000_001, "{value} at {scale}");
                assert!(base.powi(index + 1) >= value * 0.999_999, "{value} at {scale}");
            }
        }
    }
}
