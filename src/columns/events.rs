//! Events as columns: everything that came and is no span, log or metric. Gaps are events too, so that they stand in the
//! feed at their place.

use super::attributes::Word;
use super::batch::{keep_rows, keep_sparse, rows_of};
use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder};
use super::texts::TextId;
use crate::model::{Time, Value};

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
    gaps: Vec<(u32, u64)>,
}

/// A place where something was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// How many items.
    pub dropped: u64,
}

impl Events {
    /// How many events.
    pub fn len(&self) -> usize {
        self.kind.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.kind.capacity() * (4 + 4 + 8 + 4 + 4) + self.gaps.capacity() * 16
    }

    pub(super) fn shrink(&mut self) {
        self.kind.shrink_to_fit();
        self.id.shrink_to_fit();
        self.time.shrink_to_fit();
        self.session.shrink_to_fit();
        self.payload.shrink_to_fit();
    }

    pub(super) fn absorb(&mut self, other: &Events, ids: &Absorbed<'_>, dictionary: &mut DictionaryBuilder) {
        let base = self.len() as u32;
        self.kind.extend(other.kind.iter().map(|id| ids.text(*id)));
        self.id.extend(other.id.iter().map(|id| ids.text(*id)));
        self.time.extend_from_slice(&other.time);
        self.session.extend(other.session.iter().map(|id| ids.text(*id)));
        self.payload.extend(other.payload.iter().map(|word| dictionary.moved_word(*word, ids)));
        self.gaps.extend(other.gaps.iter().map(|(row, dropped)| (row + base, *dropped)));
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        keep_rows(&mut self.kind, keep);
        keep_rows(&mut self.id, keep);
        keep_rows(&mut self.time, keep);
        keep_rows(&mut self.session, keep);
        keep_rows(&mut self.payload, keep);
        keep_sparse(&mut self.gaps, keep);
    }
}

/// Writes a batch of events.
#[derive(Debug, Default)]
pub struct EventsBuilder {
    /// Strings and values.
    pub dictionary: DictionaryBuilder,
    columns: Events,
}

impl EventsBuilder {
    /// How many events were pushed.
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

    /// A gap: `dropped` items were lost here, for this reason.
    pub fn push_gap(&mut self, reason: &str, dropped: u64, time: Time) {
        let row = self.len() as u32;
        self.columns.gaps.push((row, dropped));
        self.push(reason, "", time, "", Word::EMPTY);
    }

    pub(super) fn with_dictionary(dictionary: DictionaryBuilder) -> EventsBuilder {
        EventsBuilder { dictionary, columns: Events::default() }
    }

    pub(super) fn columns(&mut self) -> (&mut Events, &mut DictionaryBuilder) {
        (&mut self.columns, &mut self.dictionary)
    }

    /// Seals it.
    pub fn finish(self) -> super::Batch {
        super::Batch { columns: super::Columns::Events(self.columns), dictionary: self.dictionary.finish() }
    }
}

/// One event of a batch.
#[derive(Clone, Copy, Debug)]
pub struct EventItem<'a> {
    /// The dictionary of its batch.
    pub dictionary: &'a Dictionary,
    /// The columns of its batch.
    pub columns: &'a Events,
    /// Which row.
    pub row: usize,
}

impl<'a> EventItem<'a> {
    /// Type; a gap's reason.
    pub fn kind(self) -> &'a str {
        self.dictionary.text(self.columns.kind[self.row])
    }

    /// Id, as the sender gave it; empty where none.
    pub fn id(self) -> &'a str {
        self.dictionary.text(self.columns.id[self.row])
    }

    /// When it happened; unknown where the sender did not say.
    pub fn time(self) -> Time {
        self.columns.time[self.row]
    }

    /// Session; empty where none.
    pub fn session(self) -> &'a str {
        self.dictionary.text(self.columns.session[self.row])
    }

    /// Payload.
    pub fn payload(self) -> Value<'a> {
        self.dictionary.value(self.columns.payload[self.row])
    }

    /// What was lost here, if it is a gap.
    pub fn gap(self) -> Option<Gap> {
        rows_of(&self.columns.gaps, self.row).first().map(|(_, dropped)| Gap { dropped: *dropped })
    }
}
