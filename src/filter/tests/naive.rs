//! An expression asked of one item in the plainest way: no dictionary ids, no shapes, no blocks.

use crate::columns::{Attributes, Dictionary, Item, PointValue};
use crate::filter::Number;
use crate::filter::bind::{SESSION_KEYS, bound_in};
use crate::filter::field::{AttributePlace, IdField};
use crate::filter::leaf::{IdTest, Leaf, Test, TextField};
use crate::filter::value_test::in_order;
use crate::filter::word::WordTest;
use crate::model::Value;

pub fn holds(test: &Test, item: Item<'_>, source: &str) -> bool {
    match test {
        Test::Always => true,
        Test::Never => false,
        Test::And(parts) => parts.iter().all(|part| holds(part, item, source)),
        Test::Or(parts) => parts.iter().any(|part| holds(part, item, source)),
        Test::Not(inner) => !holds(inner, item, source),
        Test::Leaf(leaf) => leaf_holds(leaf, item, source),
    }
}

fn leaf_holds(leaf: &Leaf, item: Item<'_>, source: &str) -> bool {
    let bit = |wanted: u32, bit: u8| wanted & 1 << bit != 0;
    match (leaf, item) {
        (Leaf::Signal(wanted), Item::Span(_)) => bit(*wanted, 0),
        (Leaf::Signal(wanted), Item::Point(_)) => bit(*wanted, 1),
        (Leaf::Signal(wanted), Item::Log(_)) => bit(*wanted, 2),
        (Leaf::Signal(wanted), Item::Event(event)) => bit(*wanted, if event.gap().is_some() { 4 } else { 3 }),
        (Leaf::Kind(wanted), Item::Span(span)) => bit(*wanted, span.kind().code()),
        (Leaf::Status(wanted), Item::Span(span)) => bit(*wanted, span.status().code()),
        (Leaf::Severity(test), Item::Log(log)) => {
            let text = log.severity_text();
            test.combine(log.severity(), !text.is_empty(), test.text_answer(text))
        }
        (Leaf::Duration { from, to }, Item::Span(span)) => (*from..=*to).contains(&span.duration()),
        (Leaf::Id(field, test), item) => id(*field, item).is_some_and(|id| id_holds(*test, &id)),
        (Leaf::HasValue, Item::Point(point)) => number(point.value()).is_some(),
        (Leaf::Value(operator, quantity), Item::Point(point)) => {
            let bound = bound_in(*quantity, point.unit());
            number(point.value()).zip(bound).is_some_and(|(number, bound)| in_order(*operator, number.compare(bound)))
        }
        (Leaf::Text(field, test), item) => text(*field, item, source).is_some_and(|text| test.holds(Value::Text(text))),
        (Leaf::Session(test), Item::Event(event)) => {
            !event.session().is_empty() && test.holds(Value::Text(event.session()))
        }
        (Leaf::Session(test), item) => {
            let on = |place| SESSION_KEYS.iter().find_map(|key| attribute(place, key, item));
            on(AttributePlace::Item).or(on(AttributePlace::Resource)).is_some_and(|value| test.holds(value))
        }
        (Leaf::Attribute(place, key, test), item) => {
            attribute(*place, key, item).is_some_and(|value| test.holds(value))
        }
        (Leaf::Word(word), item) => anywhere(word, item),
        _ => false,
    }
}

fn id(field: IdField, item: Item<'_>) -> Option<String> {
    let id = match (field, item) {
        (IdField::Trace, Item::Span(span)) => span.trace().to_string(),
        (IdField::Trace, Item::Log(log)) => log.trace().to_string(),
        (IdField::Span, Item::Span(span)) => span.id().to_string(),
        (IdField::Span, Item::Log(log)) => log.span().to_string(),
        (IdField::Parent, Item::Span(span)) => span.parent().to_string(),
        _ => return None,
    };
    id.contains(|c| c != '0').then_some(id)
}

