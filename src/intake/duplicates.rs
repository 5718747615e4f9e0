//! Removes duplicate spans: senders retry unanswered requests, and streams overlap when they resume.

use super::Parcel;
use crate::columns::{Batch, Columns, Spans};
use std::hash::BuildHasher;

/// Number of recent spans to remember.
pub const DUPLICATE_WINDOW: usize = 1 << 18;

/// The most recent spans of all sources, each as a hash of (trace, span, kind, start, end). A span that comes again with
/// another end is not a duplicate: it is kept, and views show the newest. Uses 24 bytes a span, 6 MiB when full, and nothing
/// before the first span.
///
/// A ring holds the hashes in order of arrival. A table twice its size finds them (open addressing, linear probing, deletion
/// by shifting back), so a new span costs one look-up, one insertion and one deletion. The table entries of a block of spans
/// are read before the first is needed, so that the cache misses overlap.
#[derive(Debug)]
pub struct Duplicates {
    block: Vec<u64>,
    ring: Vec<u64>,
    oldest: usize,
    table: Vec<u64>,
    window: usize,
    hasher: foldhash::fast::RandomState,
}

/// Marks a free entry; no hash is zero.
const FREE: u64 = 0;
/// Spans whose entries are read ahead: two cache lines each, which fit the L2 cache easily.
const BLOCK: usize = 256;

impl Duplicates {
    /// Remembers the last `window` spans, rounded up to a power of two.
    pub fn new(window: usize) -> Duplicates {
        let window = window.next_power_of_two();
        let hasher = foldhash::fast::RandomState::default();
        Duplicates { block: Vec::new(), ring: Vec::new(), oldest: 0, table: Vec::new(), window, hasher }
    }

    /// Removes duplicate spans from the parcel, remembers the others, and returns the number removed.
    pub fn remove_from(&mut self, parcel: &mut Parcel) -> u64 {
        let mut removed = 0;
        for batch in &mut parcel.batches {
            removed += self.remove_from_batch(batch);
        }
        if removed > 0 {
            parcel.items -= removed;
            parcel.batches.retain(|batch| !batch.is_empty());
        }
        removed
    }

    fn remove_from_batch(&mut self, batch: &mut Batch) -> u64 {
        let Columns::Spans(spans) = &batch.columns else { return 0 };
        // Most batches have no duplicate, so the list is created at the first one.
        let mut keep: Vec<bool> = Vec::new();
        let mut removed = 0;
        let mut block = std::mem::take(&mut self.block);
        for start in (0..spans.len()).step_by(BLOCK) {
            block.clear();
            block.extend((start..spans.len().min(start + BLOCK)).map(|row| self.hash(spans, row)));
            self.ask_for(&block);
            for (row, hash) in block.iter().enumerate() {
                if !self.insert(*hash) {
                    keep.resize(spans.len(), true);
                    keep[start + row] = false;
                    removed += 1;
                }
            }
        }
        self.block = block;
        if removed > 0 {
            batch.keep(&keep);
        }
        removed
    }

    fn hash(&self, spans: &Spans, row: usize) -> u64 {
        let kind = spans.kind_status()[row] & 15;
        let times = (spans.start[row].0, spans.end[row].0);
        let ids = (u128::from_ne_bytes(spans.trace[row].0), u64::from_ne_bytes(spans.id[row].0));
        self.hasher.hash_one((ids, times, kind)).max(1)
    }

    /// Reads the table entries of these hashes, and those of the hashes that they will replace, into the cache.
    fn ask_for(&self, hashes: &[u64]) {
        let Some(mask) = self.table.len().checked_sub(1) else { return };
        let leaving = self.ring.iter().skip(self.oldest).take(if self.ring.len() < self.window { 0 } else { BLOCK });
        let read = |sum: u64, hash: &u64| sum ^ self.table[*hash as usize & mask];
        std::hint::black_box(hashes.iter().chain(leaving).fold(0, read));
    }

    /// Inserts a hash; returns whether it is new.
    fn insert(&mut self, hash: u64) -> bool {
        if self.table.is_empty() {
            self.table = vec![FREE; self.window * 2];
        }
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        while self.table[at] != FREE {
            if self.table[at] == hash {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.table[at] = hash;
        if self.ring.len() < self.window {
            self.ring.push(hash);
        } else {
            let oldest = std::mem::replace(&mut self.ring[self.oldest], hash);
            self.oldest = (self.oldest + 1) & (self.window - 1);
            self.forget(oldest);
        }
        true
    }

    fn forget(&mut self, hash: u64) {
        let mask = self.table.len() - 1;
        let mut hole = hash as usize & mask;
        while self.table[hole] != hash {
            if self.table[hole] == FREE {
                return;
            }
            hole = (hole + 1) & mask;
        }
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let moved = self.table[at];
            if moved == FREE {
                break;
            }
            // The entry may move into the hole if the hole lies between its home and its current place.
            let home = moved as usize & mask;
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
                self.table[hole] = moved;
                hole = at;
            }
        }
        self.table[hole] = FREE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{SpanRow, SpansBuilder};
    use crate::model::{SourceId, SpanId, SpanKind, Time, TraceId};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    fn span(id: u64, end: u64) -> SpanRow {
        let trace = TraceId([7; 16]);
        SpanRow { trace, id: SpanId(id.to_be_bytes()), start: Time(1), end: Time(end), ..SpanRow::default() }
    }

    fn parcel(source: u16, spans: &[SpanRow]) -> Parcel {
        let mut builder = SpansBuilder::default();
        spans.iter().for_each(|span| builder.push(*span));
        Parcel::new(SourceId(source), Time(1), vec![builder.finish()], 0)
    }

    #[test]
    fn a_repeated_span_is_removed_across_sources() {
        let mut duplicates = Duplicates::new(8);
        let mut first = parcel(1, &[span(1, 5), span(2, 5), span(1, 5)]);
        assert_eq!(duplicates.remove_from(&mut first), 1);
        assert_eq!((first.items, first.rows()), (2, 2));
        let mut second = parcel(2, &[span(2, 5), span(3, 5)]);
        assert_eq!(duplicates.remove_from(&mut second), 1);
        let mut third = parcel(2, &[span(2, 5), span(3, 5)]);
        assert_eq!(duplicates.remove_from(&mut third), 2);
        assert!(third.batches.is_empty());
    }

    #[test]
    fn the_same_span_with_another_end_or_kind_is_kept() {
        let mut duplicates = Duplicates::new(8);
        let client = SpanRow { kind: SpanKind::Client, ..span(1, 5) };
        let mut parcel = parcel(1, &[span(1, 5), span(1, 6), client]);
        assert_eq!(duplicates.remove_from(&mut parcel), 0);
        assert_eq!(parcel.items, 3);
    }

    proptest! {
        #[test]
        fn exactly_the_last_window_is_remembered(ids in prop::collection::vec(1u64..40, 1..400)) {
            // Small numbers, so that homes collide and the table wraps around.
            let mut duplicates = Duplicates::new(16);
            let mut window: VecDeque<u64> = VecDeque::new();
            for id in ids {
                let hash = id * 7 % 32 + id * 64;
                prop_assert_eq!(duplicates.insert(hash), !window.contains(&hash));
                if !window.contains(&hash) {
                    window.push_back(hash);
                    if window.len() > 16 {
                        window.pop_front();
                    }
                }
                prop_assert_eq!(duplicates.table.iter().filter(|slot| **slot != FREE).count(), window.len());
            }
        }
    }
}
