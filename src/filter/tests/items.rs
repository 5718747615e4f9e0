//! Batches of one item, to ask.

use crate::columns::*;
use crate::model::*;

/// Attributes as text: `7` is an integer, `0.5` a double, `true` a boolean, `[…]` an array of texts, `{k:v}` a map with
/// one text, `0x…` bytes, `null` the empty value, `'7'` text.
pub fn put<'a>(
    dictionary: &mut DictionaryBuilder,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    like: Attributes,
) -> Attributes {
    let mut list = dictionary.begin_list(like);
    for (key, text) in pairs {
        with_raw(text, |raw| dictionary.add(&mut list, key.as_bytes(), raw));
    }
    dictionary.end_list(list)
}

pub fn with_raw(text: &str, mut put: impl FnMut(Raw<'_>)) {
    raw(text, &mut put);
}

fn raw(text: &str, put: &mut dyn FnMut(Raw<'_>)) {
    let mut nested = NestedWriter::default();
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        nested.begin_array().unwrap();
        inner.split(',').for_each(|item| raw(item, &mut |raw| nested.value(value_of(raw))));
        nested.end();
        return put(Raw::Nested(nested.bytes()));
    }
    if let Some((key, value)) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')?.split_once(':')) {
        nested.begin_map().unwrap();
        nested.key(key);
        raw(value, &mut |raw| nested.value(value_of(raw)));
        nested.end();
        return put(Raw::Nested(nested.bytes()));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        let bytes: Vec<u8> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        return put(Raw::Bytes(&bytes));
    }
    put(match text {
        "true" => Raw::Bool(true),
        "false" => Raw::Bool(false),
        "null" => Raw::Empty,
        text if text.starts_with('\'') => Raw::Text(text.trim_matches('\'').as_bytes()),
        text => match (text.parse(), text.parse()) {
            (Ok(int), _) => Raw::Int(int),
            (_, Ok(double)) => Raw::Double(double),
            _ => Raw::Text(text.as_bytes()),
        },
    });
}

