//! The fields of an item: keys, order and contents.
//!
//! Nothing else knows the fields. The JSON of `tail -o json`, the raw section of the detail, the line of `-o text` and the
//! sections of the detail all read an item through [`Group::each`]. The keys are a contract, because scripts read them.

mod node;
mod record;

pub use node::{Group, Node};

use crate::columns::{
    Buckets, Dictionary, EventItem, Exemplar, Item, LinkRow, LogItem, OriginId, PointItem, PointValue, SpanEventRow,
    SpanItem,
};
use crate::model::{MetricType, Nested, Temporality, Value};
use crate::present::Receipt;
use record::Record;
use std::borrow::Cow;
use std::ops::ControlFlow;

impl<'a> Group<'a> {
    /// Passes the children to `visit` one by one, each with its position, key (empty in a list) and content, until `visit`
    /// breaks. Starts with the child at position `from`; the first has position 0.
    pub fn each(
        self,
        from: usize,
        visit: &mut impl FnMut(usize, &'a str, Node<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match self {
            Group::Attributes(dictionary, attributes) => {
                for (at, (key, value)) in (from..).zip(dictionary.attributes_from(attributes, from)) {
                    visit(at, key, Node::of(value))?;
                }
            }
            Group::Nested(nested) => {
                for (at, key, value) in nested.entries_from(from) {
                    visit(at, key, Node::of(value))?;
                }
            }
            Group::Entities(entities) => {
                for (at, _, value) in entities.entries_from(from) {
                    if let Value::Nested(entity) = value {
                        visit(at, "", Node::Group(Group::Entity(entity)))?;
                    }
                }
            }
            Group::EntityKeys(entity, wanted) => {
                for (at, key, value) in entity.entries_from(from) {
                    if key == wanted {
                        visit(at, "", Node::of(value))?;
                    }
                }
            }
            Group::Events(span) => {
                for (at, event) in (from..).zip(span.events_from(from)) {
                    visit(at, "", Node::Group(Group::Event(span.dictionary, event)))?;
                }
            }
            Group::Links(span) => {
                for (at, link) in (from..).zip(span.links_from(from)) {
                    visit(at, "", Node::Group(Group::Link(span.dictionary, link)))?;
                }
            }
            Group::Exemplars(point) => {
                for (at, exemplar) in (from..).zip(point.exemplars_from(from)) {
                    visit(at, "", Node::Group(Group::Exemplar(point.dictionary, exemplar)))?;
                }
            }
            Group::Counts(counts) => {
                for (at, count) in counts.iter().enumerate().skip(from) {
                    visit(at, "", Node::Count(*count))?;
                }
            }
            Group::Doubles(bytes) => {
                for (at, bytes) in bytes.chunks_exact(8).enumerate().skip(from) {
                    visit(at, "", Node::Leaf(Value::Double(double(bytes))))?;
                }
            }
            Group::Quantiles(bytes) => {
                for (at, pair) in bytes.chunks_exact(16).enumerate().skip(from) {
                    let (quantile, value) = pair.split_at(8);
                    visit(at, "", Node::Group(Group::Quantile(double(quantile), double(value))))?;
                }
            }
            group => {
                let mut record = Record::new(from, visit);
                record.group(group);
                return record.end();
            }
        }
        ControlFlow::Continue(())
    }
}

impl<'a, F: FnMut(usize, &'a str, Node<'a>) -> ControlFlow<()>> Record<'_, F> {
    fn group(&mut self, group: Group<'a>) {
        match group {
            Group::Item(item, receipt) => self.item(item, receipt),
            Group::Scope(dictionary, origin) => self.scope(dictionary, origin),
            Group::Entity(entity) => self.entity(entity),
            Group::Event(dictionary, event) => self.span_event(dictionary, event),
            Group::Link(dictionary, link) => self.link(dictionary, link),
            Group::Exemplar(dictionary, exemplar) => self.exemplar(dictionary, exemplar),
            Group::Buckets(point, distribution) => self.buckets(point, &distribution.buckets),
            Group::Side(offset, counts) => {
                self.value("offset", Value::Int(i64::from(offset)));
                self.put("counts", Node::Group(Group::Counts(counts)));
            }
            Group::Quantile(quantile, value) => {
                self.value("quantile", Value::Double(quantile));
                self.value("value", Value::Double(value));
            }
            // Lists: `each` visits their elements itself.
            Group::Attributes(..)
            | Group::Nested(_)
            | Group::Entities(_)
            | Group::EntityKeys(..)
            | Group::Events(_)
            | Group::Links(_)
            | Group::Exemplars(_)
            | Group::Counts(_)
            | Group::Doubles(_)
            | Group::Quantiles(_) => {}
        }
    }

