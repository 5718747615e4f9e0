//! The entries of a section of the detail. Only visible entries are made.

use super::entry::{Entry, EntryKind, shown, shown_key, shown_text};
use super::facts::{About, facts};
use super::{Tab, Term, distribution};
use crate::columns::Item;
use crate::model::{Time, Value, human_duration};
use crate::present::fields::{Group, Node};
use crate::present::json::write_node;
use crate::present::outline::{Form, Index, NodePath, raw};
use crate::present::{Receipt, number};
use std::ops::Range;

/// A section of an item's detail. It counts its entries when created and makes them on request, so its memory does not grow
/// with the item.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    tab: Tab,
    lines: Lines,
}

#[derive(Clone, Debug, PartialEq)]
enum Lines {
    /// A few entries.
    Ready(Vec<Entry>),
    /// The lines of the item's tree.
    Tree(Index),
}

/// The maximum bytes of a text in the raw section.
const MAX_RAW: usize = 16 << 10;
/// The approximate maximum bytes of JSON for the clipboard.
const MAX_JSON: usize = 8 << 20;

impl Section {
    /// A section of an item.
    pub fn new(item: Item<'_>, tab: Tab, about: &About<'_>) -> Section {
        let lines = match (tab, item) {
            (Tab::Facts, item) => Lines::Ready(facts(item, about)),
            (Tab::Buckets, Item::Point(point)) => Lines::Ready(distribution::entries(point)),
            (tab, item) => Lines::Tree(Index::new(root(item, about), &|place| form(tab, place))),
        };
        Section { tab, lines }
    }

    /// The number of entries; never 0.
    pub fn len(&self) -> usize {
        let lines = match &self.lines {
            Lines::Ready(entries) => entries.len(),
            Lines::Tree(index) => {
                let brackets = if self.tab == Tab::Raw { 2 } else { 0 };
                index.lines() + brackets + usize::from(index.is_cut())
            }
        };
        lines.max(1)
    }

    /// Always false: an empty section has an entry that says so.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The entries of a range. Pass the item and facts with which the section was created.
    pub fn entries(&self, item: Item<'_>, about: &About<'_>, range: Range<usize>) -> Vec<Entry> {
        let range = range.start..range.end.min(self.len());
        match &self.lines {
            Lines::Ready(entries) if !entries.is_empty() => entries.get(range).unwrap_or_default().to_vec(),
            Lines::Tree(index) if self.tab == Tab::Raw => raw_entries(index, item, about, range),
            Lines::Tree(index) if index.lines() > 0 => {
                let mut entries = Vec::new();
                let reader = Reader { tab: self.tab, item };
                index.each(range.clone(), root(item, about), &|place| form(self.tab, place), |line| {
                    entries.push(reader.entry(line.place));
                });
                if index.is_cut() && range.contains(&index.lines()) {
                    entries.push(cut());
                }
                entries
            }
            _ if range.is_empty() => Vec::new(),
            _ => vec![Entry::of(EntryKind::Note, "", format!("no {}", self.tab.word()))],
        }
    }
}

/// The whole item as JSON, indented by two spaces, without a final line feed: the content of `tail -o json`. Stops at 8 MiB;
/// terminals refuse to copy far less than that.
pub fn json(item: Item<'_>, about: &About<'_>) -> String {
    raw::pretty(item, about.receipt(), MAX_JSON)
}

impl<'a> About<'a> {
    fn receipt(&self) -> Receipt<'a> {
        Receipt { source: self.source, received: self.received }
    }
}

fn root<'a>(item: Item<'a>, about: &About<'a>) -> Group<'a> {
    Group::Item(item, about.receipt())
}

fn cut() -> Entry {
    Entry::of(EntryKind::Note, "", "… there is more than can be shown; `otail tail -o json` prints all of it")
}

