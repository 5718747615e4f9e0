//! Writes batches of events.

use super::{Events, Gap};
use crate::columns::slice::Used;
use crate::columns::{Batch, Columns, Dictionary, DictionaryBuilder, Word};
use crate::model::Time;
use std::ops::Range;

/// Writes a batch of events.
#[derive(Debug, Default)]
pub struct EventsBuilder {
    /// Strings and values.
    pub dictionary: DictionaryBuilder,
    columns: Events,
}

impl EventsBuilder {
    /// The number of events so far.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// An event; `payload` is a word of [`EventsBuilder::dictionary`].
    pub fn push(&mut self, kind: &str, id: &str, time: Time, session: &str, payload: Word) {
        let kind = self.dictionary.text(kind.as_bytes());
        let id = self.dictionary.text(id.as_bytes());
        let session = self.dictionary.text(session.as_bytes());
        self.columns.kind.push(kind);
        self.columns.id.push(id);
        self.columns.time.push(time);
        self.columns.session.push(session);
        self.columns.payload.push(payload);
    }

    /// Adds a gap: `dropped` items were lost here for this reason.
    pub fn push_gap(&mut self, reason: &str, dropped: u64, time: Time) {
        self.columns.gaps.push(self.columns.len(), Gap { dropped });
        self.push(reason, "", time, "", Word::EMPTY);
    }

    pub(in crate::columns) fn with_dictionary(dictionary: DictionaryBuilder) -> EventsBuilder {
        EventsBuilder { dictionary, columns: Events::default() }
    }

    /// Copies rows of another batch, and the parts of its dictionary that they use.
    pub(in crate::columns) fn absorb(
        &mut self,
        other: &Events,
        dictionary: &Dictionary,
        rows: Range<usize>,
        used: Option<&Used<'_>>,
    ) {
        let ids = &self.dictionary.absorb(dictionary, used);
        let EventsBuilder { dictionary, columns } = self;
        let base = columns.len();
        columns.kind.extend(other.kind[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.id.extend(other.id[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.time.extend_from_slice(&other.time[rows.clone()]);
        columns.session.extend(other.session[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.payload.extend(other.payload[rows.clone()].iter().map(|word| dictionary.moved_word(*word, ids)));
        columns.gaps.absorb(&other.gaps, &rows, base, |gap| *gap);
    }

    /// Finishes the batch.
    pub fn finish(self) -> Batch {
        Batch { columns: Columns::Events(self.columns), dictionary: self.dictionary.finish() }
    }
}
