//! Reads AnyValue and KeyValue.

use super::super::super::{Limits, WireError};
use super::leaf::{Bytes, Integer};
use super::read::{self, Array, Leaf, Object, Problem, ReadValue, Scalar};
use super::text::{Json, Syntax};
use crate::budget::Over;
use crate::columns::{Attributes, DictionaryBuilder, ListBuilder, Raw, TextId, Word};
use crate::model::{NestedError, NestedWriter, Value};
use std::borrow::Cow;

/// Buffers to write values with, and the first error in them.
pub(super) struct Values {
    pub nested: NestedWriter,
    /// The error of the item being read.
    pub problem: Problem,
    pub limits: Limits,
}

/// An AnyValue.
#[derive(Default)]
enum Any<'a> {
    #[default]
    Empty,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'a, str>),
    Bytes(Vec<u8>),
    Array(Vec<Any<'a>>),
    Map(Vec<KeyValue<'a>>),
    /// The wrong type for this field.
    Wrong(&'static str),
    /// An array or a map too deep to be read.
    TooDeep,
    /// An array or a map that takes too much memory.
    Over(Over),
}

struct KeyValue<'a> {
    /// `None` if it is not a string.
    key: Option<Cow<'a, str>>,
    value: Any<'a>,
}

impl Default for KeyValue<'_> {
    fn default() -> Self {
        KeyValue { key: Some(Cow::Borrowed("")), value: Any::Empty }
    }
}

/// Reads a string into a dictionary.
pub(super) fn text(
    json: &mut Json<'_>,
    dictionary: &mut DictionaryBuilder,
    problem: &mut Problem,
    field: &'static str,
) -> Result<TextId, Syntax> {
    Ok(read::text(json)?.map(|text| dictionary.text(text.as_bytes())).or_default(problem, field))
}

impl Values {
    pub fn new(limits: &Limits) -> Values {
        Values { nested: NestedWriter::default(), problem: Problem::default(), limits: *limits }
    }

    /// Reads a list of KeyValues. `like` is a list that probably has the same keys; `parts` counts what the item's batch has
    /// beside its values.
    pub fn list(
        &mut self,
        json: &mut Json<'_>,
        dictionary: &mut DictionaryBuilder,
        like: Attributes,
        parts: usize,
        field: &'static str,
    ) -> Result<Attributes, Syntax> {
        let most = self.limits.parts.saturating_sub(parts);
        let list = dictionary.begin_list(like);
        let mut reader = List { values: self, dictionary, list, most };
        let found = read::array(json, &mut reader)?;
        let list = reader.dictionary.end_list(reader.list);
        found.or_default(&mut self.problem, field);
        Ok(list)
    }

    /// Reads an AnyValue.
    pub fn word(
        &mut self,
        json: &mut Json<'_>,
        dictionary: &mut DictionaryBuilder,
        field: &'static str,
    ) -> Result<Word, Syntax> {
        let mut any = Any::default();
        let scratched = json.scratched();
        read::object(json, &mut any)?.or_default(&mut self.problem, field);
        json.release(scratched);
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
            Any::TooDeep => return Err(NestedError::TooDeep.into()),
            Any::Over(over) => return Err((*over).into()),
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
        Any::TooDeep => return Err(NestedError::TooDeep.into()),
        Any::Over(over) => return Err((*over).into()),
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

/// Bytes written for an attribute beside its text.
const WRITTEN: usize = 16;

/// A list of KeyValues being written into the dictionary.
struct List<'v> {
    values: &'v mut Values,
    dictionary: &'v mut DictionaryBuilder,
    list: ListBuilder,
    most: usize,
}

impl<'a> Array<'a> for List<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if self.dictionary.word_count() >= self.most {
            let limits = &self.values.limits;
            self.values.problem.note(WireError::TooMany(limits.parts, "attributes and other parts"));
            return json.skip();
        }
        if json.wrote(WRITTEN)
            && let Err(over) = json.look_at_dictionary(self.dictionary.written())
        {
            self.values.problem.note(over.into());
            return json.skip();
        }
        if self.usual(json).is_some() {
            return Ok(());
        }
        let mut pair = KeyValue::default();
        let scratched = json.scratched();
        read::object(json, &mut pair)?.or_default(&mut self.values.problem, "attributes");
        json.release(scratched);
        match (&pair.key, self.values.raw(&pair.value)) {
            (Some(key), Ok(raw)) => self.dictionary.add(&mut self.list, key.as_bytes(), raw),
            (None, _) => self.values.problem.note(WireError::Field("key")),
            (_, Err(error)) => self.values.problem.note(error),
        }
        Ok(())
    }
}

