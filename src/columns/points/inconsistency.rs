//! Numbers of one point that contradict each other. Such a point is stored as received and marked.

use super::value::{DISTRIBUTION, DOUBLE, INT, number};
use super::{Buckets, Distribution, PointValue, Points};
use crate::columns::BlobId;
use std::fmt;

/// The first contradiction found in a point. `Display` writes it as a sentence without a full stop.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Inconsistency {
    /// The buckets hold another number of values than the count says.
    BucketSum {
        /// What the buckets hold together.
        held: u64,
        /// The count.
        count: u64,
    },
    /// Buckets and bounds that do not go together: there must be one bucket more than bounds, or neither.
    BucketList {
        /// How many buckets.
        buckets: u64,
        /// How many bounds.
        bounds: u64,
    },
    /// A bound is not above the one before it, or no number.
    Bounds,
    /// A cumulative bucket holds less than the one below it.
    BucketsFall,
    /// A counter that only grows is below zero.
    NegativeCounter(f64),
    /// A counter is not a number.
    NanCounter,
    /// The smallest value is above the largest, or one of them is not a number.
    MinMax {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// The sum is not a number.
    NanSum,
    /// A sum of no values.
    SumOfNothing(f64),
    /// A quantile outside of 0 to 1.
    Quantile(f64),
    /// The zero bucket has a width below zero, or none that is a number.
    ZeroThreshold(f64),
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Inconsistency::BucketSum { held, count } => {
                write!(f, "the buckets hold {held} values, the count is {count}")
            }
            Inconsistency::BucketList { buckets, bounds } => {
                write!(f, "{buckets} buckets do not fit {bounds} bounds")
            }
            Inconsistency::Bounds => f.write_str("the bounds of the buckets do not rise"),
            Inconsistency::BucketsFall => f.write_str("a bucket holds less than the one below it"),
            Inconsistency::NegativeCounter(value) => write!(f, "a counter that only grows is {value}"),
            Inconsistency::NanCounter => f.write_str("a counter that only grows is not a number"),
            Inconsistency::MinMax { min, max } => write!(f, "the smallest value is {min}, the largest is {max}"),
            Inconsistency::NanSum => f.write_str("the sum is not a number"),
            Inconsistency::SumOfNothing(sum) => write!(f, "the count is 0, the sum is {sum}"),
            Inconsistency::Quantile(quantile) => write!(f, "the quantile {quantile} is not between 0 and 1"),
            Inconsistency::ZeroThreshold(width) => write!(f, "the zero bucket is {width} wide"),
        }
    }
}

/// Calls `found` for each contradictory point from row `from` on, in the order of rows. `doubles` reads a blob.
pub(super) fn inspect<D: Iterator<Item = f64>>(
    points: &Points,
    from: usize,
    doubles: impl Fn(BlobId) -> D,
    mut found: impl FnMut(usize, Inconsistency),
) {
    let monotonic: Vec<bool> = points.streams.iter().map(|stream| points.metric(*stream).monotonic).collect();
    if points.distributions.is_empty() && !monotonic.contains(&true) {
        return;
    }
    for row in from..points.len() {
        let contradiction = match points.kind[row] {
            DISTRIBUTION => match points.value(row) {
                PointValue::Distribution(distribution) => of_distribution(points, distribution, &doubles),
                _ => None,
            },
            INT | DOUBLE if monotonic.get(points.series[row].0 as usize) == Some(&true) => {
                of_counter(number(points.kind[row], points.value[row]))
            }
            _ => None,
        };
        if let Some(contradiction) = contradiction {
            found(row, contradiction);
        }
    }
}

fn of_counter(value: PointValue<'_>) -> Option<Inconsistency> {
    match value {
        PointValue::Int(value) if value < 0 => Some(Inconsistency::NegativeCounter(value as f64)),
        PointValue::Double(value) if value.is_nan() => Some(Inconsistency::NanCounter),
        PointValue::Double(value) if value < 0.0 => Some(Inconsistency::NegativeCounter(value)),
        _ => None,
    }
}

