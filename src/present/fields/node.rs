//! The content of a field: a value, or a group of more fields.

use crate::columns::{
    Attributes, Dictionary, Distribution, Exemplar, Inconsistency, Item, LinkRow, OriginId, PointItem, Scope,
    SpanEventRow, SpanItem,
};
use crate::model::{Nested, SpanId, Time, TraceId, Value};
use crate::present::Receipt;

/// The content of a field.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A text, a number, a boolean, bytes, or empty. Never an array or a map: those are groups.
    Leaf(Value<'a>),
    /// A count, which may be beyond the integers of [`Value`].
    Count(u64),
    /// An integer as text: the number of a severity that has no word.
    Digits(i32),
    /// The contradiction in a point's numbers, as text.
    Inconsistent(Inconsistency),
    /// A known time.
    Time(Time),
    /// A trace id that is not zero.
    Trace(TraceId),
    /// A span id that is not zero.
    Span(SpanId),
    /// More fields, or elements.
    Group(Group<'a>),
}

impl<'a> Node<'a> {
    /// The node of a value.
    pub fn of(value: Value<'a>) -> Node<'a> {
        match value {
            Value::Nested(nested) => Node::Group(Group::Nested(nested)),
            value => Node::Leaf(value),
        }
    }

    /// The group, if it is one.
    pub fn group(self) -> Option<Group<'a>> {
        match self {
            Node::Group(group) => Some(group),
            _ => None,
        }
    }
}

/// Fields with keys, or elements without keys. [`Group::each`] makes the children on request.
#[derive(Clone, Copy, Debug)]
pub enum Group<'a> {
    /// A whole item.
    Item(Item<'a>, Receipt<'a>),
    /// A list of attributes.
    Attributes(&'a Dictionary, Attributes),
    /// An array or a map.
    Nested(Nested<'a>),
    /// An instrumentation scope.
    Scope(&'a Dictionary, OriginId),
    /// The entity references of a resource.
    Entities(Nested<'a>),
    /// One entity reference.
    Entity(Nested<'a>),
    /// The list of an entity reference's texts under one key.
    EntityKeys(Nested<'a>, &'static str),
    /// The events of a span.
    Events(SpanItem<'a>),
    /// One event of a span.
    Event(&'a Dictionary, &'a SpanEventRow),
    /// The links of a span.
    Links(SpanItem<'a>),
    /// One link of a span.
    Link(&'a Dictionary, &'a LinkRow),
    /// The exemplars of a point.
    Exemplars(PointItem<'a>),
    /// One exemplar of a point.
    Exemplar(&'a Dictionary, &'a Exemplar),
    /// The bounds and counts of a histogram; the scale, zero bucket and sides of an exponential one.
    Buckets(PointItem<'a>, &'a Distribution),
    /// One side of an exponential histogram: the first index, and the counts.
    Side(i32, &'a [u64]),
    /// Counts.
    Counts(&'a [u64]),
    /// Doubles, 8 bytes each, little endian.
    Doubles(&'a [u8]),
    /// Pairs of quantile and value, 16 bytes each.
    Quantiles(&'a [u8]),
    /// One pair of quantile and value.
    Quantile(f64, f64),
}

impl<'a> Group<'a> {
    /// Whether its children have keys.
    pub fn is_map(self) -> bool {
        match self {
            Group::Nested(nested) => nested.is_map(),
            Group::Entities(_)
            | Group::EntityKeys(..)
            | Group::Events(_)
            | Group::Links(_)
            | Group::Exemplars(_)
            | Group::Counts(_)
            | Group::Doubles(_)
            | Group::Quantiles(_) => false,
            _ => true,
        }
    }

    /// Whether it has no children.
    pub fn is_empty(self) -> bool {
        self.each(0, &mut |_, _, _| std::ops::ControlFlow::Break(())).is_continue()
    }

    /// The number of children, if all of them are leaves and their positions are their indexes.
    pub fn flat(self) -> Option<usize> {
        match self {
            Group::Attributes(dictionary, attributes) => {
                let words = dictionary.words(attributes);
                words.iter().all(|word| !word.is_nested()).then_some(words.len())
            }
            Group::Counts(counts) => Some(counts.len()),
            Group::Doubles(bytes) => Some(bytes.len() / 8),
            _ => None,
        }
    }

    /// The scope of an origin, if it is not empty.
    pub(super) fn scope(dictionary: &'a Dictionary, origin: OriginId) -> Option<Group<'a>> {
        let Scope { name, version, attributes, schema_url, dropped } = dictionary.scope(origin);
        let texts = [name, version, schema_url].into_iter().any(|text| !dictionary.text(text).is_empty());
        (texts || dropped > 0 || attributes != Attributes::default()).then_some(Group::Scope(dictionary, origin))
    }
}
