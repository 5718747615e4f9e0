//! The origin of points: the target is the resource, `target_info` adds attributes to it, `otel_scope_…` labels define
//! scopes.

use super::Target;
use super::line::Label;
use crate::columns::{Attributes, DictionaryBuilder, OriginId, Raw, Resource, Scope};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Names and values; each name occurs once.
pub(super) type Pairs = Vec<(String, String)>;

/// A scope, as its labels describe it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct ScopeText {
    name: String,
    version: String,
    schema_url: String,
    attributes: Pairs,
}

impl Default for ScopeText {
    /// The scope of points without scope labels. It names the program that converted them, as the specification demands.
    fn default() -> ScopeText {
        ScopeText {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_url: String::new(),
            attributes: Pairs::new(),
        }
    }
}

/// The scopes of one scrape, by number; number zero is for points that name none.
#[derive(Debug)]
pub(super) struct Scopes {
    scopes: Vec<ScopeText>,
    /// The labels that define each scope, by the sum of their hashes: their order does not matter.
    known: HashMap<u64, Vec<(Pairs, u32)>, RandomState>,
    /// Scope attributes, by the scope's name and version.
    info: HashMap<(String, String), Pairs, RandomState>,
}

const PREFIX: &str = "otel_scope_";

impl Default for Scopes {
    fn default() -> Scopes {
        Scopes { scopes: vec![ScopeText::default()], known: HashMap::default(), info: HashMap::default() }
    }
}

impl Scopes {
    /// Removes the scope labels from a line's labels and returns the number of their scope.
    pub fn take(&mut self, labels: &mut Vec<Label<'_>>, hasher: &RandomState) -> u32 {
        let names_scope = |(name, _): &Label<'_>| name.starts_with(PREFIX);
        if !labels.iter().any(names_scope) {
            return 0;
        }
        let own = labels.iter().filter(|label| names_scope(label));
        let hash = own.fold(0, |sum: u64, label| sum.wrapping_add(hasher.hash_one(label)));
        let candidates = self.known.entry(hash).or_default();
        let found = candidates.iter().find(|(pairs, _)| {
            let has = |(name, value): &Label<'_>| pairs.iter().any(|(a, b)| a == name && b == value);
            labels.iter().filter(|label| names_scope(label)).count() == pairs.len()
                && labels.iter().filter(|label| names_scope(label)).all(has)
        });
        let scope = found.map(|(_, scope)| *scope).unwrap_or_else(|| {
            let own = labels.iter().filter(|label| names_scope(label));
            let pairs = own.map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())).collect();
            self.scopes.push(ScopeText::read(labels));
            let scope = self.scopes.len() as u32 - 1;
            candidates.push((pairs, scope));
            scope
        });
        labels.retain(|label| !names_scope(label));
        scope
    }

    /// Reads the labels of an `otel_scope_info` line; false if there are too many.
    pub fn inform(&mut self, labels: &[Label<'_>]) -> bool {
        let mut scope = ScopeText::read(labels);
        let known = self.info.entry((scope.name, scope.version)).or_default();
        // Only in this line may attributes lack the prefix.
        let plain = labels.iter().filter(|(name, _)| !name.starts_with(PREFIX));
        scope.attributes.extend(plain.map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())));
        scope.attributes.iter().all(|(name, value)| add(known, name, value))
    }

    /// All scopes with their attributes, by number.
    pub fn finish(self) -> Vec<Arc<ScopeText>> {
        let informed = |mut scope: ScopeText| {
            if !self.info.is_empty()
                && let Some(info) = self.info.get(&(scope.name.clone(), scope.version.clone()))
            {
                info.iter().all(|(name, value)| add(&mut scope.attributes, name, value));
            }
            Arc::new(scope)
        };
        self.scopes.into_iter().map(informed).collect()
    }
}

impl ScopeText {
    fn read(labels: &[Label<'_>]) -> ScopeText {
        let mut scope = ScopeText {
            name: String::new(),
            version: String::new(),
            schema_url: String::new(),
            attributes: Pairs::new(),
        };
        for (name, value) in labels {
            match name.strip_prefix(PREFIX) {
                Some("name") => value.as_ref().clone_into(&mut scope.name),
                Some("version") => value.as_ref().clone_into(&mut scope.version),
                Some("schema_url") => value.as_ref().clone_into(&mut scope.schema_url),
                Some(attribute) => scope.attributes.push((attribute.to_owned(), value.as_ref().to_owned())),
                None => {}
            }
        }
        scope
    }
}

/// Adds a pair unless the name exists. False if there are too many pairs to search them quickly.
pub(super) fn add(pairs: &mut Pairs, name: &str, value: &str) -> bool {
    const MOST: usize = 1_000;
    let new = !pairs.iter().any(|(other, _)| other == name);
    if new && pairs.len() < MOST {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    !new || pairs.len() < MOST
}

/// Writes resource and scope. The attributes of `target_info` take precedence over the target's own.
pub(super) fn write_origin(
    dictionary: &mut DictionaryBuilder,
    target: &Target,
    info: &[(String, String)],
    scope: &ScopeText,
) -> OriginId {
    let mut list = dictionary.begin_list(Attributes::default());
    let said = |name: &str| info.iter().any(|(other, _)| other == name);
    target.attributes(|name, value| {
        if !said(name) {
            dictionary.add(&mut list, name.as_bytes(), value);
        }
    });
    for (name, value) in info {
        dictionary.add(&mut list, name.as_bytes(), Raw::Text(value.as_bytes()));
    }
    let attributes = dictionary.end_list(list);
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let mut list = dictionary.begin_list(Attributes::default());
    for (name, value) in &scope.attributes {
        dictionary.add(&mut list, name.as_bytes(), Raw::Text(value.as_bytes()));
    }
    let attributes = dictionary.end_list(list);
    let [name, version, schema_url] =
        [&scope.name, &scope.version, &scope.schema_url].map(|text| dictionary.text(text.as_bytes()));
    let scope = dictionary.scope(Scope { name, version, schema_url, attributes, dropped: 0 });
    dictionary.origin(resource, scope)
}
