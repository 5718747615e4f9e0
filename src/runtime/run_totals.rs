//! The last line of a run's log: the counts of all items by outcome, so that a run can be checked afterwards.

use crate::model::{Counts, DropReason, Signal};
use crate::store::StoreCounters;

/// Writes the line. `otail tail` has no `store`; then the fields of the store are left out.
///
/// Invariants, if `waiting` is 0: `received = stored + filtered + skipped + duplicate + dropped + rejected`, and for
/// the sums over all signals `stored + gaps = resident + evicted`.
pub(super) fn log(counts: &Counts, store: Option<&StoreCounters>) {
    let resident = |signal: Signal| store.map(|store| store.resident[signal as usize]);
    let evicted = |signal: Signal| store.map(|store| store.evicted[signal as usize]);
    tracing::info!(
        received = counts.received,
        stored = counts.stored,
        filtered = counts.filtered,
        skipped = counts.skipped,
        duplicate = counts.duplicate,
        dropped.overflow = counts.dropped[DropReason::Overflow as usize],
        dropped.closed = counts.dropped[DropReason::Closed as usize],
        dropped.oversize = counts.dropped[DropReason::Oversize as usize],
        rejected = counts.rejected,
        refused = counts.refused,
        inconsistent = counts.inconsistent,
        waiting = counts.waiting,
        gaps = counts.gaps,
        resident.spans = resident(Signal::Spans),
        resident.metrics = resident(Signal::Metrics),
        resident.logs = resident(Signal::Logs),
        resident.events = resident(Signal::Events),
        evicted.spans = evicted(Signal::Spans),
        evicted.metrics = evicted(Signal::Metrics),
        evicted.logs = evicted(Signal::Logs),
        evicted.events = evicted(Signal::Events),
        "the run is over"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn line(store: Option<&StoreCounters>) -> serde_json::Value {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        let counts = Counts { received: 20, stored: 9, dropped: [4, 5, 6], refused: 3, gaps: 2, ..Counts::default() };
        tracing::subscriber::with_default(subscriber, || log(&counts, store));
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_last_log_line_has_every_sum() {
        let store = StoreCounters { resident: [1, 2, 3, 4], evicted: [5, 6, 7, 8], ..StoreCounters::default() };
        let fields = &line(Some(&store))["fields"];
        let expected = [
            ("received", 20),
            ("stored", 9),
            ("filtered", 0),
            ("dropped.overflow", 4),
            ("dropped.closed", 5),
            ("dropped.oversize", 6),
            ("refused", 3),
            ("gaps", 2),
        ];
        for (name, value) in expected {
            assert_eq!(fields[name], value, "{name}: {fields}");
        }
        for signal in Signal::ALL {
            let at = signal as usize;
            let name = ["spans", "metrics", "logs", "events"][at];
            assert_eq!(fields[format!("resident.{name}")], store.resident[at], "{fields}");
            assert_eq!(fields[format!("evicted.{name}")], store.evicted[at], "{fields}");
        }
    }

    #[test]
    fn without_a_store_its_counts_are_left_out() {
        let fields = line(None)["fields"].clone();
        assert_eq!(fields["received"], 20);
        assert_eq!(fields.get("resident.spans"), None, "{fields}");
    }
}
