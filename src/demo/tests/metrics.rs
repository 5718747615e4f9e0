//! The rules of the metrics data model.

use super::*;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar, metric::Data};
use prost::Message;
use std::collections::HashSet;

/// A point of any type, with the fields that the rules need.
struct Point {
    /// The identity of the stream.
    series: String,
    temporality: i32,
    start: u64,
    time: u64,
    exemplars: Vec<Exemplar>,
}

fn points(day: &Day) -> Vec<Point> {
    let mut all = Vec::new();
    for (instance, metric) in &day.metrics {
        let mut push = |temporality, attributes: &[KeyValue], start, time, exemplars: &[Exemplar]| {
            let attributes: Vec<u8> = attributes.iter().flat_map(Message::encode_to_vec).collect();
            let series = format!("{instance} {} {attributes:?}", metric.name);
            all.push(Point { series, temporality, start, time, exemplars: exemplars.to_vec() });
        };
        match metric.data.as_ref().expect("every metric has data") {
            Data::Gauge(data) => {
                data.data_points.iter().for_each(|it| push(0, &it.attributes, 0, it.time_unix_nano, &it.exemplars));
            }
            Data::Sum(data) => data.data_points.iter().for_each(|it| {
                let (start, time) = (it.start_time_unix_nano, it.time_unix_nano);
                push(data.aggregation_temporality, &it.attributes, start, time, &it.exemplars);
            }),
            Data::Histogram(data) => data.data_points.iter().for_each(|it| {
                let (start, time) = (it.start_time_unix_nano, it.time_unix_nano);
                assert_eq!(it.bucket_counts.iter().sum::<u64>(), it.count, "{}", metric.name);
                assert_eq!(it.bucket_counts.len(), it.explicit_bounds.len() + 1);
                push(data.aggregation_temporality, &it.attributes, start, time, &it.exemplars);
            }),
            Data::ExponentialHistogram(data) => data.data_points.iter().for_each(|it| {
                let (start, time) = (it.start_time_unix_nano, it.time_unix_nano);
                let positive = it.positive.as_ref().map(|positive| positive.bucket_counts.iter().sum::<u64>());
                assert_eq!(positive.unwrap_or_default() + it.zero_count, it.count, "{}", metric.name);
                push(data.aggregation_temporality, &it.attributes, start, time, &it.exemplars);
            }),
            Data::Summary(data) => data.data_points.iter().for_each(|it| {
                assert!(it.quantile_values.is_sorted_by(|a, b| a.quantile < b.quantile && a.value <= b.value));
                push(0, &it.attributes, it.start_time_unix_nano, it.time_unix_nano, &[]);
            }),
        }
    }
    all
}

#[test]
fn every_metric_type_and_variant_occurs() {
    let day = &*SHOP;
    let variant = |metric: &Metric| match metric.data.as_ref() {
        Some(Data::Gauge(_)) => "gauge".to_owned(),
        Some(Data::Sum(sum)) => format!("sum {} {}", sum.aggregation_temporality, sum.is_monotonic),
        Some(Data::Histogram(it)) => format!("histogram {}", it.aggregation_temporality),
        Some(Data::ExponentialHistogram(it)) => format!("exponential {}", it.aggregation_temporality),
        Some(Data::Summary(_)) => "summary".to_owned(),
        None => "none".to_owned(),
    };
    let mut seen: Vec<String> = day.metrics.iter().map(|(_, metric)| variant(metric)).collect();
    seen.sort();
    seen.dedup();
    let wanted = [
        "exponential 1",
        "exponential 2",
        "gauge",
        "histogram 1",
        "histogram 2",
        "sum 1 true",
        "sum 2 false",
        "sum 2 true",
        "summary",
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn exemplars_point_to_exported_spans() {
    let day = &*SHOP;
    let spans = day.by_id();
    let mut kinds = HashSet::new();
    let all = points(day);
    for (point, exemplar) in all.iter().flat_map(|point| point.exemplars.iter().map(move |it| (point, it))) {
        if exemplar.time_unix_nano < day.settled() {
            let span = spans.get(&(&exemplar.trace_id[..], &exemplar.span_id[..])).expect("an exemplar's span");
            assert!((span.start_time_unix_nano..=span.end_time_unix_nano).contains(&exemplar.time_unix_nano));
            assert!(exemplar.time_unix_nano <= point.time && exemplar.value.is_some());
            kinds.insert(point.temporality);
        }
    }
    assert_eq!(kinds.len(), 3, "on gauges, deltas and cumulative points");
}

#[test]
fn deltas_are_contiguous_and_cumulative_starts_are_fixed() {
    let day = &*SHOP;
    let mut last: HashMap<String, Point> = HashMap::new();
    let mut followed = [0; 3];
    for point in points(day) {
        assert!(point.time > point.start, "{}", point.series);
        if let Some(before) = last.get(&point.series) {
            assert!(point.time > before.time, "{}", point.series);
            match point.temporality {
                1 => assert!(point.start >= before.time, "{} overlaps", point.series),
                _ => assert_eq!(point.start, before.start, "{} moved its start", point.series),
            }
            followed[point.temporality as usize] += 1;
        }
        last.insert(point.series.clone(), point);
    }
    assert!(followed.iter().all(|count| *count > 20), "{followed:?}");
}

#[test]
fn points_have_a_readable_rate() {
    let day = &*SHOP;
    let rate = points(day).len() as f64 / 300.0;
    assert!((5.0..80.0).contains(&rate), "{rate} points/s");
}
