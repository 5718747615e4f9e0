//! The distinct sequences of attribute keys.

use super::hashing::{hash_parts, spread};
use super::heap;
use super::slice::wanted;
use super::texts::TextId;
use hashbrown::HashTable;

/// A sequence of attribute keys as received; [`ShapeId::NONE`] is the empty one.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct ShapeId(pub u32);

impl ShapeId {
    /// No keys.
    pub const NONE: ShapeId = ShapeId(0);
}

/// The distinct sequences of keys.
#[derive(Debug)]
pub struct Shapes {
    /// The keys of all shapes, end to end.
    pub(super) keys: Vec<TextId>,
    ends: Vec<u32>,
}

impl Default for Shapes {
    fn default() -> Shapes {
        Shapes { keys: Vec::new(), ends: vec![0] }
    }
}

impl Shapes {
    /// The keys of a shape in the order received, with duplicates; a look-up takes the last.
    pub fn keys(&self, id: ShapeId) -> &[TextId] {
        let (start, end) = self.range(id);
        self.keys.get(start..end).unwrap_or_default()
    }

    /// The position of a shape's keys among the keys of all shapes.
    pub(super) fn range(&self, id: ShapeId) -> (usize, usize) {
        let end = self.ends.get(id.0 as usize).copied().unwrap_or_default();
        let start = if id.0 == 0 { 0 } else { self.ends.get(id.0 as usize - 1).copied().unwrap_or_default() };
        (start as usize, end as usize)
    }

    /// The position of a key's value in lists of this shape; the last one for a duplicate key.
    pub fn position(&self, id: ShapeId, key: TextId) -> Option<usize> {
        self.keys(id).iter().rposition(|k| *k == key)
    }

    /// The number of shapes, with the empty one.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Always false: the empty shape is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Bytes of what is written, without room to grow; with what a builder keeps beside each shape.
    pub(super) fn written(&self) -> usize {
        self.keys.len() * 4 + self.ends.len() * (4 + 4 + 8)
    }

    pub(super) fn shrink(&mut self) {
        self.keys.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        heap::of(&self.keys) + heap::of(&self.ends)
    }
}

#[derive(Debug, Default)]
pub(super) struct ShapesBuilder {
    pub shapes: Shapes,
    hashes: Vec<u32>,
    table: HashTable<u32>,
}

impl ShapesBuilder {
    pub fn intern(&mut self, keys: &[TextId]) -> ShapeId {
        if keys.is_empty() {
            return ShapeId::NONE;
        }
        let hash = hash_parts(keys.iter().map(|key| u64::from(key.0)));
        let found = self.table.find(spread(hash), |id| self.shapes.keys(ShapeId(*id)) == keys);
        if let Some(id) = found {
            return ShapeId(*id);
        }
        let id = self.shapes.ends.len() as u32;
        self.shapes.keys.extend_from_slice(keys);
        self.shapes.ends.push(self.shapes.keys.len() as u32);
        self.hashes.resize(id as usize, 0);
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(spread(hash), id, |id| spread(hashes[*id as usize]));
        ShapeId(id)
    }

    /// The ids here of every shape of another dictionary, by its ids; with marks, of the marked ones.
    pub fn absorb(&mut self, other: &Shapes, texts: &[TextId], used: Option<&[bool]>) -> Vec<ShapeId> {
        let mut keys = Vec::new();
        (0..other.len() as u32)
            .map(|id| {
                if !wanted(used, id as usize) {
                    return ShapeId::NONE;
                }
                keys.clear();
                keys.extend(other.keys(ShapeId(id)).iter().map(|key| texts[key.index()]));
                self.intern(&keys)
            })
            .collect()
    }
}
