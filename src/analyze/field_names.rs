//! Which attribute keys there are.

use super::fold::{Fold, Piece};
use crate::filter::attribute_keys;
use std::collections::BTreeSet;

/// The attribute keys of the chunks that have any of the rows, at most [`FieldNames::MOST`] of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldNames;

impl FieldNames {
    /// More keys than this are not remembered.
    pub const MOST: usize = 4_096;
}

impl Fold for FieldNames {
    type Part = BTreeSet<String>;

    fn chunk(&self, piece: &Piece<'_>) -> BTreeSet<String> {
        let keys = attribute_keys(&piece.chunk.batch);
        if piece.count() == 0 {
            BTreeSet::new()
        } else {
            keys.into_iter().take(FieldNames::MOST).map(str::to_owned).collect()
        }
    }

    fn join(&self, into: &mut BTreeSet<String>, part: &BTreeSet<String>) {
        for key in part {
            if into.len() < FieldNames::MOST && !into.contains(key) {
                into.insert(key.clone());
            }
        }
    }

    fn bytes(&self, part: &BTreeSet<String>) -> usize {
        part.iter().map(|key| key.capacity() + 2 * size_of::<String>()).sum()
    }
}
