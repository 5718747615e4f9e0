//! The tabs of an item, and what each of them holds.

use super::entry::{Entry, EntryKind, readable, shown, shown_text};
use super::facts::{About, facts};
use super::{Term, distribution, json, payload};
use crate::columns::{Attributes, Dictionary, Item, LogItem, OriginId, PointItem, PointValue, SpanItem};
use crate::model::{Time, Value, human_duration, visible};
use crate::present::number;

/// A tab of the detail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tab {
    /// What is known beside the attributes.
    Facts,
    /// Attributes of the item; a log's body before them.
    Attributes,
    /// An event's payload.
    Payload,
    /// The buckets or quantiles of a distribution.
    Buckets,
    /// Attributes of the resource, and the scope.
    Resource,
    /// A span's events.
    Events,
    /// A span's links.
    Links,
    /// A point's exemplars.
    Exemplars,
    /// All of it, as JSON.
    Raw,
}

/// A tab as it is offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TabTitle {
    /// Which.
    pub tab: Tab,
    /// How many are in it, where that is worth saying.
    pub count: Option<usize>,
}

impl Tab {
    /// The lower-case word for it; the facts are named by the item's kind.
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

/// A tab shows so many entries; the whole is in what is copied.
const MAX_ENTRIES: usize = 5_000;

/// The tabs that an item has; there are at least two.
pub fn tabs(item: Item<'_>) -> Vec<TabTitle> {
    let plain = |tab| TabTitle { tab, count: None };
    let counted = |tab, count| TabTitle { tab, count: Some(count) };
    match item {
        Item::Span(span) => vec![
            plain(Tab::Facts),
            counted(Tab::Attributes, span.attributes().count()),
            plain(Tab::Resource),
            counted(Tab::Events, span.events().len()),
            counted(Tab::Links, span.links().len()),
            plain(Tab::Raw),
        ],
        Item::Log(log) => {
            // The body stands there too, so it has something even without attributes.
            let attributes = match log.attributes().count() {
                0 if log.body() != Value::Empty => plain(Tab::Attributes),
                count => counted(Tab::Attributes, count),
            };
            vec![plain(Tab::Facts), attributes, plain(Tab::Resource), plain(Tab::Raw)]
        }
        Item::Point(point) => {
            let mut tabs = vec![plain(Tab::Facts), counted(Tab::Attributes, point.attributes().count())];
            if let PointValue::Distribution(_) = point.value() {
                tabs.push(plain(Tab::Buckets));
            }
            tabs.extend([plain(Tab::Resource), counted(Tab::Exemplars, point.exemplars().len()), plain(Tab::Raw)]);
            tabs
        }
        Item::Event(_) => vec![plain(Tab::Facts), plain(Tab::Payload), plain(Tab::Raw)],
    }
}

/// What a tab holds; never nothing.
pub fn entries(item: Item<'_>, tab: Tab, about: &About<'_>) -> Vec<Entry> {
    let mut entries = match (tab, item) {
        (Tab::Facts, item) => facts(item, about),
        (Tab::Raw, item) => raw(&json(item, about)),
        (Tab::Attributes, Item::Span(span)) => attributes(span.attributes(), Term::attribute),
        (Tab::Attributes, Item::Log(log)) => log_attributes(log),
        (Tab::Attributes, Item::Point(point)) => attributes(point.attributes(), Term::attribute),
        (Tab::Resource, Item::Span(span)) => resource(span.dictionary, span.origin()),
        (Tab::Resource, Item::Log(log)) => resource(log.dictionary, log.origin()),
        (Tab::Resource, Item::Point(point)) => resource(point.dictionary, point.origin()),
        (Tab::Events, Item::Span(span)) => span_events(span),
        (Tab::Links, Item::Span(span)) => span_links(span),
        (Tab::Buckets, Item::Point(point)) => distribution::entries(point),
        (Tab::Exemplars, Item::Point(point)) => exemplars(point),
        (Tab::Payload, Item::Event(event)) => payload::entries(event.payload()),
        _ => Vec::new(),
    };
    if entries.len() > MAX_ENTRIES {
        let left = entries.len() - MAX_ENTRIES;
        entries.truncate(MAX_ENTRIES);
        entries.push(Entry::of(EntryKind::Note, "", format!("… {left} more lines; copy takes all of them")));
    }
    if entries.is_empty() {
        entries.push(Entry::of(EntryKind::Note, "", format!("no {}", tab.word())));
    }
    entries
}

fn attributes<'a>(
    attributes: impl Iterator<Item = (&'a str, Value<'a>)>,
    term: fn(&str, Value<'_>) -> Option<Term>,
) -> Vec<Entry> {
    attributes
        .map(|(key, value)| Entry { term: term(key, value), ..Entry::of(EntryKind::Plain, visible(key), shown(value)) })
        .collect()
}

fn log_attributes(log: LogItem<'_>) -> Vec<Entry> {
    let body = log.body();
    let mut entries = Vec::new();
    if body != Value::Empty {
        let shown = match body {
            Value::Text(text) => shown_text(text),
            body => shown(body),
        };
        entries.push(Entry::fact("body", shown, Term::new("body", body)));
    }
    entries.extend(attributes(log.attributes(), Term::attribute));
    entries
}

fn resource(dictionary: &Dictionary, origin: OriginId) -> Vec<Entry> {
    let resource = dictionary.resource(origin);
    let mut entries = attributes(dictionary.attributes(resource.attributes), Term::resource);
    let scope = dictionary.scope(origin);
    let (name, version) = (dictionary.text(scope.name), dictionary.text(scope.version));
    if !name.is_empty() || scope.attributes != Attributes::default() {
        entries.push(Entry::of(
            EntryKind::Heading,
            "",
            format!("scope {} {}", visible(name), visible(version)).trim_end(),
        ));
        entries.extend(attributes(dictionary.attributes(scope.attributes), |_, _| None));
    }
    let schema = dictionary.text(resource.schema_url);
    if !schema.is_empty() {
        entries.push(Entry::of(EntryKind::Plain, "schema", visible(schema)));
    }
    entries
}

fn span_events(span: SpanItem<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for event in span.events() {
        let name = span.dictionary.text(event.name);
        let kind = if name == "exception" { EntryKind::Error } else { EntryKind::Heading };
        entries.push(Entry::of(kind, offset(event.time, span.start()), readable(name)));
        entries.extend(list(span.dictionary, event.attributes));
    }
    entries
}

fn span_links(span: SpanItem<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for link in span.links() {
        let title = format!("trace {}  span {}", link.trace, link.span);
        let term = Term::text("trace", &link.trace.to_string());
        entries.push(Entry { term, ..Entry::of(EntryKind::Heading, "link", title) });
        let state = span.dictionary.text(link.trace_state);
        if !state.is_empty() {
            entries.push(Entry::of(EntryKind::Plain, "trace state", visible(state)));
        }
        entries.extend(list(span.dictionary, link.attributes));
    }
    entries
}

fn exemplars(point: PointItem<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for exemplar in point.exemplars() {
        let value = match exemplar.value() {
            PointValue::Int(value) => number::with_unit(value as f64, point.unit()),
            PointValue::Double(value) => number::with_unit(value, point.unit()),
            PointValue::None | PointValue::Distribution(_) => "none recorded".to_owned(),
        };
        entries.push(Entry::of(EntryKind::Heading, offset(exemplar.time, point.time()), value));
        if !exemplar.trace.is_none() {
            let term = Term::text("trace", &exemplar.trace.to_string());
            entries.push(Entry::fact("trace", format!("{}  span {}", exemplar.trace, exemplar.span), term));
        }
        entries.extend(list(point.dictionary, exemplar.attributes));
    }
    entries
}

fn list(dictionary: &Dictionary, list: Attributes) -> Vec<Entry> {
    attributes(dictionary.attributes(list), |_, _| None)
}

fn offset(time: Time, from: Time) -> String {
    match (time.is_unknown(), time >= from) {
        (true, _) => String::new(),
        (_, true) => format!("+{}", human_duration(time.since(from))),
        (_, false) => format!("-{}", human_duration(from.since(time))),
    }
}

fn raw(json: &str) -> Vec<Entry> {
    json.lines().map(|line| Entry::of(EntryKind::Raw, "", line)).collect()
}
