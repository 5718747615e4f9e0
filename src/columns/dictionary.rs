//! The dictionary of a batch: everything that its rows refer to.

use super::attributes::Attributes;
use super::blobs::{BlobId, Blobs, BlobsBuilder};
use super::hashing::hash_parts;
use super::heap;
use super::origins::{Origin, OriginId, OriginTables, Resource, ResourceId, Scope, ScopeId};
use super::shapes::{ShapeId, Shapes, ShapesBuilder};
use super::slice::{Used, wanted};
use super::texts::{TextId, Texts, TextsBuilder};
use super::words::{Word, WordView};
use crate::model::{Nested, Value};

/// Strings, values and origins of one batch. Immutable; it lives as long as its batch.
#[derive(Debug, Default)]
pub struct Dictionary {
    /// Strings.
    pub texts: Texts,
    /// Bytes and nested values.
    pub blobs: Blobs,
    /// Sequences of attribute keys.
    pub shapes: Shapes,
    /// Attribute values, list after list.
    pub(super) words: Vec<Word>,
    /// Integers and doubles that do not fit into a word.
    pub(super) wide: Vec<u64>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Instrumentation scopes.
    pub scopes: Vec<Scope>,
    /// The pairs of them that rows point at.
    pub origins: Vec<Origin>,
}

impl Dictionary {
    /// The string of an id.
    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// The value that a word stands for.
    pub fn value(&self, word: Word) -> Value<'_> {
        match self.word(word) {
            WordView::Empty => Value::Empty,
            WordView::Bool(value) => Value::Bool(value),
            WordView::Text(id) => Value::Text(self.texts.get(id)),
            WordView::Int(value) => Value::Int(value),
            WordView::Double(value) => Value::Double(value),
            WordView::Bytes(id) => Value::Bytes(self.blobs.get(id)),
            WordView::Nested(id) => Value::Nested(Nested::from_bytes(self.blobs.get(id))),
        }
    }

    /// The keys and values of a list, in the order they came.
    pub fn attributes(&self, attributes: Attributes) -> impl Iterator<Item = (&str, Value<'_>)> {
        let keys = self.shapes.keys(attributes.shape).iter();
        keys.zip(self.words(attributes)).map(|(key, word)| (self.texts.get(*key), self.value(*word)))
    }

    /// The attributes of a list from the one with this index on. Takes the same time for each index.
    pub fn attributes_from(
        &self,
        attributes: Attributes,
        index: usize,
    ) -> impl ExactSizeIterator<Item = (&str, Value<'_>)> {
        let keys = self.shapes.keys(attributes.shape).get(index..).unwrap_or_default().iter();
        let words = self.words(attributes).get(index..).unwrap_or_default();
        keys.zip(words).map(|(key, word)| (self.texts.get(*key), self.value(*word)))
    }

    /// The value of a key in a list; the last of several.
    pub fn attribute(&self, attributes: Attributes, key: &str) -> Option<Value<'_>> {
        let keys = self.shapes.keys(attributes.shape);
        let position = keys.iter().rposition(|id| self.texts.get(*id) == key)?;
        self.words(attributes).get(position).map(|word| self.value(*word))
    }

    /// Resident bytes.
    pub fn bytes(&self) -> usize {
        self.texts.bytes()
            + self.blobs.bytes()
            + self.shapes.bytes()
            + heap::of(&self.words)
            + heap::of(&self.wide)
            + heap::of(&self.resources)
            + heap::of(&self.scopes)
            + heap::of(&self.origins)
    }

    pub(super) fn shrink(&mut self) {
        self.texts.shrink();
        self.blobs.shrink();
        self.shapes.shrink();
        self.words.shrink_to_fit();
        self.wide.shrink_to_fit();
        self.resources.shrink_to_fit();
        self.scopes.shrink_to_fit();
        self.origins.shrink_to_fit();
    }
}

