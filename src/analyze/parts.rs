//! The parts that are kept, and which of them go when there are too many.

use super::fold::Fold;
use crate::filter::Filter;
use crate::store::{Chunk, ChunkId};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// A part of any fold.
type AnyPart = Arc<dyn Any + Send + Sync>;

/// Parts by (fold, filter) and chunk, of at most `max_bytes`.
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
            return Opened { table: table.id, question };
        }
        if self.tables.len() >= TABLES
            && let Some(least) = (0..self.tables.len()).min_by_key(|at| self.tables[*at].used)
        {
            let gone = self.tables.swap_remove(least);
            self.bytes -= gone.parts.values().map(|entry| entry.bytes).sum::<usize>();
        }
        let parts = HashMap::new();
        let fold = Box::new(fold.clone());
        self.tables.push(Kept { id: question, fold, filter: filter.cloned(), used: question, parts });
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
            self.make_room(opened.question, bytes);
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

    /// Lets go of a table's parts of chunks that are gone.
    pub fn sweep(&mut self, opened: Opened) {
        let Some(table) = self.table(opened) else { return };
        let mut freed = 0;
        table.parts.retain(|_, entry| {
            let is_there = entry.chunk.strong_count() > 0;
            freed += if is_there { 0 } else { entry.bytes };
            is_there
        });
        self.bytes -= freed;
    }

    /// How many parts there are, and their bytes.
    #[cfg(test)]
    pub fn size(&self) -> (usize, usize) {
        (self.tables.iter().map(|table| table.parts.len()).sum(), self.bytes)
    }

    /// Frees an eighth more than is needed, so that it is seldom called; the least recently used parts go first, those of
    /// `question` and of later ones stay.
    fn make_room(&mut self, question: u64, bytes: usize) {
        let room = self.max_bytes.saturating_sub(bytes + self.max_bytes / 8);
        let mut used: Vec<(u64, usize)> = self
            .tables
            .iter()
            .flat_map(|table| table.parts.values())
            .filter(|entry| entry.used < question)
            .map(|entry| (entry.used, entry.bytes))
            .collect();
        used.sort_unstable();
        let mut left = self.bytes;
        let over = used.iter().take_while(|(_, bytes)| {
            let is_over = left > room;
            left -= if is_over { *bytes } else { 0 };
            is_over
        });
        let Some((last, _)) = over.last() else { return };
        for table in &mut self.tables {
            table.parts.retain(|_, entry| entry.used > *last);
        }
        self.bytes = self.tables.iter().flat_map(|table| table.parts.values()).map(|entry| entry.bytes).sum();
    }

    fn table(&mut self, opened: Opened) -> Option<&mut Kept> {
        self.tables.iter_mut().find(|table| table.id == opened.table)
    }
}
