//! Span records → rows of a batch of spans.

use super::BadSpan;
use super::fields::{self, Unit};
use super::names::{FINISH_REASONS, Field, OPERATION, OPERATIONS, SESSION, may_be_of_field};
use super::origin::Origins;
use super::record::Record;
use crate::columns::{Attributes, LinkRow, OriginId, Raw, SpanEventRow, SpanRare, SpanRow, SpansBuilder};
use crate::model::NestedError;
use crate::wire::json::{JsonValue, Room, View};
use crate::wire::json_values::{Inner, Values};
use std::collections::HashMap;

/// Writes span records into a batch.
#[derive(Default)]
pub(super) struct SpanRecords {
    pub builder: SpansBuilder,
    values: Values,
    origins: Origins,
    last: LastLists,
}

/// The last list of each kind; the next one probably resembles it.
#[derive(Clone, Copy, Default)]
struct LastLists {
    span: Attributes,
    event: Attributes,
    link: Attributes,
}

impl SpanRecords {
    /// Adds the span of a record.
    pub fn push(&mut self, record: &mut Record<'_>, room: &mut Room) -> Result<(), BadSpan> {
        let mut row = SpanRow {
            trace: fields::trace_id(record.value(Field::TraceId))?,
            id: fields::span_id(record.value(Field::SpanId))?,
            ..SpanRow::default()
        };
        (row.start, row.end) = record.times()?;
        row.parent = record.read(Field::ParentSpanId, fields::parent_id).unwrap_or_default();
        row.kind = record.read(Field::Kind, fields::kind).unwrap_or_default();
        row.status = record.status();
        row.origin = self.origin(record, room)?;
        // Other spans share the origins; everything after this line belongs to this span alone.
        let (mark, last) = (self.builder.dictionary.mark(), self.last);
        let written = self.write(record, row, room);
        if written.is_err() {
            self.builder.discard(mark);
            self.last = last;
        }
        written.map_err(|NestedError::TooDeep| BadSpan::TooDeep)
    }

    fn origin(&mut self, record: &mut Record<'_>, room: &mut Room) -> Result<OriginId, BadSpan> {
        let dictionary = &mut self.builder.dictionary;
        if let Some(origin) = self.origins.of(record.resource(), dictionary, &mut self.values, room)? {
            return Ok(origin);
        }
        record.disown(Field::Resource);
        Ok(self.origins.of(record.resource(), dictionary, &mut self.values, room)?.unwrap_or_default())
    }

    fn write(&mut self, record: &mut Record<'_>, mut row: SpanRow, room: &mut Room) -> Result<(), NestedError> {
        for event in self.parts(record, Field::Events, SpanRecords::event, room)? {
            self.builder.push_event(event);
        }
        for link in self.parts(record, Field::Links, SpanRecords::link, room)? {
            self.builder.push_link(link);
        }
        let name = record.read(Field::Name, JsonValue::text).unwrap_or_default();
        let trace_state = record.read(Field::TraceState, JsonValue::text).unwrap_or_default();
        let status_message = record.status_message();
        row.attributes = self.attributes(record, name, room)?;
        row.name = self.builder.dictionary.text(name.as_bytes());
        row.rare = SpanRare {
            trace_state: self.builder.dictionary.text(trace_state.as_bytes()),
            status_message: self.builder.dictionary.text(status_message.as_bytes()),
            ..SpanRare::default()
        };
        self.builder.push(row);
        Ok(())
    }

    /// The span's attributes: its `attributes`, then session, GenAI fields and unknown entries, without those that the
    /// `attributes` contain already.
    fn attributes(&mut self, record: &mut Record<'_>, name: &str, room: &mut Room) -> Result<Attributes, NestedError> {
        let object = record.object(Field::Attributes, room);
        let text = record.object(Field::AttributesText, room);
        let object = object.as_ref().map(Inner::value);
        let text = text.as_ref().map(Inner::value);
        let given = || object.into_iter().chain(text).flat_map(JsonValue::entries);
        // Most spans have none of these attributes, so their fields need not be searched one by one.
        let mut some_may_be = false;

        let dictionary = &mut self.builder.dictionary;
        let mut list = dictionary.begin_list(self.last.span);
        if let Some(object) = object {
            for given in object.entries() {
                some_may_be |= may_be_of_field(given.key());
                self.values.add_entry(dictionary, &mut list, given)?;
            }
        }
        if let Some(text) = text {
            let said = object.into_iter().flat_map(JsonValue::entries);
            let said: HashMap<_, _> = said.map(|given| (given.key(), given.value())).collect();
            for given in text.entries().filter(|given| said.get(given.key()) != Some(&given.value())) {
                some_may_be |= may_be_of_field(given.key());
                self.values.add_entry(dictionary, &mut list, given)?;
            }
        }
        let is_given =
            |key: &str, value| some_may_be && given().any(|given| given.key() == key && says(given.value(), value));
        if let Some(session) = record.value(Field::Session)
            && !is_given(SESSION, session)
        {
            self.values.add(dictionary, &mut list, SESSION, session)?;
        }
        for (name, value) in record.gen_ai.values() {
            if is_given(name, value) {
                continue;
            }
            if name == FINISH_REASONS && !matches!(value.view(), View::Array) {
                let reasons = self.values.raw_array(value)?;
                dictionary.add(&mut list, name.as_bytes(), reasons);
            } else {
                self.values.add(dictionary, &mut list, name, value)?;
            }
        }
        if record.gen_ai.lacks_operation()
            && let Some(operation) = name.split(' ').next().filter(|word| OPERATIONS.contains(word))
            && !(some_may_be && given().any(|given| given.key() == OPERATION))
        {
            dictionary.add(&mut list, OPERATION.as_bytes(), Raw::Text(operation.as_bytes()));
        }
        for (key, value) in &record.own {
            self.values.add(dictionary, &mut list, key, *value)?;
        }
        self.last.span = dictionary.end_list(list);
        Ok(self.last.span)
    }

