//! The measurements of one process, aggregated as its SDK does: one series per attribute set, exemplars since the last
//! collection, sums and histograms in the process's preferred temporality.

use super::attribute::Attributes;
use super::cast::Process;
use super::histogram::{Exponential, Moments, explicit_bucket};
use super::instrument::{Instrument, Shape};
use super::language::Library;
use super::simulation::Measurement;
use crate::model::{Temporality, Time};
use opentelemetry_proto::tonic::metrics::v1::{self as otlp, exemplar, metric::Data, number_data_point};
use prost::Message;
use std::collections::BTreeMap;

/// All instruments of a process.
pub(super) struct Meter {
    start: Time,
    prefers: Temporality,
    /// By instrument and encoded attributes.
    series: BTreeMap<(Instrument, Vec<u8>), Series>,
}

struct Series {
    attributes: Attributes,
    since: Time,
    state: Aggregate,
    /// The last one of each order of magnitude, or only the last; SDKs keep one per bucket.
    exemplars: BTreeMap<i32, otlp::Exemplar>,
    touched: bool,
}

enum Aggregate {
    Sum(f64),
    Last(f64),
    Explicit(Moments, Vec<u64>),
    Exponential(Moments, Exponential),
    Summary(Moments, Vec<f64>),
}

/// A summary's quantiles cover this many observations.
const SUMMARY_WINDOW: usize = 64;

impl Meter {
    pub(super) fn new(start: Time, prefers: Temporality) -> Meter {
        Meter { start, prefers, series: BTreeMap::new() }
    }

    pub(super) fn record(&mut self, at: Time, measurement: Measurement) {
        let Measurement { instrument, value, attributes, context, filtered } = measurement;
        let shape = instrument.definition().shape;
        let key: Vec<u8> = attributes.iter().flat_map(Message::encode_length_delimited_to_vec).collect();
        let since = self.start;
        let series = self.series.entry((instrument, key)).or_insert_with(|| Series::new(attributes, since, shape));
        series.observe(value, shape);
        if let Some(context) = context {
            let slot =
                if let Shape::Histogram(_) | Shape::Exponential = shape { value.log2().floor() as i32 } else { 0 };
            let exemplar = otlp::Exemplar {
                filtered_attributes: filtered,
                time_unix_nano: at.0,
                span_id: context.span.0.to_vec(),
                trace_id: context.trace.0.to_vec(),
                value: Some(exemplar::Value::AsDouble(value)),
            };
            series.exemplars.insert(slot, exemplar);
        }
    }

    /// All metrics since the last call, by scope; starts new deltas.
    pub(super) fn collect(&mut self, now: Time, process: &Process) -> Vec<otlp::ScopeMetrics> {
        let mut scopes: BTreeMap<Library, Vec<otlp::Metric>> = BTreeMap::new();
        let mut last = None;
        for ((instrument, _), series) in &mut self.series {
            let definition = instrument.definition();
            let temporality = definition.shape.temporality(self.prefers);
            if temporality == Temporality::Delta && !series.touched {
                series.since = now;
                continue;
            }
            let metrics = scopes.entry(definition.library).or_default();
            if last.replace(*instrument) != Some(*instrument) {
                metrics.push(otlp::Metric {
                    name: definition.name.to_owned(),
                    description: definition.description.to_owned(),
                    unit: definition.unit.to_owned(),
                    data: Some(definition.shape.data(temporality)),
                    ..otlp::Metric::default()
                });
            }
            if let Some(data) = metrics.last_mut().and_then(|metric| metric.data.as_mut()) {
                series.put(now, definition.shape, data);
            }
            if temporality == Temporality::Delta {
                series.restart(now, definition.shape);
            }
        }
        let scope = |(library, metrics)| otlp::ScopeMetrics {
            scope: Some(process.scope(library)),
            metrics,
            schema_url: String::new(),
        };
        scopes.into_iter().map(scope).collect()
    }
}

impl Shape {
    fn state(self) -> Aggregate {
        match self {
            Shape::Counter | Shape::DoubleCounter | Shape::UpDown => Aggregate::Sum(0.0),
            Shape::Gauge | Shape::ObservedUpDown => Aggregate::Last(0.0),
            Shape::Histogram(bounds) => Aggregate::Explicit(Moments::default(), vec![0; bounds.len() + 1]),
            Shape::Exponential => Aggregate::Exponential(Moments::default(), Exponential::default()),
            Shape::Summary => Aggregate::Summary(Moments::default(), Vec::new()),
        }
    }

    /// "Delta" has the SDKs' meaning: up-down counters stay cumulative.
    fn temporality(self, prefers: Temporality) -> Temporality {
        match self {
            Shape::Counter | Shape::DoubleCounter | Shape::Histogram(_) | Shape::Exponential => prefers,
            Shape::UpDown | Shape::ObservedUpDown => Temporality::Cumulative,
            Shape::Gauge | Shape::Summary => Temporality::Unspecified,
        }
    }

