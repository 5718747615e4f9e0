//! One event or gap, read.

use super::{Events, Gap};
use crate::columns::Dictionary;
use crate::model::{Time, Value};

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
        self.columns.gaps.one(self.row).copied()
    }
}
