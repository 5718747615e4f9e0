//! AnyValue and KeyValue.

use super::super::super::{Limits, WireError};
use super::leaf::{Bytes, Integer};
use super::read::{self, Array, Found, Object, Problem};
use crate::columns::{Attributes, DictionaryBuilder, ListBuilder, Raw, TextId, Word};
use crate::model::{NestedWriter, Value};
use serde::de::Deserializer;
use std::borrow::Cow;

/// What is needed to write values down, and where it is noted that they are no good.
pub(super) struct Values {
    pub nested: NestedWriter,
    /// What is wrong with the item being read.
    pub problem: Problem,
    pub limits: Limits,
}

/// An AnyValue.
#[derive(Default)]
enum Any<'de> {
    #[default]
    Empty,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'de, str>),
    Bytes(Vec<u8>),
    Array(Vec<Any<'de>>),
    Map(Vec<KeyValue<'de>>),
    /// Not what this field may hold.
    Wrong(&'static str),
}

struct KeyValue<'de> {
    /// `None` where it is no string.
    key: Option<Cow<'de, str>>,
    value: Any<'de>,
}

impl Default for KeyValue<'_> {
    fn default() -> Self {
        KeyValue { key: Some(Cow::Borrowed("")), value: Any::Empty }
    }
}

/// A string on its way into a dictionary.
pub(super) fn text<'de, D: Deserializer<'de>>(
    value: D,
    dictionary: &mut DictionaryBuilder,
    problem: &mut Problem,
    field: &'static str,
) -> Result<TextId, D::Error> {
    let found = read::text_with(value, |text| dictionary.text(text.as_bytes()))?;
    Ok(found.or_default(problem, field))
}

impl Values {
    pub fn new(limits: &Limits) -> Values {
        Values { nested: NestedWriter::default(), problem: Problem::default(), limits: *limits }
    }

    /// A list of KeyValues, expected to be `like` another; `parts` is what the item's batch has beside its values.
    pub fn list<'de, D: Deserializer<'de>>(
        &mut self,
        value: D,
        dictionary: &mut DictionaryBuilder,
        like: Attributes,
        parts: usize,
        field: &'static str,
    ) -> Result<Attributes, D::Error> {
        let most = self.limits.parts.saturating_sub(parts);
        let list = dictionary.begin_list(like);
        let mut reader = List { values: self, dictionary, list, most };
        let found = read::array(value, &mut reader)?;
        let list = reader.dictionary.end_list(reader.list);
        found.or_default(&mut self.problem, field);
        Ok(list)
    }

    /// An AnyValue.
    pub fn word<'de, D: Deserializer<'de>>(
        &mut self,
        value: D,
        dictionary: &mut DictionaryBuilder,
        field: &'static str,
    ) -> Result<Word, D::Error> {
        let mut any = Any::default();
        read::object(value, &mut any)?.or_default(&mut self.problem, field);
        Ok(match self.raw(&any) {
            Ok(raw) => dictionary.make_word(raw),
            Err(error) => {
                self.problem.note(error);
                Word::EMPTY
            }
        })
    }

    fn raw<'v>(&'v mut self, any: &'v Any<'_>) -> Result<Raw<'v>, WireError> {
        Ok(match any {
            Any::Empty => Raw::Empty,
            Any::Bool(value) => Raw::Bool(*value),
            Any::Int(value) => Raw::Int(*value),
            Any::Double(value) => Raw::Double(*value),
            Any::Text(text) => Raw::Text(text.as_bytes()),
            Any::Bytes(bytes) => Raw::Bytes(bytes),
            Any::Wrong(field) => return Err(WireError::Field(field)),
            nested => {
                self.nested.clear();
                write_nested(&mut self.nested, nested)?;
                Raw::Nested(self.nested.bytes())
            }
        })
    }
}

/// Recursion is bounded: the writer refuses to open more than `MAX_NESTING` levels.
fn write_nested(writer: &mut NestedWriter, any: &Any<'_>) -> Result<(), WireError> {
    writer.value(match any {
        Any::Empty => Value::Empty,
        Any::Bool(value) => Value::Bool(*value),
        Any::Int(value) => Value::Int(*value),
        Any::Double(value) => Value::Double(*value),
        Any::Text(text) => Value::Text(text),
        Any::Bytes(bytes) => Value::Bytes(bytes),
        Any::Wrong(field) => return Err(WireError::Field(field)),
        Any::Array(items) => {
            writer.begin_array()?;
            items.iter().try_for_each(|item| write_nested(writer, item))?;
            writer.end();
            return Ok(());
        }
        Any::Map(entries) => {
            writer.begin_map()?;
            for entry in entries {
                writer.key(entry.key.as_deref().ok_or(WireError::Field("key"))?);
                write_nested(writer, &entry.value)?;
            }
            writer.end();
            return Ok(());
        }
    });
    Ok(())
}

