//! `tail -o json`: one flat object an item, keys in a fixed order, absent where there is nothing to say.

mod object;
#[cfg(test)]
mod tests;

use super::Receipt;
use crate::columns::{
    Buckets, Dictionary, EventItem, Exemplar, Item, LogItem, OriginId, PointItem, PointValue, SpanItem,
};
use crate::model::{MetricType, Temporality, Value};
use object::{Object, write_value};
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
    let severity = log.severity_shown();
    if !severity.is_empty() {
        object.text("severity", &severity);
        object.value("severity_number", Value::Int(log.severity().0.into()));
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
    if let Some(reason) = point.inconsistency() {
        object.text("inconsistent", &reason.to_string());
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