fn value_of(raw: Raw<'_>) -> Value<'_> {
    match raw {
        Raw::Empty => Value::Empty,
        Raw::Text(text) => Value::Text(std::str::from_utf8(text).unwrap()),
        Raw::Bool(value) => Value::Bool(value),
        Raw::Int(value) => Value::Int(value),
        Raw::Double(value) => Value::Double(value),
        Raw::Bytes(bytes) => Value::Bytes(bytes),
        Raw::Nested(bytes) => Value::Nested(Nested::from_bytes(bytes)),
    }
}

pub fn origin(dictionary: &mut DictionaryBuilder, resource: &[(&str, &str)]) -> OriginId {
    let attributes = put(dictionary, resource.iter().copied(), Attributes::default());
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let (name, version) = (dictionary.text(b"io.shop.http"), dictionary.text(b"1.2.0"));
    let attributes = put(dictionary, [("short", "yes")], Attributes::default());
    let scope = dictionary.scope(Scope { name, version, attributes, ..Scope::default() });
    dictionary.origin(resource, scope)
}

const RESOURCE: [(&str, &str); 3] = [("service.name", "checkout"), ("host.name", "web-3"), ("zone", "eu")];

pub fn trace(hex: &str) -> TraceId {
    TraceId::from_hex(hex.as_bytes()).unwrap()
}

pub fn span_id(hex: &str) -> SpanId {
    SpanId::from_hex(hex.as_bytes()).unwrap()
}

/// A failed server span of 182.4 ms.
pub fn span() -> Batch {
    let mut builder = SpansBuilder::default();
    let dictionary = &mut builder.dictionary;
    let origin = origin(dictionary, &RESOURCE);
    let attributes = put(
        dictionary,
        [
            ("http.request.method", "POST"),
            ("http.response.status_code", "502"),
            ("http.route", "/cart"),
            ("user.id", "'0042'"),
            ("retries", "'3'"),
            ("ratio", "0.25"),
            ("cached", "false"),
            ("size", "'1.5KB'"),
            ("tags", "[red,green]"),
            ("user", "{name:Ada}"),
            ("empty", "null"),
            ("blank", "''"),
            ("twice", "1"),
            ("twice", "2"),
            ("a b", "spaced"),
            ("name", "shadowed"),
            ("zone", "us"),
            ("big", "9007199254740993"),
            ("gen_ai.operation.name", "chat"),
            ("session.id", "s-1"),
        ],
        Attributes::default(),
    );
    let status_message = dictionary.text(b"payment declined");
    let name = dictionary.text(b"POST /orders");
    let event = dictionary.text(b"exception");
    let on_event = put(dictionary, [("exception.type", "CardError"), ("line", "77123")], Attributes::default());
    builder.push_event(SpanEventRow { name: event, attributes: on_event, ..SpanEventRow::default() });
    let linked = trace("11112222333344445555666677778888");
    builder.push_link(LinkRow { trace: linked, ..LinkRow::default() });
    builder.push(SpanRow {
        trace: trace("4bf92f3577b34da6a3ce929d0e0e4736"),
        id: span_id("00f067aa0ba902b7"),
        parent: span_id("53995c3f42cd8ad8"),
        name,
        kind: SpanKind::Server,
        status: StatusCode::Error,
        start: Time(1_000_000_000),
        end: Time(1_182_400_000),
        origin,
        attributes,
        rare: SpanRare { status_message, ..SpanRare::default() },
        ..SpanRow::default()
    });
    builder.finish()
}

/// A root span with hardly any field.
pub fn bare_span() -> Batch {
    let mut builder = SpansBuilder::default();
    let name = builder.dictionary.text(b"tick");
    let origin = origin(&mut builder.dictionary, &[]);
    builder.push(SpanRow { id: span_id("0000000000000001"), name, origin, ..SpanRow::default() });
    builder.finish()
}

/// A span whose only attributes are numbers.
pub fn numbered_span() -> Batch {
    let mut builder = SpansBuilder::default();
    let attributes = put(&mut builder.dictionary, [("a", "12345"), ("b", "-2.5")], Attributes::default());
    builder.push(SpanRow { id: span_id("0000000000000001"), attributes, ..SpanRow::default() });
    builder.finish()
}

/// A warning in a trace.
pub fn log() -> Batch {
    let mut builder = LogsBuilder::default();
    let dictionary = &mut builder.dictionary;
    let origin = origin(dictionary, &RESOURCE);
    let attributes = put(dictionary, [("thread.name", "main")], Attributes::default());
    let body = dictionary.make_word(Raw::Text(b"Connection to db-1 timed out"));
    let (severity_text, event_name) = (dictionary.text(b"WARNING"), dictionary.text(b"db.timeout"));
    let trace = trace("4bf92f3577b34da6a3ce929d0e0e4736");
    builder.push(LogRow {
        severity: Severity(14),
        severity_text,
        body,
        event_name,
        trace,
        origin,
        attributes,
        ..LogRow::default()
    });
    builder.finish()
}

/// A structured log record without a severity.
pub fn map_log() -> Batch {
    let mut builder = LogsBuilder::default();
    let mut word = Word::EMPTY;
    with_raw("{order:12345}", |raw| word = builder.dictionary.make_word(raw));
    builder.push(LogRow { body: word, ..LogRow::default() });
    builder.finish()
}

/// A log record with this severity and nothing else.
pub fn severe_log(number: i32, text: &str) -> Batch {
    let mut builder = LogsBuilder::default();
    let severity_text = builder.dictionary.text(text.as_bytes());
    builder.push(LogRow { severity: Severity(number), severity_text, ..LogRow::default() });
    builder.finish()
}

/// A point of a gauge.
pub fn point(unit: &str, value: PointValue<'_>) -> Batch {
    let mut builder = PointsBuilder::default();
    let dictionary = &mut builder.dictionary;
    let origin = origin(dictionary, &RESOURCE);
    let (name, unit) = (dictionary.text(b"process.memory.usage"), dictionary.text(unit.as_bytes()));
    let metric = builder.metric(Metric { name, unit, kind: MetricType::Gauge, ..Metric::default() });
    let attributes = put(&mut builder.dictionary, [("state", "used")], Attributes::default());
    let series = builder.series(Series { metric, origin, attributes });
    let id = trace("4bf92f3577b34da6a3ce929d0e0e4736");
    builder.push_exemplar(Exemplar::new(Time(5), PointValue::Int(1), id, SpanId::default(), Attributes::default()));
    let row = PointRow { series, ..PointRow::default() };
    match value {
        PointValue::Distribution(distribution) => builder.push_distribution(&row, distribution.clone()),
        value => builder.push_number(&row, value),
    }
    builder.finish()
}

/// An event whose payload is a map in a map.
pub fn event() -> Batch {
    let mut builder = EventsBuilder::default();
    let mut nested = NestedWriter::default();
    nested.begin_map().unwrap();
    nested.key("agentId");
    nested.value(Value::Text("planner"));
    nested.key("data");
    nested.begin_map().unwrap();
    nested.key("status");
    nested.value(Value::Text("error"));
    nested.key("attempts");
    nested.value(Value::Int(4));
    nested.end();
    nested.end();
    let payload = builder.dictionary.make_word(Raw::Nested(nested.bytes()));
    builder.push("TASK_FAIL", "ev-1", Time(7), "swarm-x", payload);
    builder.finish()
}

pub fn gap() -> Batch {
    let mut builder = EventsBuilder::default();
    builder.push_gap("overflow", 12, Time(7));
    builder.finish()
}