fn of_distribution<D: Iterator<Item = f64>>(
    points: &Points,
    distribution: &Distribution,
    doubles: &impl Fn(BlobId) -> D,
) -> Option<Inconsistency> {
    let Distribution { count, sum, min, max, ref buckets } = *distribution;
    let held = |counts: &[u64]| counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
    let adds_up = |held: u64| (held != count).then_some(Inconsistency::BucketSum { held, count });
    let of_buckets = match buckets {
        Buckets::Explicit { bounds, counts } => {
            let counts = points.counts(counts);
            let (many, rise) = count_and_rise(doubles(*bounds));
            let fits = counts.len() == many + 1 || (counts.is_empty() && many == 0);
            let list = Inconsistency::BucketList { buckets: counts.len() as u64, bounds: many as u64 };
            let lists = if fits { None } else { Some(list) };
            let bounds = if rise { None } else { Some(Inconsistency::Bounds) };
            lists.or(bounds).or_else(|| if counts.is_empty() { None } else { adds_up(held(counts)) })
        }
        Buckets::Exponential { zero_count, zero_threshold, positive, negative, .. } => {
            let sides = [&positive.1, &negative.1].map(|counts| held(points.counts(counts)));
            let width = (zero_threshold.is_nan() || *zero_threshold < 0.0)
                .then_some(Inconsistency::ZeroThreshold(*zero_threshold));
            width.or_else(|| adds_up(sides[0].saturating_add(sides[1]).saturating_add(*zero_count)))
        }
        Buckets::Quantiles(pairs) => {
            let outside = |quantile: &f64| !(0.0..=1.0).contains(quantile);
            doubles(*pairs).step_by(2).find(outside).map(Inconsistency::Quantile)
        }
    };
    // A point without values may have any minimum and maximum.
    let crossed = |(min, max): &(f64, f64)| min.is_nan() || max.is_nan() || min > max;
    let ends = min.zip(max).filter(|ends| count > 0 && crossed(ends));
    of_buckets
        .or(sum.filter(|sum| sum.is_nan()).map(|_| Inconsistency::NanSum))
        .or(sum.filter(|sum| count == 0 && *sum != 0.0).map(Inconsistency::SumOfNothing))
        .or(ends.map(|(min, max)| Inconsistency::MinMax { min, max }))
}

/// The number of bounds, and whether each is above the one before it.
fn count_and_rise(doubles: impl Iterator<Item = f64>) -> (usize, bool) {
    let (mut many, mut rise, mut before) = (0, true, None);
    for double in doubles {
        rise &= !double.is_nan() && before.is_none_or(|before| double > before);
        before = Some(double);
        many += 1;
    }
    (many, rise)
}

#[cfg(test)]
mod tests {
    use super::super::{Metric, PointRow, PointsBuilder, Series};
    use super::*;
    use crate::columns::{Batch, Columns, Item, merge};
    use crate::model::MetricType;

    /// A batch of one point of a monotonic sum, as `push` makes it.
    fn batch(push: impl FnOnce(&mut PointsBuilder, &PointRow)) -> Batch {
        let mut builder = PointsBuilder::default();
        let metric = builder.metric(Metric { kind: MetricType::Sum, monotonic: true, ..Metric::default() });
        let series = builder.series(Series { metric, ..Series::default() });
        push(&mut builder, &PointRow { series, ..PointRow::default() });
        builder.finish()
    }

    fn said(batch: &Batch) -> String {
        let Item::Point(point) = batch.item(batch.len() - 1) else { panic!("a point") };
        point.inconsistency().map(|reason| reason.to_string()).unwrap_or_default()
    }

    fn counter(value: PointValue<'_>) -> String {
        said(&batch(|builder, row| builder.push_number(row, value)))
    }

    fn histogram(bounds: &[f64], counts: &[u64], distribution: Distribution) -> Batch {
        batch(|builder, row| {
            let bounds = builder.doubles(bounds.iter().copied());
            let counts = builder.push_counts(counts.iter().copied());
            builder
                .push_distribution(row, Distribution { buckets: Buckets::Explicit { bounds, counts }, ..distribution });
        })
    }

    #[test]
    fn a_counter_below_zero_is_marked() {
        assert_eq!(counter(PointValue::Int(-1)), "a counter that only grows is -1");
        assert_eq!(counter(PointValue::Double(-0.5)), "a counter that only grows is -0.5");
        assert_eq!(counter(PointValue::Double(f64::NAN)), "a counter that only grows is not a number");
        for good in [PointValue::Int(0), PointValue::Double(-0.0), PointValue::Double(f64::INFINITY), PointValue::None]
        {
            assert_eq!(counter(good), "", "{good:?}");
        }
    }