/// A list of KeyValues on its way into the dictionary.
struct List<'v> {
    values: &'v mut Values,
    dictionary: &'v mut DictionaryBuilder,
    list: ListBuilder,
    most: usize,
}

impl<'de> Array<'de> for List<'_> {
    fn element<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        if self.dictionary.word_count() >= self.most {
            let limits = &self.values.limits;
            self.values.problem.note(WireError::TooMany(limits.parts, "attributes and other parts"));
            return read::skip(element);
        }
        let mut pair = KeyValue::default();
        read::object(element, &mut pair)?.or_default(&mut self.values.problem, "attributes");
        match (&pair.key, self.values.raw(&pair.value)) {
            (Some(key), Ok(raw)) => self.dictionary.add(&mut self.list, key.as_bytes(), raw),
            (None, _) => self.values.problem.note(WireError::Field("key")),
            (_, Err(error)) => self.values.problem.note(error),
        }
        Ok(())
    }
}

impl<'de> Object<'de> for KeyValue<'de> {
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error> {
        match key {
            "key" => match read::text(value)? {
                Found::Good(key) => self.key = Some(key),
                Found::Null => {}
                Found::Wrong => self.key = None,
            },
            "value" => {
                if let Found::Wrong = read::object(value, &mut self.value)? {
                    self.value = Any::Wrong("value");
                }
            }
            _ => read::skip(value)?,
        }
        Ok(())
    }
}

impl From<Integer> for Any<'_> {
    fn from(integer: Integer) -> Self {
        match integer {
            Integer::Int(value) => Any::Int(value),
            Integer::Beyond(value) => Any::Double(value),
        }
    }
}

/// The last member of the oneof wins; one that is null is not there.
impl<'de> Object<'de> for Any<'de> {
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error> {
        let found = match key {
            "stringValue" | "string_value" => read::text(value)?.map(Any::Text).or("stringValue"),
            "intValue" | "int_value" => read::leaf::<Integer, _>(value)?.map(Any::from).or("intValue"),
            "boolValue" | "bool_value" => read::leaf(value)?.map(Any::Bool).or("boolValue"),
            "doubleValue" | "double_value" => read::leaf(value)?.map(Any::Double).or("doubleValue"),
            "arrayValue" | "array_value" => {
                let mut inside = Inside(Vec::new());
                read::object(value, &mut inside)?.map(|()| Any::Array(inside.0)).or("arrayValue")
            }
            "kvlistValue" | "kvlist_value" => {
                let mut inside = Inside(Vec::new());
                read::object(value, &mut inside)?.map(|()| Any::Map(inside.0)).or("kvlistValue")
            }
            "bytesValue" | "bytes_value" => read::leaf(value)?.map(|Bytes(bytes)| Any::Bytes(bytes)).or("bytesValue"),
            _ => return read::skip(value),
        };
        if let Some(found) = found {
            *self = found;
        }
        Ok(())
    }
}

impl<T> Found<T> {
    fn map<U>(self, map: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Found::Good(value) => Found::Good(map(value)),
            Found::Null => Found::Null,
            Found::Wrong => Found::Wrong,
        }
    }
}

impl<'de> Found<Any<'de>> {
    fn or(self, field: &'static str) -> Option<Any<'de>> {
        match self {
            Found::Good(any) => Some(any),
            Found::Null => None,
            Found::Wrong => Some(Any::Wrong(field)),
        }
    }
}

/// An ArrayValue or a KeyValueList: an object with one array.
struct Inside<T>(Vec<T>);

impl<'de, T: InsideValue<'de>> Object<'de> for Inside<T> {
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error> {
        if key != "values" {
            return read::skip(value);
        }
        if let Found::Wrong = read::array(value, self)? {
            self.0.push(T::wrong());
        }
        Ok(())
    }
}

impl<'de, T: InsideValue<'de>> Array<'de> for Inside<T> {
    fn element<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        let mut inside = T::default();
        if let Found::Wrong = read::object(element, &mut inside)? {
            inside = T::wrong();
        }
        self.0.push(inside);
        Ok(())
    }
}

trait InsideValue<'de>: Object<'de> + Default {
    fn wrong() -> Self;
}

impl<'de> InsideValue<'de> for Any<'de> {
    fn wrong() -> Any<'de> {
        Any::Wrong("values")
    }
}

impl<'de> InsideValue<'de> for KeyValue<'de> {
    fn wrong() -> KeyValue<'de> {
        KeyValue { value: Any::Wrong("values"), ..KeyValue::default() }
    }
}