fn id_holds(test: IdTest, id: &str) -> bool {
    let nibble = |bytes: &[u8; 16], at: usize| bytes[at / 2] >> (4 * (1 - at % 2)) & 15;
    let same = id.chars().enumerate().all(|(at, digit)| {
        nibble(&test.mask, at) == 0 || u32::from(nibble(&test.wanted, at)) == digit.to_digit(16).unwrap()
    });
    same != test.negated
}

fn number(value: PointValue<'_>) -> Option<Number> {
    match value {
        PointValue::Int(value) => Some(Number::Int(value)),
        PointValue::Double(value) => Some(Number::Double(value)),
        _ => None,
    }
}

fn text<'a>(field: TextField, item: Item<'a>, source: &'a str) -> Option<&'a str> {
    let dictionary = item.dictionary();
    let scope = match item {
        Item::Span(span) => dictionary.scope(span.origin()),
        Item::Log(log) => dictionary.scope(log.origin()),
        Item::Point(point) => dictionary.scope(point.origin()),
        Item::Event(_) => Default::default(),
    };
    let text = match (field, item) {
        (TextField::Service, item) => item.service(),
        (TextField::Scope, _) => dictionary.text(scope.name),
        (TextField::ScopeVersion, _) => dictionary.text(scope.version),
        (TextField::Source, _) => source,
        (TextField::Name, Item::Span(span)) => span.name(),
        (TextField::Name, Item::Log(log)) => log.event_name(),
        (TextField::Name, Item::Point(point)) => point.name(),
        (TextField::Name | TextField::Type, Item::Event(event)) => event.kind(),
        (TextField::Type, Item::Point(point)) => point.metric().kind.word(),
        (TextField::Unit, Item::Point(point)) => point.unit(),
        (TextField::StatusMessage, Item::Span(span)) => dictionary.text(span.rare().status_message),
        _ => "",
    };
    (!text.is_empty()).then_some(text)
}

/// The lists of an item's attributes: its own, its resource's, its scope's.
fn lists(item: Item<'_>) -> Option<[Attributes; 3]> {
    let dictionary = item.dictionary();
    let (own, origin) = match item {
        Item::Span(span) => (span.columns.attributes[span.row], span.origin()),
        Item::Log(log) => (log.columns.attributes[log.row], log.origin()),
        Item::Point(point) => (point.series().attributes, point.origin()),
        Item::Event(_) => return None,
    };
    Some([own, dictionary.resource(origin).attributes, dictionary.scope(origin).attributes])
}

fn attribute<'a>(place: AttributePlace, key: &str, item: Item<'a>) -> Option<Value<'a>> {
    let dictionary = item.dictionary();
    let whole = |value: Value<'a>| if key.is_empty() { Some(value) } else { within(value, key) };
    let in_list = |list: Attributes| {
        let last =
            |key: &str| dictionary.attributes(list).filter(|(name, _)| *name == key).last().map(|(_, value)| value);
        let cuts = key.rmatch_indices('.');
        last(key).or_else(|| {
            cuts.map(|(at, _)| (&key[..at], &key[at + 1..])).find_map(|(map, path)| within(last(map)?, path))
        })
    };
    match (place, item) {
        (AttributePlace::Any | AttributePlace::Item | AttributePlace::Payload, Item::Event(event)) => {
            whole(event.payload()).filter(|value| *value != Value::Empty || !key.is_empty())
        }
        (AttributePlace::Body, Item::Log(log)) => {
            whole(log.body()).filter(|value| *value != Value::Empty || !key.is_empty())
        }
        (AttributePlace::Body | AttributePlace::Payload, _) => None,
        (place, item) => {
            let [own, resource, scope] = lists(item)?;
            match place {
                AttributePlace::Item => in_list(own),
                AttributePlace::Resource => in_list(resource),
                AttributePlace::Scope => in_list(scope),
                _ => in_list(own).or_else(|| in_list(resource)),
            }
        }
    }
}

