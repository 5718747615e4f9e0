//! What a source hands over at once.

use crate::columns::{Batch, Columns, EventsBuilder};
use crate::model::{SourceId, Time};

/// What came in one request, one chunk of a stream or one read of a file.
#[derive(Debug)]
pub struct Parcel {
    /// Where it came from.
    pub source: SourceId,
    /// When it came.
    pub received: Time,
    /// What came; usually one batch.
    pub batches: Vec<Batch>,
    /// Rows of telemetry in the batches. Gap rows are not among them: nobody sent those.
    pub items: u64,
    /// Resident bytes of the batches.
    pub bytes: usize,
    /// Items that came with it and were refused by the decoder; counted as received and as rejected when it is taken in.
    pub rejected: u64,
}

impl Parcel {
    /// A parcel; empty batches are left out.
    pub fn new(source: SourceId, received: Time, mut batches: Vec<Batch>, rejected: u64) -> Parcel {
        batches.retain(|batch| !batch.is_empty());
        let items = batches.iter().map(telemetry_rows).sum();
        let bytes = size_of::<Parcel>() + batches.iter().map(Batch::bytes).sum::<usize>();
        Parcel { source, received, batches, items, bytes, rejected }
    }

    /// A row that says: `dropped` items were lost at this place.
    pub fn gap(source: SourceId, received: Time, reason: &str, dropped: u64) -> Parcel {
        let mut events = EventsBuilder::default();
        events.push_gap(reason, dropped, received);
        Parcel::new(source, received, vec![events.finish()], 0)
    }

    /// Rows, gap rows among them.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(Batch::len).sum()
    }
}

/// Rows that somebody sent.
pub(super) fn telemetry_rows(batch: &Batch) -> u64 {
    let gaps = match &batch.columns {
        Columns::Events(_) => {
            let is_gap = |item: &crate::columns::Item<'_>| matches!(item, crate::columns::Item::Event(event) if event.gap().is_some());
            batch.items().filter(is_gap).count()
        }
        _ => 0,
    };
    (batch.len() - gaps) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Word;

    #[test]
    fn gap_rows_are_rows_but_no_items() {
        let parcel = Parcel::gap(SourceId(1), Time(5), "overflow", 7);
        assert_eq!((parcel.rows(), parcel.items), (1, 0));
        let mut events = EventsBuilder::default();
        events.push("message", "", Time(1), "", Word::EMPTY);
        events.push_gap("server", 2, Time(1));
        let parcel = Parcel::new(SourceId(1), Time(5), vec![events.finish(), EventsBuilder::default().finish()], 0);
        assert_eq!((parcel.batches.len(), parcel.rows(), parcel.items), (1, 2, 1));
    }
}
