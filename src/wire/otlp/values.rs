//! Reads AnyValue and KeyValue.

use super::super::WireError;
use super::super::protobuf::{Fields, Malformed};
use super::messages::Messages;
use crate::budget::Meter;
use crate::columns::{Attributes, DictionaryBuilder, Raw, Word};
use crate::model::{NestedError, NestedWriter, Value};

/// An AnyValue, one level deep.
#[derive(Clone, Copy)]
enum Any<'a> {
    Flat(Raw<'a>),
    Array(&'a [u8]),
    Map(&'a [u8]),
}

/// Writes attribute lists and single values; reuses its memory.
pub(super) struct Values<'a> {
    nested: NestedWriter,
    pub meter: &'a Meter,
    /// The attributes and the entities of the current resource or scope.
    pub attributes: Messages<'a>,
    pub entities: Messages<'a>,
}

/// This many attributes are written before the meter is asked.
const UNASKED: usize = 256;
/// A nested value of up to this many bytes is written without asking the meter.
const SMALL: usize = 16 << 10;
/// A nested value takes at most this many times its encoded size.
const NESTED: usize = 5;

impl<'a> Values<'a> {
    pub fn new(meter: &'a Meter) -> Values<'a> {
        let (attributes, entities) = Default::default();
        Values { nested: NestedWriter::default(), meter, attributes, entities }
    }

    /// Writes [`Values::attributes`].
    pub fn write_attributes(&mut self, dictionary: &mut DictionaryBuilder) -> Result<Attributes, WireError> {
        let attributes = std::mem::take(&mut self.attributes);
        let list = self.list(dictionary, Attributes::default(), &attributes);
        self.attributes = attributes;
        list
    }

    /// Writes a list of KeyValue messages. `like` is a list that probably has the same keys.
    pub fn list(
        &mut self,
        dictionary: &mut DictionaryBuilder,
        like: Attributes,
        messages: &Messages<'_>,
    ) -> Result<Attributes, WireError> {
        let mut list = dictionary.begin_list(like);
        for (count, message) in messages.iter().enumerate() {
            if count % UNASKED == UNASKED - 1 {
                self.meter.look_at_dictionary(dictionary.written())?;
            }
            if let Some((key, raw)) = plain(message) {
                dictionary.add(&mut list, key, raw);
                continue;
            }
            let (key, value) = key_value(message)?;
            match any(value)? {
                Any::Flat(raw) => dictionary.add(&mut list, key, raw),
                nested => {
                    self.nest(nested)?;
                    dictionary.add(&mut list, key, Raw::Nested(self.nested.bytes()));
                }
            }
        }
        Ok(dictionary.end_list(list))
    }

    /// Writes an AnyValue message.
    pub fn word(&mut self, dictionary: &mut DictionaryBuilder, message: &[u8]) -> Result<Word, WireError> {
        match any(message)? {
            Any::Flat(raw) => Ok(dictionary.make_word(raw)),
            nested => {
                self.nest(nested)?;
                Ok(dictionary.make_word(Raw::Nested(self.nested.bytes())))
            }
        }
    }

    /// Writes [`Values::entities`] (EntityRef messages) as an array of maps.
    pub fn write_entities(&mut self, dictionary: &mut DictionaryBuilder) -> Result<Word, WireError> {
        if self.entities.len() == 0 {
            return Ok(Word::EMPTY);
        }
        self.nested.clear();
        self.nested.begin_array()?;
        for message in self.entities.iter() {
            self.nested.begin_map()?;
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                let key = match number {
                    1 => "schemaUrl",
                    2 => "type",
                    3 => "idKeys",
                    4 => "descriptionKeys",
                    _ => continue,
                };
                self.nested.key(key);
                self.nested.value(Value::Text(&String::from_utf8_lossy(field.bytes(number)?)));
            }
            self.nested.end();
        }
        self.nested.end();
        Ok(dictionary.make_word(Raw::Nested(self.nested.bytes())))
    }

    fn nest(&mut self, any: Any<'_>) -> Result<(), WireError> {
        self.nested.clear();
        if let Any::Array(message) | Any::Map(message) = any
            && message.len() > SMALL
        {
            let before = self.meter.scratched();
            self.meter.scratch(message.len() * NESTED)?;
            self.meter.release(before);
        }
        write_nested(&mut self.nested, any)
    }
}

/// Recursion is bounded: the writer refuses to open more than `MAX_NESTING` levels.
fn write_nested(writer: &mut NestedWriter, value: Any<'_>) -> Result<(), WireError> {
    match value {
        Any::Flat(raw) => writer.value(match raw {
            Raw::Empty => Value::Empty,
            Raw::Text(bytes) => {
                writer.value(Value::Text(&String::from_utf8_lossy(bytes)));
                return Ok(());
            }
            Raw::Bool(value) => Value::Bool(value),
            Raw::Int(value) => Value::Int(value),
            Raw::Double(value) => Value::Double(value),
            Raw::Bytes(bytes) => Value::Bytes(bytes),
            Raw::Nested(_) => return Err(NestedError::TooDeep.into()),
        }),
        Any::Array(message) => {
            writer.begin_array()?;
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                if number == 1 {
                    write_nested(writer, any(field.bytes(number)?)?)?;
                }
            }
            writer.end();
        }
        Any::Map(message) => {
            writer.begin_map()?;
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                if number == 1 {
                    let (key, value) = key_value(field.bytes(number)?)?;
                    writer.key(&String::from_utf8_lossy(key));
                    write_nested(writer, any(value)?)?;
                }
            }
            writer.end();
        }
    }
    Ok(())
}

/// Key and value of a KeyValue message in the most common form: the key first, then a text or a small number, each shorter
/// than 128 bytes, so that every length is one byte.
#[inline(always)]
fn plain(message: &[u8]) -> Option<(&[u8], Raw<'_>)> {
    let [0x0a, length @ 0..0x80, rest @ ..] = message else { return None };
    let (key, value) = rest.split_at_checked(usize::from(*length))?;
    let value = match value {
        [0x12, outer @ 0..0x80, 0x0a, inner, text @ ..]
            if text.len() == usize::from(*inner) && text.len() + 2 == usize::from(*outer) =>
        {
            Raw::Text(text)
        }
        [0x12, 2, 0x18, value @ 0..0x80] => Raw::Int(i64::from(*value)),
        [0x12, 3, 0x18, low @ 0x80..=0xff, high @ 0..0x80] => Raw::Int(i64::from(low & 0x7f) | i64::from(*high) << 7),
        _ => return None,
    };
    Some((key, value))
}

/// Key and value of a KeyValue message; either may be missing.
#[inline]
fn key_value(message: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (mut key, mut value) = (&[][..], &[][..]);
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => key = field.bytes(number)?,
            2 => value = field.bytes(number)?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// The last member of the oneof wins; `string_value_strindex` outside of profiles reads as empty.
#[inline]
fn any(message: &[u8]) -> Result<Any<'_>, Malformed> {
    let mut value = Any::Flat(Raw::Empty);
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        value = match number {
            1 => Any::Flat(Raw::Text(field.bytes(number)?)),
            2 => Any::Flat(Raw::Bool(field.varint(number)? != 0)),
            3 => Any::Flat(Raw::Int(field.varint(number)? as i64)),
            4 => Any::Flat(Raw::Double(field.double(number)?)),
            5 => Any::Array(field.bytes(number)?),
            6 => Any::Map(field.bytes(number)?),
            7 => Any::Flat(Raw::Bytes(field.bytes(number)?)),
            _ => continue,
        };
    }
    Ok(value)
}
