//! Writes messages as OTLP JSON and picks a random legal spelling for each value: keys in any order, in camelCase or
//! snake_case, numbers as strings or the reverse, enums by number or name, defaults omitted, null or written, escapes, base64
//! of either alphabet, unknown fields. It is independent of otail.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use fastrand::Rng;
use opentelemetry_proto::tonic::common::v1::{AnyValue, EntityRef, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, LogsData, SeverityNumber};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, MetricsData,
    NumberDataPoint, SummaryDataPoint, exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, TracesData, status::StatusCode};

/// A value, by the type of its protobuf field.
enum Json {
    Bool(bool),
    /// An integer of at most 32 bits.
    Small(i64),
    /// An integer of 64 bits.
    Large(i128),
    Double(f64),
    Text(String),
    Id(Vec<u8>),
    Bytes(Vec<u8>),
    /// Number and name.
    Enum(i32, Option<&'static str>),
    Array(Vec<Json>),
    Object(Vec<Member>),
}

/// The key, the value, and whether the value must be present.
type Member = (&'static str, Json, bool);

pub fn traces(data: TracesData, rng: &mut Rng) -> String {
    let groups = data.resource_spans.into_iter().map(|group| {
        let scopes = group.scope_spans.into_iter();
        let scopes =
            scopes.map(|inner| held("spans", inner.scope, inner.spans.into_iter().map(span), inner.schema_url));
        grouped("scopeSpans", group.resource, scopes, group.schema_url)
    });
    document("resourceSpans", groups, rng)
}

pub fn logs(data: LogsData, rng: &mut Rng) -> String {
    let groups = data.resource_logs.into_iter().map(|group| {
        let scopes = group.scope_logs.into_iter();
        let scopes = scopes
            .map(|inner| held("logRecords", inner.scope, inner.log_records.into_iter().map(log), inner.schema_url));
        grouped("scopeLogs", group.resource, scopes, group.schema_url)
    });
    document("resourceLogs", groups, rng)
}

pub fn metrics(data: MetricsData, rng: &mut Rng) -> String {
    let groups = data.resource_metrics.into_iter().map(|group| {
        let scopes = group.scope_metrics.into_iter();
        let scopes =
            scopes.map(|inner| held("metrics", inner.scope, inner.metrics.into_iter().map(metric), inner.schema_url));
        grouped("scopeMetrics", group.resource, scopes, group.schema_url)
    });
    document("resourceMetrics", groups, rng)
}

/// An object with only `resourceSpans` or its like.
fn document(key: &'static str, groups: impl Iterator<Item = Json>, rng: &mut Rng) -> String {
    render(object([always(key, Json::Array(groups.collect()))]), rng)
}

/// One element of `resourceSpans` or its like.
fn grouped(key: &'static str, of: Option<Resource>, scopes: impl Iterator<Item = Json>, schema_url: String) -> Json {
    object([resource(of), always(key, Json::Array(scopes.collect())), text("schemaUrl", schema_url)])
}

/// One element of `scopeSpans` or its like.
fn held(
    key: &'static str,
    of: Option<InstrumentationScope>,
    items: impl Iterator<Item = Json>,
    schema_url: String,
) -> Json {
    object([scope(of), always(key, Json::Array(items.collect())), text("schemaUrl", schema_url)])
}

fn object(members: impl IntoIterator<Item = Member>) -> Json {
    Json::Object(members.into_iter().collect())
}

fn field(key: &'static str, value: Json) -> Member {
    (key, value, false)
}

/// A member of a oneof, or an optional field.
fn always(key: &'static str, value: Json) -> Member {
    (key, value, true)
}

fn text(key: &'static str, text: String) -> Member {
    field(key, Json::Text(text))
}

fn small(key: &'static str, value: impl Into<i64>) -> Member {
    field(key, Json::Small(value.into()))
}

fn large(key: &'static str, value: impl Into<i128>) -> Member {
    field(key, Json::Large(value.into()))
}

fn id(key: &'static str, id: Vec<u8>) -> Member {
    field(key, Json::Id(id))
}

fn larges(key: &'static str, values: Vec<u64>) -> Member {
    field(key, Json::Array(values.into_iter().map(|value| Json::Large(value.into())).collect()))
}

fn list(key: &'static str, list: Vec<KeyValue>) -> Member {
    field(key, Json::Array(list.into_iter().map(key_value).collect()))
}

fn optional(key: &'static str, value: Option<f64>) -> Vec<Member> {
    value.map(|value| always(key, Json::Double(value))).into_iter().collect()
}

fn key_value(pair: KeyValue) -> Json {
    object([text("key", pair.key)].into_iter().chain(pair.value.map(|value| field("value", any(value)))))
}

fn any(value: AnyValue) -> Json {
    use any_value::Value;
    object(value.value.map(|value| match value {
        Value::StringValue(text) => always("stringValue", Json::Text(text)),
        Value::BoolValue(value) => always("boolValue", Json::Bool(value)),
        Value::IntValue(value) => always("intValue", Json::Large(value.into())),
        Value::DoubleValue(value) => always("doubleValue", Json::Double(value)),
        Value::BytesValue(bytes) => always("bytesValue", Json::Bytes(bytes)),
        Value::ArrayValue(array) => {
            let values = array.values.into_iter().map(any).collect();
            always("arrayValue", object([field("values", Json::Array(values))]))
        }
        Value::KvlistValue(map) => always("kvlistValue", object([list("values", map.values)])),
        Value::StringValueStrindex(_) => panic!("not in these signals"),
    }))
}

fn resource(resource: Option<Resource>) -> Member {
    let texts = |texts: Vec<String>| Json::Array(texts.into_iter().map(Json::Text).collect());
    let entity = |entity: EntityRef| {
        object([
            text("schemaUrl", entity.schema_url),
            text("type", entity.r#type),
            field("idKeys", texts(entity.id_keys)),
            field("descriptionKeys", texts(entity.description_keys)),
        ])
    };
    let resource = resource.unwrap_or_default();
    let members = [
        list("attributes", resource.attributes),
        small("droppedAttributesCount", resource.dropped_attributes_count),
        field("entityRefs", Json::Array(resource.entity_refs.into_iter().map(entity).collect())),
    ];
    field("resource", object(members))
}

fn scope(scope: Option<InstrumentationScope>) -> Member {
    let scope = scope.unwrap_or_default();
    let members = [
        text("name", scope.name),
        text("version", scope.version),
        list("attributes", scope.attributes),
        small("droppedAttributesCount", scope.dropped_attributes_count),
    ];
    field("scope", object(members))
}

fn span(span: Span) -> Json {
    let event = |event: Event| {
        object([
            large("timeUnixNano", event.time_unix_nano),
            text("name", event.name),
            list("attributes", event.attributes),
            small("droppedAttributesCount", event.dropped_attributes_count),
        ])
    };
    let link = |link: Link| {
        object([
            id("traceId", link.trace_id),
            id("spanId", link.span_id),
            text("traceState", link.trace_state),
            list("attributes", link.attributes),
            small("droppedAttributesCount", link.dropped_attributes_count),
            small("flags", link.flags),
        ])
    };
    let status = |status: Status| {
        let name = StatusCode::try_from(status.code).ok().map(|code| code.as_str_name());
        object([text("message", status.message), field("code", Json::Enum(status.code, name))])
    };
    let kind = SpanKind::try_from(span.kind).ok().map(|kind| kind.as_str_name());
    let members = [
        id("traceId", span.trace_id),
        id("spanId", span.span_id),
        text("traceState", span.trace_state),
        id("parentSpanId", span.parent_span_id),
        small("flags", span.flags),
        text("name", span.name),
        field("kind", Json::Enum(span.kind, kind)),
        large("startTimeUnixNano", span.start_time_unix_nano),
        large("endTimeUnixNano", span.end_time_unix_nano),
        list("attributes", span.attributes),
        small("droppedAttributesCount", span.dropped_attributes_count),
        field("events", Json::Array(span.events.into_iter().map(event).collect())),
        small("droppedEventsCount", span.dropped_events_count),
        field("links", Json::Array(span.links.into_iter().map(link).collect())),
        small("droppedLinksCount", span.dropped_links_count),
    ];
    object(members.into_iter().chain(span.status.map(|value| field("status", status(value)))))
}

fn log(log: LogRecord) -> Json {
    let severity = SeverityNumber::try_from(log.severity_number).ok().map(|severity| severity.as_str_name());
    let members = [
        large("timeUnixNano", log.time_unix_nano),
        large("observedTimeUnixNano", log.observed_time_unix_nano),
        field("severityNumber", Json::Enum(log.severity_number, severity)),
        text("severityText", log.severity_text),
        list("attributes", log.attributes),
        small("droppedAttributesCount", log.dropped_attributes_count),
        small("flags", log.flags),
        id("traceId", log.trace_id),
        id("spanId", log.span_id),
        text("eventName", log.event_name),
    ];
    object(members.into_iter().chain(log.body.map(|body| field("body", any(body)))))
}

fn metric(metric: Metric) -> Json {
    fn points<T>(points: Vec<T>, point: impl Fn(T) -> Json) -> Member {
        field("dataPoints", Json::Array(points.into_iter().map(point).collect()))
    }
    let temporality = |code: i32| {
        let name = AggregationTemporality::try_from(code).ok().map(|temporality| temporality.as_str_name());
        field("aggregationTemporality", Json::Enum(code, name))
    };
    let data = metric.data.map(|data| match data {
        Data::Gauge(data) => always("gauge", object([points(data.data_points, number)])),
        Data::Sum(data) => {
            let monotonic = field("isMonotonic", Json::Bool(data.is_monotonic));
            let temporality = temporality(data.aggregation_temporality);
            always("sum", object([points(data.data_points, number), temporality, monotonic]))
        }
        Data::Histogram(data) => {
            let temporality = temporality(data.aggregation_temporality);
            always("histogram", object([points(data.data_points, histogram), temporality]))
        }
        Data::ExponentialHistogram(data) => {
            let temporality = temporality(data.aggregation_temporality);
            always("exponentialHistogram", object([points(data.data_points, exponential), temporality]))
        }
        Data::Summary(data) => always("summary", object([points(data.data_points, summary)])),
    });
    let members = [
        text("name", metric.name),
        text("description", metric.description),
        text("unit", metric.unit),
        list("metadata", metric.metadata),
    ];
    object(members.into_iter().chain(data))
}

fn exemplars(exemplars: Vec<Exemplar>) -> Member {
    let one = |exemplar: Exemplar| {
        let value = exemplar.value.map(|value| match value {
            exemplar::Value::AsInt(value) => always("asInt", Json::Large(value.into())),
            exemplar::Value::AsDouble(value) => always("asDouble", Json::Double(value)),
        });
        let members = [
            list("filteredAttributes", exemplar.filtered_attributes),
            large("timeUnixNano", exemplar.time_unix_nano),
            id("spanId", exemplar.span_id),
            id("traceId", exemplar.trace_id),
        ];
        object(members.into_iter().chain(value))
    };
    field("exemplars", Json::Array(exemplars.into_iter().map(one).collect()))
}

fn number(point: NumberDataPoint) -> Json {
    let value = point.value.map(|value| match value {
        number_data_point::Value::AsInt(value) => always("asInt", Json::Large(value.into())),
        number_data_point::Value::AsDouble(value) => always("asDouble", Json::Double(value)),
    });
    let members = [
        list("attributes", point.attributes),
        large("startTimeUnixNano", point.start_time_unix_nano),
        large("timeUnixNano", point.time_unix_nano),
        exemplars(point.exemplars),
        small("flags", point.flags),
    ];
    object(members.into_iter().chain(value))
}

fn histogram(point: HistogramDataPoint) -> Json {
    let members = [
        list("attributes", point.attributes),
        large("startTimeUnixNano", point.start_time_unix_nano),
        large("timeUnixNano", point.time_unix_nano),
        large("count", point.count),
        larges("bucketCounts", point.bucket_counts),
        field("explicitBounds", Json::Array(point.explicit_bounds.into_iter().map(Json::Double).collect())),
        exemplars(point.exemplars),
        small("flags", point.flags),
    ];
    let optional = [optional("sum", point.sum), optional("min", point.min), optional("max", point.max)];
    object(members.into_iter().chain(optional.into_iter().flatten()))
}

fn exponential(point: ExponentialHistogramDataPoint) -> Json {
    let buckets = |key, buckets: Option<Buckets>| {
        let buckets = buckets.unwrap_or_default();
        field(key, object([small("offset", buckets.offset), larges("bucketCounts", buckets.bucket_counts)]))
    };
    let members = [
        list("attributes", point.attributes),
        large("startTimeUnixNano", point.start_time_unix_nano),
        large("timeUnixNano", point.time_unix_nano),
        large("count", point.count),
        small("scale", point.scale),
        large("zeroCount", point.zero_count),
        buckets("positive", point.positive),
        buckets("negative", point.negative),
        small("flags", point.flags),
        exemplars(point.exemplars),
        field("zeroThreshold", Json::Double(point.zero_threshold)),
    ];
    let optional = [optional("sum", point.sum), optional("min", point.min), optional("max", point.max)];
    object(members.into_iter().chain(optional.into_iter().flatten()))
}

fn summary(point: SummaryDataPoint) -> Json {
    let quantiles = point
        .quantile_values
        .into_iter()
        .map(|pair| object([field("quantile", Json::Double(pair.quantile)), field("value", Json::Double(pair.value))]));
    object([
        list("attributes", point.attributes),
        large("startTimeUnixNano", point.start_time_unix_nano),
        large("timeUnixNano", point.time_unix_nano),
        large("count", point.count),
        field("sum", Json::Double(point.sum)),
        field("quantileValues", Json::Array(quantiles.collect())),
        small("flags", point.flags),
    ])
}

fn render(json: Json, rng: &mut Rng) -> String {
    let mut text = String::new();
    json.render(rng, &mut text);
    text
}

impl Json {
    fn is_default(&self) -> bool {
        match self {
            Json::Bool(value) => !value,
            Json::Small(value) => *value == 0,
            Json::Large(value) => *value == 0,
            Json::Double(value) => value.to_bits() == 0,
            Json::Text(text) => text.is_empty(),
            Json::Id(bytes) | Json::Bytes(bytes) => bytes.is_empty(),
            Json::Enum(code, _) => *code == 0,
            Json::Array(items) => items.is_empty(),
            Json::Object(members) => members.is_empty(),
        }
    }

    fn render(self, rng: &mut Rng, text: &mut String) {
        match self {
            Json::Bool(value) => text.push_str(if value { "true" } else { "false" }),
            Json::Small(value) => number_or_string(value.to_string(), rng, text),
            Json::Large(value) => number_or_string(value.to_string(), rng, text),
            Json::Double(value) if value.is_nan() => text.push_str("\"NaN\""),
            Json::Double(value) if value.is_infinite() => {
                text.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
            }
            Json::Double(value) => match rng.u8(0..3) {
                0 => number_or_string(format!("{value:e}"), rng, text),
                1 if value.abs() < 1e15 => number_or_string(format!("{value}"), rng, text),
                _ => number_or_string(format!("{value:?}"), rng, text),
            },
            Json::Text(value) => string(&value, rng, text),
            Json::Id(bytes) => {
                let digits = bytes.iter().map(|byte| match rng.bool() {
                    true => format!("{byte:02x}"),
                    false => format!("{byte:02X}"),
                });
                let digits: String = digits.collect();
                string(&digits, rng, text);
            }
            Json::Bytes(bytes) => {
                let engine = rng.choice([STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]).unwrap();
                string(&engine.encode(bytes), rng, text);
            }
            Json::Enum(_, Some(name)) if rng.bool() => string(name, rng, text),
            Json::Enum(code, _) => text.push_str(&code.to_string()),
            Json::Array(items) => {
                text.push('[');
                for (index, item) in items.into_iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    space(rng, text);
                    item.render(rng, text);
                }
                space(rng, text);
                text.push(']');
            }
            Json::Object(members) => render_object(members, rng, text),
        }
    }
}

fn render_object(mut members: Vec<Member>, rng: &mut Rng, text: &mut String) {
    members.retain(|(_, value, always)| *always || !value.is_default() || rng.bool());
    rng.shuffle(&mut members);
    text.push('{');
    for (index, (key, value, always)) in members.into_iter().enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        space(rng, text);
        if rng.u8(0..10) == 0 {
            text.push_str(r#""fromTheFuture":{"a":[1,{"traceId":"x\u00e9"},-1.5e3,true],"b":"\ud83d\ude00"},"#);
        }
        let key = if rng.u8(0..4) == 0 { snake(key) } else { key.to_owned() };
        string_as_it_is(&key, text);
        space(rng, text);
        text.push(':');
        space(rng, text);
        if !always && value.is_default() && rng.bool() {
            text.push_str("null");
        } else {
            value.render(rng, text);
        }
    }
    text.push('}');
}

fn space(rng: &mut Rng, text: &mut String) {
    if rng.u8(0..8) == 0 {
        text.push(*rng.choice(&[' ', '\n', '\t', '\r']).unwrap());
    }
}

fn snake(key: &str) -> String {
    let lower = |c: char| if c.is_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.to_string() };
    key.chars().map(lower).collect()
}

fn number_or_string(digits: String, rng: &mut Rng, text: &mut String) {
    if rng.bool() {
        text.push_str(&digits);
    } else {
        string_as_it_is(&digits, text);
    }
}

fn string_as_it_is(plain: &str, text: &mut String) {
    text.push('"');
    text.push_str(plain);
    text.push('"');
}

/// Writes a string with all necessary escapes and a few others.
fn string(value: &str, rng: &mut Rng, text: &mut String) {
    let more = rng.u8(0..4) == 0;
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' if rng.bool() => text.push_str("\\n"),
            '/' if rng.bool() => text.push_str("\\/"),
            c if c < ' ' || (more && rng.bool()) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