fn within<'a>(value: Value<'a>, path: &str) -> Option<Value<'a>> {
    let Value::Nested(map) = value else { return None };
    let entries = || map.entries().filter(|_| map.is_map()).collect::<Vec<_>>().into_iter().rev();
    let exact = entries().find(|(name, _)| *name == path).map(|(_, value)| value);
    exact.or_else(|| entries().find_map(|(name, value)| within(value, path.strip_prefix(name)?.strip_prefix('.')?)))
}

fn anywhere(word: &WordTest, item: Item<'_>) -> bool {
    let mut found = Found { word, dictionary: item.dictionary(), found: false };
    for list in lists(item).into_iter().flatten() {
        found.list(list);
    }
    match item {
        Item::Span(span) => {
            let rare = span.rare();
            found.texts(&[
                span.name(),
                found.dictionary.text(rare.status_message),
                found.dictionary.text(rare.trace_state),
            ]);
            found.ids(&[span.trace().to_string(), span.id().to_string(), span.parent().to_string()]);
            for event in span.events() {
                found.texts(&[found.dictionary.text(event.name)]);
                found.list(event.attributes);
            }
            for link in span.links() {
                found.ids(&[link.trace.to_string(), link.span.to_string()]);
                found.texts(&[found.dictionary.text(link.trace_state)]);
                found.list(link.attributes);
            }
        }
        Item::Log(log) => {
            found.texts(&[log.severity_text(), log.event_name()]);
            found.value(log.body());
            found.ids(&[log.trace().to_string(), log.span().to_string()]);
        }
        Item::Point(point) => {
            let metric = point.metric();
            found.texts(&[point.name(), found.dictionary.text(metric.description), point.unit()]);
            found.list(metric.metadata);
            match point.value() {
                PointValue::Int(value) => found.value(Value::Int(value)),
                PointValue::Double(value) => found.value(Value::Double(value)),
                _ => {}
            }
            for exemplar in point.exemplars() {
                found.ids(&[exemplar.trace.to_string(), exemplar.span.to_string()]);
                found.list(exemplar.attributes);
            }
        }
        Item::Event(event) => {
            found.texts(&[event.kind(), event.id(), event.session()]);
            found.value(event.payload());
        }
    }
    let scope = match (&item, lists(item)) {
        (Item::Span(span), Some(_)) => Some(span.origin()),
        (Item::Log(log), Some(_)) => Some(log.origin()),
        (Item::Point(point), Some(_)) => Some(point.origin()),
        _ => None,
    };
    if let Some(scope) = scope.map(|origin| found.dictionary.scope(origin)) {
        found.texts(&[found.dictionary.text(scope.name), found.dictionary.text(scope.version)]);
    }
    found.found
}

struct Found<'a> {
    word: &'a WordTest,
    dictionary: &'a Dictionary,
    found: bool,
}

impl Found<'_> {
    fn texts(&mut self, texts: &[&str]) {
        self.found |= texts.iter().any(|text| self.word.is_in(text));
    }

    fn ids(&mut self, ids: &[String]) {
        let prefix = self.word.id_prefix().map(str::to_ascii_lowercase);
        self.found |=
            prefix.is_some_and(|prefix| ids.iter().any(|id| id.contains(|c| c != '0') && id.starts_with(&prefix)));
    }

    fn list(&mut self, list: Attributes) {
        for (key, value) in self.dictionary.attributes(list) {
            self.texts(&[key]);
            self.value(value);
        }
    }

    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Text(text) => self.texts(&[text]),
            Value::Int(value) => self.found |= self.word.may_be_number() && self.word.is_in(&value.to_string()),
            Value::Double(value) => self.found |= self.word.may_be_number() && self.word.is_in(&value.to_string()),
            Value::Nested(nested) => {
                for (key, value) in nested.entries() {
                    self.texts(&[key]);
                    self.value(value);
                }
            }
            Value::Empty | Value::Bool(_) | Value::Bytes(_) => {}
        }
    }
}
