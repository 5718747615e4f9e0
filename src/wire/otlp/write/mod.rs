//! Items as OTLP JSON, by the specification to the letter: camelCase, 64-bit integers as strings, enums as numbers, ids
//! in hex, bytes in base64; what has its default is left out. Nothing that a batch holds is lost, but for the bits
//! inside a NaN. Start with [`write_item`]; `object` is how JSON is put down.

mod logs;
mod metrics;
mod object;
mod spans;

use crate::columns::{Attributes, Dictionary, Item, OriginId, Word};
use crate::model::{Nested, Value};
use object::Object;

/// Appends one item as an OTLP document of its own (`TracesData`, `MetricsData` or `LogsData`) and a line feed. Events and
/// gaps have no such form: then nothing is appended, and the answer is `false`.
pub fn write_item(item: Item<'_>, out: &mut Vec<u8>) -> bool {
    match item {
        Item::Span(span) => {
            group(["resourceSpans", "scopeSpans", "spans"], span.dictionary, span.origin(), out, |o| {
                spans::span(span, o);
            });
        }
        Item::Log(log) => {
            group(["resourceLogs", "scopeLogs", "logRecords"], log.dictionary, log.origin(), out, |o| {
                logs::log(log, o);
            });
        }
        Item::Point(point) => {
            group(["resourceMetrics", "scopeMetrics", "metrics"], point.dictionary, point.origin(), out, |o| {
                metrics::metric(point, o);
            });
        }
        Item::Event(_) => return false,
    }
    out.push(b'\n');
    true
}

/// A document with one item in one scope of one resource.
fn group(
    names: [&'static str; 3],
    dictionary: &Dictionary,
    origin: OriginId,
    out: &mut Vec<u8>,
    item: impl Fn(&mut Object<'_>),
) {
    let [resources, scopes, items] = names;
    let resource = dictionary.resource(origin);
    let scope = dictionary.scope(origin);
    object::write(out, |o| {
        o.objects(resources, [()], |o, ()| {
            o.object("resource", |o| {
                attributes("attributes", dictionary, resource.attributes, o);
                o.small("droppedAttributesCount", resource.dropped);
                entity_refs(dictionary, resource.entities, o);
            });
            o.objects(scopes, [()], |o, ()| {
                o.object("scope", |o| {
                    o.text("name", dictionary.text(scope.name));
                    o.text("version", dictionary.text(scope.version));
                    attributes("attributes", dictionary, scope.attributes, o);
                    o.small("droppedAttributesCount", scope.dropped);
                });
                o.objects(items, [()], |o, ()| item(o));
                o.text("schemaUrl", dictionary.text(scope.schema_url));
            });
            o.text("schemaUrl", dictionary.text(resource.schema_url));
        });
    });
}

fn attributes(key: &'static str, dictionary: &Dictionary, list: Attributes, o: &mut Object<'_>) {
    let mut list = dictionary.attributes(list).peekable();
    if list.peek().is_some() {
        o.objects(key, list, |o, (key, value)| key_value(key, value, o));
    }
}

fn key_value(key: &str, value: Value<'_>, o: &mut Object<'_>) {
    o.text("key", key);
    o.object("value", |o| any(value, o));
}

/// The one field of an AnyValue, none where it is empty.
fn any(value: Value<'_>, o: &mut Object<'_>) {
    match value {
        Value::Empty => {}
        Value::Text(text) => o.text_always("stringValue", text),
        Value::Bool(value) => o.bool_always("boolValue", value),
        Value::Int(value) => o.int_always("intValue", value),
        Value::Double(value) => o.double_always("doubleValue", value),
        Value::Bytes(bytes) => o.bytes_always("bytesValue", bytes),
        Value::Nested(nested) if nested.is_map() => o.object("kvlistValue", |o| {
            o.objects("values", nested.entries(), |o, (key, value)| key_value(key, value, o));
        }),
        Value::Nested(nested) => o.object("arrayValue", |o| {
            o.objects("values", nested.items(), |o, value| any(value, o));
        }),
    }
}

/// The entity references, which a dictionary keeps as an array of maps with one entry a string.
fn entity_refs(dictionary: &Dictionary, entities: Word, o: &mut Object<'_>) {
    let Value::Nested(entities) = dictionary.value(entities) else { return };
    o.objects("entityRefs", entities.items(), |o, entity| {
        let Value::Nested(entity) = entity else { return };
        for key in ["schemaUrl", "type"] {
            o.text(key, texts(entity, key).last().unwrap_or_default());
        }
        for key in ["idKeys", "descriptionKeys"] {
            o.texts(key, texts(entity, key));
        }
    });
}

fn texts<'a>(map: Nested<'a>, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    map.entries().filter_map(move |(key, value)| match value {
        Value::Text(text) if key == wanted => Some(text),
        _ => None,
    })
}
