//! The parts of one fold through one filter, as one question sees them.

use super::fold::{Fold, Piece};
use super::joins::KeptJoins;
use super::parts::{Opened, Parts, lock};
use crate::columns::RowSet;
use crate::filter::Filter;
use crate::store::{Ancestor, Chunk, Cover};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Known parts, and the way to get more.
#[derive(Debug)]
pub(super) struct Table<'a, F> {
    parts: &'a Mutex<Parts>,
    opened: Opened,
    pub fold: F,
}

impl<'a, F: Fold> Table<'a, F> {
    pub fn open(parts: &'a Mutex<Parts>, fold: F, filter: Option<&Arc<Filter>>) -> Table<'a, F> {
        let opened = lock(parts).open(&fold, filter);
        Table { parts, opened, fold }
    }

    /// The part of a chunk, if it or those of its ancestors are known.
    pub fn known(&self, chunk: &Arc<Chunk>) -> Option<Arc<F::Part>> {
        let (cover, parts) = {
            let mut parts = lock(self.parts);
            if let Some(part) = parts.get(self.opened, chunk.id) {
                return Some(part);
            }
            let cover = self.cover(&parts, chunk);
            if !cover.rest.is_empty() {
                return None;
            }
            let known = self.of_ancestors(&mut parts, &cover)?;
            (cover, known)
        };
        Some(self.keep(chunk, self.joined(&cover, &parts, |_| F::Part::default())))
    }

    /// The part of a chunk: that of its ancestors as far as it is known, the rest of it from the rows.
    pub fn work_out(&self, chunk: &Arc<Chunk>, taken: Option<&RowSet>) -> Arc<F::Part> {
        let part_of = |range| self.fold.chunk(&Piece { chunk, range, taken });
        let (cover, known) = {
            let mut parts = lock(self.parts);
            let cover = self.cover(&parts, chunk);
            let known = self.of_ancestors(&mut parts, &cover);
            (cover, known)
        };
        let rest: usize = cover.rest.iter().map(|rows| rows.len()).sum();
        // Every piece costs a look at the whole dictionary: a chunk of which little is known is done at one go.
        let part = match known {
            Some(known) if rest * 2 < chunk.len() && cover.rest.len() <= PIECES => self.joined(&cover, &known, part_of),
            _ => part_of(0..chunk.len()),
        };
        self.keep(chunk, part)
    }

    /// The kept joins of parts.
    pub fn joins<'b>(&'b self, cancelled: &'b dyn Fn() -> bool) -> KeptJoins<'b, F> {
        KeptJoins { memo: self.parts, opened: self.opened, fold: &self.fold, cancelled }
    }

    /// Lets go of the parts of chunks that are gone. For the end of a question that saw all of its views: what the chunks that
    /// were merged since needed of them was joined by then.
    pub fn close(&self) {
        lock(self.parts).sweep(self.opened);
    }

    fn keep(&self, chunk: &Arc<Chunk>, part: F::Part) -> Arc<F::Part> {
        let part = Arc::new(part);
        if F::KEPT {
            let bytes = self.fold.bytes(&part) + size_of::<F::Part>();
            lock(self.parts).put(self.opened, chunk, Arc::clone(&part) as _, bytes);
        }
        part
    }

    fn cover(&self, parts: &Parts, chunk: &Chunk) -> Cover {
        chunk.cover(|id| parts.has(self.opened, id))
    }

    fn of_ancestors(&self, parts: &mut Parts, cover: &Cover) -> Option<Vec<Arc<F::Part>>> {
        cover.known.iter().map(|ancestor| parts.get(self.opened, ancestor.id)).collect()
    }

    /// Known parts and those of the rows between them, in the order of rows.
    fn joined(&self, cover: &Cover, known: &[Arc<F::Part>], part_of: impl Fn(Range<usize>) -> F::Part) -> F::Part {
        let ancestors = cover.known.iter().zip(known).map(|(Ancestor { rows, .. }, part)| (rows, Some(part)));
        let mut pieces: Vec<_> = ancestors.chain(cover.rest.iter().map(|rows| (rows, None))).collect();
        pieces.sort_by_key(|(rows, _)| rows.start);
        let mut whole = F::Part::default();
        for (rows, part) in pieces {
            match part {
                Some(part) => self.fold.join(&mut whole, part),
                None => self.fold.join(&mut whole, &part_of(rows.start as usize..rows.end as usize)),
            }
        }
        whole
    }
}

/// A chunk with more unknown pieces than this is worked out at one go.
const PIECES: usize = 4;