fn raw_entries(index: &Index, item: Item<'_>, about: &About<'_>, range: Range<usize>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let line = |text: &str| Entry::of(EntryKind::Raw, "", text);
    if range.contains(&0) {
        entries.push(line("{"));
    }
    let inner = range.start.saturating_sub(1)..range.end.saturating_sub(1);
    index.each(inner, root(item, about), &raw::form, |inner| {
        let mut text = Vec::new();
        raw::write_line(inner, MAX_RAW, &mut text);
        entries.push(line(&String::from_utf8_lossy(&text)));
    });
    let mut after = index.lines() + 1;
    if index.is_cut() {
        if range.contains(&after) {
            entries.push(cut());
        }
        after += 1;
    }
    if range.contains(&after) {
        entries.push(line("}"));
    }
    entries
}

/// How a section shows a node.
fn form(tab: Tab, place: &NodePath<'_, '_>) -> Form {
    let nested = matches!(place.node, Node::Group(group @ Group::Nested(_)) if !group.is_empty());
    match (tab, place.depth(), place.above(0).key, place.key) {
        (Tab::Raw, ..) => raw::form(place),
        (Tab::Attributes, 0, "body", _) if matches!(place.node, Node::Leaf(Value::Empty)) => Form::Nothing,
        (Tab::Attributes, 0, "body", _) => Form::Line,
        (Tab::Attributes, 0, "attributes", _) => Form::Children,
        (Tab::Attributes, 1, "attributes", _) => Form::Line,

        (Tab::Payload, 0, "payload", _) if matches!(place.node, Node::Leaf(Value::Empty)) => Form::Nothing,
        (Tab::Payload, _, "payload", _) if nested => Form::Children,
        (Tab::Payload, _, "payload", _) => Form::Line,

        (Tab::Resource, 0, "resource", _) => Form::Children,
        (Tab::Resource, 1, "resource", _) => Form::Line,
        (Tab::Resource, 0, "scope", _) => Form::Heading,
        (Tab::Resource, 1, "scope", "name" | "version") => Form::Nothing,
        (Tab::Resource, 1, "scope", "attributes") => Form::Children,
        (Tab::Resource, 1 | 2, "scope", _) => Form::Line,
        (Tab::Resource, 0, key, _) if key.starts_with("resource_") => Form::Line,

        (Tab::Events, 0, "events", _) | (Tab::Links, 0, "links", _) | (Tab::Exemplars, 0, "exemplars", _) => {
            Form::Children
        }
        (Tab::Events, 1, "events", _) | (Tab::Links, 1, "links", _) | (Tab::Exemplars, 1, "exemplars", _) => {
            Form::Heading
        }
        // The heading shows these.
        (Tab::Events, 2, "events", "name" | "time") => Form::Nothing,
        (Tab::Links, 2, "links", "trace_id" | "span_id") => Form::Nothing,
        (Tab::Exemplars, 2, "exemplars", "time" | "value") => Form::Nothing,
        (Tab::Events, 2, "events", "attributes")
        | (Tab::Links, 2, "links", "attributes")
        | (Tab::Exemplars, 2, "exemplars", "attributes") => Form::Children,
        (Tab::Events, 2 | 3, "events", _) | (Tab::Links, 2 | 3, "links", _) => Form::Line,
        (Tab::Exemplars, 2 | 3, "exemplars", _) => Form::Line,
        _ => Form::Nothing,
    }
}

/// Turns lines into entries.
struct Reader<'a> {
    tab: Tab,
    item: Item<'a>,
}

