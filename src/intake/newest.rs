//! The event time of the newest items, by the sender's clock. Receipt time minus event time is the lag of a source.

use super::parcel::Parcel;
use crate::columns::Item;
use crate::model::Time;

/// The time of a parcel's newest item, from the last row of each batch: senders write in order of time. Zero if unknown, and
/// for gap rows, which no sender sent.
pub(super) fn event_time(parcel: &Parcel) -> Time {
    let last = parcel.batches.iter().filter_map(|batch| Some(batch.item(batch.len().checked_sub(1)?)));
    last.map(happened).max().unwrap_or_default()
}

/// When an item happened, by the sender's clock; for a span, its end. Zero if unknown, and for gap rows.
pub fn happened(item: Item<'_>) -> Time {
    match item {
        Item::Span(span) => span.end().max(span.start()),
        Item::Event(event) if event.gap().is_some() => Time::default(),
        item => item.time(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, Word};
    use crate::model::SourceId;

    #[test]
    fn the_last_rows_give_a_parcels_time() {
        let of = |times: &[u64]| {
            let mut events = EventsBuilder::default();
            times.iter().for_each(|time| events.push("message", "", Time(*time), "", Word::EMPTY));
            events.finish()
        };
        let parcel = Parcel::new(SourceId(1), Time(50), vec![of(&[1, 9]), of(&[7])], 0);
        assert_eq!(event_time(&parcel), Time(9));
        assert_eq!(event_time(&Parcel::gap(SourceId(1), Time(50), "overflow", 3)), Time(0));
        assert_eq!(event_time(&Parcel::new(SourceId(1), Time(50), Vec::new(), 2)), Time(0));
    }
}