    /// The metric's data, without points.
    fn data(self, temporality: Temporality) -> Data {
        let aggregation_temporality = i32::from(temporality.code());
        let data_points = Vec::new();
        match self {
            Shape::Counter | Shape::DoubleCounter | Shape::UpDown | Shape::ObservedUpDown => Data::Sum(otlp::Sum {
                data_points,
                aggregation_temporality,
                is_monotonic: matches!(self, Shape::Counter | Shape::DoubleCounter),
            }),
            Shape::Gauge => Data::Gauge(otlp::Gauge { data_points }),
            Shape::Histogram(_) => {
                Data::Histogram(otlp::Histogram { data_points: Vec::new(), aggregation_temporality })
            }
            Shape::Exponential => Data::ExponentialHistogram(otlp::ExponentialHistogram {
                data_points: Vec::new(),
                aggregation_temporality,
            }),
            Shape::Summary => Data::Summary(otlp::Summary { data_points: Vec::new() }),
        }
    }

    fn is_whole(self) -> bool {
        matches!(self, Shape::Counter | Shape::UpDown | Shape::ObservedUpDown)
    }
}

impl Series {
    fn new(attributes: Attributes, since: Time, shape: Shape) -> Series {
        Series { attributes, since, state: shape.state(), exemplars: BTreeMap::new(), touched: false }
    }

    fn observe(&mut self, value: f64, shape: Shape) {
        self.touched = true;
        match (&mut self.state, shape) {
            (Aggregate::Sum(sum), _) => *sum += value,
            (Aggregate::Last(last), _) => *last = value,
            (Aggregate::Explicit(moments, counts), Shape::Histogram(bounds)) => {
                moments.observe(value);
                counts[explicit_bucket(bounds, value)] += 1;
            }
            (Aggregate::Explicit(..), _) => {}
            (Aggregate::Exponential(moments, buckets), _) => {
                moments.observe(value);
                buckets.observe(value);
            }
            (Aggregate::Summary(moments, window), _) => {
                moments.observe(value);
                if window.len() == SUMMARY_WINDOW {
                    window.remove(0);
                }
                window.push(value);
            }
        }
    }

    fn restart(&mut self, now: Time, shape: Shape) {
        (self.since, self.state, self.touched) = (now, shape.state(), false);
    }

    /// Appends the current point and moves the exemplars into it.
    fn put(&mut self, now: Time, shape: Shape, data: &mut Data) {
        let (attributes, start) = (self.attributes.clone(), self.since.0);
        let exemplars = std::mem::take(&mut self.exemplars).into_values().collect();
        let number = |value: f64, exemplars, start| otlp::NumberDataPoint {
            attributes: attributes.clone(),
            start_time_unix_nano: start,
            time_unix_nano: now.0,
            exemplars,
            value: Some(if shape.is_whole() {
                number_data_point::Value::AsInt(value as i64)
            } else {
                number_data_point::Value::AsDouble(value)
            }),
            ..Default::default()
        };
        match (&self.state, data) {
            (Aggregate::Sum(value) | Aggregate::Last(value), Data::Sum(sum)) => {
                sum.data_points.push(number(*value, exemplars, start));
            }
            (Aggregate::Sum(value) | Aggregate::Last(value), Data::Gauge(gauge)) => {
                gauge.data_points.push(number(*value, exemplars, 0));
            }
            (Aggregate::Explicit(moments, counts), Data::Histogram(histogram)) => {
                let Shape::Histogram(bounds) = shape else { return };
                histogram.data_points.push(otlp::HistogramDataPoint {
                    attributes,
                    start_time_unix_nano: start,
                    time_unix_nano: now.0,
                    count: moments.count,
                    sum: Some(moments.sum),
                    bucket_counts: counts.clone(),
                    explicit_bounds: bounds.to_vec(),
                    exemplars,
                    flags: 0,
                    min: Some(moments.min),
                    max: Some(moments.max),
                });
            }
            (Aggregate::Exponential(moments, buckets), Data::ExponentialHistogram(histogram)) => {
                histogram.data_points.push(otlp::ExponentialHistogramDataPoint {
                    attributes,
                    start_time_unix_nano: start,
                    time_unix_nano: now.0,
                    count: moments.count,
                    sum: Some(moments.sum),
                    scale: buckets.scale,
                    zero_count: buckets.zeros,
                    positive: Some(buckets.buckets()),
                    exemplars,
                    min: Some(moments.min),
                    max: Some(moments.max),
                    ..Default::default()
                });
            }
            (Aggregate::Summary(moments, window), Data::Summary(summary)) => {
                let mut sorted = window.clone();
                sorted.sort_by(f64::total_cmp);
                let at = |quantile: f64| otlp::summary_data_point::ValueAtQuantile {
                    quantile,
                    value: sorted.get((quantile * (sorted.len() as f64 - 1.0)) as usize).copied().unwrap_or_default(),
                };
                summary.data_points.push(otlp::SummaryDataPoint {
                    attributes,
                    start_time_unix_nano: start,
                    time_unix_nano: now.0,
                    count: moments.count,
                    sum: moments.sum,
                    quantile_values: [0.0, 0.25, 0.5, 0.75, 1.0].map(at).to_vec(),
                    flags: 0,
                });
            }
            _ => {}
        }
    }
}