    fn item(&mut self, item: Item<'a>, receipt: Receipt<'a>) {
        self.text("signal", crate::present::item::kind(item));
        self.text("source", receipt.source);
        self.time("received", receipt.received);
        match item {
            Item::Span(span) => self.span_item(span),
            Item::Log(log) => self.log(log),
            Item::Point(point) => self.point(point),
            Item::Event(event) => self.event(event),
        }
    }

    fn span_item(&mut self, span: SpanItem<'a>) {
        let (dictionary, rare) = (span.dictionary, span.rare());
        self.trace("trace_id", span.trace());
        self.span("span_id", span.id());
        self.span("parent_span_id", span.parent());
        self.text("name", span.name());
        self.some_text("service", Item::Span(span).service());
        self.text("kind", span.kind().word());
        self.time("start", span.start());
        self.time("end", span.end());
        self.put("duration_ns", Node::Count(span.duration()));
        self.text("status", span.status().word());
        self.some_text("status_message", dictionary.text(rare.status_message));
        self.attributes("attributes", dictionary, span.columns.attributes[span.row]);
        self.origin(dictionary, span.origin());
        if span.events().len() > 0 {
            self.put("events", Node::Group(Group::Events(span)));
        }
        if span.links().len() > 0 {
            self.put("links", Node::Group(Group::Links(span)));
        }
        self.some_text("trace_state", dictionary.text(rare.trace_state));
        self.count("flags", span.flags());
        self.count("dropped_attributes", rare.dropped_attributes);
        self.count("dropped_events", rare.dropped_events);
        self.count("dropped_links", rare.dropped_links);
    }

    fn span_event(&mut self, dictionary: &'a Dictionary, event: &'a SpanEventRow) {
        self.text("name", dictionary.text(event.name));
        self.time("time", event.time);
        self.attributes("attributes", dictionary, event.attributes);
        self.count("dropped_attributes", event.dropped);
    }

    fn link(&mut self, dictionary: &'a Dictionary, link: &'a LinkRow) {
        self.trace("trace_id", link.trace);
        self.span("span_id", link.span);
        self.some_text("trace_state", dictionary.text(link.trace_state));
        self.count("flags", link.flags);
        self.attributes("attributes", dictionary, link.attributes);
        self.count("dropped_attributes", link.dropped);
    }

    fn log(&mut self, log: LogItem<'a>) {
        self.time("time", log.columns.time[log.row]);
        self.time("observed", log.observed());
        match log.severity_shown() {
            Cow::Borrowed(severity) => self.some_text("severity", severity),
            Cow::Owned(_) => self.put("severity", Node::Digits(log.severity().0)),
        }
        if log.severity().0 != 0 || !log.severity_text().is_empty() {
            self.value("severity_number", Value::Int(i64::from(log.severity().0)));
        }
        self.value("body", log.body());
        self.some_text("event_name", log.event_name());
        self.trace("trace_id", log.trace());
        self.span("span_id", log.span());
        self.some_text("service", Item::Log(log).service());
        self.attributes("attributes", log.dictionary, log.columns.attributes[log.row]);
        self.origin(log.dictionary, log.origin());
        self.count("flags", log.flags());
        self.count("dropped_attributes", log.dropped());
    }

    fn point(&mut self, point: PointItem<'a>) {
        let (dictionary, metric) = (point.dictionary, point.metric());
        self.text("name", point.name());
        self.some_text("unit", point.unit());
        self.text("type", metric.kind.word());
        if metric.temporality != Temporality::Unspecified {
            self.text("temporality", metric.temporality.word());
        }
        if metric.kind == MetricType::Sum {
            self.value("monotonic", Value::Bool(metric.monotonic));
        }
        self.some_text("service", Item::Point(point).service());
        self.time("start", point.start());
        self.time("time", point.time());
        match point.value() {
            PointValue::None => {}
            PointValue::Int(value) => self.value("value", Value::Int(value)),
            PointValue::Double(value) => self.value("value", Value::Double(value)),
            PointValue::Distribution(distribution) => {
                self.put("count", Node::Count(distribution.count));
                let numbers = [("sum", distribution.sum), ("min", distribution.min), ("max", distribution.max)];
                for (key, value) in numbers {
                    if let Some(value) = value {
                        self.value(key, Value::Double(value));
                    }
                }
                let key = match distribution.buckets {
                    Buckets::Explicit { .. } => "buckets",
                    Buckets::Exponential { .. } => "exponential",
                    Buckets::Quantiles(_) => "quantiles",
                };
                self.put(
                    key,
                    Node::Group(match distribution.buckets {
                        Buckets::Quantiles(pairs) => Group::Quantiles(dictionary.blobs.get(pairs)),
                        _ => Group::Buckets(point, distribution),
                    }),
                );
            }
        }
        if let Some(reason) = point.inconsistency() {
            self.put("inconsistent", Node::Inconsistent(reason));
        }
        if point.exemplars().len() > 0 {
            self.put("exemplars", Node::Group(Group::Exemplars(point)));
        }
        self.attributes("attributes", dictionary, point.series().attributes);
        self.origin(dictionary, point.origin());
        self.count("flags", point.flags());
        self.some_text("description", dictionary.text(metric.description));
        self.some_attributes("metadata", dictionary, metric.metadata);
    }

