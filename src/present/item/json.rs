//! The whole of an item as JSON, in the keys and the order of `tail -o json`, one key a line.
//!
//! It is valid JSON and harmless: what could move a terminal, and what cannot be seen, is written as `\u…`.

use super::About;
use super::writer::Writer;
use crate::columns::{Buckets, Dictionary, EventItem, Item, LogItem, OriginId, PointItem, PointValue, SpanItem};
use crate::model::Value;

/// The item, indented by two spaces, without an end of line.
pub fn json(item: Item<'_>, about: &About<'_>) -> String {
    let mut out = Writer::default();
    out.open('{');
    let signal = match item {
        Item::Event(event) if event.gap().is_some() => "gap",
        item => item.signal().singular(),
    };
    out.text("signal", signal);
    out.text_if("source", about.source);
    out.time("received", about.received);
    match item {
        Item::Span(span) => write_span(&mut out, span),
        Item::Log(log) => write_log(&mut out, log),
        Item::Point(point) => write_point(&mut out, point),
        Item::Event(event) => write_event(&mut out, event),
    }
    out.close('}');
    out.text
}

fn write_span(out: &mut Writer, span: SpanItem<'_>) {
    let dictionary = span.dictionary;
    let rare = span.rare();
    if !span.trace().is_none() {
        out.text("trace_id", &span.trace().to_string());
    }
    out.text("span_id", &span.id().to_string());
    if !span.parent().is_none() {
        out.text("parent_span_id", &span.parent().to_string());
    }
    out.text("name", span.name());
    out.text_if("service", Item::Span(span).service());
    out.text("kind", span.kind().word());
    out.time("start", span.start());
    out.time("end", span.end());
    out.plain("duration_ns", &span.duration().to_string());
    out.text("status", span.status().word());
    out.text_if("status_message", dictionary.text(rare.status_message));
    out.text_if("trace_state", dictionary.text(rare.trace_state));
    out.attributes("attributes", span.attributes());
    write_origin(out, dictionary, span.origin());
    if span.events().len() > 0 {
        out.key("events");
        out.open('[');
        for event in span.events() {
            out.element();
            out.open('{');
            out.text("name", dictionary.text(event.name));
            out.time("time", event.time);
            out.list("attributes", dictionary, event.attributes);
            out.close('}');
        }
        out.close(']');
    }
    if span.links().len() > 0 {
        out.key("links");
        out.open('[');
        for link in span.links() {
            out.element();
            out.open('{');
            out.text("trace_id", &link.trace.to_string());
            out.text("span_id", &link.span.to_string());
            out.text_if("trace_state", dictionary.text(link.trace_state));
            out.list("attributes", dictionary, link.attributes);
            out.close('}');
        }
        out.close(']');
    }
}

fn write_log(out: &mut Writer, log: LogItem<'_>) {
    out.time("time", log.time());
    out.time("observed", log.observed());
    out.text_if("severity", log.severity_text());
    out.plain("severity_number", &log.severity().0.to_string());
    out.key("body");
    out.value(log.body());
    out.text_if("event_name", log.event_name());
    if !log.trace().is_none() {
        out.text("trace_id", &log.trace().to_string());
    }
    if !log.span().is_none() {
        out.text("span_id", &log.span().to_string());
    }
    out.text_if("service", Item::Log(log).service());
    out.attributes("attributes", log.attributes());
    write_origin(out, log.dictionary, log.origin());
}