impl Reader<'_> {
    fn entry(&self, place: &NodePath<'_, '_>) -> Entry {
        match (self.tab, place.depth(), place.key, place.node) {
            (Tab::Attributes, 0, _, node) => self.body(node),
            (Tab::Attributes, 1, key, node) => plain(key, node, |value| Term::attribute(key, value)),
            (Tab::Payload, ..) => {
                let path = path(place);
                plain(&path, place.node, |value| Term::payload(&path, value))
            }
            (Tab::Resource, 1, key, node) if place.above(0).key == "resource" => {
                plain(key, node, |value| Term::resource(key, value))
            }
            (Tab::Resource, 0, "scope", Node::Group(Group::Scope(dictionary, origin))) => {
                let scope = dictionary.scope(origin);
                let (name, version) = (dictionary.text(scope.name), dictionary.text(scope.version));
                let title = format!("scope {} {}", shown_key(name), shown_key(version));
                Entry::of(EntryKind::Heading, "", title.trim_end())
            }
            (Tab::Resource, 0 | 1, "resource_schema_url" | "schema_url", node) => plain("schema", node, |_| None),
            (Tab::Resource, 0, "resource_entities", node) => {
                let mut json = Vec::new();
                write_node(node, &mut json);
                Entry::of(EntryKind::Plain, "entities", shown_text(&String::from_utf8_lossy(&json)))
            }
            (Tab::Resource, 0, "resource_dropped_attributes", node) => left_out(node),
            (Tab::Resource, 1, "dropped_attributes", node) => left_out(node),
            (Tab::Events | Tab::Links | Tab::Exemplars, 1, _, Node::Group(group)) => self.heading(group),
            (Tab::Events | Tab::Links, 2, "dropped_attributes", node) => left_out(node),
            (Tab::Links, 2, "trace_state", node) => plain("trace state", node, |_| None),
            (Tab::Links, 2, "flags", Node::Count(flags)) => Entry::of(EntryKind::Plain, "flags", format!("{flags:#x}")),
            (Tab::Exemplars, 2, "trace_id", Node::Trace(trace)) => {
                Entry::fact("trace", trace.to_string(), Term::text("trace", &trace.to_string()))
            }
            (Tab::Exemplars, 2, "span_id", Node::Span(span)) => {
                Entry::fact("span", span.to_string(), Term::text("span", &span.to_string()))
            }
            (_, _, key, node) => plain(key, node, |_| None),
        }
    }

    fn body(&self, node: Node<'_>) -> Entry {
        let value = value(node);
        let shown = match value {
            Value::Text(text) => shown_text(text),
            value => shown(value),
        };
        Entry::fact("body", shown, Term::new("body", value))
    }

    fn heading(&self, group: Group<'_>) -> Entry {
        match group {
            Group::Event(dictionary, event) => {
                let name = dictionary.text(event.name);
                let kind = if name == "exception" { EntryKind::Error } else { EntryKind::Heading };
                Entry::of(kind, offset(event.time, self.item.time()), shown_text(name))
            }
            Group::Link(_, link) => {
                let title = format!("trace {}  span {}", link.trace, link.span);
                let term = Term::text("trace", &link.trace.to_string());
                Entry { term, ..Entry::of(EntryKind::Heading, "link", title) }
            }
            Group::Exemplar(_, exemplar) => {
                use crate::columns::PointValue;
                let unit = match self.item {
                    Item::Point(point) => point.unit(),
                    _ => "",
                };
                let value = match exemplar.value() {
                    PointValue::Int(value) => number::with_unit(value as f64, unit),
                    PointValue::Double(value) => number::with_unit(value, unit),
                    PointValue::None | PointValue::Distribution(_) => "none recorded".to_owned(),
                };
                Entry::of(EntryKind::Heading, offset(exemplar.time, self.item.time()), value)
            }
            _ => Entry::default(),
        }
    }
}

fn plain(key: &str, node: Node<'_>, term: impl Fn(Value<'_>) -> Option<Term>) -> Entry {
    let value = value(node);
    Entry { term: term(value), ..Entry::of(EntryKind::Plain, shown_key(key), shown(value)) }
}

fn left_out(node: Node<'_>) -> Entry {
    let count = if let Node::Count(count) = node { count } else { 0 };
    let text = format!("{} attributes, by the sender", number::count(count));
    Entry::of(EntryKind::Warning, "left out", text)
}

/// The value of a node, if the sender sent it as a value.
fn value<'a>(node: Node<'a>) -> Value<'a> {
    match node {
        Node::Leaf(value) => value,
        Node::Group(Group::Nested(nested)) => Value::Nested(nested),
        _ => Value::Empty,
    }
}

