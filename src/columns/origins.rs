//! The origin of a row: its resource and its instrumentation scope.

use super::attributes::Attributes;
use super::dictionary::{Dictionary, DictionaryBuilder};
use super::hashing::Ids;
use super::texts::TextId;
use super::words::Word;

/// A (resource, scope) pair of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct OriginId(pub u32);

/// A resource of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ResourceId(pub u32);

/// A scope of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ScopeId(pub u32);

/// A resource and a scope; rows refer to the pair.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    /// The resource.
    pub resource: ResourceId,
    /// The scope.
    pub scope: ScopeId,
}

/// The entity that emitted telemetry.
#[derive(Clone, Copy, Default, Debug)]
pub struct Resource {
    /// Its attributes.
    pub attributes: Attributes,
    /// The value of `service.name`, stored apart because it is used everywhere; empty if missing.
    pub service: TextId,
    /// The schema URL of the attributes; empty if not given.
    pub schema_url: TextId,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// The entity references as a nested value, [`Word::EMPTY`] if missing.
    pub entities: Word,
}

/// The instrumentation scope of the telemetry.
#[derive(Clone, Copy, Default, Debug)]
pub struct Scope {
    /// Its name.
    pub name: TextId,
    /// Its version; empty if not given.
    pub version: TextId,
    /// Its attributes.
    pub attributes: Attributes,
    /// The schema URL of its items; empty if not given.
    pub schema_url: TextId,
    /// Attributes that the sender dropped.
    pub dropped: u32,
}

impl Dictionary {
    /// The resource of an origin.
    pub fn resource(&self, origin: OriginId) -> Resource {
        let origin = self.origins.get(origin.0 as usize).copied().unwrap_or_default();
        self.resources.get(origin.resource.0 as usize).copied().unwrap_or_default()
    }

    /// The scope of an origin.
    pub fn scope(&self, origin: OriginId) -> Scope {
        let origin = self.origins.get(origin.0 as usize).copied().unwrap_or_default();
        self.scopes.get(origin.scope.0 as usize).copied().unwrap_or_default()
    }
}

/// Tables from content to id; equal resources and scopes get one id.
#[derive(Debug, Default)]
pub(super) struct OriginTables {
    resources: Ids,
    scopes: Ids,
    origins: hashbrown::HashMap<Origin, OriginId, foldhash::fast::RandomState>,
}

impl DictionaryBuilder {
    /// The id of a resource; finds its `service` in the attributes. If an equal resource exists, the attributes are removed
    /// again, provided that nothing was written after them.
    pub fn resource(&mut self, mut resource: Resource) -> ResourceId {
        let hash = self.list_hash(resource.attributes, &[resource.schema_url.0, resource.dropped]);
        let same = |other: &Resource| {
            other.schema_url == resource.schema_url
                && other.dropped == resource.dropped
                && self.same_word(other.entities, resource.entities)
                && self.same_list(other.attributes, resource.attributes)
        };
        if let Some(id) = self.origin_tables.resources.find(hash, &self.resources, same) {
            self.forget_list(resource.attributes);
            return ResourceId(id);
        }
        resource.service = self.service_name(resource.attributes);
        ResourceId(self.origin_tables.resources.add(hash, &mut self.resources, resource))
    }

    /// The id of a scope; treats its attributes like [`DictionaryBuilder::resource`].
    pub fn scope(&mut self, scope: Scope) -> ScopeId {
        let fields = [scope.name.0, scope.version.0, scope.schema_url.0, scope.dropped];
        let hash = self.list_hash(scope.attributes, &fields);
        let same = |other: &Scope| {
            [other.name.0, other.version.0, other.schema_url.0, other.dropped] == fields
                && self.same_list(other.attributes, scope.attributes)
        };
        if let Some(id) = self.origin_tables.scopes.find(hash, &self.scopes, same) {
            self.forget_list(scope.attributes);
            return ScopeId(id);
        }
        ScopeId(self.origin_tables.scopes.add(hash, &mut self.scopes, scope))
    }

    /// The id of a pair.
    pub fn origin(&mut self, resource: ResourceId, scope: ScopeId) -> OriginId {
        let origin = Origin { resource, scope };
        *self.origin_tables.origins.entry(origin).or_insert_with(|| {
            self.origins.push(origin);
            OriginId(self.origins.len() as u32 - 1)
        })
    }

    fn service_name(&self, attributes: Attributes) -> TextId {
        let keys = self.shapes.shapes.keys(attributes.shape);
        let position = keys.iter().rposition(|key| self.texts.texts().get(*key) == "service.name");
        position.and_then(|at| self.words[attributes.start as usize + at].text()).unwrap_or_default()
    }
}

/// Replaces group numbers by origins, in a column that was written with group numbers because the origins were not known yet.
pub(super) fn regroup(column: &mut [OriginId], origins: &[OriginId]) {
    if origins.iter().enumerate().any(|(group, origin)| group != origin.0 as usize) {
        let known = |group: OriginId| origins.get(group.0 as usize).copied().unwrap_or_default();
        column.iter_mut().for_each(|origin| *origin = known(*origin));
    }
}
