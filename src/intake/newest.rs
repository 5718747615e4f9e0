//! When what came last happened, by its sender's clock: against the time of receipt it is the lag of a source.

use super::parcel::Parcel;
use crate::columns::Item;
use crate::model::Time;

/// The time of a parcel's newest item, as far as the last rows of its batches tell: senders write in the order of
/// time. A span is as new as its end. Unknown where no row has a time, and for gap rows, which nobody sent.
pub(super) fn event_time(parcel: &Parcel) -> Time {
    let last = parcel.batches.iter().filter_map(|batch| Some(batch.item(batch.len().checked_sub(1)?)));
    last.map(happened).max().unwrap_or_default()
}

/// When an item last happened, as its sender tells: a span at its end. Unknown where it does not tell, and for gap rows.
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
    fn a_parcel_is_as_new_as_its_last_rows() {
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
