//! `tail -o json`: one flat object an item, keys in a fixed order, absent where there is nothing to say.

use super::Receipt;
use crate::columns::{
    Attributes, Buckets, Dictionary, EventItem, Exemplar, Item, LogItem, OriginId, PointItem, PointValue, SpanItem,
};
use crate::model::{MetricType, Nested, SpanId, Temporality, Time, TraceId, Value, is_harmless_char};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

/// Appends one item and a line feed. Text is escaped so that the line is harmless in a terminal too.
pub fn write_item(item: Item<'_>, receipt: Receipt<'_>, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    match item {
        Item::Span(span) => write_span(span, receipt, &mut object),
        Item::Log(log) => write_log(log, receipt, &mut object),
        Item::Point(point) => write_point(point, receipt, &mut object),
        Item::Event(event) => write_event(event, receipt, &mut object),
    }
    object.end();
    out.push(b'\n');
}

fn write_head(signal: &str, receipt: Receipt<'_>, object: &mut Object<'_>) {
    object.text("signal", signal);
    object.text("source", receipt.source);
    object.time("received", receipt.received);
}

fn write_span(span: SpanItem<'_>, receipt: Receipt<'_>, object: &mut Object<'_>) {
    let dictionary = span.dictionary;
    let rare = span.rare();
    write_head("span", receipt, object);
    object.trace("trace_id", span.trace());
    object.span("span_id", span.id());
    object.span("parent_span_id", span.parent());
    object.text("name", span.name());
    object.some_text("service", Item::Span(span).service());
    object.text("kind", span.kind().word());
    object.time("start", span.start());
    object.time("end", span.end());
    object.number("duration_ns", span.duration());
    object.text("status", span.status().word());
    object.some_text("status_message", dictionary.text(rare.status_message));
    object.attributes("attributes", dictionary, span.columns.attributes[span.row]);
    write_origin(dictionary, span.origin(), object);
    if span.events().len() > 0 {
        object.array("events", span.events(), |event, object| {
            object.text("name", dictionary.text(event.name));
            object.time("time", event.time);
            object.attributes("attributes", dictionary, event.attributes);
            object.count("dropped_attributes", event.dropped);
        });
    }
    if span.links().len() > 0 {
        object.array("links", span.links(), |link, object| {
            object.trace("trace_id", link.trace);
            object.span("span_id", link.span);
            object.some_text("trace_state", dictionary.text(link.trace_state));
            object.attributes("attributes", dictionary, link.attributes);
            object.count("dropped_attributes", link.dropped);
        });
    }
    object.some_text("trace_state", dictionary.text(rare.trace_state));
    object.count("flags", span.flags());
    object.count("dropped_attributes", rare.dropped_attributes);
    object.count("dropped_events", rare.dropped_events);
    object.count("dropped_links", rare.dropped_links);
}

fn write_log(log: LogItem<'_>, receipt: Receipt<'_>, object: &mut Object<'_>) {
    write_head("log", receipt, object);
    object.time("time", log.columns.time[log.row]);
    object.time("observed", log.observed());
    if log.severity().0 > 0 || !log.severity_text().is_empty() {
        let text = log.severity_text();
        object.text("severity", if text.is_empty() { log.severity().word() } else { text });
        object.number("severity_number", u64::from(log.severity().0));
    }
    object.value("body", log.body());
    object.some_text("event_name", log.event_name());
    object.trace("trace_id", log.trace());
    object.span("span_id", log.span());
    object.some_text("service", Item::Log(log).service());
    object.attributes("attributes", log.dictionary, log.columns.attributes[log.row]);
    write_origin(log.dictionary, log.origin(), object);
    object.count("flags", log.flags());
    object.count("dropped_attributes", log.dropped());
}

