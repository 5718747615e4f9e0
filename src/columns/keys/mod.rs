//! Keys by content: equal keys mean equal things across batches, sources, files and runs.
//!
//! A key is the first 128 bits of BLAKE3 under a fixed key over an encoding in which different contents are different bytes:
//! every part has its length before it, and every kind of key begins with a byte of its own. So nobody can make two
//! things with one key. Attributes are sorted by their names first, so that their order means nothing; of several with one
//! name the order among them stays.

mod digest;
mod pair;
#[cfg(test)]
mod tests;

pub use pair::Ignored;

use super::attributes::Attributes;
use super::blobs::Blobs;
use super::dictionary::{Dictionary, DictionaryBuilder};
use super::origins::{Origin, OriginId, Resource, ResourceId, Scope};
use super::points::Metric;
use super::shapes::{ShapeId, Shapes};
use super::texts::Texts;
use super::words::{Word, view};
use super::{MetricId, WordView};
use crate::model::{Nested, SpanKind, Value};
use digest::{Digest, Kind};
use hashbrown::HashMap;
use std::fmt;

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The bytes of the key, for files.
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// The key with these bytes, read from a file.
            pub fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(u128::from_be_bytes(bytes))
            }

            /// Half of the key, which serves as a hash for tables.
            pub fn hash(self) -> u64 {
                self.0 as u64
            }
        }

        impl fmt::Display for $name {
            /// 32 hex digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:032x})", stringify!($name), self.0)
            }
        }
    )* };
}

key! {
    /// Identifies a resource by its attributes.
    ResourceKey
    /// Identifies a metric regardless of its origin: name, unit, type, temporality, monotonicity; not description and
    /// metadata.
    MetricKey
    /// Identifies a metric of one resource and scope; all its series share this key.
    GroupKey
    /// Identifies a series: resource, scope name and version, metric ([`MetricKey`]), point attributes.
    SeriesKey
    /// Identifies an operation: service, name, kind.
    OperationKey
    /// Identifies a pattern of log bodies: the text with its variable parts masked.
    PatternKey
    /// What a comparison pairs: service name, namespace and environment, scope name, metric name, point attributes but the
    /// [`Ignored`] ones. A deployment changes other parts of a series, and not this.
    PairKey
}

impl OperationKey {
    /// The key of an operation.
    pub fn of(service: &str, name: &str, kind: SpanKind) -> OperationKey {
        let mut digest = Digest::default();
        digest.begin(Kind::Operation).text(service).text(name).byte(kind.code());
        OperationKey(digest.finish())
    }
}

impl PatternKey {
    /// The key of a pattern.
    pub fn of(pattern: &str) -> PatternKey {
        let mut digest = Digest::default();
        digest.begin(Kind::Pattern).text(pattern);
        PatternKey(digest.finish())
    }
}

/// The contents of a dictionary, finished or not.
#[derive(Clone, Copy, Debug)]
struct Content<'a> {
    texts: &'a Texts,
    blobs: &'a Blobs,
    shapes: &'a Shapes,
    words: &'a [Word],
    wide: &'a [u64],
    resources: &'a [Resource],
    scopes: &'a [Scope],
    origins: &'a [Origin],
}

/// Computes the keys of one dictionary's entries. Shared parts are computed once, so use one of these for many keys.
#[derive(Debug)]
pub struct Keys<'a> {
    content: Content<'a>,
    digest: Digest,
    shapes: Vec<Option<Sorted>>,
    resources: Vec<Option<ResourceKey>>,
    groups: HashMap<(MetricId, OriginId), GroupKey, foldhash::fast::RandomState>,
    last: Option<((MetricId, OriginId), GroupKey)>,
}

/// The keys of a shape sorted by name, and the digest of those names.
#[derive(Clone, Debug)]
struct Sorted {
    order: Box<[u32]>,
    key: u128,
}

impl Dictionary {
    /// For the keys of this dictionary.
    pub fn keys(&self) -> Keys<'_> {
        let Dictionary { texts, blobs, shapes, words, wide, resources, scopes, origins } = self;
        Keys::of(Content { texts, blobs, shapes, words, wide, resources, scopes, origins })
    }
}

impl DictionaryBuilder {
    /// For the keys of the entries so far.
    pub fn keys(&self) -> Keys<'_> {
        let DictionaryBuilder { words, wide, resources, scopes, origins, .. } = self;
        let (texts, blobs, shapes) = (self.texts.texts(), self.blobs.blobs(), &self.shapes.shapes);
        Keys::of(Content { texts, blobs, shapes, words, wide, resources, scopes, origins })
    }
}

