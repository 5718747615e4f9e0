//! What became of what came from one source (ruling G2).

use crate::model::{SourceId, Time};

/// At all times `received = stored + filtered + skipped + duplicate + dropped + rejected + waiting`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SourceCounts {
    /// Whose.
    pub id: SourceId,
    /// Came.
    pub received: u64,
    /// Kept.
    pub stored: u64,
    /// Left out by a filter at the door.
    pub filtered: u64,
    /// Came while the connection was paused.
    pub skipped: u64,
    /// Spans that had come before.
    pub duplicate: u64,
    /// Lost, by reason.
    pub dropped: Vec<(&'static str, u64)>,
    /// Undecodable, over a limit, or against the data model.
    pub rejected: u64,
    /// In the queue.
    pub waiting: u64,
    /// Turned away for want of room; their senders have them still. Not among the received.
    pub refused: u64,
    /// Gap rows.
    pub gaps: u64,
    /// Bytes of memory that what was taken in needed when it came.
    pub bytes: u64,
    /// When the last item came; unknown while none has.
    pub last_received: Time,
    /// When the newest item happened by its sender's clock, and when it came; unknown while none has told.
    pub newest: (Time, Time),
}

impl SourceCounts {
    /// Dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }

    /// What came and is news, whether there was room for it or not: it had not come before, was not skipped, and is no rubbish.
    /// It never falls, and each rise of it makes a view.
    pub fn taken(&self) -> u64 {
        self.stored + self.filtered + self.dropped()
    }

    /// Dropped or rejected: what came and is not there.
    pub fn lost(&self) -> u64 {
        self.dropped() + self.rejected
    }
}
