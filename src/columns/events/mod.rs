//! Events as columns: all items that are not spans, logs or metrics. Gaps are stored as events, so that they appear in the
//! feed at their position.

mod builder;
mod item;

pub use builder::EventsBuilder;
pub use item::EventItem;

use super::column::Column;
use super::heap;
use super::slice::Used;
use super::sparse::Sparse;
use super::{TextId, Word};
use crate::model::Time;
use std::ops::Range;

/// The columns of a batch of events.
#[derive(Debug, Default)]
pub struct Events {
    /// Types; for SSE the event's name. A gap's type is the reason for it.
    pub kind: Vec<TextId>,
    /// Ids, as the sender gave them.
    pub id: Vec<TextId>,
    /// When it happened; unknown where the sender did not say.
    pub time: Vec<Time>,
    /// Sessions.
    pub session: Vec<TextId>,
    /// Payloads: nested where they were JSON, text where not.
    pub payload: Vec<Word>,
    gaps: Sparse<Gap>,
}

/// A gap: items were lost here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The number of lost items.
    pub dropped: u64,
}

impl Events {
    /// The number of events.
    pub fn len(&self) -> usize {
        self.kind.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        let Events { kind, id, time, session, payload, gaps } = self;
        heap::of(kind) + heap::of(id) + heap::of(time) + heap::of(session) + heap::of(payload) + gaps.bytes()
    }

    /// Marks the dictionary entries that some rows use.
    pub(super) fn mark(&self, rows: &Range<usize>, used: &mut Used<'_>) {
        for row in rows.clone() {
            [self.kind[row], self.id[row], self.session[row]].into_iter().for_each(|text| used.text(text));
            used.word(self.payload[row]);
        }
    }

    pub(super) fn shrink(&mut self) {
        self.columns().into_iter().for_each(Column::shrink);
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        self.columns().into_iter().for_each(|column| column.keep(keep));
    }

    /// Every column and every table of rare fields.
    fn columns(&mut self) -> [&mut dyn Column; 6] {
        [&mut self.kind, &mut self.id, &mut self.time, &mut self.session, &mut self.payload, &mut self.gaps]
    }
}
