//! A request's frame: resources, in them scopes, in them items.

use super::super::protobuf::Fields;
use super::super::{Rejected, WireError};
use super::values::Values;
use crate::columns::{Attributes, DictionaryBuilder, OriginId, Resource, ResourceId, Scope, ScopeId};

/// What the items of a request are written into.
pub(super) trait Items<'a> {
    fn dictionary(&mut self) -> (&mut DictionaryBuilder, &mut Values);

    /// Takes what a scope has: a span, a log record, or a metric with its points.
    fn item(&mut self, message: &'a [u8], origin: OriginId, rejected: &mut Rejected);

    /// How many items that is.
    fn count(_message: &[u8]) -> u64 {
        1
    }
}

/// Hands each item of a request to `items`. A resource or scope that is no good costs the items in it; what is broken
/// around them is an error.
pub(super) fn walk<'a, I: Items<'a>>(body: &'a [u8], items: &mut I) -> Result<Rejected, WireError> {
    let mut rejected = Rejected::default();
    let mut fields = Fields::new(body);
    while let Some((number, field)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let group = Group::new(field.bytes(number)?)?;
        let resource = group.describe(items, Group::resource);
        group.each_child(|message| {
            let group = Group::new(message)?;
            let described = match &resource {
                Ok(resource) => group.describe(items, Group::scope).map(|scope| (*resource, scope)),
                Err(error) => Err(error.clone()),
            };
            match described {
                Ok((resource, scope)) => {
                    let origin = items.dictionary().0.origin(resource, scope);
                    group.each_child(|message| {
                        items.item(message, origin, &mut rejected);
                        Ok(())
                    })
                }
                Err(error) => group.each_child(|message| {
                    rejected.some(I::count(message), &error);
                    Ok(())
                }),
            }
        })?;
    }
    Ok(rejected)
}

/// What the outer fields of ResourceSpans/Metrics/Logs and ScopeSpans/Metrics/Logs say: both have the described thing as
/// field 1 (its parts merged where it comes more than once), children as field 2, the schema as field 3.
struct Group<'a> {
    described: Vec<&'a [u8]>,
    schema_url: &'a [u8],
    message: &'a [u8],
}

impl<'a> Group<'a> {
    fn new(message: &'a [u8]) -> Result<Group<'a>, WireError> {
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
    fn each_child(&self, mut each: impl FnMut(&'a [u8]) -> Result<(), WireError>) -> Result<(), WireError> {
        let mut fields = Fields::new(self.message);
        while let Some((number, field)) = fields.next()? {
            if number == 2 {
                each(field.bytes(number)?)?;
            }
        }
        Ok(())
    }

    /// Writes down what the group is of; nothing of it where that fails.
    fn describe<T>(
        &self,
        items: &mut impl Items<'a>,
        describe: impl FnOnce(&Group<'a>, &mut DictionaryBuilder, &mut Values) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let (dictionary, values) = items.dictionary();
        let mark = dictionary.mark();
        describe(self, dictionary, values).inspect_err(|_| dictionary.rollback(mark))
    }

    fn resource(&self, dictionary: &mut DictionaryBuilder, values: &mut Values) -> Result<ResourceId, WireError> {
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

    fn scope(&self, dictionary: &mut DictionaryBuilder, values: &mut Values) -> Result<ScopeId, WireError> {
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
