//! Random OTLP messages with every field, empty and full, ordinary and extreme; a few contain an item that must be rejected.

use fastrand::Rng;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, LogsData, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    MetricsData, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar, metric,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, TracesData};

pub fn traces(rng: &mut Rng, size: usize) -> TracesData {
    let spans =
        |rng: &mut Rng| ScopeSpans { scope: maybe(rng, scope), spans: many(rng, size, span), schema_url: text(rng) };
    let resources = |rng: &mut Rng| ResourceSpans {
        resource: maybe(rng, resource),
        scope_spans: many(rng, 3, spans),
        schema_url: text(rng),
    };
    TracesData { resource_spans: many(rng, 3, resources) }
}

pub fn logs(rng: &mut Rng, size: usize) -> LogsData {
    let records = |rng: &mut Rng| ScopeLogs {
        scope: maybe(rng, scope),
        log_records: many(rng, size, log),
        schema_url: text(rng),
    };
    let resources = |rng: &mut Rng| ResourceLogs {
        resource: maybe(rng, resource),
        scope_logs: many(rng, 3, records),
        schema_url: text(rng),
    };
    LogsData { resource_logs: many(rng, 3, resources) }
}

pub fn metrics(rng: &mut Rng, size: usize) -> MetricsData {
    let metrics = |rng: &mut Rng| ScopeMetrics {
        scope: maybe(rng, scope),
        metrics: many(rng, size, metric),
        schema_url: text(rng),
    };
    let resources = |rng: &mut Rng| ResourceMetrics {
        resource: maybe(rng, resource),
        scope_metrics: many(rng, 3, metrics),
        schema_url: text(rng),
    };
    MetricsData { resource_metrics: many(rng, 3, resources) }
}

fn many<T>(rng: &mut Rng, most: usize, mut one: impl FnMut(&mut Rng) -> T) -> Vec<T> {
    (0..rng.usize(0..=most)).map(|_| one(rng)).collect()
}

fn maybe<T>(rng: &mut Rng, one: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.bool().then(|| one(rng))
}

fn text(rng: &mut Rng) -> String {
    let texts = [
        "",
        "",
        "a",
        "http.route",
        "GET /cart",
        "größer",
        "日本語 🦀",
        "a\"b\\c/\n\u{1}\u{7f}\u{2028}",
        "\0",
        "service.name",
    ];
    match rng.u8(0..8) {
        0 => (0..rng.usize(0..20)).map(|_| rng.char(..)).collect(),
        1 => "long ".repeat(rng.usize(0..100)),
        _ => (*rng.choice(&texts).unwrap()).to_owned(),
    }
}

fn u64(rng: &mut Rng) -> u64 {
    match rng.u8(0..4) {
        0 => 0,
        1 => rng.u64(..),
        2 => *rng.choice(&[1, (1 << 28) - 1, 1 << 28, (1 << 53) + 1, i64::MAX as u64, u64::MAX]).unwrap(),
        _ => rng.u64(0..1000),
    }
}

fn i64(rng: &mut Rng) -> i64 {
    let value = u64(rng) as i64;
    if rng.bool() { value.wrapping_neg() } else { value }
}

fn u32(rng: &mut Rng) -> u32 {
    if rng.bool() { 0 } else { u64(rng) as u32 }
}

fn f64(rng: &mut Rng) -> f64 {
    let extremes =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, 0.0, 0.1, 1e21];
    match rng.u8(0..4) {
        0 => *rng.choice(&extremes).unwrap(),
        1 => match f64::from_bits(rng.u64(..)) {
            // JSON has only one NaN.
            value if value.is_nan() => f64::NAN,
            value => value,
        },
        2 => rng.i32(-1000..1000).into(),
        _ => rng.f64() * 1e6,
    }
}

fn bytes(rng: &mut Rng) -> Vec<u8> {
    (0..rng.usize(0..9)).map(|_| rng.u8(..)).collect()
}

/// An id; sometimes empty, sometimes of another length.
fn id(rng: &mut Rng, length: usize) -> Vec<u8> {
    match rng.u8(0..16) {
        0 => vec![],
        1 => vec![0; length],
        2 => vec![1; length - 1],
        _ => vec![rng.u8(1..); length],
    }
}