fn write_point(point: PointItem<'_>, receipt: Receipt<'_>, object: &mut Object<'_>) {
    let (dictionary, metric) = (point.dictionary, point.metric());
    write_head("metric", receipt, object);
    object.text("name", point.name());
    object.some_text("unit", point.unit());
    object.text("type", metric.kind.word());
    if metric.temporality != Temporality::Unspecified {
        object.text("temporality", metric.temporality.word());
    }
    if metric.kind == MetricType::Sum {
        object.value("monotonic", Value::Bool(metric.monotonic));
    }
    object.some_text("service", Item::Point(point).service());
    object.time("start", point.start());
    object.time("time", point.time());
    match point.value() {
        PointValue::None => {}
        PointValue::Int(value) => object.value("value", Value::Int(value)),
        PointValue::Double(value) => object.value("value", Value::Double(value)),
        PointValue::Distribution(distribution) => {
            object.number("count", distribution.count);
            let numbers = [("sum", distribution.sum), ("min", distribution.min), ("max", distribution.max)];
            for (key, value) in numbers {
                if let Some(value) = value {
                    object.value(key, Value::Double(value));
                }
            }
            write_buckets(point, &distribution.buckets, object);
        }
    }
    if point.exemplars().len() > 0 {
        object.array("exemplars", point.exemplars(), |exemplar, object| write_exemplar(exemplar, dictionary, object));
    }
    object.attributes("attributes", dictionary, point.series().attributes);
    write_origin(dictionary, point.origin(), object);
    object.count("flags", point.flags());
}

fn write_buckets(point: PointItem<'_>, buckets: &Buckets, object: &mut Object<'_>) {
    match buckets {
        Buckets::Explicit { bounds, counts } => object.object("buckets", |object| {
            object.list("bounds", point.doubles(*bounds), |bound, out| write_value(Value::Double(bound), out));
            object.list("counts", point.columns.counts(counts), |count, out| _ = write!(out, "{count}"));
        }),
        Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
            object.object("exponential", |object| {
                object.value("scale", Value::Int(i64::from(*scale)));
                object.number("zero_count", *zero_count);
                object.value("zero_threshold", Value::Double(*zero_threshold));
                for (key, (offset, counts)) in [("positive", positive), ("negative", negative)] {
                    object.object(key, |object| {
                        object.value("offset", Value::Int(i64::from(*offset)));
                        object.list("counts", point.columns.counts(counts), |count, out| _ = write!(out, "{count}"));
                    });
                }
            });
        }
        Buckets::Quantiles(pairs) => {
            let doubles: Vec<f64> = point.doubles(*pairs).collect();
            object.array("quantiles", doubles.chunks_exact(2), |pair, object| {
                object.value("quantile", Value::Double(pair[0]));
                object.value("value", Value::Double(pair[1]));
            });
        }
    }
}

fn write_exemplar(exemplar: &Exemplar, dictionary: &Dictionary, object: &mut Object<'_>) {
    object.time("time", exemplar.time);
    match exemplar.value() {
        PointValue::Int(value) => object.value("value", Value::Int(value)),
        PointValue::Double(value) => object.value("value", Value::Double(value)),
        PointValue::None | PointValue::Distribution(_) => {}
    }
    object.trace("trace_id", exemplar.trace);
    object.span("span_id", exemplar.span);
    object.attributes("attributes", dictionary, exemplar.attributes);
}

fn write_event(event: EventItem<'_>, receipt: Receipt<'_>, object: &mut Object<'_>) {
    if let Some(gap) = event.gap() {
        write_head("gap", receipt, object);
        object.text("reason", event.kind());
        object.number("dropped", gap.dropped);
        return;
    }
    write_head("event", receipt, object);
    object.text("type", event.kind());
    object.some_text("id", event.id());
    object.time("time", event.time());
    object.some_text("session", event.session());
    object.value("payload", event.payload());
}

