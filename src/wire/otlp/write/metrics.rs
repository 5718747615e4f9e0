//! Metrics with one point each.

use super::attributes;
use super::object::Object;
use super::spans::{span_id, trace_id};
use crate::columns::{Buckets, Distribution, Exemplar, PointItem, PointValue};
use crate::model::MetricType;

pub(super) fn metric(item: PointItem<'_>, o: &mut Object<'_>) {
    let metric = item.metric();
    let dictionary = item.dictionary;
    o.text("name", dictionary.text(metric.name));
    o.text("description", dictionary.text(metric.description));
    o.text("unit", dictionary.text(metric.unit));
    let data = match metric.kind {
        MetricType::Gauge => "gauge",
        MetricType::Sum => "sum",
        MetricType::Histogram => "histogram",
        MetricType::ExponentialHistogram => "exponentialHistogram",
        MetricType::Summary => "summary",
    };
    o.object(data, |o| {
        o.objects("dataPoints", [item], |o, item| point(item, o));
        o.small("aggregationTemporality", metric.temporality.code());
        if metric.monotonic {
            o.bool_always("isMonotonic", true);
        }
    });
    attributes("metadata", dictionary, metric.metadata, o);
}

fn point(item: PointItem<'_>, o: &mut Object<'_>) {
    attributes("attributes", item.dictionary, item.series().attributes, o);
    o.uint("startTimeUnixNano", item.start().0);
    o.uint("timeUnixNano", item.time().0);
    match item.value() {
        PointValue::Distribution(value) => distribution(item, value, o),
        value => number(value, o),
    }
    if item.exemplars().len() > 0 {
        o.objects("exemplars", item.exemplars(), |o, value| exemplar(item, value, o));
    }
    o.small("flags", item.flags());
}

fn number(value: PointValue<'_>, o: &mut Object<'_>) {
    match value {
        PointValue::Int(value) => o.int_always("asInt", value),
        PointValue::Double(value) => o.double_always("asDouble", value),
        PointValue::None | PointValue::Distribution(_) => {}
    }
}

fn distribution(item: PointItem<'_>, value: &Distribution, o: &mut Object<'_>) {
    o.uint("count", value.count);
    o.double("sum", value.sum);
    match &value.buckets {
        Buckets::Explicit { bounds, counts } => {
            o.uints("bucketCounts", item.columns.counts(counts));
            o.doubles("explicitBounds", item.doubles(*bounds));
        }
        Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
            o.small("scale", *scale);
            o.uint("zeroCount", *zero_count);
            for (side, (offset, counts)) in [("positive", positive), ("negative", negative)] {
                o.object(side, |o| {
                    o.small("offset", *offset);
                    o.uints("bucketCounts", item.columns.counts(counts));
                });
            }
            o.double("zeroThreshold", (zero_threshold.to_bits() != 0).then_some(*zero_threshold));
        }
        Buckets::Quantiles(pairs) => {
            let mut doubles = item.doubles(*pairs);
            let pairs = std::iter::from_fn(|| Some((doubles.next()?, doubles.next()?)));
            o.objects("quantileValues", pairs, |o, (quantile, value)| {
                o.double_always("quantile", quantile);
                o.double_always("value", value);
            });
        }
    }
    o.double("min", value.min);
    o.double("max", value.max);
}

fn exemplar(item: PointItem<'_>, exemplar: &Exemplar, o: &mut Object<'_>) {
    attributes("filteredAttributes", item.dictionary, exemplar.attributes, o);
    o.uint("timeUnixNano", exemplar.time.0);
    number(exemplar.value(), o);
    span_id("spanId", exemplar.span, o);
    trace_id(exemplar.trace, o);
}