fn any_value(rng: &mut Rng, depth: usize) -> AnyValue {
    use any_value::Value;
    let value = match rng.u8(0..if depth == 0 { 7 } else { 9 }) {
        0 => None,
        1 => Some(Value::BoolValue(rng.bool())),
        2 => Some(Value::IntValue(i64(rng))),
        3 => Some(Value::DoubleValue(f64(rng))),
        4 => Some(Value::BytesValue(bytes(rng))),
        5 | 6 => Some(Value::StringValue(text(rng))),
        7 => Some(Value::ArrayValue(ArrayValue { values: many(rng, 4, |rng| any_value(rng, depth - 1)) })),
        _ => Some(Value::KvlistValue(KeyValueList { values: many(rng, 4, |rng| key_value(rng, depth - 1)) })),
    };
    AnyValue { value }
}

/// Nested arrays and maps, as deep as prost allows.
fn deep_value(rng: &mut Rng, depth: usize) -> AnyValue {
    let mut value = any_value(rng, 0);
    for _ in 0..depth {
        let outer = match rng.bool() {
            true => any_value::Value::ArrayValue(ArrayValue { values: vec![value] }),
            false => {
                let pair = KeyValue { key: text(rng), value: Some(value), key_strindex: 0 };
                any_value::Value::KvlistValue(KeyValueList { values: vec![pair] })
            }
        };
        value = AnyValue { value: Some(outer) };
    }
    value
}

fn key_value(rng: &mut Rng, depth: usize) -> KeyValue {
    KeyValue { key: text(rng), value: maybe(rng, |rng| any_value(rng, depth)), key_strindex: 0 }
}

/// Mostly one of a few key lists, so that lists resemble each other as in real data.
fn attributes(rng: &mut Rng) -> Vec<KeyValue> {
    let keys: &[&str] = match rng.u8(0..6) {
        0 => return many(rng, 4, |rng| key_value(rng, 3)),
        1 => &[],
        2 => &["service.name"],
        3 => &["http.request.method", "http.route", "http.response.status_code", "k", "k"],
        _ => &["http.request.method", "http.route"],
    };
    let mut value = || if rng.u8(0..30) == 0 { deep_value(rng, 28) } else { any_value(rng, 2) };
    let pair = |key: &&str| KeyValue { key: (*key).to_owned(), value: Some(value()), key_strindex: 0 };
    keys.iter().map(pair).collect()
}

fn resource(rng: &mut Rng) -> Resource {
    let entity = |rng: &mut Rng| EntityRef {
        schema_url: text(rng),
        r#type: text(rng),
        id_keys: many(rng, 3, text),
        description_keys: many(rng, 3, text),
    };
    Resource {
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
        entity_refs: if rng.bool() { many(rng, 3, entity) } else { vec![] },
    }
}

fn scope(rng: &mut Rng) -> InstrumentationScope {
    InstrumentationScope {
        name: text(rng),
        version: text(rng),
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
    }
}

fn span(rng: &mut Rng) -> Span {
    let event = |rng: &mut Rng| Event {
        time_unix_nano: u64(rng),
        name: text(rng),
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
    };
    let link = |rng: &mut Rng| Link {
        trace_id: id(rng, 16),
        span_id: id(rng, 8),
        trace_state: text(rng),
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
        flags: u32(rng),
    };
    Span {
        trace_id: id(rng, 16),
        span_id: id(rng, 8),
        trace_state: text(rng),
        parent_span_id: id(rng, 8),
        flags: u32(rng),
        name: text(rng),
        kind: rng.i32(-1..7),
        start_time_unix_nano: u64(rng),
        end_time_unix_nano: u64(rng),
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
        events: if rng.bool() { many(rng, 3, event) } else { vec![] },
        dropped_events_count: u32(rng),
        links: if rng.bool() { many(rng, 3, link) } else { vec![] },
        dropped_links_count: u32(rng),
        status: maybe(rng, |rng| Status { message: text(rng), code: rng.i32(-1..4) }),
    }
}

fn log(rng: &mut Rng) -> LogRecord {
    LogRecord {
        time_unix_nano: u64(rng),
        observed_time_unix_nano: u64(rng),
        severity_number: if rng.bool() { rng.i32(0..25) } else { rng.i32(..) },
        severity_text: text(rng),
        body: maybe(rng, |rng| any_value(rng, 4)),
        attributes: attributes(rng),
        dropped_attributes_count: u32(rng),
        flags: u32(rng),
        trace_id: id(rng, 16),
        span_id: id(rng, 8),
        event_name: text(rng),
    }
}

