//! The parts and joins that are kept, and which of them go when there are too many.

use super::fold::Fold;
use crate::filter::Filter;
use crate::store::{Chunk, ChunkId};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A part of any fold.
type AnyPart = Arc<dyn Any + Send + Sync>;

/// Parts by (fold, filter) and chunk, and their joins; of at most `max_bytes` together.
#[derive(Debug)]
pub(super) struct Parts {
    tables: Vec<Kept>,
    bytes: usize,
    max_bytes: usize,
    /// Counts the questions.
    now: u64,
}

/// A table as one question opened it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    table: u64,
    question: u64,
}

/// The parts of one fold through one filter.
#[derive(Debug)]
struct Kept {
    id: u64,
    fold: Box<dyn Any + Send + Sync>,
    filter: Option<Arc<Filter>>,
    used: u64,
    parts: HashMap<ChunkId, Entry>,
    /// Joined parts by the chunks that they are about, each with the table's round that used it last.
    joins: HashMap<Box<[ChunkId]>, (Joined, u64)>,
    /// How many questions this table has seen.
    round: u64,
}

/// The joined parts of several chunks.
#[derive(Debug)]
struct Joined {
    part: AnyPart,
    bytes: usize,
    used: u64,
}

#[derive(Debug)]
struct Entry {
    /// Says when the chunk is gone.
    chunk: Weak<Chunk>,
    part: AnyPart,
    bytes: usize,
    used: u64,
}

/// More folds and filters than this are not remembered: the least used one goes.
const TABLES: usize = 64;
/// What an entry takes beside its part: the entry, its place in the map, and the husk of a chunk that is gone.
const ENTRY: usize = 2 * (size_of::<Entry>() + size_of::<ChunkId>()) + size_of::<Chunk>();
/// What a join takes beside its part and the ids of its chunks.
const JOIN: usize = 2 * (size_of::<(Joined, u64)>() + size_of::<Box<[ChunkId]>>());
/// A join that this number of questions in a row did not use goes. Several views in turns are thus no trouble.
const ROUNDS: u64 = 16;

impl Parts {
    pub fn new(max_bytes: usize) -> Parts {
        Parts { tables: Vec::new(), bytes: 0, max_bytes, now: 0 }
    }

    /// Begins a question: finds the table of a fold and a filter, or adds it.
    pub fn open<F: Fold>(&mut self, fold: &F, filter: Option<&Arc<Filter>>) -> Opened {
        self.now += 1;
        let question = self.now;
        let same = |table: &&mut Kept| {
            table.fold.downcast_ref::<F>() == Some(fold) && table.filter.as_deref() == filter.map(Arc::as_ref)
        };
        if let Some(table) = self.tables.iter_mut().find(same) {
            table.used = question;
            table.round += 1;
            return Opened { table: table.id, question };
        }
        if self.tables.len() >= TABLES
            && let Some(least) = (0..self.tables.len()).min_by_key(|at| self.tables[*at].used)
        {
            let gone = self.tables.swap_remove(least);
            self.bytes -= gone.bytes();
        }
        self.tables.push(Kept {
            id: question,
            fold: Box::new(fold.clone()),
            filter: filter.cloned(),
            used: question,
            parts: HashMap::new(),
            joins: HashMap::new(),
            round: 0,
        });
        Opened { table: question, question }
    }