impl List<'_> {
    /// Reads a text or an integer if it is written exactly as in nearly every request, which saves looking up keys. Consumes
    /// nothing otherwise.
    #[inline]
    fn usual(&mut self, json: &mut Json<'_>) -> Option<()> {
        let mut ahead = *json;
        let key = ahead.eat(r#"{"key":"#).then(|| ahead.plain_string())??;
        let value = if ahead.eat(r#","value":{"stringValue":"#) {
            Raw::Text(ahead.plain_string()?.as_bytes())
        } else {
            Raw::Int(i64::from_scalar(Scalar::Text(
                ahead.eat(r#","value":{"intValue":"#).then(|| ahead.plain_string())??,
            ))?)
        };
        if !ahead.eat("}}") {
            return None;
        }
        self.dictionary.add(&mut self.list, key.as_bytes(), value);
        *json = ahead;
        Some(())
    }
}

impl<'a> Object<'a> for KeyValue<'a> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "key" => match read::text(json)? {
                ReadValue::Good(key) => self.key = Some(key),
                ReadValue::Null => {}
                ReadValue::Wrong => self.key = None,
            },
            "value" => {
                if let ReadValue::Wrong = read::object(json, &mut self.value)? {
                    self.value = Any::Wrong("value");
                }
            }
            _ => json.skip()?,
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

/// The last member of the oneof wins; a member that is `null` counts as missing.
impl<'a> Object<'a> for Any<'a> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let found = match key {
            "stringValue" | "string_value" => read::text(json)?.map(Any::Text).or("stringValue"),
            "intValue" | "int_value" => read::leaf::<Integer>(json)?.map(Any::from).or("intValue"),
            "boolValue" | "bool_value" => read::leaf(json)?.map(Any::Bool).or("boolValue"),
            "doubleValue" | "double_value" => read::leaf(json)?.map(Any::Double).or("doubleValue"),
            "arrayValue" | "array_value" | "kvlistValue" | "kvlist_value" if json.is_deep() => {
                json.skip()?;
                Some(Any::TooDeep)
            }
            "arrayValue" | "array_value" => {
                let mut inside = Inside::default();
                read::object(json, &mut inside)?.map(|()| inside.any(Any::Array)).or("arrayValue")
            }
            "kvlistValue" | "kvlist_value" => {
                let mut inside = Inside::default();
                read::object(json, &mut inside)?.map(|()| inside.any(Any::Map)).or("kvlistValue")
            }
            "bytesValue" | "bytes_value" => read::leaf(json)?.map(|Bytes(bytes)| Any::Bytes(bytes)).or("bytesValue"),
            _ => return json.skip(),
        };
        if let Some(found) = found {
            *self = found;
        }
        Ok(())
    }
}

impl<'a> ReadValue<Any<'a>> {
    fn or(self, field: &'static str) -> Option<Any<'a>> {
        match self {
            ReadValue::Good(any) => Some(any),
            ReadValue::Null => None,
            ReadValue::Wrong => Some(Any::Wrong(field)),
        }
    }
}

/// An ArrayValue or a KeyValueList: an object with one array.
struct Inside<T> {
    values: Vec<T>,
    /// There was no memory for more of them.
    over: Option<Over>,
}

impl<T> Default for Inside<T> {
    fn default() -> Inside<T> {
        Inside { values: Vec::new(), over: None }
    }
}

impl<T> Inside<T> {
    fn any<'a>(self, whole: impl FnOnce(Vec<T>) -> Any<'a>) -> Any<'a> {
        self.over.map_or_else(|| whole(self.values), Any::Over)
    }
}

impl<'a, T: InsideValue<'a>> Object<'a> for Inside<T> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        if key != "values" {
            return json.skip();
        }
        if let ReadValue::Wrong = read::array(json, self)? {
            self.values.push(T::wrong());
        }
        Ok(())
    }
}

impl<'a, T: InsideValue<'a>> Array<'a> for Inside<T> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if self.over.is_none() {
            self.over = json.room_in(&mut self.values).err();
        }
        if self.over.is_some() {
            return json.skip();
        }
        let mut inside = T::default();
        if let ReadValue::Wrong = read::object(json, &mut inside)? {
            inside = T::wrong();
        }
        self.values.push(inside);
        Ok(())
    }
}

trait InsideValue<'a>: Object<'a> + Default {
    fn wrong() -> Self;
}

impl<'a> InsideValue<'a> for Any<'a> {
    fn wrong() -> Any<'a> {
        Any::Wrong("values")
    }
}

impl<'a> InsideValue<'a> for KeyValue<'a> {
    fn wrong() -> KeyValue<'a> {
        KeyValue { value: Any::Wrong("values"), ..KeyValue::default() }
    }
}