    #[test]
    fn a_histogram_that_contradicts_itself_is_marked() {
        let of = |count, sum| Distribution { count, sum, ..Distribution::default() };
        let ends = |count, min, max| Distribution { count, min: Some(min), max: Some(max), ..Distribution::default() };
        for (bounds, counts, distribution, expected) in [
            (&[1.0, 2.0][..], &[1, 2, 3][..], of(6, Some(1.0)), ""),
            (&[], &[], of(6, None), ""),
            (&[], &[6], of(6, None), ""),
            (&[1.0], &[1, 2], of(4, None), "the buckets hold 3 values, the count is 4"),
            (&[1.0], &[u64::MAX, 2], of(1, None), "the buckets hold 18446744073709551615 values, the count is 1"),
            (&[1.0], &[1, 2, 3], of(6, None), "3 buckets do not fit 1 bounds"),
            (&[1.0], &[], of(6, None), "0 buckets do not fit 1 bounds"),
            (&[2.0, 2.0], &[1, 2, 3], of(6, None), "the bounds of the buckets do not rise"),
            (&[f64::NAN], &[1, 2], of(3, None), "the bounds of the buckets do not rise"),
            (&[1.0], &[1, 2], of(3, Some(f64::NAN)), "the sum is not a number"),
            (&[1.0], &[0, 0], of(0, Some(2.5)), "the count is 0, the sum is 2.5"),
            (&[1.0], &[1, 2], ends(3, 5.0, 4.0), "the smallest value is 5, the largest is 4"),
            (&[1.0], &[1, 2], ends(3, f64::NAN, 4.0), "the smallest value is NaN, the largest is 4"),
            (&[1.0], &[0, 0], ends(0, f64::INFINITY, f64::NEG_INFINITY), ""),
        ] {
            assert_eq!(said(&histogram(bounds, counts, distribution)), expected, "{bounds:?} {counts:?}");
        }
    }

    #[test]
    fn an_exponential_histogram_must_add_up() {
        let of = |zero_threshold, zero_count| {
            said(&batch(|builder, row| {
                let (positive, negative) = ((0, builder.push_counts([2, 3])), (0, builder.push_counts([4])));
                let buckets = Buckets::Exponential { scale: 1, zero_count, zero_threshold, positive, negative };
                builder.push_distribution(row, Distribution { count: 10, buckets, ..Distribution::default() });
            }))
        };
        assert_eq!(of(0.0, 1), "");
        assert_eq!(of(0.0, 2), "the buckets hold 11 values, the count is 10");
        assert_eq!(of(-1.0, 1), "the zero bucket is -1 wide");
        assert_eq!(of(f64::NAN, 1), "the zero bucket is NaN wide");
    }

    #[test]
    fn a_quantile_lies_between_zero_and_one() {
        let of = |quantile: f64| {
            said(&batch(|builder, row| {
                let buckets = Buckets::Quantiles(builder.doubles([0.5, 70.0, quantile, f64::NAN]));
                builder.push_distribution(row, Distribution { count: 1, buckets, ..Distribution::default() });
            }))
        };
        assert_eq!(of(0.99), "");
        assert_eq!(of(99.0), "the quantile 99 is not between 0 and 1");
    }

    #[test]
    fn a_point_without_recorded_value_has_none() {
        let marked = batch(|builder, row| {
            let counts = builder.push_counts([1, 2, 3]);
            let buckets = Buckets::Explicit { bounds: BlobId::default(), counts };
            let row = PointRow { flags: 3, ..row.clone() };
            builder.push_distribution(&row, Distribution { buckets, count: 9, ..Distribution::default() });
            builder.push_number(&row, PointValue::Int(-4));
        });
        assert!(marked.items().all(|item| matches!(item, Item::Point(point) if point.value() == PointValue::None)));
        assert_eq!(said(&marked), "");
    }

    #[test]
    fn marks_stay_with_their_points() {
        let of = |count| Distribution { count, ..Distribution::default() };
        let (good, bad) = (histogram(&[1.0], &[1, 2], of(3)), histogram(&[1.0], &[1, 2], of(4)));
        let mut merged = merge(&[&good, &bad, &good, &bad]).unwrap();
        let rows = |batch: &Batch| match &batch.columns {
            Columns::Points(points) => points.inconsistencies().iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        assert_eq!(rows(&merged), [1, 3]);
        merged.keep(&[true, false, true, true]);
        assert_eq!(rows(&merged), [2]);
    }
}
