//! The tabs of an item.

use crate::columns::{Attributes, Dictionary, Item, PointValue};
use crate::model::Value;

/// A tab of the detail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tab {
    /// Facts beside the attributes.
    Facts,
    /// Attributes of the item, after a log's body.
    Attributes,
    /// An event's payload.
    Payload,
    /// The buckets or quantiles of a distribution.
    Buckets,
    /// The scope, and attributes of the resource.
    Resource,
    /// A span's events.
    Events,
    /// A span's links.
    Links,
    /// A point's exemplars.
    Exemplars,
    /// The whole item as JSON.
    Raw,
}

/// A tab with its label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TabTitle {
    /// The tab.
    pub tab: Tab,
    /// The number of its elements, if worth showing.
    pub count: Option<usize>,
}

impl Tab {
    /// Its lower-case label; the facts are labelled with the item's kind.
    pub fn word(self) -> &'static str {
        match self {
            Tab::Facts => "facts",
            Tab::Attributes => "attributes",
            Tab::Payload => "payload",
            Tab::Buckets => "buckets",
            Tab::Resource => "resource",
            Tab::Events => "events",
            Tab::Links => "links",
            Tab::Exemplars => "exemplars",
            Tab::Raw => "raw",
        }
    }
}

/// The tabs of an item; there are at least two.
pub fn tabs(item: Item<'_>) -> Vec<TabTitle> {
    let plain = |tab| TabTitle { tab, count: None };
    let counted = |tab, count| TabTitle { tab, count: Some(count) };
    match item {
        Item::Span(span) => vec![
            plain(Tab::Facts),
            counted(Tab::Attributes, count(span.dictionary, span.columns.attributes[span.row])),
            plain(Tab::Resource),
            counted(Tab::Events, span.events().len()),
            counted(Tab::Links, span.links().len()),
            plain(Tab::Raw),
        ],
        Item::Log(log) => {
            // The tab also shows the body, so it is not empty even without attributes.
            let attributes = match count(log.dictionary, log.columns.attributes[log.row]) {
                0 if log.body() != Value::Empty => plain(Tab::Attributes),
                count => counted(Tab::Attributes, count),
            };
            vec![plain(Tab::Facts), attributes, plain(Tab::Resource), plain(Tab::Raw)]
        }
        Item::Point(point) => {
            let mut tabs =
                vec![plain(Tab::Facts), counted(Tab::Attributes, count(point.dictionary, point.series().attributes))];
            if let PointValue::Distribution(_) = point.value() {
                tabs.push(plain(Tab::Buckets));
            }
            tabs.extend([plain(Tab::Resource), counted(Tab::Exemplars, point.exemplars().len()), plain(Tab::Raw)]);
            tabs
        }
        Item::Event(_) => vec![plain(Tab::Facts), plain(Tab::Payload), plain(Tab::Raw)],
    }
}

fn count(dictionary: &Dictionary, attributes: Attributes) -> usize {
    dictionary.words(attributes).len()
}