fn write_origin(dictionary: &Dictionary, origin: OriginId, object: &mut Object<'_>) {
    let (resource, scope) = (dictionary.resource(origin), dictionary.scope(origin));
    object.attributes("resource", dictionary, resource.attributes);
    let (name, version) = (dictionary.text(scope.name), dictionary.text(scope.version));
    if !name.is_empty() || !version.is_empty() {
        object.object("scope", |object| {
            object.text("name", name);
            object.some_text("version", version);
            if dictionary.attributes(scope.attributes).next().is_some() {
                object.attributes("attributes", dictionary, scope.attributes);
            }
        });
    }
}

/// A JSON object being written.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, empty: true }
    }

    fn end(&mut self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        write_text(key, self.out);
        self.out.push(b':');
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        write_text(text, self.out);
    }

    fn some_text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    fn number(&mut self, key: &str, number: u64) {
        self.key(key);
        let _ = write!(self.out, "{number}");
    }

    fn count(&mut self, key: &str, count: u32) {
        if count > 0 {
            self.number(key, u64::from(count));
        }
    }

    fn time(&mut self, key: &str, time: Time) {
        if !time.is_unknown() {
            self.text(key, &time.rfc3339());
        }
    }

    fn trace(&mut self, key: &str, id: TraceId) {
        if !id.is_none() {
            self.text(key, &id.to_string());
        }
    }

    fn span(&mut self, key: &str, id: SpanId) {
        if !id.is_none() {
            self.text(key, &id.to_string());
        }
    }

    fn value(&mut self, key: &str, value: Value<'_>) {
        self.key(key);
        write_value(value, self.out);
    }

    fn attributes(&mut self, key: &str, dictionary: &Dictionary, attributes: Attributes) {
        self.object(key, |object| {
            for (key, value) in dictionary.attributes(attributes) {
                object.value(key, value);
            }
        });
    }

    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        let mut object = Object::begin(self.out);
        fill(&mut object);
        object.end();
    }

    fn array<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut fill: impl FnMut(T, &mut Object<'_>)) {
        self.list(key, items, |item, out| {
            let mut object = Object::begin(out);
            fill(item, &mut object);
            object.end();
        });
    }

    fn list<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut write: impl FnMut(T, &mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(item, self.out);
        }
        self.out.push(b']');
    }
}

/// Integers as numbers, bytes as base64; a double that JSON has no number for as text (`"NaN"`, `"Infinity"`).
fn write_value(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Empty => out.extend_from_slice(b"null"),
        Value::Text(text) => write_text(text, out),
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::Int(value) => _ = write!(out, "{value}"),
        Value::Double(value) if value.is_finite() => _ = serde_json::to_writer(out, &value),
        Value::Double(value) if value.is_nan() => write_text("NaN", out),
        Value::Double(value) => write_text(if value > 0.0 { "Infinity" } else { "-Infinity" }, out),
        Value::Bytes(bytes) => write_text(&STANDARD.encode(bytes), out),
        Value::Nested(nested) => write_nested(nested, out),
    }
}

fn write_nested(nested: Nested<'_>, out: &mut Vec<u8>) {
    let keyed = nested.is_map();
    out.push(if keyed { b'{' } else { b'[' });
    for (index, (key, value)) in nested.entries().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if keyed {
            write_text(key, out);
            out.push(b':');
        }
        write_value(value, out);
    }
    out.push(if keyed { b'}' } else { b']' });
}

