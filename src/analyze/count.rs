//! How many rows.

use super::fold::{Fold, Piece};

/// How many rows there are, which a filter's rows say without being looked at again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count;

impl Fold for Count {
    type Part = u64;
    const KEPT: bool = false;

    fn chunk(&self, piece: &Piece<'_>) -> u64 {
        piece.count() as u64
    }

    fn join(&self, into: &mut u64, part: &u64) {
        *into += part;
    }

    fn bytes(&self, _: &u64) -> usize {
        0
    }
}
