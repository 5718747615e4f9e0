//! Writes JSON values into a dictionary.

use crate::columns::{DictionaryBuilder, ListBuilder, Raw, TextId};
use crate::model::{NestedError, NestedWriter, Value};
use crate::wire::json::{Entry, Json, JsonValue, KeyId, Level, Room, View};
use std::fmt::Write;

/// Turns JSON values into attribute values of one dictionary and caches its keys. A whole number that overflows `i64` keeps
/// its digits, as text.
#[derive(Default)]
pub struct Values {
    nested: NestedWriter,
    digits: String,
    /// The dictionary's ids of keys, by the keys' numbers.
    keys: Vec<Option<TextId>>,
}

impl Values {
    /// Adds a key and its value to a list.
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

    /// Adds an entry to a list.
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

    /// A value in the form that a dictionary takes.
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

    /// An array with one value.
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

/// An object or array that a record holds directly or as JSON text.
pub enum Inner<'j> {
    Here(JsonValue<'j>),
    Read(Json<'j>),
}

impl<'j> Inner<'j> {
    /// The object of a field; `None` if it is not one. Empty text is an empty object.
    pub fn object(value: JsonValue<'j>, room: &mut Room) -> Option<Inner<'j>> {
        Inner::of(value, room, |view| matches!(view, View::Object | View::Null))
    }

    /// The array of a field; `None` if it is not one. Empty text is an empty array.
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
