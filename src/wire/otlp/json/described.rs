//! Reads Resource and InstrumentationScope.

use super::read::{self, Array, Object, Problem};
use super::text::{Json, Syntax};
use super::values::{Values, text};
use crate::columns::{Attributes, DictionaryBuilder, Raw, Resource, Scope, Word};
use crate::model::{NestedWriter, Value};

/// A Resource or an InstrumentationScope being read.
pub(super) struct Described<'r, T> {
    pub dictionary: &'r mut DictionaryBuilder,
    pub values: &'r mut Values,
    pub problem: &'r mut Problem,
    pub into: &'r mut T,
}

impl<T> Described<'_, T> {
    fn attributes(&mut self, json: &mut Json<'_>) -> Result<Attributes, Syntax> {
        let list = self.values.list(json, self.dictionary, Attributes::default(), 0, "attributes")?;
        if let Err(error) = self.values.problem.take() {
            self.problem.note(error);
        }
        Ok(list)
    }
}

impl<'a> Object<'a> for Described<'_, Resource> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "attributes" => self.into.attributes = self.attributes(json)?,
            "droppedAttributesCount" | "dropped_attributes_count" => {
                self.into.dropped = read::leaf(json)?.or_default(self.problem, "droppedAttributesCount");
            }
            "entityRefs" | "entity_refs" => {
                let writer = &mut self.values.nested;
                writer.clear();
                // An array within an array: the writer always accepts it.
                _ = writer.begin_array();
                let mut entities = Entities { writer, count: 0, problem: self.problem };
                let found = read::array(json, &mut entities)?;
                let count = entities.count;
                found.or_default(self.problem, "entityRefs");
                let writer = &mut self.values.nested;
                writer.end();
                self.into.entities = match count {
                    0 => Word::EMPTY,
                    _ => self.dictionary.make_word(Raw::Nested(writer.bytes())),
                };
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

impl<'a> Object<'a> for Described<'_, Scope> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "name" => self.into.name = text(json, self.dictionary, self.problem, "name")?,
            "version" => self.into.version = text(json, self.dictionary, self.problem, "version")?,
            "attributes" => self.into.attributes = self.attributes(json)?,
            "droppedAttributesCount" | "dropped_attributes_count" => {
                self.into.dropped = read::leaf(json)?.or_default(self.problem, "droppedAttributesCount");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// Writes EntityRefs as an array of maps.
struct Entities<'r> {
    writer: &'r mut NestedWriter,
    count: usize,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Entities<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        self.count += 1;
        _ = self.writer.begin_map();
        let found = read::object(json, self)?;
        self.writer.end();
        found.or_default(self.problem, "entityRefs");
        Ok(())
    }
}

impl<'a> Object<'a> for Entities<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let key = match key {
            "schemaUrl" | "schema_url" => "schemaUrl",
            "type" => "type",
            "idKeys" | "id_keys" => "idKeys",
            "descriptionKeys" | "description_keys" => "descriptionKeys",
            _ => return json.skip(),
        };
        let mut text = EntityText { writer: self.writer, key, problem: self.problem };
        match key {
            "idKeys" | "descriptionKeys" => {
                let found = read::array(json, &mut text)?;
                found.or_default(self.problem, key);
                Ok(())
            }
            _ => text.element(json),
        }
    }
}

struct EntityText<'r> {
    writer: &'r mut NestedWriter,
    key: &'static str,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for EntityText<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if let Some(text) = read::text(json)?.or_note(self.problem, self.key) {
            self.writer.key(self.key);
            self.writer.value(Value::Text(&text));
        }
        Ok(())
    }
}