/// The keys from the payload down to a node; an element of a list has its index.
fn path(place: &NodePath<'_, '_>) -> String {
    let mut path = String::new();
    for depth in 1..=place.depth() {
        let step = place.above(depth);
        if !path.is_empty() {
            path.push('.');
        }
        if step.keyed {
            path.push_str(step.key);
        } else {
            path.push_str(&step.step.index.to_string());
        }
    }
    if path.is_empty() { "payload".to_owned() } else { path }
}

fn offset(time: Time, from: Time) -> String {
    match (time.is_unknown(), time >= from) {
        (true, _) => String::new(),
        (_, true) => format!("+{}", human_duration(time.since(from))),
        (_, false) => format!("-{}", human_duration(from.since(time))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Attributes, Batch, Raw, SpanEventRow, SpanRow, SpansBuilder};
    use crate::model::{NestedWriter, Row};
    use jiff::tz::TimeZone;

    /// A span with events and with attributes, every `nested`th of which is a map (0: none).
    fn span(attributes: usize, nested: usize, events: usize) -> Batch {
        let mut map = NestedWriter::default();
        map.begin_map().unwrap();
        map.key("a");
        map.value(Value::Int(1));
        map.end();
        let mut builder = SpansBuilder::default();
        for index in 0..events {
            builder.push_event(SpanEventRow { time: Time(index as u64 + 1), ..SpanEventRow::default() });
        }
        let mut list = builder.dictionary.begin_list(Attributes::default());
        for index in 0..attributes {
            let value =
                if nested > 0 && index % nested == 1 { Raw::Nested(map.bytes()) } else { Raw::Int(index as i64) };
            builder.dictionary.add(&mut list, b"key", value);
        }
        let attributes = builder.dictionary.end_list(list);
        builder.push(SpanRow { attributes, ..SpanRow::default() });
        builder.finish()
    }

    fn check(batch: &Batch) {
        let about = About { row: Row(1), received: Time(9), source: "x", from_file: false, zone: &TimeZone::UTC };
        for tab in [Tab::Attributes, Tab::Events, Tab::Raw] {
            let section = Section::new(batch.item(0), tab, &about);
            let whole = section.entries(batch.item(0), &about, 0..usize::MAX);
            assert_eq!(whole.len(), section.len(), "{tab:?}");
            for start in (0..whole.len()).step_by(whole.len() / 97 + 1).chain([whole.len() - 1]) {
                let end = (start + 50).min(whole.len());
                let part = section.entries(batch.item(0), &about, start..end);
                assert!(part == whole[start..end], "{tab:?} from {start}");
            }
        }
    }

    #[test]
    fn any_part_of_a_long_section_is_found() {
        check(&span(10_000, 0, 3_000));
        check(&span(10_000, 7, 0));
        check(&span(257, 0, 1));
        check(&span(0, 1, 5_000));
    }

    #[test]
    fn a_section_keeps_no_entries_and_few_ways() {
        let batch = span(1_000_000, 0, 0);
        let about = About { row: Row(1), received: Time(9), source: "x", from_file: false, zone: &TimeZone::UTC };
        let section = Section::new(batch.item(0), Tab::Raw, &about);
        assert!(section.len() > 1_000_000);
        let Lines::Tree(index) = &section.lines else { panic!("the raw section is a tree") };
        assert!(index.ways() < 10, "{} ways", index.ways());
        let last = section.entries(batch.item(0), &about, 999_999..1_000_000);
        assert_eq!(last[0].value, "    \"key\": 999990,");
    }

    #[test]
    fn counting_ends_and_the_section_says_so() {
        let batch = span(0, 1, 300_000);
        let about = About { row: Row(1), received: Time(9), source: "x", from_file: false, zone: &TimeZone::UTC };
        let section = Section::new(batch.item(0), Tab::Events, &about);
        assert!(section.len() < 300_000);
        let end = section.entries(batch.item(0), &about, section.len() - 2..usize::MAX);
        assert_eq!((end[0].kind, end[1].kind), (EntryKind::Heading, EntryKind::Note));
    }
}