    fn buckets(&mut self, point: PointItem<'a>, buckets: &'a Buckets) {
        match buckets {
            Buckets::Explicit { bounds, counts } => {
                self.put("bounds", Node::Group(Group::Doubles(point.dictionary.blobs.get(*bounds))));
                self.put("counts", Node::Group(Group::Counts(point.columns.counts(counts))));
            }
            Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
                self.value("scale", Value::Int(i64::from(*scale)));
                self.put("zero_count", Node::Count(*zero_count));
                self.value("zero_threshold", Value::Double(*zero_threshold));
                for (key, (offset, counts)) in [("positive", positive), ("negative", negative)] {
                    self.put(key, Node::Group(Group::Side(*offset, point.columns.counts(counts))));
                }
            }
            Buckets::Quantiles(_) => {}
        }
    }

    fn exemplar(&mut self, dictionary: &'a Dictionary, exemplar: &'a Exemplar) {
        self.time("time", exemplar.time);
        match exemplar.value() {
            PointValue::Int(value) => self.value("value", Value::Int(value)),
            PointValue::Double(value) => self.value("value", Value::Double(value)),
            PointValue::None | PointValue::Distribution(_) => {}
        }
        self.trace("trace_id", exemplar.trace);
        self.span("span_id", exemplar.span);
        self.attributes("attributes", dictionary, exemplar.attributes);
    }

    fn event(&mut self, event: EventItem<'a>) {
        if let Some(gap) = event.gap() {
            self.text("reason", event.kind());
            self.put("dropped", Node::Count(gap.dropped));
            return;
        }
        self.text("type", event.kind());
        self.some_text("id", event.id());
        self.time("time", event.time());
        self.some_text("session", event.session());
        self.value("payload", event.payload());
    }

    fn origin(&mut self, dictionary: &'a Dictionary, origin: OriginId) {
        let resource = dictionary.resource(origin);
        self.attributes("resource", dictionary, resource.attributes);
        if let Some(scope) = Group::scope(dictionary, origin) {
            self.put("scope", Node::Group(scope));
        }
        self.some_text("resource_schema_url", dictionary.text(resource.schema_url));
        self.count("resource_dropped_attributes", resource.dropped);
        if let Value::Nested(entities) = dictionary.value(resource.entities) {
            self.put("resource_entities", Node::Group(Group::Entities(entities)));
        }
    }

    /// Writes a reference with the keys of OTLP JSON, once per text.
    fn entity(&mut self, entity: Nested<'a>) {
        for (key, name) in [("schema_url", "schemaUrl"), ("type", "type")] {
            if let Some((_, Value::Text(text))) = entity.entries().find(|(key, _)| *key == name) {
                self.some_text(key, text);
            }
        }
        for (key, name) in [("id_keys", "idKeys"), ("description_keys", "descriptionKeys")] {
            let keys = Group::EntityKeys(entity, name);
            if !keys.is_empty() {
                self.put(key, Node::Group(keys));
            }
        }
    }

    fn scope(&mut self, dictionary: &'a Dictionary, origin: OriginId) {
        let scope = dictionary.scope(origin);
        self.text("name", dictionary.text(scope.name));
        self.some_text("version", dictionary.text(scope.version));
        self.some_attributes("attributes", dictionary, scope.attributes);
        self.some_text("schema_url", dictionary.text(scope.schema_url));
        self.count("dropped_attributes", scope.dropped);
    }
}

fn double(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().unwrap_or_default())
}
