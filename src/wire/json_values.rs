//! JSON values on their way into a dictionary.

use crate::columns::{DictionaryBuilder, ListBuilder, Raw, TextId};
use crate::model::{NestedError, NestedWriter, Value};
use crate::wire::json::{Entry, Json, JsonValue, KeyId, Level, Room, View};
use std::fmt::Write;

/// Turns JSON values into attribute values of one dictionary, whose keys it knows. A whole number beyond 64 bits with sign keeps its digits, as text.
#[derive(Default)]
pub struct Values {
    nested: NestedWriter,
    digits: String,
    /// The strings that keys are in the dictionary, by their numbers.
    keys: Vec<Option<TextId>>,
}

impl Values {
    /// A key and its value, added to a list.
    #[inline]
    pub fn add(
        &mut self,
        dictionary: &mut DictionaryBuilder,
        list: &mut ListBuilder,
        key: &str,
        value: JsonValue<'_>,
    ) -> Result<(), NestedError> {
        let value = self.raw(value)?;
        dictionary.add(list, key.as_bytes(), value);
        Ok(())
    }

    /// An entry, added to a list.
    #[inline]
    pub fn add_entry(
        &mut self,
        dictionary: &mut DictionaryBuilder,
        list: &mut ListBuilder,
        entry: Entry<'_>,
    ) -> Result<(), NestedError> {
        let id = entry.key_id().index();
        let key = match self.keys.get(id) {
            Some(Some(key)) => *key,
            _ => self.key(dictionary, entry),
        };
        let value = self.raw(entry.value())?;
        dictionary.add_known(list, key, value);
        Ok(())
    }

    fn key(&mut self, dictionary: &mut DictionaryBuilder, entry: Entry<'_>) -> TextId {
        let (id, key) = (entry.key_id(), dictionary.text(entry.key().as_bytes()));
        if id != KeyId::NONE {
            if self.keys.len() <= id.index() {
                self.keys.resize(id.index() + 1, None);
            }
            self.keys[id.index()] = Some(key);
        }
        key
    }

    /// A value as a dictionary takes it.
    #[inline]
    pub fn raw<'v>(&'v mut self, value: JsonValue<'v>) -> Result<Raw<'v>, NestedError> {
        Ok(match value.view() {
            View::Null => Raw::Empty,
            View::Bool(value) => Raw::Bool(value),
            View::Int(value) => Raw::Int(value),
            View::Unsigned(value) => Raw::Text(digits(&mut self.digits, value).as_bytes()),
            View::Double(value) => Raw::Double(value),
            View::Text(text) => Raw::Text(text.as_bytes()),
            View::Array | View::Object => {
                self.nested.clear();
                self.write(value)?;
                Raw::Nested(self.nested.bytes())
            }
        })
    }

    /// An array of one value.
    pub fn raw_array<'v>(&'v mut self, value: JsonValue<'v>) -> Result<Raw<'v>, NestedError> {
        self.nested.clear();
        self.nested.begin_array()?;
        self.write(value)?;
        self.nested.end();
        Ok(Raw::Nested(self.nested.bytes()))
    }

    fn write(&mut self, value: JsonValue<'_>) -> Result<(), NestedError> {
        match value.view() {
            View::Null => self.nested.value(Value::Empty),
            View::Bool(value) => self.nested.value(Value::Bool(value)),
            View::Int(value) => self.nested.value(Value::Int(value)),
            View::Unsigned(value) => self.nested.value(Value::Text(digits(&mut self.digits, value))),
            View::Double(value) => self.nested.value(Value::Double(value)),
            View::Text(text) => self.nested.value(Value::Text(text)),
            View::Array => {
                self.nested.begin_array()?;
                value.items().try_for_each(|item| self.write(item))?;
                self.nested.end();
            }
            View::Object => {
                self.nested.begin_map()?;
                for entry in value.entries() {
                    self.nested.key(entry.key());
                    self.write(entry.value())?;
                }
                self.nested.end();
            }
        }
        Ok(())
    }
}

/// An object or array that stands in a record as itself or as JSON text.
pub enum Inner<'j> {
    Here(JsonValue<'j>),
    Read(Json<'j>),
}

impl<'j> Inner<'j> {
    /// The object of a field, `None` where it is none. Empty text is an object without entries.
    pub fn object(value: JsonValue<'j>, room: &mut Room) -> Option<Inner<'j>> {
        Inner::of(value, room, |view| matches!(view, View::Object | View::Null))
    }

    /// The array of a field, `None` where it is none. Empty text is an array without elements.
    pub fn array(value: JsonValue<'j>, room: &mut Room) -> Option<Inner<'j>> {
        Inner::of(value, room, |view| matches!(view, View::Array | View::Null))
    }

    pub fn value(&self) -> JsonValue<'_> {
        match self {
            Inner::Here(value) => *value,
            Inner::Read(json) => json.root(),
        }
    }

    #[inline]
    fn of(value: JsonValue<'j>, room: &mut Room, fits: fn(View<'_>) -> bool) -> Option<Inner<'j>> {
        let inner = match value.view() {
            View::Text(text) if text.trim_ascii().is_empty() => return Some(Inner::Here(value)),
            View::Text(text) => Inner::Read(Json::parse(room, Level::Inner, text).ok()?),
            _ => Inner::Here(value),
        };
        fits(inner.value().view()).then_some(inner)
    }
}

fn digits(text: &mut String, number: u64) -> &str {
    text.clear();
    let _ = write!(text, "{number}");
    text
}
