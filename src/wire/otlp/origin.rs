//! The structure of a request: resource groups contain scope groups, which contain items.

use super::super::protobuf::Fields;
use super::super::{Rejected, WireError};
use super::values::Values;
use crate::columns::{DictionaryBuilder, OriginId, Resource, ResourceId, Scope, ScopeId};

/// The batch that receives a request's items.
pub(super) trait Items<'a> {
    fn dictionary(&mut self) -> (&mut DictionaryBuilder, &mut Values<'a>);

    /// Reads one child of a scope: a span, a log record, or a metric with its points.
    fn item(&mut self, message: &'a [u8], origin: OriginId, rejected: &mut Rejected);

    /// Reads this many empty messages in a row.
    fn empty_items(&mut self, count: u64, origin: OriginId, rejected: &mut Rejected);

    /// How many items one message counts as.
    fn count(_message: &[u8]) -> u64 {
        1
    }
}

/// Passes each item of a request to `items`. A bad resource or scope costs its items; a broken structure around them is an
/// error.
pub(super) fn walk<'a, I: Items<'a>>(body: &'a [u8], items: &mut I) -> Result<Rejected, WireError> {
    let mut rejected = Rejected::default();
    let mut fields = Fields::new(body);
    while let Some((number, field)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let group = Group::new(field.bytes(number)?)?;
        if !group.has_children {
            fields.skip_empty(1);
            continue;
        }
        let resource = group.describe(items, Group::resource);
        group.each_child(|message| {
            let group = Group::new(message)?;
            if !group.has_children {
                return Ok(());
            }
            let described = match &resource {
                Ok(resource) => group.describe(items, Group::scope).map(|scope| (*resource, scope)),
                Err(error) => Err(error.clone()),
            };
            match described {
                Ok((resource, scope)) => {
                    let origin = items.dictionary().0.origin(resource, scope);
                    group.each_item(|message, count| match message {
                        [] => items.empty_items(count, origin, &mut rejected),
                        _ => items.item(message, origin, &mut rejected),
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

/// Bytes that a resource or a scope takes in the dictionary.
const DESCRIBED: usize = 64;

/// The outer fields of ResourceSpans/Metrics/Logs and ScopeSpans/Metrics/Logs. Both have the resource or scope as field 1
/// (repeated ones are merged), children as field 2, the schema URL as field 3.
struct Group<'a> {
    schema_url: &'a [u8],
    message: &'a [u8],
    /// A group without children is skipped.
    has_children: bool,
}

impl<'a> Group<'a> {
    fn new(message: &'a [u8]) -> Result<Group<'a>, WireError> {
        let mut group = Group { schema_url: &[], message, has_children: false };
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => _ = field.bytes(number)?,
                2 => {
                    group.has_children = true;
                    if field.bytes(number)?.is_empty() {
                        fields.skip_empty(2);
                    }
                }
                3 => group.schema_url = field.bytes(number)?,
                _ => {}
            }
        }
        Ok(group)
    }

    /// Calls `each` for every child message, in order.
    fn each_child(&self, each: impl FnMut(&'a [u8]) -> Result<(), WireError>) -> Result<(), WireError> {
        self.each(2, each)
    }

    /// Calls `each` for every item, in order; a run of empty items is passed once, with its length.
    fn each_item(&self, mut each: impl FnMut(&'a [u8], u64)) -> Result<(), WireError> {
        let mut fields = Fields::new(self.message);
        while let Some((number, field)) = fields.next()? {
            if number == 2 {
                let message = field.bytes(number)?;
                let more = if message.is_empty() { fields.skip_empty(2) } else { 0 };
                each(message, 1 + more);
            }
        }
        Ok(())
    }

    /// Calls `each` for every message of a field, in order.
    fn each(&self, wanted: u32, mut each: impl FnMut(&'a [u8]) -> Result<(), WireError>) -> Result<(), WireError> {
        let mut fields = Fields::new(self.message);
        while let Some((number, field)) = fields.next()? {
            if number == wanted {
                each(field.bytes(number)?)?;
            }
        }
        Ok(())
    }

    /// Writes the group's resource or scope; nothing of it remains if that fails.
    fn describe<T>(
        &self,
        items: &mut impl Items<'a>,
        describe: impl FnOnce(&Group<'a>, &mut DictionaryBuilder, &mut Values<'a>) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let (dictionary, values) = items.dictionary();
        let mark = dictionary.mark();
        let described = describe(self, dictionary, values).inspect_err(|_| dictionary.rollback(mark));
        if values.meter.wrote(DESCRIBED) {
            // If this is too much, the next item is rejected.
            _ = values.meter.look_at_dictionary(dictionary.written());
        }
        described
    }

    fn resource(&self, dictionary: &mut DictionaryBuilder, values: &mut Values<'a>) -> Result<ResourceId, WireError> {
        let mut resource = Resource { schema_url: dictionary.text(self.schema_url), ..Resource::default() };
        let meter = values.meter;
        values.attributes.clear();
        values.entities.clear();
        self.each(1, |message| {
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                match number {
                    1 => values.attributes.push(field.bytes(number)?, meter)?,
                    2 => resource.dropped = field.uint32(number)?,
                    3 => values.entities.push(field.bytes(number)?, meter)?,
                    _ => {}
                }
            }
            Ok(())
        })?;
        resource.entities = values.write_entities(dictionary)?;
        resource.attributes = values.write_attributes(dictionary)?;
        Ok(dictionary.resource(resource))
    }

    fn scope(&self, dictionary: &mut DictionaryBuilder, values: &mut Values<'a>) -> Result<ScopeId, WireError> {
        let mut scope = Scope { schema_url: dictionary.text(self.schema_url), ..Scope::default() };
        let meter = values.meter;
        values.attributes.clear();
        self.each(1, |message| {
            let mut fields = Fields::new(message);
            while let Some((number, field)) = fields.next()? {
                match number {
                    1 => scope.name = dictionary.text(field.bytes(number)?),
                    2 => scope.version = dictionary.text(field.bytes(number)?),
                    3 => values.attributes.push(field.bytes(number)?, meter)?,
                    4 => scope.dropped = field.uint32(number)?,
                    _ => {}
                }
            }
            Ok(())
        })?;
        scope.attributes = values.write_attributes(dictionary)?;
        Ok(dictionary.scope(scope))
    }
}
