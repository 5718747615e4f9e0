//! Fields whose values can be listed, to offer them while an expression is typed.

use super::Sources;
use super::ast::{Name, Operator, is_plain, quote};
use super::bind::{SESSION_KEYS, Slot, look_up, member, slots};
use super::edit::looks_like_number;
use super::field::{AttributePlace, Field};
use crate::columns::{Attributes, Batch, Columns, EventItem, Item, TextId, Word};
use crate::model::Value;

/// A field whose values are few enough to choose from: all but ids, durations and the numbers of points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedField(Field);

/// A value of a row, where it is cheapest to have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Seen<'a> {
    /// A word of the batch's dictionary.
    Word(Word),
    /// The value itself.
    Value(Value<'a>),
}

/// Gives the value of a row, if the row has one.
pub type Reader<'a> = Box<dyn Fn(usize) -> Option<Seen<'a>> + 'a>;

impl ListedField {
    /// The field of this name; `None` if its values cannot be listed.
    pub fn of(name: &Name) -> Option<ListedField> {
        let field = Field::of(name)?;
        let is_listed = !matches!(field, Field::Duration | Field::Id(_) | Field::Value | Field::GenAi);
        is_listed.then_some(ListedField(field))
    }

    /// Reads the values of a batch.
    pub fn reader<'a>(&'a self, batch: &'a Batch, sources: &'a dyn Sources) -> Reader<'a> {
        match &self.0 {
            Field::Attribute(place, key) => attribute(*place, vec![key], batch),
            Field::Session => match &batch.columns {
                Columns::Events(events) => Box::new(|row| word(events.session[row])),
                _ => attribute(AttributePlace::Any, SESSION_KEYS.to_vec(), batch),
            },
            Field::Source => {
                let runs = sources.runs();
                Box::new(move |row| {
                    let run = runs.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
                    text(runs[run].1)
                })
            }
            field => Box::new(move |row| well_known(field, batch, row)),
        }
    }
}

fn well_known<'a>(field: &Field, batch: &'a Batch, row: usize) -> Option<Seen<'a>> {
    let item = batch.item(row);
    let scope = |origin| batch.dictionary.scope(origin);
    let origin = match item {
        Item::Span(span) => Some(span.origin()),
        Item::Log(log) => Some(log.origin()),
        Item::Point(point) => Some(point.origin()),
        Item::Event(_) => None,
    };
    match (field, item) {
        (Field::Service, _) => word(batch.dictionary.resource(origin?).service),
        (Field::Scope, _) => word(scope(origin?).name),
        (Field::ScopeVersion, _) => word(scope(origin?).version),
        (Field::Signal, Item::Event(event)) if event.gap().is_some() => text("gap"),
        (Field::Signal, _) => text(batch.signal().singular()),
        (Field::Name, Item::Span(span)) => text(span.name()),
        (Field::Name, Item::Log(log)) => text(log.event_name()),
        (Field::Name, Item::Point(point)) => text(point.name()),
        (Field::Name | Field::Type, Item::Event(event)) => text(event.kind()),
        (Field::Kind, Item::Span(span)) => text(span.kind().word()),
        (Field::Status, Item::Span(span)) => text(span.status().word()),
        (Field::StatusMessage, Item::Span(span)) => word(span.rare().status_message),
        (Field::Severity, Item::Log(log)) => {
            Some(log.rank()).filter(|rank| rank.is_known()).and_then(|rank| text(rank.word()))
        }
        (Field::Type, Item::Point(point)) => text(point.metric().kind.word()),
        (Field::Unit, Item::Point(point)) => text(point.unit()),
        _ => None,
    }
}

fn text(text: &str) -> Option<Seen<'_>> {
    (!text.is_empty()).then_some(Seen::Value(Value::Text(text)))
}

fn word<'a>(id: TextId) -> Option<Seen<'a>> {
    (id != TextId::EMPTY).then_some(Seen::Word(Word::of_text(id)))
}

