//! Items as OTLP, in protobuf and in JSON, by the specification to the letter; fields that have their default are left out.
//! Nothing that a batch holds is lost, except the bits inside a NaN in JSON.
//!
//! Each message is described once, in `spans`, `logs`, `metrics` and here, as calls of a `sink`; `protobuf` and `json` are the
//! two sinks. Start with [`write_items`].

mod json;
mod logs;
mod metrics;
mod protobuf;
mod sink;
mod spans;

use crate::columns::{Attributes, Dictionary, Item, OriginId, PointItem, Resource, Scope, Word};
use crate::model::{Nested, Signal, Value};
use crate::wire::Encoding;
use protobuf::Protobuf;
use sink::{Field, Sink};

/// Appends one item as an OTLP JSON document of its own (`TracesData`, `MetricsData` or `LogsData`) and a line feed. Events and
/// gaps have no such form: then nothing is appended, and the answer is `false`.
pub fn write_item(item: Item<'_>, out: &mut Vec<u8>) -> bool {
    let written = write_items(&[item], Encoding::Json, out);
    if written {
        out.push(b'\n');
    }
    written
}

/// Appends items of one batch as one export request (`ExportTraceServiceRequest` and its kin; `TracesData` is the same).
/// Their order stays: neighbours that have a resource, a scope or a metric in common share it. Events and gaps have no
/// such form: then nothing is appended, and the answer is `false`; it is `true` for no items, which are an empty request.
pub fn write_items(items: &[Item<'_>], encoding: Encoding, out: &mut Vec<u8>) -> bool {
    let names = match items.first().map(|item| item.signal()) {
        Some(Signal::Spans) => ["resourceSpans", "scopeSpans"],
        Some(Signal::Logs) => ["resourceLogs", "scopeLogs"],
        Some(Signal::Metrics) => ["resourceMetrics", "scopeMetrics"],
        Some(Signal::Events) => return false,
        None => ["", ""],
    };
    match encoding {
        _ if items.is_empty() && encoding == Encoding::Protobuf => {}
        _ if items.is_empty() => out.extend_from_slice(b"{}"),
        Encoding::Protobuf => request(items, names, &mut Protobuf(out)),
        Encoding::Json => json::write(out, |o| request(items, names, o)),
    }
    true
}

fn request<S: Sink>(items: &[Item<'_>], [resources, scopes]: [&'static str; 2], o: &mut S) {
    let origin =
        |item: &Item<'_>| item.dictionary().origins.get(origin_of(*item).0 as usize).copied().unwrap_or_default();
    let of_resource = items.chunk_by(|a, b| origin(a).resource == origin(b).resource);
    o.messages(Field(resources, 1), of_resource, |o, items| {
        let dictionary = items[0].dictionary();
        let id = origin_of(items[0]);
        let resource = dictionary.resource(id);
        o.message(Field("resource", 1), |o| write_resource(dictionary, resource, o));
        o.messages(Field(scopes, 2), items.chunk_by(|a, b| origin(a) == origin(b)), |o, items| {
            let scope = dictionary.scope(origin_of(items[0]));
            o.message(Field("scope", 1), |o| write_scope(dictionary, scope, o));
            of_scope(items, o);
            o.text(Field("schemaUrl", 3), dictionary.text(scope.schema_url));
        });
        o.text(Field("schemaUrl", 3), dictionary.text(resource.schema_url));
    });
}

/// The spans, log records or metrics of a scope.
fn of_scope<S: Sink>(items: &[Item<'_>], o: &mut S) {
    match items[0] {
        Item::Span(_) => o.messages(Field("spans", 2), items, |o, item| {
            if let Item::Span(span) = item {
                spans::span(*span, o);
            }
        }),
        Item::Log(_) => o.messages(Field("logRecords", 2), items, |o, item| {
            if let Item::Log(log) = item {
                logs::log(*log, o);
            }
        }),
        Item::Point(_) => {
            let points = items.iter().filter_map(|item| match item {
                Item::Point(point) => Some(*point),
                _ => None,
            });
            let points: Vec<PointItem<'_>> = points.collect();
            let of_metric = points.chunk_by(|a, b| a.series().metric == b.series().metric);
            o.messages(Field("metrics", 2), of_metric, |o, points| metrics::metric(points, o));
        }
        Item::Event(_) => {}
    }
}

fn origin_of(item: Item<'_>) -> OriginId {
    match item {
        Item::Span(span) => span.origin(),
        Item::Log(log) => log.origin(),
        Item::Point(point) => point.origin(),
        Item::Event(_) => OriginId::default(),
    }
}

fn write_resource(dictionary: &Dictionary, resource: Resource, o: &mut impl Sink) {
    attributes(Field("attributes", 1), dictionary, resource.attributes, o);
    o.small(Field("droppedAttributesCount", 2), resource.dropped);
    entity_refs(dictionary, resource.entities, o);
}

fn write_scope(dictionary: &Dictionary, scope: Scope, o: &mut impl Sink) {
    o.text(Field("name", 1), dictionary.text(scope.name));
    o.text(Field("version", 2), dictionary.text(scope.version));
    attributes(Field("attributes", 3), dictionary, scope.attributes, o);
    o.small(Field("droppedAttributesCount", 4), scope.dropped);
}

fn attributes(field: Field, dictionary: &Dictionary, list: Attributes, o: &mut impl Sink) {
    let mut list = dictionary.attributes(list).peekable();
    if list.peek().is_some() {
        o.messages(field, list, |o, (key, value)| key_value(key, value, o));
    }
}

fn key_value(key: &str, value: Value<'_>, o: &mut impl Sink) {
    o.text(Field("key", 1), key);
    o.message(Field("value", 2), |o| any(value, o));
}

/// The one field of an AnyValue; no field for the empty value.
fn any<S: Sink>(value: Value<'_>, o: &mut S) {
    match value {
        Value::Empty => {}
        Value::Text(text) => o.text_always(Field("stringValue", 1), text),
        Value::Bool(value) => o.bool_always(Field("boolValue", 2), value),
        Value::Int(value) => o.int_always(Field("intValue", 3), value),
        Value::Double(value) => o.double_always(Field("doubleValue", 4), value),
        Value::Bytes(bytes) => o.bytes_always(Field("bytesValue", 7), bytes),
        Value::Nested(nested) if nested.is_map() => o.message(Field("kvlistValue", 6), |o| {
            o.messages(Field("values", 1), nested.entries(), |o, (key, value)| key_value(key, value, o));
        }),
        Value::Nested(nested) => o.message(Field("arrayValue", 5), |o| {
            o.messages(Field("values", 1), nested.items(), |o, value| any(value, o));
        }),
    }
}

/// The entity references, which a dictionary keeps as an array of maps with one entry a string.
fn entity_refs(dictionary: &Dictionary, entities: Word, o: &mut impl Sink) {
    let Value::Nested(entities) = dictionary.value(entities) else { return };
    o.messages(Field("entityRefs", 3), entities.items(), |o, entity| {
        let Value::Nested(entity) = entity else { return };
        for field in [Field("schemaUrl", 1), Field("type", 2)] {
            o.text(field, texts(entity, field.0).last().unwrap_or_default());
        }
        for field in [Field("idKeys", 3), Field("descriptionKeys", 4)] {
            o.texts(field, texts(entity, field.0));
        }
    });
}

fn texts<'a>(map: Nested<'a>, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    map.entries().filter_map(move |(key, value)| match value {
        Value::Text(text) if key == wanted => Some(text),
        _ => None,
    })
}
