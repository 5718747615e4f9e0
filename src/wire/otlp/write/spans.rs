//! Spans, events, links.

use super::attributes;
use super::object::Object;
use crate::columns::SpanItem;
use crate::model::{SpanId, TraceId};

pub(super) fn span(span: SpanItem<'_>, o: &mut Object<'_>) {
    let (dictionary, rare) = (span.dictionary, span.rare());
    trace_id(span.trace(), o);
    span_id("spanId", span.id(), o);
    o.text("traceState", dictionary.text(rare.trace_state));
    span_id("parentSpanId", span.parent(), o);
    o.small("flags", span.flags());
    o.text("name", span.name());
    o.small("kind", span.kind().code());
    o.uint("startTimeUnixNano", span.start().0);
    o.uint("endTimeUnixNano", span.end().0);
    attributes("attributes", dictionary, span.columns.attributes[span.row], o);
    o.small("droppedAttributesCount", rare.dropped_attributes);
    if span.events().len() > 0 {
        o.objects("events", span.events(), |o, event| {
            o.uint("timeUnixNano", event.time.0);
            o.text("name", dictionary.text(event.name));
            attributes("attributes", dictionary, event.attributes, o);
            o.small("droppedAttributesCount", event.dropped);
        });
    }
    o.small("droppedEventsCount", rare.dropped_events);
    if span.links().len() > 0 {
        o.objects("links", span.links(), |o, link| {
            trace_id(link.trace, o);
            span_id("spanId", link.span, o);
            o.text("traceState", dictionary.text(link.trace_state));
            attributes("attributes", dictionary, link.attributes, o);
            o.small("droppedAttributesCount", link.dropped);
            o.small("flags", link.flags);
        });
    }
    o.small("droppedLinksCount", rare.dropped_links);
    o.object("status", |o| {
        o.text("message", dictionary.text(rare.status_message));
        o.small("code", span.status().code());
    });
}

pub(super) fn trace_id(id: TraceId, o: &mut Object<'_>) {
    if !id.is_none() {
        o.text("traceId", &id.to_string());
    }
}

pub(super) fn span_id(key: &str, id: SpanId, o: &mut Object<'_>) {
    if !id.is_none() {
        o.text(key, &id.to_string());
    }
}
