//! The origin of a record's span: its resource.

use super::BadSpan;
use crate::columns::{Attributes, DictionaryBuilder, OriginId, Resource, Scope};
use crate::model::NestedError;
use crate::wire::json::{JsonValue, Room};
use crate::wire::json_values::{Inner, Values};
use hashbrown::{Equivalent, HashMap};

/// How many origins are remembered by their JSON text.
const REMEMBERED: usize = 256;

/// The origins of the batch being written. A stream repeats the same few as JSON text in each record; each text is parsed
/// once.
#[derive(Default)]
pub(super) struct Origins(HashMap<Known, OriginId>);

/// The fields of a record that make up its resource.
#[derive(Clone, Copy)]
pub(super) struct ResourceFields<'j> {
    pub service: Option<JsonValue<'j>>,
    pub version: Option<JsonValue<'j>>,
    /// Resource attributes: an object, or JSON text of one.
    pub resource: Option<JsonValue<'j>>,
}

impl Origins {
    /// The origin of a record; `None` if its resource attributes are neither an object nor the text of one.
    pub fn of(
        &mut self,
        fields: ResourceFields<'_>,
        dictionary: &mut DictionaryBuilder,
        values: &mut Values,
        room: &mut Room,
    ) -> Result<Option<OriginId>, BadSpan> {
        let key = fields.key();
        if let Some(origin) = key.and_then(|key| self.0.get(&key)) {
            return Ok(Some(*origin));
        }
        let Some(inner) = fields.resource.map_or(Some(None), |value| Inner::object(value, room).map(Some)) else {
            return Ok(None);
        };
        let mark = dictionary.mark();
        let Ok(attributes) = write(fields, inner.as_ref().map(Inner::value), dictionary, values) else {
            dictionary.rollback(mark);
            return Err(BadSpan::TooDeep);
        };
        let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
        let scope = dictionary.scope(Scope::default());
        let origin = dictionary.origin(resource, scope);
        if let Some(key) = key {
            if self.0.len() == REMEMBERED {
                self.0.clear();
            }
            self.0.insert(key.owned(), origin);
        }
        Ok(Some(origin))
    }
}

fn write(
    fields: ResourceFields<'_>,
    resource: Option<JsonValue<'_>>,
    dictionary: &mut DictionaryBuilder,
    values: &mut Values,
) -> Result<Attributes, NestedError> {
    let entries = || resource.into_iter().flat_map(JsonValue::entries);
    let mut list = dictionary.begin_list(Attributes::default());
    for entry in entries() {
        values.add(dictionary, &mut list, entry.key(), entry.value())?;
    }
    // These come last, so that a lookup finds them if the two differ.
    for (key, value) in [("service.version", fields.version), ("service.name", fields.service)] {
        if let Some(value) = value
            && !entries().any(|entry| (entry.key(), entry.value()) == (key, value))
        {
            values.add(dictionary, &mut list, key, value)?;
        }
    }
    Ok(dictionary.end_list(list))
}

impl<'j> ResourceFields<'j> {
    /// The key for remembering them; `None` if a field is not text.
    fn key(self) -> Option<Key<'j>> {
        let text = |value: Option<JsonValue<'j>>| value.map_or(Some(None), |value| value.text().map(Some));
        Some(Key([text(self.service)?, text(self.version)?, text(self.resource)?]))
    }
}

#[derive(Clone, Copy, Hash)]
struct Key<'j>([Option<&'j str>; 3]);

#[derive(PartialEq, Eq, Hash)]
struct Known([Option<String>; 3]);

impl Key<'_> {
    fn owned(self) -> Known {
        Known(self.0.map(|text| text.map(str::to_owned)))
    }
}

impl Equivalent<Known> for Key<'_> {
    fn equivalent(&self, known: &Known) -> bool {
        self.0.iter().zip(&known.0).all(|(a, b)| *a == b.as_deref())
    }
}