/// A JSON string in which what could do harm in a terminal is escaped too, not only what JSON demands.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = |c: char| c != '"' && c != '\\' && is_harmless_char(c);
    let mut rest = text;
    while let Some(at) = rest.find(|c| !plain(c)) {
        let (clean, tail) = rest.split_at(at);
        out.extend_from_slice(clean.as_bytes());
        let mut chars = tail.chars();
        match chars.next() {
            Some('"') => out.extend_from_slice(b"\\\""),
            Some('\\') => out.extend_from_slice(b"\\\\"),
            Some('\n') => out.extend_from_slice(b"\\n"),
            Some('\r') => out.extend_from_slice(b"\\r"),
            Some('\t') => out.extend_from_slice(b"\\t"),
            Some(c) => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
            None => {}
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, Raw, Resource, Scope, SpanEventRow, SpanRare, SpanRow, SpansBuilder, Word};
    use crate::model::{SpanKind, StatusCode};

    const RECEIPT: Receipt<'static> = Receipt { source: "listen", received: Time(1_000_000_000) };

    fn line(item: Item<'_>) -> String {
        let mut out = Vec::new();
        write_item(item, RECEIPT, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_span_has_its_keys_in_the_order_of_the_contract() {
        let mut builder = SpansBuilder::default();
        let dictionary = &mut builder.dictionary;
        let mut list = dictionary.begin_list(Attributes::default());
        dictionary.add(&mut list, b"service.name", Raw::Text(b"shop"));
        let attributes = dictionary.end_list(list);
        let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
        let name = dictionary.text(b"lib");
        let scope = dictionary.scope(Scope { name, ..Scope::default() });
        let origin = dictionary.origin(resource, scope);
        let mut list = dictionary.begin_list(Attributes::default());
        dictionary.add(&mut list, b"big", Raw::Int(i64::MAX));
        dictionary.add(&mut list, b"nan", Raw::Double(f64::NAN));
        dictionary.add(&mut list, b"whole", Raw::Double(1.0));
        dictionary.add(&mut list, b"bytes", Raw::Bytes(&[0, 255]));
        dictionary.add(&mut list, b"none", Raw::Empty);
        let attributes = dictionary.end_list(list);
        let name = dictionary.text(b"GET /");
        let event = dictionary.text(b"retry");
        let status_message = dictionary.text("a\u{9b}b\u{202e}\x1b\"".as_bytes());
        builder.push_event(SpanEventRow { name: event, time: Time(5), ..SpanEventRow::default() });
        builder.push(SpanRow {
            trace: TraceId([1; 16]),
            id: SpanId([2; 8]),
            name,
            kind: SpanKind::Server,
            status: StatusCode::Error,
            start: Time(10),
            end: Time(30),
            origin,
            attributes,
            rare: SpanRare { status_message, ..SpanRare::default() },
            ..SpanRow::default()
        });
        let batch = builder.finish();
        let expected = concat!(
            r#"{"signal":"span","source":"listen","received":"1970-01-01T00:00:01.000000000Z","#,
            r#""trace_id":"01010101010101010101010101010101","span_id":"0202020202020202","name":"GET /","service":"shop","#,
            r#""kind":"server","start":"1970-01-01T00:00:00.000000010Z","end":"1970-01-01T00:00:00.000000030Z","#,
            r#""duration_ns":20,"status":"error","status_message":"a\u009bb\u202e\u001b\"","#,
            r#""attributes":{"big":9223372036854775807,"nan":"NaN","whole":1.0,"bytes":"AP8=","none":null},"#,
            r#""resource":{"service.name":"shop"},"scope":{"name":"lib"},"#,
            r#""events":[{"name":"retry","time":"1970-01-01T00:00:00.000000005Z","attributes":{}}]}"#,
            "\n"
        );
        assert_eq!(line(batch.item(0)), expected);
    }

    #[test]
    fn a_gap_says_why_and_how_many() {
        let mut events = EventsBuilder::default();
        events.push_gap("overflow", 12, Time(1));
        events.push("message", "7", Time(0), "", Word::EMPTY);
        let batch = events.finish();
        let head = r#""source":"listen","received":"1970-01-01T00:00:01.000000000Z""#;
        assert_eq!(
            line(batch.item(0)),
            format!("{{\"signal\":\"gap\",{head},\"reason\":\"overflow\",\"dropped\":12}}\n")
        );
        let event = format!("{{\"signal\":\"event\",{head},\"type\":\"message\",\"id\":\"7\",\"payload\":null}}\n");
        assert_eq!(line(batch.item(1)), event);
    }
}
