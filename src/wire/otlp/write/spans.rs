//! Spans, events, links.

use super::attributes;
use super::sink::{Field, Sink};
use crate::columns::SpanItem;
use crate::model::{SpanId, TraceId};

pub(super) fn span(span: SpanItem<'_>, o: &mut impl Sink) {
    let (dictionary, rare) = (span.dictionary, span.rare());
    trace_id(Field("traceId", 1), span.trace(), o);
    span_id(Field("spanId", 2), span.id(), o);
    o.text(Field("traceState", 3), dictionary.text(rare.trace_state));
    span_id(Field("parentSpanId", 4), span.parent(), o);
    o.fixed32(Field("flags", 16), span.flags());
    o.text(Field("name", 5), span.name());
    o.small(Field("kind", 6), span.kind().code());
    o.fixed64(Field("startTimeUnixNano", 7), span.start().0);
    o.fixed64(Field("endTimeUnixNano", 8), span.end().0);
    attributes(Field("attributes", 9), dictionary, span.columns.attributes[span.row], o);
    o.small(Field("droppedAttributesCount", 10), rare.dropped_attributes);
    if span.events().len() > 0 {
        o.messages(Field("events", 11), span.events(), |o, event| {
            o.fixed64(Field("timeUnixNano", 1), event.time.0);
            o.text(Field("name", 2), dictionary.text(event.name));
            attributes(Field("attributes", 3), dictionary, event.attributes, o);
            o.small(Field("droppedAttributesCount", 4), event.dropped);
        });
    }
    o.small(Field("droppedEventsCount", 12), rare.dropped_events);
    if span.links().len() > 0 {
        o.messages(Field("links", 13), span.links(), |o, link| {
            trace_id(Field("traceId", 1), link.trace, o);
            span_id(Field("spanId", 2), link.span, o);
            o.text(Field("traceState", 3), dictionary.text(link.trace_state));
            attributes(Field("attributes", 4), dictionary, link.attributes, o);
            o.small(Field("droppedAttributesCount", 5), link.dropped);
            o.fixed32(Field("flags", 6), link.flags);
        });
    }
    o.small(Field("droppedLinksCount", 14), rare.dropped_links);
    o.message(Field("status", 15), |o| {
        o.text(Field("message", 2), dictionary.text(rare.status_message));
        o.small(Field("code", 3), span.status().code());
    });
}

pub(super) fn trace_id(field: Field, id: TraceId, o: &mut impl Sink) {
    if !id.is_none() {
        o.id_always(field, &id.0);
    }
}

pub(super) fn span_id(field: Field, id: SpanId, o: &mut impl Sink) {
    if !id.is_none() {
        o.id_always(field, &id.0);
    }
}