    /// The events or links of a record. If one of them cannot be parsed, the whole list becomes an attribute.
    fn parts<T>(
        &mut self,
        record: &mut Record<'_>,
        field: Field,
        read: fn(&mut SpanRecords, JsonValue<'_>, &mut Room) -> Result<Option<T>, NestedError>,
        room: &mut Room,
    ) -> Result<Vec<T>, NestedError> {
        let Some(value) = record.value(field) else { return Ok(Vec::new()) };
        let (mark, last) = (self.builder.dictionary.mark(), self.last);
        if let Some(array) = Inner::array(value, room) {
            if array.value().items().next().is_none() {
                return Ok(Vec::new());
            }
            // A value nested too deeply costs the span, as in its attributes; an event or link that cannot be parsed does
            // not.
            let rows: Vec<Option<T>> =
                array.value().items().map(|item| read(self, item, room)).collect::<Result<_, _>>()?;
            if let Some(rows) = rows.into_iter().collect() {
                return Ok(rows);
            }
        }
        self.builder.dictionary.rollback(mark);
        self.last = last;
        record.disown(field);
        Ok(Vec::new())
    }

    fn event(&mut self, item: JsonValue<'_>, room: &mut Room) -> Result<Option<SpanEventRow>, NestedError> {
        let mut row = SpanEventRow::default();
        let Some(part) = Part::of(item, room, |key, value| match key {
            "name" => value.text().map(|name| row.name = self.builder.dictionary.text(name.as_bytes())),
            "timestamp" | "time" => fields::time(value, Unit::Any).map(|time| row.time = time),
            "timeUnixNano" | "time_unix_nano" | "timestampUnixNano" | "timestamp_unix_nano" => {
                fields::time(value, Unit::Nanos).map(|time| row.time = time)
            }
            _ => None,
        }) else {
            return Ok(None);
        };
        row.attributes = self.list(self.last.event, &part)?;
        self.last.event = row.attributes;
        Ok(Some(row))
    }

    fn link(&mut self, item: JsonValue<'_>, room: &mut Room) -> Result<Option<LinkRow>, NestedError> {
        let mut row = LinkRow::default();
        let Some(part) = Part::of(item, room, |key, value| match key {
            "traceId" | "trace_id" => fields::trace_id(Some(value)).ok().map(|id| row.trace = id),
            "spanId" | "span_id" => fields::span_id(Some(value)).ok().map(|id| row.span = id),
            "traceState" | "trace_state" => {
                value.text().map(|state| row.trace_state = self.builder.dictionary.text(state.as_bytes()))
            }
            _ => None,
        }) else {
            return Ok(None);
        };
        if row.trace.is_none() || row.span.is_none() {
            return Ok(None);
        }
        row.attributes = self.list(self.last.link, &part)?;
        self.last.link = row.attributes;
        Ok(Some(row))
    }

    fn list(&mut self, last: Attributes, part: &Part<'_>) -> Result<Attributes, NestedError> {
        let dictionary = &mut self.builder.dictionary;
        let mut list = dictionary.begin_list(last);
        let given = part.attributes.iter().flat_map(|inner| inner.value().entries());
        let given = given.map(|entry| (entry.key(), entry.value()));
        for (key, value) in given.chain(part.own.iter().copied()) {
            self.values.add(dictionary, &mut list, key, value)?;
        }
        Ok(dictionary.end_list(list))
    }
}

/// The entries of an event or a link beside its fields.
struct Part<'j> {
    attributes: Option<Inner<'j>>,
    own: Vec<(&'j str, JsonValue<'j>)>,
}

impl<'j> Part<'j> {
    /// Offers each entry to `field`, which returns whether it used it. `None` if the value is not an object.
    fn of(
        item: JsonValue<'j>,
        room: &mut Room,
        mut field: impl FnMut(&str, JsonValue<'j>) -> Option<()>,
    ) -> Option<Part<'j>> {
        if !matches!(item.view(), View::Object) {
            return None;
        }
        let mut part = Part { attributes: None, own: Vec::new() };
        for entry in item.entries().filter(|entry| !entry.value().is_null()) {
            let (key, value) = (entry.key(), entry.value());
            if field(key, value).is_some() {
                continue;
            }
            if matches!(key, "attributes" | "attributesJson" | "attributes_json")
                && part.attributes.is_none()
                && let Some(object) = Inner::object(value, room)
            {
                part.attributes = Some(object);
                continue;
            }
            part.own.push((key, value));
        }
        Some(part)
    }
}

/// Whether an attribute has the same value as a record's field; one may be the text of the other.
fn says(given: JsonValue<'_>, value: JsonValue<'_>) -> bool {
    given == value
        || match (given.view(), value.view()) {
            (View::Text(text), View::Int(number)) => text.parse() == Ok(number),
            (View::Text(text), View::Double(number)) => text.parse() == Ok(number),
            (View::Int(a), View::Double(b)) | (View::Double(b), View::Int(a)) => a as f64 == b,
            (View::Array, View::Text(_)) => given.items().count() == 1 && given.items().next() == Some(value),
            _ => false,
        }
}
