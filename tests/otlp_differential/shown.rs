//! The JSON that otail must write for an OTLP message, derived from the message itself: ordered keys, and values. And a JSON
//! reader that keeps the order of keys and duplicates.

use crate::rows::id;
use base64::Engine;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, LogsData};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Metric, MetricsData, NumberDataPoint, exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{Span, TracesData};
use otail::columns::NO_RECORDED_VALUE;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// JSON whose objects keep the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i128),
    Double(f64),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Int(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Int(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Double(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Json::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Json::Map(entries))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Reads the JSON of an item, without the mark for contradicting numbers, which is not part of the message.
pub fn read(text: &[u8]) -> Json {
    let mut json = serde_json::from_slice(text).unwrap();
    if let Json::Map(entries) = &mut json {
        entries.retain(|(key, _)| key != "inconsistent");
    }
    json
}

#[derive(Default)]
struct Object(Vec<(String, Json)>);

impl Object {
    fn put(&mut self, key: &str, value: Json) {
        self.0.push((key.to_owned(), value));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.put(key, Json::Text(text.to_owned()));
    }

    fn some(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    fn count(&mut self, key: &str, count: u32) {
        if count > 0 {
            self.put(key, Json::Int(count.into()));
        }
    }

    fn int(&mut self, key: &str, number: impl Into<i128>) {
        self.put(key, Json::Int(number.into()));
    }

    fn time(&mut self, key: &str, nanos: u64) {
        if nanos > 0 {
            let time = jiff::Timestamp::from_nanosecond(nanos.into()).unwrap();
            self.text(key, &time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string());
        }
    }

    fn id(&mut self, key: &str, id: &[u8]) {
        self.some(key, &id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }

    fn list(&mut self, key: &str, list: &[KeyValue]) {
        self.put(key, attributes(list));
    }

    fn head(&mut self, signal: &str) {
        self.text("signal", signal);
        self.text("source", "somewhere");
        self.text("received", "1970-01-01T00:00:00.000000007Z");
    }

    fn origin(&mut self, origin: &Origin) {
        self.list("resource", &origin.resource.attributes);
        let mut scope = Object::default();
        scope.text("name", &origin.scope.name);
        scope.some("version", &origin.scope.version);
        if !origin.scope.attributes.is_empty() {
            scope.list("attributes", &origin.scope.attributes);
        }
        scope.some("schema_url", &origin.scope_schema);
        scope.count("dropped_attributes", origin.scope.dropped_attributes_count);
        if scope.0.len() > 1 || !origin.scope.name.is_empty() {
            self.put("scope", Json::Map(scope.0));
        }
        self.some("resource_schema_url", &origin.schema);
        self.count("resource_dropped_attributes", origin.resource.dropped_attributes_count);
        let entities: Vec<Json> = origin
            .resource
            .entity_refs
            .iter()
            .map(|entity| {
                let mut object = Object::default();
                object.some("schema_url", &entity.schema_url);
                object.some("type", &entity.r#type);
                for (key, keys) in [("id_keys", &entity.id_keys), ("description_keys", &entity.description_keys)] {
                    if !keys.is_empty() {
                        object.put(key, Json::List(keys.iter().cloned().map(Json::Text).collect()));
                    }
                }
                Json::Map(object.0)
            })
            .collect();
        if !entities.is_empty() {
            self.put("resource_entities", Json::List(entities));
        }
    }
}

fn double(value: f64) -> Json {
    match value {
        value if value.is_nan() => Json::Text("NaN".to_owned()),
        f64::INFINITY => Json::Text("Infinity".to_owned()),
        f64::NEG_INFINITY => Json::Text("-Infinity".to_owned()),
        value => Json::Double(value),
    }
}

fn any(value: Option<&AnyValue>) -> Json {
    use any_value::Value;
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Value::StringValueStrindex(_)) => Json::Null,
        Some(Value::StringValue(text)) => Json::Text(text.clone()),
        Some(Value::BoolValue(value)) => Json::Bool(*value),
        Some(Value::IntValue(value)) => Json::Int((*value).into()),
        Some(Value::DoubleValue(value)) => double(*value),
        Some(Value::BytesValue(bytes)) => Json::Text(base64::engine::general_purpose::STANDARD.encode(bytes)),
        Some(Value::ArrayValue(array)) => Json::List(array.values.iter().map(|value| any(Some(value))).collect()),
        Some(Value::KvlistValue(list)) => attributes(&list.values),
    }
}

fn attributes(list: &[KeyValue]) -> Json {
    Json::Map(list.iter().map(|pair| (pair.key.clone(), any(pair.value.as_ref()))).collect())
}

struct Origin {
    resource: Resource,
    schema: String,
    scope: InstrumentationScope,
    scope_schema: String,
}

impl Origin {
    fn service(&self) -> &str {
        let named = self.resource.attributes.iter().rfind(|pair| pair.key == "service.name");
        match named.and_then(|pair| pair.value.as_ref()).and_then(|value| value.value.as_ref()) {
            Some(any_value::Value::StringValue(text)) => text,
            _ => "",
        }
    }
}

/// The expected JSON of each span.
pub fn of_traces(data: TracesData) -> Vec<Json> {
    let mut shown = Vec::new();
    for group in data.resource_spans {
        for inner in group.scope_spans {
            let origin = Origin {
                resource: group.resource.clone().unwrap_or_default(),
                schema: group.schema_url.clone(),
                scope: inner.scope.unwrap_or_default(),
                scope_schema: inner.schema_url,
            };
            for mut span in inner.spans {
                if id(&mut span.trace_id, 16) && id(&mut span.span_id, 8) {
                    id(&mut span.parent_span_id, 8);
                    shown.push(of_span(span, &origin));
                }
            }
        }
    }
    shown
}

fn word(words: &[&str], code: i32) -> String {
    usize::try_from(code).ok().and_then(|code| words.get(code)).unwrap_or(&words[0]).to_string()
}

fn of_span(span: Span, origin: &Origin) -> Json {
    let mut o = Object::default();
    o.head("span");
    o.id("trace_id", &span.trace_id);
    o.id("span_id", &span.span_id);
    o.id("parent_span_id", &span.parent_span_id);
    o.text("name", &span.name);
    o.some("service", origin.service());
    o.text("kind", &word(&["unspecified", "internal", "server", "client", "producer", "consumer"], span.kind));
    o.time("start", span.start_time_unix_nano);
    o.time("end", span.end_time_unix_nano);
    o.int("duration_ns", span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano));
    let status = span.status.unwrap_or_default();
    o.text("status", &word(&["unset", "ok", "error"], status.code));
    o.some("status_message", &status.message);
    o.list("attributes", &span.attributes);
    o.origin(origin);
    let events = span.events.iter().map(|event| {
        let mut o = Object::default();
        o.text("name", &event.name);
        o.time("time", event.time_unix_nano);
        o.list("attributes", &event.attributes);
        o.count("dropped_attributes", event.dropped_attributes_count);
        Json::Map(o.0)
    });
    if !span.events.is_empty() {
        o.put("events", Json::List(events.collect()));
    }
    let links = span.links.iter().map(|link| {
        let mut link = link.clone();
        id(&mut link.trace_id, 16);
        id(&mut link.span_id, 8);
        let mut o = Object::default();
        o.id("trace_id", &link.trace_id);
        o.id("span_id", &link.span_id);
        o.some("trace_state", &link.trace_state);
        o.count("flags", link.flags);
        o.list("attributes", &link.attributes);
        o.count("dropped_attributes", link.dropped_attributes_count);
        Json::Map(o.0)
    });
    if !span.links.is_empty() {
        o.put("links", Json::List(links.collect()));
    }
    o.some("trace_state", &span.trace_state);
    o.count("flags", span.flags);
    o.count("dropped_attributes", span.dropped_attributes_count);
    o.count("dropped_events", span.dropped_events_count);
    o.count("dropped_links", span.dropped_links_count);
    Json::Map(o.0)
}

/// The expected JSON of each log record.
pub fn of_logs(data: LogsData) -> Vec<Json> {
    let mut shown = Vec::new();
    for group in data.resource_logs {
        for inner in group.scope_logs {
            let origin = Origin {
                resource: group.resource.clone().unwrap_or_default(),
                schema: group.schema_url.clone(),
                scope: inner.scope.unwrap_or_default(),
                scope_schema: inner.schema_url,
            };
            shown.extend(inner.log_records.into_iter().map(|log| of_log(log, &origin)));
        }
    }
    shown
}

fn of_log(mut log: LogRecord, origin: &Origin) -> Json {
    id(&mut log.trace_id, 16);
    id(&mut log.span_id, 8);
    let mut o = Object::default();
    o.head("log");
    o.time("time", log.time_unix_nano);
    o.time("observed", log.observed_time_unix_nano);
    let number = log.severity_number;
    let severity = match (log.severity_text.as_str(), number) {
        ("", 0) => None,
        ("", 1..=24) => {
            let words = ["trace", "debug", "info", "warn", "error", "fatal"];
            let (word, nth) = (words[(number as usize - 1) / 4], (number - 1) % 4 + 1);
            Some(if nth == 1 { word.to_owned() } else { format!("{word}{nth}") })
        }
        ("", number) => Some(number.to_string()),
        (text, _) => Some(text.to_owned()),
    };
    if let Some(severity) = severity {
        o.text("severity", &severity);
        o.int("severity_number", number);
    }
    o.put("body", any(log.body.as_ref()));
    o.some("event_name", &log.event_name);
    o.id("trace_id", &log.trace_id);
    o.id("span_id", &log.span_id);
    o.some("service", origin.service());
    o.list("attributes", &log.attributes);
    o.origin(origin);
    o.count("flags", log.flags);
    o.count("dropped_attributes", log.dropped_attributes_count);
    Json::Map(o.0)
}

/// The expected JSON of each point. Points that must be rejected are omitted.
pub fn of_metrics(data: MetricsData) -> Vec<Json> {
    let mut shown = Vec::new();
    for group in data.resource_metrics {
        for inner in group.scope_metrics {
            let origin = Origin {
                resource: group.resource.clone().unwrap_or_default(),
                schema: group.schema_url.clone(),
                scope: inner.scope.unwrap_or_default(),
                scope_schema: inner.schema_url,
            };
            for mut metric in inner.metrics {
                let points = metric.data.take().map(crate::rows::each_point).unwrap_or_default();
                for data in points.into_iter().filter_map(crate::rows::plain_data) {
                    shown.push(of_point(data, &metric, &origin));
                }
            }
        }
    }
    shown
}

fn of_point(data: Data, metric: &Metric, origin: &Origin) -> Json {
    let mut o = Object::default();
    o.head("metric");
    o.text("name", &metric.name);
    o.some("unit", &metric.unit);
    let (kind, temporality, monotonic) = match &data {
        Data::Gauge(_) => ("gauge", 0, None),
        Data::Sum(sum) => ("sum", sum.aggregation_temporality, Some(sum.is_monotonic)),
        Data::Histogram(histogram) => ("histogram", histogram.aggregation_temporality, None),
        Data::ExponentialHistogram(histogram) => ("exponential_histogram", histogram.aggregation_temporality, None),
        Data::Summary(_) => ("summary", 0, None),
    };
    o.text("type", kind);
    match temporality {
        1 => o.text("temporality", "delta"),
        2 => o.text("temporality", "cumulative"),
        _ => {}
    }
    if let Some(monotonic) = monotonic {
        o.put("monotonic", Json::Bool(monotonic));
    }
    o.some("service", origin.service());
    let times = |o: &mut Object, start, time| {
        o.time("start", start);
        o.time("time", time);
    };
    let sums = |o: &mut Object, count: u64, sums: [(&str, Option<f64>); 3]| {
        o.int("count", count);
        sums.into_iter().for_each(|(key, value)| value.into_iter().for_each(|value| o.put(key, double(value))));
    };
    // The fields after the value; a point with no recorded value has only these.
    let rest = |mut o: Object, exemplars: Vec<Exemplar>, attributes: &[KeyValue], flags: u32| {
        if !exemplars.is_empty() {
            o.put("exemplars", Json::List(exemplars.into_iter().map(of_exemplar).collect()));
        }
        o.list("attributes", attributes);
        o.origin(origin);
        o.count("flags", flags);
        o.some("description", &metric.description);
        if !metric.metadata.is_empty() {
            o.list("metadata", &metric.metadata);
        }
        Json::Map(o.0)
    };
    let counts = |counts: &[u64]| Json::List(counts.iter().map(|count| Json::Int((*count).into())).collect());
    let (exemplars, attributes, flags) = match data {
        Data::Gauge(mut gauge) => number(&mut o, gauge.data_points.remove(0)),
        Data::Sum(mut sum) => number(&mut o, sum.data_points.remove(0)),
        Data::Histogram(mut histogram) => {
            let point = histogram.data_points.remove(0);
            times(&mut o, point.start_time_unix_nano, point.time_unix_nano);
            if point.flags & NO_RECORDED_VALUE != 0 {
                return rest(o, point.exemplars, &point.attributes, point.flags);
            }
            sums(&mut o, point.count, [("sum", point.sum), ("min", point.min), ("max", point.max)]);
            let mut buckets = Object::default();
            buckets.put("bounds", Json::List(point.explicit_bounds.into_iter().map(double).collect()));
            buckets.put("counts", counts(&point.bucket_counts));
            o.put("buckets", Json::Map(buckets.0));
            (point.exemplars, point.attributes, point.flags)
        }
        Data::ExponentialHistogram(mut histogram) => {
            let point = histogram.data_points.remove(0);
            times(&mut o, point.start_time_unix_nano, point.time_unix_nano);
            if point.flags & NO_RECORDED_VALUE != 0 {
                return rest(o, point.exemplars, &point.attributes, point.flags);
            }
            sums(&mut o, point.count, [("sum", point.sum), ("min", point.min), ("max", point.max)]);
            let mut exponential = Object::default();
            exponential.int("scale", point.scale);
            exponential.int("zero_count", point.zero_count);
            exponential.put("zero_threshold", double(point.zero_threshold));
            for (key, side) in [("positive", point.positive), ("negative", point.negative)] {
                let Buckets { offset, bucket_counts } = side.unwrap_or_default();
                let mut object = Object::default();
                object.int("offset", offset);
                object.put("counts", counts(&bucket_counts));
                exponential.put(key, Json::Map(object.0));
            }
            o.put("exponential", Json::Map(exponential.0));
            (point.exemplars, point.attributes, point.flags)
        }
        Data::Summary(mut summary) => {
            let point = summary.data_points.remove(0);
            times(&mut o, point.start_time_unix_nano, point.time_unix_nano);
            if point.flags & NO_RECORDED_VALUE != 0 {
                return rest(o, Vec::new(), &point.attributes, point.flags);
            }
            // A sum of 0 is omitted: a summary cannot say that it has none.
            let sum = (point.sum != 0.0).then_some(point.sum);
            sums(&mut o, point.count, [("sum", sum), ("min", None), ("max", None)]);
            let quantiles = point.quantile_values.iter().map(|pair| {
                let mut object = Object::default();
                object.put("quantile", double(pair.quantile));
                object.put("value", double(pair.value));
                Json::Map(object.0)
            });
            o.put("quantiles", Json::List(quantiles.collect()));
            (vec![], point.attributes, point.flags)
        }
    };
    rest(o, exemplars, &attributes, flags)
}

fn number(o: &mut Object, point: NumberDataPoint) -> (Vec<Exemplar>, Vec<KeyValue>, u32) {
    o.time("start", point.start_time_unix_nano);
    o.time("time", point.time_unix_nano);
    match point.value {
        Some(number_data_point::Value::AsInt(value)) => o.int("value", value),
        Some(number_data_point::Value::AsDouble(value)) => o.put("value", double(value)),
        None => {}
    }
    (point.exemplars, point.attributes, point.flags)
}

fn of_exemplar(mut exemplar: Exemplar) -> Json {
    id(&mut exemplar.trace_id, 16);
    id(&mut exemplar.span_id, 8);
    let mut o = Object::default();
    o.time("time", exemplar.time_unix_nano);
    match exemplar.value {
        Some(exemplar::Value::AsInt(value)) => o.int("value", value),
        Some(exemplar::Value::AsDouble(value)) => o.put("value", double(value)),
        None => {}
    }
    o.id("trace_id", &exemplar.trace_id);
    o.id("span_id", &exemplar.span_id);
    o.list("attributes", &exemplar.filtered_attributes);
    Json::Map(o.0)
}
