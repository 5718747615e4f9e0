//! Where a row comes from: its resource and its instrumentation scope.

use super::attributes::{Attributes, Word};
use super::dictionary::{Dictionary, DictionaryBuilder};
use super::texts::{TextId, spread};
use hashbrown::HashTable;

/// A (resource, scope) pair of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct OriginId(pub u32);

/// A resource of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ResourceId(pub u32);

/// A scope of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ScopeId(pub u32);

/// The pair that rows point at.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    /// What emitted.
    pub resource: ResourceId,
    /// What instrumented it.
    pub scope: ScopeId,
}

/// The entity that emitted telemetry.
#[derive(Clone, Copy, Default, Debug)]
pub struct Resource {
    /// Its attributes.
    pub attributes: Attributes,
    /// The value of `service.name`, kept apart because everything asks for it; empty where there is none.
    pub service: TextId,
    /// The schema of the attributes, empty where not said.
    pub schema_url: TextId,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// The entity references as a nested value, [`Word::EMPTY`] where there is none.
    pub entities: Word,
}

/// What instrumented it.
#[derive(Clone, Copy, Default, Debug)]
pub struct Scope {
    /// Its name.
    pub name: TextId,
    /// Its version, empty where not said.
    pub version: TextId,
    /// Its attributes.
    pub attributes: Attributes,
    /// The schema of the items in it, empty where not said.
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
    resources: HashTable<(u32, u32)>,
    scopes: HashTable<(u32, u32)>,
    origins: hashbrown::HashMap<Origin, OriginId, foldhash::fast::RandomState>,
}

impl DictionaryBuilder {
    /// The id of a resource; its `service` is found here. Where an equal one is there already, the attributes are taken
    /// back, if they were the last thing written.
    pub fn resource(&mut self, mut resource: Resource) -> ResourceId {
        let hash = self.list_hash(resource.attributes, &[resource.schema_url.0, resource.dropped]);
        let same = |(_, id): &(u32, u32)| {
            let other = self.resources[*id as usize];
            other.schema_url == resource.schema_url
                && other.dropped == resource.dropped
                && self.same_word(other.entities, resource.entities)
                && self.same_list(other.attributes, resource.attributes)
        };
        if let Some((_, id)) = self.origin_tables.resources.find(spread(hash), same) {
            let id = ResourceId(*id);
            self.forget_list(resource.attributes);
            return id;
        }
        resource.service = self.service_name(resource.attributes);
        let id = self.resources.len() as u32;
        self.resources.push(resource);
        self.origin_tables.resources.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        ResourceId(id)
    }

    /// The id of a scope; its attributes as with [`DictionaryBuilder::resource`].
    pub fn scope(&mut self, scope: Scope) -> ScopeId {
        let fields = [scope.name.0, scope.version.0, scope.schema_url.0, scope.dropped];
        let hash = self.list_hash(scope.attributes, &fields);
        let same = |(_, id): &(u32, u32)| {
            let other = self.scopes[*id as usize];
            [other.name.0, other.version.0, other.schema_url.0, other.dropped] == fields
                && self.same_list(other.attributes, scope.attributes)
        };
        if let Some((_, id)) = self.origin_tables.scopes.find(spread(hash), same) {
            let id = ScopeId(*id);
            self.forget_list(scope.attributes);
            return id;
        }
        let id = self.scopes.len() as u32;
        self.scopes.push(scope);
        self.origin_tables.scopes.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        ScopeId(id)
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