    /// A chunk's part, which counts as used by the question.
    pub fn get<T: Send + Sync + 'static>(&mut self, opened: Opened, chunk: ChunkId) -> Option<Arc<T>> {
        let entry = self.table(opened)?.parts.get_mut(&chunk)?;
        entry.used = entry.used.max(opened.question);
        Arc::clone(&entry.part).downcast().ok()
    }

    /// Whether a chunk's part is there.
    pub fn has(&self, opened: Opened, chunk: ChunkId) -> bool {
        self.tables.iter().any(|table| table.id == opened.table && table.parts.contains_key(&chunk))
    }

    /// Keeps a part of `bytes`, unless only parts that this question or a later one used could make room for it. Thus a
    /// question that wants more than all the room finds at least that much when it is asked again.
    pub fn put(&mut self, opened: Opened, chunk: &Arc<Chunk>, part: AnyPart, bytes: usize) {
        let bytes = bytes + ENTRY;
        if self.bytes + bytes > self.max_bytes {
            self.make_room_for_part(opened.question, bytes);
        }
        if self.bytes + bytes > self.max_bytes {
            return;
        }
        let Some(table) = self.table(opened) else { return };
        let entry = Entry { chunk: Arc::downgrade(chunk), part, bytes, used: opened.question };
        let before = table.parts.insert(chunk.id, entry).map_or(0, |entry| entry.bytes);
        self.bytes += bytes;
        self.bytes -= before;
    }

    /// The joined part of these chunks, which counts as used by the question.
    pub fn get_join<T: Send + Sync + 'static>(&mut self, opened: Opened, chunks: &[ChunkId]) -> Option<Arc<T>> {
        self.touch_join(opened, chunks)?.downcast().ok()
    }

    /// Counts a join as used by the question.
    pub fn touch_join(&mut self, opened: Opened, chunks: &[ChunkId]) -> Option<AnyPart> {
        let table = self.table(opened)?;
        let (joined, round) = table.joins.get_mut(chunks)?;
        *round = table.round;
        joined.used = joined.used.max(opened.question);
        Some(Arc::clone(&joined.part))
    }

    /// Keeps the joined part of some chunks, of `bytes`, if there is room without letting go of a chunk's part: a join costs
    /// less to make again.
    pub fn put_join(&mut self, opened: Opened, chunks: &[ChunkId], part: AnyPart, bytes: usize) {
        let bytes = bytes + JOIN + size_of_val(chunks);
        if self.bytes + bytes > self.max_bytes {
            self.free_joins(opened.question, bytes);
        }
        if self.bytes + bytes > self.max_bytes {
            return;
        }
        let Some(table) = self.table(opened) else { return };
        let joined = (Joined { part, bytes, used: opened.question }, table.round);
        let before = table.joins.insert(chunks.into(), joined).map_or(0, |(joined, _)| joined.bytes);
        self.bytes += bytes;
        self.bytes -= before;
    }

    /// Lets go of a table's parts of chunks that are gone, and of the joins that are of no use any more.
    pub fn sweep(&mut self, opened: Opened) {
        let Some(table) = self.table(opened) else { return };
        let before = table.bytes();
        table.parts.retain(|_, entry| entry.chunk.strong_count() > 0);
        let Kept { parts, joins, round, .. } = table;
        // Chunks come and go at the ends.
        let is_there = |chunk: Option<&ChunkId>| chunk.is_some_and(|chunk| parts.contains_key(chunk));
        joins
            .retain(|chunks, (_, used)| *used + ROUNDS > *round && is_there(chunks.first()) && is_there(chunks.last()));
        let freed = before - table.bytes();
        self.bytes -= freed;
    }

    /// How many joins there are.
    #[cfg(test)]
    pub fn joins(&self) -> usize {
        self.tables.iter().map(|table| table.joins.len()).sum()
    }

    /// How many parts there are, and the bytes of parts and joins.
    #[cfg(test)]
    pub fn size(&self) -> (usize, usize) {
        (self.tables.iter().map(|table| table.parts.len()).sum(), self.bytes)
    }

    /// Frees an eighth more than is needed, so that it is seldom called: joins first, then the least recently used parts.
    /// Parts that `question` or a later one used stay.
    fn make_room_for_part(&mut self, question: u64, bytes: usize) {
        self.free_joins(u64::MAX, bytes);
        let entries = self.tables.iter().flat_map(|table| table.parts.values());
        let unused = entries.filter(|entry| entry.used < question).map(|entry| (entry.used, entry.bytes));
        let Some(last) = oldest(unused.collect(), self.excess(bytes)) else { return };
        self.tables.iter_mut().for_each(|table| table.parts.retain(|_, entry| entry.used > last));
        self.bytes = self.tables.iter().map(Kept::bytes).sum();
    }

    /// Frees the least recently used joins, of those that no question from `question` on used.
    fn free_joins(&mut self, question: u64, bytes: usize) {
        let joins = self.tables.iter().flat_map(|table| table.joins.values());
        let unused = joins.filter(|(join, _)| join.used < question).map(|(join, _)| (join.used, join.bytes));
        let Some(last) = oldest(unused.collect(), self.excess(bytes)) else { return };
        self.tables.iter_mut().for_each(|table| table.joins.retain(|_, (join, _)| join.used > last));
        self.bytes = self.tables.iter().map(Kept::bytes).sum();
    }

    /// How many bytes must go to make room for `bytes` and an eighth of the whole.
    fn excess(&self, bytes: usize) -> usize {
        (self.bytes + bytes + self.max_bytes / 8).saturating_sub(self.max_bytes)
    }

    fn table(&mut self, opened: Opened) -> Option<&mut Kept> {
        self.tables.iter_mut().find(|table| table.id == opened.table)
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        let parts = self.parts.values().map(|entry| entry.bytes);
        parts.chain(self.joins.values().map(|(join, _)| join.bytes)).sum()
    }
}

/// Of things by (last use, bytes), the last use of the youngest that has to go until `excess` bytes are free.
fn oldest(mut used: Vec<(u64, usize)>, excess: usize) -> Option<u64> {
    used.sort_unstable();
    let mut left = excess;
    let going = used.iter().take_while(|(_, bytes)| {
        let is_over = left > 0;
        left = left.saturating_sub(*bytes);
        is_over
    });
    going.last().map(|(used, _)| *used)
}

pub(super) fn lock(parts: &Mutex<Parts>) -> MutexGuard<'_, Parts> {
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}
