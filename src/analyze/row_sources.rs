//! Which sources there are.

use super::fold::{Fold, Piece};
use crate::model::SourceId;

/// The sources that have any of the rows, by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowSources;

impl Fold for RowSources {
    type Part = Vec<SourceId>;

    fn chunk(&self, piece: &Piece<'_>) -> Vec<SourceId> {
        let mut sources = Vec::new();
        let runs = &piece.chunk.runs;
        for (at, run) in runs.iter().enumerate() {
            let end = runs.get(at + 1).map_or(piece.chunk.len(), |next| next.first as usize);
            let range = piece.range.start.max(run.first as usize)..piece.range.end.min(end);
            if !range.is_empty() && (Piece { range, ..piece.clone() }).count() > 0 {
                add(&mut sources, run.source);
            }
        }
        sources
    }

    fn join(&self, into: &mut Vec<SourceId>, part: &Vec<SourceId>) {
        part.iter().for_each(|source| add(into, *source));
    }

    fn bytes(&self, part: &Vec<SourceId>) -> usize {
        part.capacity() * size_of::<SourceId>()
    }
}

fn add(sources: &mut Vec<SourceId>, source: SourceId) {
    if let Err(place) = sources.binary_search(&source) {
        sources.insert(place, source);
    }
}