fn metric(rng: &mut Rng) -> Metric {
    let aggregation_temporality = rng.i32(-1..4);
    let data = match rng.u8(0..6) {
        0 => None,
        1 => Some(metric::Data::Gauge(Gauge { data_points: many(rng, 3, number) })),
        2 => {
            let data_points = many(rng, 3, number);
            Some(metric::Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic: rng.bool() }))
        }
        3 => Some(metric::Data::Histogram(Histogram { data_points: many(rng, 3, histogram), aggregation_temporality })),
        4 => {
            let data_points = many(rng, 3, exponential);
            Some(metric::Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality }))
        }
        _ => Some(metric::Data::Summary(Summary { data_points: many(rng, 3, summary) })),
    };
    Metric {
        name: text(rng),
        description: text(rng),
        unit: text(rng),
        metadata: if rng.u8(0..4) == 0 { attributes(rng) } else { vec![] },
        data,
    }
}

fn exemplar(rng: &mut Rng) -> Exemplar {
    let value = |rng: &mut Rng| match rng.bool() {
        true => exemplar::Value::AsInt(i64(rng)),
        false => exemplar::Value::AsDouble(f64(rng)),
    };
    Exemplar {
        filtered_attributes: attributes(rng),
        time_unix_nano: u64(rng),
        span_id: id(rng, 8),
        trace_id: id(rng, 16),
        value: maybe(rng, value),
    }
}

fn exemplars(rng: &mut Rng) -> Vec<Exemplar> {
    if rng.u8(0..4) == 0 { many(rng, 3, exemplar) } else { vec![] }
}

fn number(rng: &mut Rng) -> NumberDataPoint {
    let value = |rng: &mut Rng| match rng.bool() {
        true => number_data_point::Value::AsInt(i64(rng)),
        false => number_data_point::Value::AsDouble(f64(rng)),
    };
    NumberDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: u64(rng),
        time_unix_nano: u64(rng),
        exemplars: exemplars(rng),
        flags: u32(rng),
        value: maybe(rng, value),
    }
}

fn histogram(rng: &mut Rng) -> HistogramDataPoint {
    let mut explicit_bounds = many(rng, 5, f64);
    let mut bucket_counts = many(rng, 6, u64);
    if rng.u8(0..8) != 0 {
        explicit_bounds.retain(|bound| !bound.is_nan());
        explicit_bounds.sort_by(f64::total_cmp);
        explicit_bounds.dedup();
        bucket_counts.resize(if explicit_bounds.is_empty() { 0 } else { explicit_bounds.len() + 1 }, 7);
    }
    HistogramDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: u64(rng),
        time_unix_nano: u64(rng),
        count: u64(rng),
        sum: maybe(rng, f64),
        bucket_counts,
        explicit_bounds,
        exemplars: exemplars(rng),
        flags: u32(rng),
        min: maybe(rng, f64),
        max: maybe(rng, f64),
    }
}

fn exponential(rng: &mut Rng) -> ExponentialHistogramDataPoint {
    let buckets = |rng: &mut Rng| Buckets { offset: u64(rng) as i32, bucket_counts: many(rng, 5, u64) };
    ExponentialHistogramDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: u64(rng),
        time_unix_nano: u64(rng),
        count: u64(rng),
        sum: maybe(rng, f64),
        scale: rng.i32(-11..21),
        zero_count: u64(rng),
        positive: maybe(rng, buckets),
        negative: maybe(rng, buckets),
        flags: u32(rng),
        exemplars: exemplars(rng),
        min: maybe(rng, f64),
        max: maybe(rng, f64),
        zero_threshold: f64(rng),
    }
}

fn summary(rng: &mut Rng) -> SummaryDataPoint {
    SummaryDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: u64(rng),
        time_unix_nano: u64(rng),
        count: u64(rng),
        sum: f64(rng),
        quantile_values: many(rng, 4, |rng| ValueAtQuantile { quantile: f64(rng), value: f64(rng) }),
        flags: u32(rng),
    }
}