/// Writes a dictionary. Its hash tables are freed when it is finished.
#[derive(Debug, Default)]
pub struct DictionaryBuilder {
    pub(super) texts: TextsBuilder,
    pub(super) blobs: BlobsBuilder,
    pub(super) shapes: ShapesBuilder,
    pub(super) words: Vec<Word>,
    pub(super) wide: Vec<u64>,
    pub(super) resources: Vec<Resource>,
    pub(super) scopes: Vec<Scope>,
    pub(super) origins: Vec<Origin>,
    pub(super) origin_tables: OriginTables,
    pub(super) keys: Vec<TextId>,
}

/// A position to return to if a row turns out to be invalid; see [`DictionaryBuilder::rollback`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    words: usize,
    wide: usize,
}

impl DictionaryBuilder {
    /// The id of a string; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&mut self, bytes: &[u8]) -> TextId {
        self.texts.intern(bytes)
    }

    /// The strings so far.
    pub fn texts(&self) -> &Texts {
        self.texts.texts()
    }

    /// The number of attribute values so far, for limits.
    pub fn word_count(&self) -> usize {
        self.words.len()
    }

    /// Whether a list is still there: a list is removed if an equal resource or stream exists.
    pub fn holds(&self, list: Attributes) -> bool {
        list.start as usize + self.shapes.shapes.keys(list.shape).len() <= self.words.len()
    }

    /// Bytes in use so far, without unused capacity.
    pub fn written(&self) -> usize {
        /// The bytes per entry in the table that finds a resource, a scope or an origin.
        const FOUND: usize = 16;
        self.texts.texts().written()
            + self.blobs.blobs().written()
            + self.shapes.shapes.written()
            + self.words.len() * size_of::<Word>()
            + self.wide.len() * 8
            + self.resources.len() * (size_of::<Resource>() + FOUND)
            + self.scopes.len() * (size_of::<Scope>() + FOUND)
            + self.origins.len() * (size_of::<Origin>() + FOUND)
    }

    /// The current end of the values.
    pub fn mark(&self) -> Mark {
        Mark { words: self.words.len(), wide: self.wide.len() }
    }

    /// Removes the values written since the mark. Strings stay; they cost a few bytes and do no harm.
    pub fn rollback(&mut self, mark: Mark) {
        self.words.truncate(mark.words);
        self.wide.truncate(mark.wide);
    }

    /// Finishes the dictionary.
    pub fn finish(self) -> Dictionary {
        Dictionary {
            texts: self.texts.finish(),
            blobs: self.blobs.finish(),
            shapes: self.shapes.shapes,
            words: self.words,
            wide: self.wide,
            resources: self.resources,
            scopes: self.scopes,
            origins: self.origins,
        }
    }

    pub(super) fn with_capacity(texts: usize, text_bytes: usize, words: usize, wide: usize) -> DictionaryBuilder {
        DictionaryBuilder {
            texts: TextsBuilder::with_capacity(texts, text_bytes),
            words: Vec::with_capacity(words),
            wide: Vec::with_capacity(wide),
            ..DictionaryBuilder::default()
        }
    }

    /// Whether two words have values of equal kind and content, wherever these are stored.
    pub(super) fn same_word(&self, a: Word, b: Word) -> bool {
        a == b || self.wide_bits(a).is_some_and(|bits| self.wide_bits(b) == Some(bits))
    }

    pub(super) fn same_list(&self, a: Attributes, b: Attributes) -> bool {
        let count = self.shapes.shapes.keys(a.shape).len();
        let words = |list: Attributes| &self.words[list.start as usize..list.start as usize + count];
        a.shape == b.shape && (count == 0 || words(a).iter().zip(words(b)).all(|(a, b)| self.same_word(*a, *b)))
    }

    pub(super) fn list_hash(&self, list: Attributes, fields: &[u32]) -> u32 {
        let count = self.shapes.shapes.keys(list.shape).len();
        let words = self.words.get(list.start as usize..list.start as usize + count).unwrap_or_default();
        let words = words.iter().map(|word| match self.wide_bits(*word) {
            Some((kind, bits)) => u64::from(kind).rotate_left(61) ^ bits,
            None => u64::from(word.bits()),
        });
        hash_parts(fields.iter().map(|field| u64::from(*field)).chain([u64::from(list.shape.0)]).chain(words))
    }

    /// Takes back a list, when an equal one is there already, if nothing was written after it. (What it had in `wide`
    /// stays until the next merge.)
    pub(super) fn forget_list(&mut self, list: Attributes) {
        let count = self.shapes.shapes.keys(list.shape).len();
        if count > 0 && list.start as usize + count == self.words.len() {
            self.words.truncate(list.start as usize);
        }
    }

    fn wide_bits(&self, word: Word) -> Option<(u32, u64)> {
        word.wide_index().map(|(kind, index)| (kind, self.wide[index]))
    }

    /// Takes over strings, blobs, shapes and origins of another dictionary, or those of them that are used; lists are
    /// copied as their owners are.
    pub(super) fn absorb<'a>(&mut self, other: &'a Dictionary, used: Option<&Used<'_>>) -> Absorbed<'a> {
        let texts = self.texts.absorb(&other.texts, used.map(|used| &*used.texts));
        let blobs = self.blobs.absorb(&other.blobs, used.map(|used| &*used.blobs));
        let shapes = self.shapes.absorb(&other.shapes, &texts, used.map(|used| &*used.shapes));
        let mut absorbed = Absorbed { other, texts, blobs, shapes, origins: Vec::new() };
        let resources: Vec<ResourceId> = other
            .resources
            .iter()
            .enumerate()
            .map(|(at, resource)| {
                if !wanted(used.map(|used| &*used.resources), at) {
                    return ResourceId::default();
                }
                let entities = self.moved_word(resource.entities, &absorbed);
                let attributes = self.moved_list(resource.attributes, &absorbed);
                let schema_url = absorbed.text(resource.schema_url);
                self.resource(Resource { attributes, schema_url, entities, ..*resource })
            })
            .collect();
        let scopes: Vec<ScopeId> = other
            .scopes
            .iter()
            .enumerate()
            .map(|(at, scope)| {
                if !wanted(used.map(|used| &*used.scopes), at) {
                    return ScopeId::default();
                }
                let attributes = self.moved_list(scope.attributes, &absorbed);
                self.scope(Scope {
                    name: absorbed.text(scope.name),
                    version: absorbed.text(scope.version),
                    schema_url: absorbed.text(scope.schema_url),
                    attributes,
                    ..*scope
                })
            })
            .collect();
        let pair = |origin: &Origin| (resources[origin.resource.0 as usize], scopes[origin.scope.0 as usize]);
        let moved = |(at, origin)| match wanted(used.map(|used| &*used.origins), at) {
            true => {
                let (resource, scope) = pair(origin);
                self.origin(resource, scope)
            }
            false => OriginId::default(),
        };
        absorbed.origins = other.origins.iter().enumerate().map(moved).collect();
        absorbed
    }
}

/// An absorbed dictionary and the new ids of its entries.
pub(super) struct Absorbed<'a> {
    pub other: &'a Dictionary,
    texts: Vec<TextId>,
    blobs: Vec<BlobId>,
    shapes: Vec<ShapeId>,
    origins: Vec<OriginId>,
}

impl Absorbed<'_> {
    pub fn text(&self, id: TextId) -> TextId {
        self.texts.get(id.index()).copied().unwrap_or_default()
    }

    pub fn blob(&self, id: BlobId) -> BlobId {
        self.blobs.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub fn shape(&self, id: ShapeId) -> ShapeId {
        self.shapes.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub fn origin(&self, id: OriginId) -> OriginId {
        self.origins.get(id.0 as usize).copied().unwrap_or_default()
    }
}