fn attribute<'a>(place: AttributePlace, keys: Vec<&'a str>, batch: &'a Batch) -> Reader<'a> {
    let dictionary = &batch.dictionary;
    let path = keys.first().copied().unwrap_or_default();
    let inside = move |word: Word| match path {
        _ if word == Word::EMPTY => None,
        "" => Some(Seen::Word(word)),
        path => member(dictionary.value(word), path).map(Seen::Value),
    };
    let slots = slots(dictionary, &keys);
    let find = move |list: Attributes| match slots.get(list.shape.0 as usize) {
        Some(Slot::At(place)) => {
            dictionary.all_words().get(list.start as usize + *place as usize).copied().map(Seen::Word)
        }
        Some(Slot::Inside) => look_up(dictionary, list, &keys).map(Seen::Value),
        Some(Slot::Absent) | None => None,
    };
    let any = move |list: Attributes, origin| match place {
        AttributePlace::Resource => find(dictionary.resource(origin).attributes),
        AttributePlace::Scope => find(dictionary.scope(origin).attributes),
        AttributePlace::Item => find(list),
        _ => find(list).or_else(|| find(dictionary.resource(origin).attributes)),
    };
    match (place, &batch.columns) {
        (AttributePlace::Any | AttributePlace::Item | AttributePlace::Payload, Columns::Events(events)) => {
            Box::new(move |row| {
                let is_gap = EventItem { dictionary, columns: events, row }.gap().is_some();
                if is_gap { None } else { inside(events.payload[row]) }
            })
        }
        (AttributePlace::Body, Columns::Logs(logs)) => Box::new(move |row| inside(logs.body[row])),
        (AttributePlace::Body | AttributePlace::Payload, _) | (_, Columns::Events(_)) => Box::new(|_| None),
        (_, Columns::Spans(spans)) => Box::new(move |row| any(spans.attributes[row], spans.origin[row])),
        (_, Columns::Logs(logs)) => Box::new(move |row| any(logs.attributes[row], logs.origin[row])),
        (_, Columns::Points(points)) => Box::new(move |row| {
            let stream = points.stream(row);
            any(stream.attributes, stream.origin)
        }),
    }
}

/// How a value is written behind an operator, so that the comparison holds for it; `None` where that makes no sense, as with
/// a pattern for a number.
pub fn value_after(operator: Operator, value: Value<'_>) -> Option<String> {
    let is_pattern = matches!(operator, Operator::Matches | Operator::MatchesNot);
    match value {
        Value::Int(_) | Value::Bool(_) if !is_pattern => Some(value.display()),
        Value::Text(text) if is_pattern => Some(plain_or_quoted(&regex::escape(text))),
        Value::Text(text) if operator == Operator::Is => Some(plain_or_quoted(text).replace('*', "\\*")),
        Value::Text(text) => Some(plain_or_quoted(text)),
        _ => None,
    }
}

fn plain_or_quoted(text: &str) -> String {
    let is_text = is_plain(&[text]) && !looks_like_number(text) && text != "nil";
    if is_text { text.to_owned() } else { quote(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, LogRow, LogsBuilder, Raw};
    use crate::filter::{Comparison, Expr};
    use crate::filter::{Filter, parse};
    use crate::model::Time;

    const VALUES: [&str; 14] = [
        "cart",
        "/cart",
        "a b",
        "200",
        "-1",
        "nil",
        "true",
        "a*b",
        "and",
        "say \"x\"",
        "a\u{1b}[31mb",
        "a\\d+b",
        "//x",
        "ü|(x)",
    ];

    #[test]
    fn an_offered_value_takes_its_rows_alone() {
        for operator in [Operator::Is, Operator::Equal, Operator::Matches] {
            for (at, value) in VALUES.iter().enumerate() {
                let mut logs = LogsBuilder::default();
                for value in VALUES {
                    let mut list = logs.dictionary.begin_list(Attributes::default());
                    logs.dictionary.add(&mut list, b"key", Raw::Text(value.as_bytes()));
                    let attributes = logs.dictionary.end_list(list);
                    logs.push(LogRow { attributes, ..LogRow::default() });
                }
                let batch = logs.finish();
                let written = value_after(operator, Value::Text(value)).unwrap();
                let text = format!("key{}{written}", operator.symbol());
                assert!(crate::model::is_harmless(&text), "{text:?}");
                let taken = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")).select(&batch, ());
                assert!(taken.contains(at), "{text} takes {value}");
                if operator == Operator::Equal {
                    assert_eq!(taken.count(), 1, "{text}");
                }
            }
        }
    }

    fn field(name: &str) -> Option<ListedField> {
        match parse(&format!("{name}:x")).unwrap() {
            Expr::Comparison(Comparison { field, .. }) => ListedField::of(&field),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn ids_and_quantities_are_not_listed() {
        for name in ["trace", "span_id", "parent", "duration", "value", "genai"] {
            assert_eq!(field(name), None, "{name}");
        }
    }

    #[test]
    fn a_reader_finds_what_a_filter_finds() {
        let mut events = EventsBuilder::default();
        events.push("tick", "", Time(1), "s1", Word::EMPTY);
        events.push_gap("overload", 3, Time(1));
        let batch = events.finish();
        for (name, expected) in [("signal", vec!["event", "gap"]), ("session", vec!["s1"])] {
            let field = field(name).unwrap();
            let reader = field.reader(&batch, &());
            let seen = (0..2).filter_map(&reader).map(|seen| match seen {
                Seen::Word(word) => batch.dictionary.value(word).display(),
                Seen::Value(value) => value.display(),
            });
            assert_eq!(seen.collect::<Vec<_>>(), expected, "{name}");
        }
    }
}
