//! Metrics with their points. The numbers of a point's fields depend on the type of its metric.

use super::attributes;
use super::sink::{Field, Sink};
use super::spans::{span_id, trace_id};
use crate::columns::{Buckets, Distribution, Exemplar, PointItem, PointValue};
use crate::model::MetricType;

/// A metric with points of it, one at least.
pub(super) fn metric(points: &[PointItem<'_>], o: &mut impl Sink) {
    let Some(first) = points.first() else { return };
    let (metric, dictionary) = (first.metric(), first.dictionary);
    o.text(Field("name", 1), dictionary.text(metric.name));
    o.text(Field("description", 2), dictionary.text(metric.description));
    o.text(Field("unit", 3), dictionary.text(metric.unit));
    let data = match metric.kind {
        MetricType::Gauge => Field("gauge", 5),
        MetricType::Sum => Field("sum", 7),
        MetricType::Histogram => Field("histogram", 9),
        MetricType::ExponentialHistogram => Field("exponentialHistogram", 10),
        MetricType::Summary => Field("summary", 11),
    };
    o.message(data, |o| {
        o.messages(Field("dataPoints", 1), points, |o, item| point(*item, metric.kind, o));
        // Gauges and summaries have neither, and so the default of both.
        o.small(Field("aggregationTemporality", 2), metric.temporality.code());
        if metric.monotonic {
            o.bool_always(Field("isMonotonic", 3), true);
        }
    });
    attributes(Field("metadata", 12), dictionary, metric.metadata, o);
}

/// The numbers of the fields that all kinds of points have.
struct Numbers {
    attributes: u32,
    exemplars: u32,
    flags: u32,
}

fn point(item: PointItem<'_>, kind: MetricType, o: &mut impl Sink) {
    let numbers = match kind {
        MetricType::Gauge | MetricType::Sum => Numbers { attributes: 7, exemplars: 5, flags: 8 },
        MetricType::Histogram => Numbers { attributes: 9, exemplars: 8, flags: 10 },
        MetricType::ExponentialHistogram => Numbers { attributes: 1, exemplars: 11, flags: 10 },
        // A summary has no exemplars, and none is kept of one.
        MetricType::Summary => Numbers { attributes: 7, exemplars: 0, flags: 8 },
    };
    attributes(Field("attributes", numbers.attributes), item.dictionary, item.series().attributes, o);
    o.fixed64(Field("startTimeUnixNano", 2), item.start().0);
    o.fixed64(Field("timeUnixNano", 3), item.time().0);
    match item.value() {
        PointValue::Distribution(value) => distribution(item, value, o),
        PointValue::Int(value) => o.sfixed64_always(Field("asInt", 6), value),
        PointValue::Double(value) => o.double_always(Field("asDouble", 4), value),
        PointValue::None => {}
    }
    if item.exemplars().len() > 0 && numbers.exemplars > 0 {
        o.messages(Field("exemplars", numbers.exemplars), item.exemplars(), |o, value| exemplar(item, value, o));
    }
    o.small(Field("flags", numbers.flags), item.flags());
}

fn distribution(item: PointItem<'_>, value: &Distribution, o: &mut impl Sink) {
    o.fixed64(Field("count", 4), value.count);
    o.double(Field("sum", 5), value.sum);
    let mut extremes = (Field("min", 11), Field("max", 12));
    match &value.buckets {
        Buckets::Explicit { bounds, counts } => {
            o.fixed64s(Field("bucketCounts", 6), item.columns.counts(counts));
            o.doubles(Field("explicitBounds", 7), item.doubles(*bounds));
        }
        Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
            o.signed(Field("scale", 6), *scale);
            o.fixed64(Field("zeroCount", 7), *zero_count);
            let sides = [(Field("positive", 8), positive), (Field("negative", 9), negative)];
            for (side, (offset, counts)) in sides {
                o.message(side, |o| {
                    o.signed(Field("offset", 1), *offset);
                    o.uints(Field("bucketCounts", 2), item.columns.counts(counts));
                });
            }
            let threshold = (zero_threshold.to_bits() != 0).then_some(*zero_threshold);
            o.double(Field("zeroThreshold", 14), threshold);
            extremes = (Field("min", 12), Field("max", 13));
        }
        Buckets::Quantiles(pairs) => {
            let mut doubles = item.doubles(*pairs);
            let pairs = std::iter::from_fn(|| Some((doubles.next()?, doubles.next()?)));
            o.messages(Field("quantileValues", 6), pairs, |o, (quantile, value)| {
                o.double_always(Field("quantile", 1), quantile);
                o.double_always(Field("value", 2), value);
            });
        }
    }
    o.double(extremes.0, value.min);
    o.double(extremes.1, value.max);
}

fn exemplar(item: PointItem<'_>, exemplar: &Exemplar, o: &mut impl Sink) {
    attributes(Field("filteredAttributes", 7), item.dictionary, exemplar.attributes, o);
    o.fixed64(Field("timeUnixNano", 2), exemplar.time.0);
    match exemplar.value() {
        PointValue::Int(value) => o.sfixed64_always(Field("asInt", 6), value),
        PointValue::Double(value) => o.double_always(Field("asDouble", 3), value),
        PointValue::None | PointValue::Distribution(_) => {}
    }
    span_id(Field("spanId", 4), exemplar.span, o);
    trace_id(Field("traceId", 5), exemplar.trace, o);
}