fn write_point(out: &mut Writer, point: PointItem<'_>) {
    let metric = point.metric();
    out.text("name", point.name());
    out.text_if("unit", point.unit());
    out.text("type", metric.kind.word());
    out.text("temporality", metric.temporality.word());
    out.plain("monotonic", if metric.monotonic { "true" } else { "false" });
    out.text_if("service", Item::Point(point).service());
    out.time("start", point.start());
    out.time("time", point.time());
    match point.value() {
        PointValue::None => out.plain("value", "null"),
        PointValue::Int(value) => out.plain("value", &value.to_string()),
        PointValue::Double(value) => {
            out.key("value");
            out.value(Value::Double(value));
        }
        PointValue::Distribution(distribution) => {
            out.plain("count", &distribution.count.to_string());
            for (key, number) in [("sum", distribution.sum), ("min", distribution.min), ("max", distribution.max)] {
                if let Some(number) = number {
                    out.key(key);
                    out.value(Value::Double(number));
                }
            }
            write_buckets(out, point, &distribution.buckets);
        }
    }
    if let Some(reason) = point.inconsistency() {
        out.text("inconsistent", &reason.to_string());
    }
    if point.exemplars().len() > 0 {
        out.key("exemplars");
        out.open('[');
        for exemplar in point.exemplars() {
            out.element();
            out.open('{');
            out.time("time", exemplar.time);
            out.key("value");
            out.value(match exemplar.value() {
                PointValue::Int(value) => Value::Int(value),
                PointValue::Double(value) => Value::Double(value),
                PointValue::None | PointValue::Distribution(_) => Value::Empty,
            });
            if !exemplar.trace.is_none() {
                out.text("trace_id", &exemplar.trace.to_string());
                out.text("span_id", &exemplar.span.to_string());
            }
            out.list("attributes", point.dictionary, exemplar.attributes);
            out.close('}');
        }
        out.close(']');
    }
    out.attributes("attributes", point.attributes());
    write_origin(out, point.dictionary, point.origin());
}

fn write_buckets(out: &mut Writer, point: PointItem<'_>, buckets: &Buckets) {
    let numbers = |out: &mut Writer, key: &str, numbers: &mut dyn Iterator<Item = Value<'_>>| {
        out.key(key);
        out.inline(numbers);
    };
    match buckets {
        Buckets::Explicit { bounds, counts } => {
            out.key("buckets");
            out.open('{');
            numbers(out, "bounds", &mut point.doubles(*bounds).map(Value::Double));
            numbers(out, "counts", &mut point.columns.counts(counts).iter().map(|count| Value::Int(*count as i64)));
            out.close('}');
        }
        Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
            out.key("exponential");
            out.open('{');
            out.plain("scale", &scale.to_string());
            out.plain("zero_count", &zero_count.to_string());
            out.key("zero_threshold");
            out.value(Value::Double(*zero_threshold));
            for (key, (offset, counts)) in [("positive", positive), ("negative", negative)] {
                out.key(key);
                out.open('{');
                out.plain("offset", &offset.to_string());
                let counts = point.columns.counts(counts).iter().map(|count| Value::Int(*count as i64));
                numbers(out, "counts", &mut { counts });
                out.close('}');
            }
            out.close('}');
        }
        Buckets::Quantiles(pairs) => {
            out.key("quantiles");
            out.open('[');
            let pairs: Vec<f64> = point.doubles(*pairs).collect();
            for pair in pairs.chunks_exact(2) {
                out.element();
                out.open('{');
                out.key("quantile");
                out.value(Value::Double(pair[0]));
                out.key("value");
                out.value(Value::Double(pair[1]));
                out.close('}');
            }
            out.close(']');
        }
    }
}

fn write_event(out: &mut Writer, event: EventItem<'_>) {
    if let Some(gap) = event.gap() {
        out.text("reason", event.kind());
        out.plain("dropped", &gap.dropped.to_string());
        return;
    }
    out.text("type", event.kind());
    out.text_if("id", event.id());
    out.time("time", event.time());
    out.text_if("session", event.session());
    out.key("payload");
    out.value(event.payload());
}

fn write_origin(out: &mut Writer, dictionary: &Dictionary, origin: OriginId) {
    out.list("resource", dictionary, dictionary.resource(origin).attributes);
    let scope = dictionary.scope(origin);
    let (name, version) = (dictionary.text(scope.name), dictionary.text(scope.version));
    if !name.is_empty() {
        out.key("scope");
        out.open('{');
        out.text("name", name);
        out.text_if("version", version);
        out.close('}');
    }
}
