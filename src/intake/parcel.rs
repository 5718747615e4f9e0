//! The unit of data that a source pushes into the queue.

use crate::budget::Hold;
use crate::columns::{Batch, Columns, EventsBuilder, Item};
use crate::model::{SourceId, Time};

/// The data of one request, one chunk of a stream or one read of a file.
#[derive(Debug)]
pub struct Parcel {
    /// The source.
    pub source: SourceId,
    /// The time of receipt.
    pub received: Time,
    /// The telemetry; usually one batch.
    pub batches: Vec<Batch>,
    /// Rows of telemetry in the batches, without gap rows.
    pub items: u64,
    /// Gap rows in the batches, which the source added.
    pub gaps: u64,
    /// The number of lost items that those gap rows report.
    pub lost: u64,
    /// Resident bytes of the batches.
    pub bytes: usize,
    /// Points in the batches whose numbers contradict each other.
    pub inconsistent: u64,
    /// Items in the same data that the decoder rejected; the queue counts them as received and rejected.
    pub rejected: u64,
    /// The batches' share of the memory budget, held until they are stored.
    pub hold: Option<Hold>,
}

impl Parcel {
    /// Makes a parcel without the empty batches.
    pub fn new(source: SourceId, received: Time, mut batches: Vec<Batch>, rejected: u64) -> Parcel {
        batches.retain(|batch| !batch.is_empty());
        let (mut items, mut gaps, mut lost) = (0, 0, 0u64);
        for batch in &batches {
            let (of_batch, dropped) = gap_rows(batch);
            gaps += of_batch;
            items += batch.len() as u64 - of_batch;
            lost = lost.saturating_add(dropped);
        }
        let bytes = size_of::<Parcel>() + batches.iter().map(Batch::bytes).sum::<usize>();
        let inconsistent = batches.iter().map(inconsistent_points).sum();
        Parcel { source, received, batches, items, gaps, lost, bytes, inconsistent, rejected, hold: None }
    }

    /// Sets the parcel's share of the memory budget.
    pub fn held(self, hold: Option<Hold>) -> Parcel {
        Parcel { hold, ..self }
    }

    /// A parcel with one gap row, which reports `dropped` lost items.
    pub fn gap(source: SourceId, received: Time, reason: &str, dropped: u64) -> Parcel {
        let mut events = EventsBuilder::default();
        events.push_gap(reason, dropped, received);
        Parcel::new(source, received, vec![events.finish()], 0)
    }

    /// Number of rows, including gap rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(Batch::len).sum()
    }
}

/// Rows of telemetry, without gap rows.
pub(super) fn telemetry_rows(batch: &Batch) -> u64 {
    batch.len() as u64 - gap_rows(batch).0
}

fn inconsistent_points(batch: &Batch) -> u64 {
    match &batch.columns {
        Columns::Points(points) => points.inconsistencies().len() as u64,
        Columns::Spans(_) | Columns::Logs(_) | Columns::Events(_) => 0,
    }
}

/// The number of gap rows and of the items they report; the input sets that number, so it may be anything.
fn gap_rows(batch: &Batch) -> (u64, u64) {
    if !matches!(batch.columns, Columns::Events(_)) {
        return (0, 0);
    }
    let gaps = batch.items().filter_map(|item| match item {
        Item::Event(event) => event.gap(),
        _ => None,
    });
    gaps.fold((0, 0), |(rows, lost): (u64, u64), gap| (rows + 1, lost.saturating_add(gap.dropped)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Metric, PointRow, PointValue, PointsBuilder, Series, Word};

    #[test]
    fn points_that_contradict_themselves_are_counted() {
        let mut points = PointsBuilder::default();
        let metric = points.metric(Metric { monotonic: true, ..Metric::default() });
        let series = points.series(Series { metric, ..Series::default() });
        for value in [3, -1, -2] {
            points.push_number(&PointRow { series, ..PointRow::default() }, PointValue::Int(value));
        }
        let parcel = Parcel::new(SourceId(1), Time(5), vec![points.finish()], 0);
        assert_eq!((parcel.items, parcel.inconsistent, parcel.rejected), (3, 2, 0));
    }

    #[test]
    fn gap_rows_do_not_count_as_items() {
        let parcel = Parcel::gap(SourceId(1), Time(5), "overflow", 7);
        assert_eq!((parcel.rows(), parcel.items, parcel.gaps, parcel.lost), (1, 0, 1, 7));
        let mut events = EventsBuilder::default();
        events.push("message", "", Time(1), "", Word::EMPTY);
        events.push_gap("server", 2, Time(1));
        let parcel = Parcel::new(SourceId(1), Time(5), vec![events.finish(), EventsBuilder::default().finish()], 0);
        assert_eq!((parcel.batches.len(), parcel.rows(), parcel.items), (1, 2, 1));
        assert_eq!((parcel.gaps, parcel.lost), (1, 2));
    }
}
