//! One span record, each entry in its place. Nothing is lost: an entry that otail does not know, or cannot parse, becomes an
//! attribute under its original key.

use super::BadSpan;
use super::envelope::Marks;
use super::fields::{self, Unit};
use super::gen_ai::GenAi;
use super::names::{FIELDS, Field, GenAiField, Meaning, Names};
use super::origin::ResourceFields;
use crate::model::{StatusCode, Time};
use crate::wire::json::{Entry, JsonValue, Room, View};
use crate::wire::json_values::Inner;
use std::borrow::Cow;

/// Two times or durations that differ by less than this many nanoseconds are equal: milliseconds drop the rest.
const SAME: u64 = 1_000_000;

/// A record being read.
pub(super) struct Record<'j> {
    fields: [Option<Entry<'j>>; FIELDS],
    pub gen_ai: GenAi<'j>,
    /// What its keys reveal, also if it is not a span record.
    pub marks: Marks,
    /// Entries that otail does not know.
    pub own: Vec<(Cow<'j, str>, JsonValue<'j>)>,
}

impl<'j> Record<'j> {
    /// Sorts the entries of an object into their fields. `null` counts as missing.
    #[inline]
    pub fn of(object: JsonValue<'j>, names: &mut Names) -> Record<'j> {
        let mut record =
            Record { fields: [None; FIELDS], gen_ai: GenAi::default(), marks: Marks::default(), own: Vec::new() };
        for entry in object.entries() {
            let (known, value) = (names.of(entry), entry.value());
            record.marks.add(known.mark);
            if value.is_null() {
                continue;
            }
            match known.in_record {
                Some(Meaning::Field(field)) => record.place(field, entry),
                Some(Meaning::GenAi(field)) => record.place_gen_ai(field, || Cow::Borrowed(entry.key()), value),
                Some(Meaning::GenAiObject) if matches!(value.view(), View::Object) => record.open_gen_ai(entry, names),
                Some(Meaning::GenAiObject) | None => record.own.push((Cow::Borrowed(entry.key()), value)),
            }
        }
        record
    }

    /// The value of a field.
    #[inline]
    pub fn value(&self, field: Field) -> Option<JsonValue<'j>> {
        self.fields[field as usize].map(Entry::value)
    }

    /// A field, parsed. If it cannot be parsed, it becomes an attribute.
    #[inline]
    pub fn read<T>(&mut self, field: Field, read: impl FnOnce(JsonValue<'j>) -> Option<T>) -> Option<T> {
        let found = self.value(field).map(read)?;
        if found.is_none() {
            self.disown(field);
        }
        found
    }

    /// Makes a field an attribute under its original key.
    pub fn disown(&mut self, field: Field) {
        let entry = self.fields[field as usize].take();
        self.own.extend(entry.map(|entry| (Cow::Borrowed(entry.key()), entry.value())));
    }

    /// Start and end. A missing one is computed from the duration.
    pub fn times(&mut self) -> Result<(Time, Time), BadSpan> {
        let mut start = self.time(Field::StartNanos, Field::Start, BadSpan::Time("start"))?;
        let mut end = self.time(Field::EndNanos, Field::End, BadSpan::Time("end"))?;
        for (field, nanos) in [(Field::DurationNanos, 1), (Field::DurationMillis, 1_000_000)] {
            let Some(duration) = self.read(field, |value| fields::duration(value, nanos)) else { continue };
            match (start.is_unknown(), end.is_unknown()) {
                (false, true) => end = Time(start.0.saturating_add(duration)),
                (true, false) => start = Time(end.0.saturating_sub(duration)),
                (false, false) if end.since(start).abs_diff(duration) <= SAME => {}
                _ => self.disown(field),
            }
        }
        Ok((start, end))
    }

    /// The status code, from the number or the word.
    pub fn status(&mut self) -> StatusCode {
        let code = self.read(Field::StatusCode, fields::status);
        let word = self.read(Field::Status, fields::status);
        if code.is_some() && word.is_some() && code != word {
            self.disown(Field::Status);
        }
        code.or(word).unwrap_or_default()
    }

    /// The status message, which may stand inside the status.
    pub fn status_message(&mut self) -> &'j str {
        let beside = self.read(Field::StatusMessage, JsonValue::text);
        let within = || self.value(Field::Status)?.get(&["message"])?.text();
        beside.or_else(within).unwrap_or_default()
    }

    /// A field that is an object, or the JSON text of one.
    pub fn object(&mut self, field: Field, room: &mut Room) -> Option<Inner<'j>> {
        self.read(field, |value| Inner::object(value, room))
    }

    pub fn resource(&self) -> ResourceFields<'j> {
        ResourceFields {
            service: self.value(Field::Service),
            version: self.value(Field::ServiceVersion),
            resource: self.value(Field::Resource),
        }
    }

    /// A time from its exact field, its other field, or both.
    fn time(&mut self, exact: Field, other: Field, bad: BadSpan) -> Result<Time, BadSpan> {
        let read =
            |value: Option<JsonValue<'_>>, unit| value.map(|value| fields::time(value, unit).ok_or(bad)).transpose();
        let exactly = read(self.value(exact), Unit::Nanos)?;
        let otherwise = read(self.value(other), Unit::Any)?;
        if let (Some(a), Some(b)) = (exactly, otherwise)
            && a.0.abs_diff(b.0) > SAME
        {
            self.disown(other);
        }
        Ok(exactly.or(otherwise).unwrap_or_default())
    }

    #[inline]
    fn place(&mut self, field: Field, entry: Entry<'j>) {
        match &mut self.fields[field as usize] {
            Some(held) if held.value() == entry.value() => {}
            Some(_) => self.own.push((Cow::Borrowed(entry.key()), entry.value())),
            free => *free = Some(entry),
        }
    }

    fn place_gen_ai(&mut self, field: GenAiField, key: impl FnOnce() -> Cow<'j, str>, value: JsonValue<'j>) {
        match self.gen_ai.get(field) {
            Some(held) if held == value => {}
            Some(_) => self.own.push((key(), value)),
            None => self.gen_ai.put(field, value),
        }
    }

    fn open_gen_ai(&mut self, object: Entry<'j>, names: &mut Names) {
        for entry in object.value().entries().filter(|entry| !entry.value().is_null()) {
            let own = || Cow::Owned(format!("{}.{}", object.key(), entry.key()));
            match names.of(entry).in_gen_ai {
                Some(field) => self.place_gen_ai(field, own, entry.value()),
                None => self.own.push((own(), entry.value())),
            }
        }
    }
}
