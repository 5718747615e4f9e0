//! `shapes`: every shape in every wrapping, values compared. `spans`, `events`: one test per rule. `any`: random input. Here:
//! the decoded items as JSON, to compare them.

mod any;
mod events;
mod shapes;
mod spans;

use super::{Decoded, Decoder};
use crate::columns::{Batch, EventItem, Item, SpanItem};
use crate::model::{Nested, Signal, Value};
use serde_json::{Value as Json, json};

const TRACE: &str = "9b0c1f2e3d4a5b6c7d8e9f0011223344";
const SPAN: &str = "7f1c20aa93b4e6d1";
const START: u64 = 1_755_000_000_123_456_700;

/// A batch of spans as JSON, with this test's own names.
fn spans_of(batch: &Batch) -> Vec<Json> {
    let spans = batch.items().filter_map(|item| match item {
        Item::Span(span) => Some(span),
        _ => None,
    });
    spans.map(span_json).collect()
}

fn span_json(span: SpanItem<'_>) -> Json {
    let dictionary = span.dictionary;
    let resource = dictionary.resource(span.origin());
    let event = |event: &crate::columns::SpanEventRow| {
        json!([event.time.0, dictionary.text(event.name), map(dictionary.attributes(event.attributes))])
    };
    let link = |link: &crate::columns::LinkRow| {
        json!([
            link.trace.to_string(),
            link.span.to_string(),
            dictionary.text(link.trace_state),
            map(dictionary.attributes(link.attributes))
        ])
    };
    json!({
        "trace": span.trace().to_string(),
        "span": span.id().to_string(),
        "parent": if span.parent().is_none() { String::new() } else { span.parent().to_string() },
        "name": span.name(),
        "service": dictionary.text(resource.service),
        "kind": span.kind().word(),
        "status": span.status().word(),
        "message": dictionary.text(span.rare().status_message),
        "start": span.start().0,
        "end": span.end().0,
        "attributes": map(span.attributes()),
        "resource": map(dictionary.attributes(resource.attributes)),
        "events": span.events().map(event).collect::<Vec<_>>(),
        "links": span.links().map(link).collect::<Vec<_>>(),
    })
}

/// Attributes as an object; a repeated key appears twice.
fn map<'a>(attributes: impl Iterator<Item = (&'a str, Value<'a>)>) -> Json {
    let mut object = serde_json::Map::new();
    for (key, value) in attributes {
        let mut key = key.to_owned();
        while object.contains_key(&key) {
            key.push_str(" again");
        }
        object.insert(key, json_of(value));
    }
    object.into()
}

fn json_of(value: Value<'_>) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Text(text) => text.into(),
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::Bytes(_) => unreachable!("JSON has no bytes"),
        Value::Nested(nested) => nested_json(nested),
    }
}

fn nested_json(nested: Nested<'_>) -> Json {
    if nested.is_map() { map(nested.entries()) } else { nested.items().map(json_of).collect() }
}

/// The spans of one event that has nothing else.
#[track_caller]
fn read_spans(name: &str, data: &str) -> Vec<Json> {
    let mut decoder = Decoder::default();
    let found = decoder.read(name, "", data);
    let taken = decoder.take();
    assert_eq!(taken.rejected.reason, None, "{data}");
    assert!(taken.batches.iter().all(|batch| batch.signal() == Signal::Spans), "{data}");
    let spans: Vec<Json> = taken.batches.iter().flat_map(spans_of).collect();
    assert_eq!(found, Decoded::Items(spans.len()), "{data}");
    spans
}

#[track_caller]
fn read_span(record: &Json) -> Json {
    let spans = read_spans("span", &record.to_string());
    assert_eq!(spans.len(), 1);
    spans[0].clone()
}

/// How many records of an event were rejected, why, and how many good ones it had.
fn read_bad(data: &str) -> (u64, String, usize) {
    let mut decoder = Decoder::default();
    decoder.read("span", "", data);
    let taken = decoder.take();
    (taken.rejected.count, taken.rejected.reason.unwrap_or_default(), taken.batches.iter().map(Batch::len).sum())
}

#[track_caller]
fn with_event<T>(name: &str, id: &str, data: &str, check: impl FnOnce(EventItem<'_>) -> T) -> T {
    let mut decoder = Decoder::default();
    let found = decoder.read(name, id, data);
    assert!(matches!(found, Decoded::Event | Decoded::Gap { .. }), "{found:?} for {data}");
    let taken = decoder.take();
    assert_eq!((taken.batches.len(), taken.rejected.count), (1, 0));
    assert_eq!(taken.batches[0].len(), 1);
    let Item::Event(event) = taken.batches[0].item(0) else { unreachable!() };
    check(event)
}

#[track_caller]
fn payload(name: &str, data: &str) -> Json {
    with_event(name, "", data, |event| json_of(event.payload()))
}