impl<'a> Keys<'a> {
    fn of(content: Content<'a>) -> Keys<'a> {
        let (shapes, resources) = (vec![None; content.shapes.len()], vec![None; content.resources.len()]);
        Keys { content, digest: Digest::default(), shapes, resources, groups: HashMap::default(), last: None }
    }

    /// The key of a resource; an unknown id has the key of the empty resource.
    pub fn resource(&mut self, id: ResourceId) -> ResourceKey {
        let at = id.0 as usize;
        if let Some(Some(key)) = self.resources.get(at) {
            return *key;
        }
        let attributes = self.content.resources.get(at).copied().unwrap_or_default().attributes;
        let shape = self.shape(attributes.shape);
        self.digest.begin(Kind::Resource).number(shape.key);
        values(&mut self.digest, self.content, attributes, &shape.order);
        let key = ResourceKey(self.digest.finish());
        self.put_back(attributes.shape, shape);
        if let Some(place) = self.resources.get_mut(at) {
            *place = Some(key);
        }
        key
    }

    /// The key of a metric.
    pub fn metric(&mut self, metric: &Metric) -> MetricKey {
        let Metric { name, unit, kind, temporality, monotonic, description: _, metadata: _ } = *metric;
        let [name, unit] = [name, unit].map(|id| self.content.texts.get(id));
        self.digest.begin(Kind::Metric).text(name).text(unit);
        self.digest.byte(kind.code()).byte(temporality.code()).byte(u8::from(monotonic));
        MetricKey(self.digest.finish())
    }

    /// The key of a metric of an origin. `id` names the metric among those that are asked about.
    pub fn group(&mut self, id: MetricId, metric: &Metric, origin: OriginId) -> GroupKey {
        if let Some((last, key)) = self.last
            && last == (id, origin)
        {
            return key;
        }
        let known = self.groups.get(&(id, origin)).copied();
        let key = known.unwrap_or_else(|| {
            let Origin { resource, scope } = self.origin(origin);
            let (resource, metric) = (self.resource(resource), self.metric(metric));
            let scope = self.content.scopes.get(scope.0 as usize).copied().unwrap_or_default();
            let [name, version] = [scope.name, scope.version].map(|id| self.content.texts.get(id));
            self.digest.begin(Kind::Group).number(resource.0).text(name).text(version).number(metric.0);
            GroupKey(self.digest.finish())
        });
        self.groups.insert((id, origin), key);
        self.last = Some(((id, origin), key));
        key
    }

    /// The key of a series of a group.
    pub fn series(&mut self, group: GroupKey, attributes: Attributes) -> SeriesKey {
        let shape = self.shape(attributes.shape);
        self.digest.begin(Kind::Series).number(group.0).number(shape.key);
        values(&mut self.digest, self.content, attributes, &shape.order);
        let key = SeriesKey(self.digest.finish());
        self.put_back(attributes.shape, shape);
        key
    }

    fn origin(&self, id: OriginId) -> Origin {
        self.content.origins.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// Takes out what is known of a shape; [`Keys::put_back`] keeps it for the next list.
    fn shape(&mut self, id: ShapeId) -> Sorted {
        if let Some(known) = self.shapes.get_mut(id.0 as usize).and_then(Option::take) {
            return known;
        }
        let Content { texts, shapes, .. } = self.content;
        let names = shapes.keys(id);
        let mut order: Box<[u32]> = (0..names.len() as u32).collect();
        order.sort_by_key(|at| texts.get(names[*at as usize]));
        self.digest.begin(Kind::Shape);
        order.iter().for_each(|at| _ = self.digest.text(texts.get(names[*at as usize])));
        Sorted { order, key: self.digest.finish() }
    }

    fn put_back(&mut self, id: ShapeId, shape: Sorted) {
        if let Some(place) = self.shapes.get_mut(id.0 as usize) {
            *place = Some(shape);
        }
    }
}

/// The values of a list, sorted by the names of their keys.
fn values(digest: &mut Digest, content: Content<'_>, list: Attributes, order: &[u32]) {
    let start = list.start as usize;
    let words = content.words.get(start..start + order.len()).unwrap_or_default();
    for at in order {
        let word = words.get(*at as usize).copied().unwrap_or_default();
        digest.value(value(content, word));
    }
}

fn value<'a>(content: Content<'a>, word: Word) -> Value<'a> {
    match view(word, content.wide) {
        WordView::Empty => Value::Empty,
        WordView::Bool(value) => Value::Bool(value),
        WordView::Text(id) => Value::Text(content.texts.get(id)),
        WordView::Int(value) => Value::Int(value),
        WordView::Double(value) => Value::Double(value),
        WordView::Bytes(id) => Value::Bytes(content.blobs.get(id)),
        WordView::Nested(id) => Value::Nested(Nested::from_bytes(content.blobs.get(id))),
    }
}
