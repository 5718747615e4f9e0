//! Resource and InstrumentationScope.

use super::super::WireError;
use super::super::protobuf::Fields;
use super::values::Values;
use crate::columns::{Attributes, DictionaryBuilder, Resource, ResourceId, Scope, ScopeId};

/// What the outer fields of ResourceSpans/Metrics/Logs and ScopeSpans/Metrics/Logs say: both have the described thing as
/// field 1 (its parts merged where it comes more than once), children as field 2, the schema as field 3.
pub(super) struct Group<'a> {
    described: Vec<&'a [u8]>,
    schema_url: &'a [u8],
    message: &'a [u8],
}

impl<'a> Group<'a> {
    pub fn new(message: &'a [u8]) -> Result<Group<'a>, WireError> {
        let mut group = Group { described: Vec::new(), schema_url: &[], message };
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => group.described.push(field.bytes(number)?),
                3 => group.schema_url = field.bytes(number)?,
                _ => {}
            }
        }
        Ok(group)
    }

    /// Each child message, in order.
    pub fn each_child(&self, mut each: impl FnMut(&'a [u8]) -> Result<(), WireError>) -> Result<(), WireError> {
        let mut fields = Fields::new(self.message);
        while let Some((number, field)) = fields.next()? {
            if number == 2 {
                each(field.bytes(number)?)?;
            }
        }
        Ok(())
    }

    pub fn resource(&self, dictionary: &mut DictionaryBuilder, values: &mut Values) -> Result<ResourceId, WireError> {
        let mut resource = Resource { schema_url: dictionary.text(self.schema_url), ..Resource::default() };
        let (mut attributes, mut entities) = (Vec::new(), Vec::new());
        for message in &self.described {
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                match number {
                    1 => attributes.push(field.bytes(number)?),
                    2 => resource.dropped = field.uint32(number)?,
                    3 => entities.push(field.bytes(number)?),
                    _ => {}
                }
            }
        }
        resource.entities = values.entities(dictionary, &entities)?;
        resource.attributes = values.list(dictionary, Attributes::default(), attributes)?;
        Ok(dictionary.resource(resource))
    }

    pub fn scope(&self, dictionary: &mut DictionaryBuilder, values: &mut Values) -> Result<ScopeId, WireError> {
        let mut scope = Scope { schema_url: dictionary.text(self.schema_url), ..Scope::default() };
        let mut attributes = Vec::new();
        for message in &self.described {
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                match number {
                    1 => scope.name = dictionary.text(field.bytes(number)?),
                    2 => scope.version = dictionary.text(field.bytes(number)?),
                    3 => attributes.push(field.bytes(number)?),
                    4 => scope.dropped = field.uint32(number)?,
                    _ => {}
                }
            }
        }
        scope.attributes = values.list(dictionary, Attributes::default(), attributes)?;
        Ok(dictionary.scope(scope))
    }
}
