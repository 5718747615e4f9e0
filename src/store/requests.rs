//! Splits a view into the requests in which the items were received, for writing or sending them.

use super::chunk::Chunk;
use super::view::View;
use crate::columns::{Item, RowSet};
use crate::model::{Row, Signal, SourceId, Time};
use std::ops::Range;
use std::sync::Arc;

/// Neighbouring rows of one request from one source, such as one message of a file or a stream.
#[derive(Clone, Debug)]
pub struct Request {
    /// The arrival number of its first row; the next rows count on.
    pub row: Row,
    /// When it was received.
    pub received: Time,
    /// The source.
    pub source: SourceId,
    /// The chunk of its rows.
    pub chunk: Arc<Chunk>,
    /// Its rows within the chunk.
    pub rows: Range<usize>,
}

impl Request {
    /// Its items, in their order.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Item<'_>> {
        self.rows.clone().map(|row| self.chunk.batch.item(row))
    }

    /// The parts of it that remain when only these rows of its chunk stay: one request for each run of neighbours.
    pub fn only(&self, rows: &RowSet) -> Vec<Request> {
        let mut parts: Vec<Request> = Vec::new();
        let mut next = rows.next(self.rows.start);
        while let Some(row) = next.filter(|row| *row < self.rows.end) {
            match parts.last_mut() {
                Some(last) if last.rows.end == row => last.rows.end += 1,
                _ => {
                    let first = self.row.plus((row - self.rows.start) as u64);
                    parts.push(Request { row: first, rows: row..row + 1, ..self.clone() });
                }
            }
            next = rows.next(row + 1);
        }
        parts
    }
}

impl View {
    /// All requests of a view, in the order of arrival. A request with several signals is returned once per signal.
    pub fn requests(&self) -> impl Iterator<Item = Request> {
        let mut rings = Signal::ALL.map(|signal| self.ring_requests(signal).peekable());
        std::iter::from_fn(move || {
            let next = rings.iter_mut().enumerate().filter_map(|(at, ring)| Some((ring.peek()?.row, at))).min();
            next.and_then(|(_, at)| rings[at].next())
        })
    }

    fn ring_requests(&self, signal: Signal) -> impl Iterator<Item = Request> {
        self.ring(signal).iter().flat_map(|chunk| {
            let window = self.window(chunk);
            (0..chunk.runs.len()).filter_map(move |at| {
                let run = chunk.runs[at];
                let end = chunk.runs.get(at + 1).map_or(chunk.len(), |next| next.first as usize);
                let rows = (run.first as usize).max(window.start)..end.min(window.end);
                let row = run.row.plus(rows.start.saturating_sub(run.first as usize) as u64);
                let (received, source) = (run.received, run.source);
                (!rows.is_empty()).then(|| Request { row, received, source, chunk: Arc::clone(chunk), rows })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arrival, Retention, Store};
    use super::*;
    use crate::columns::{Batch, EventsBuilder, LogRow, LogsBuilder, Word};
    use proptest::prelude::*;

    fn batch(is_log: bool, count: usize) -> Batch {
        if is_log {
            let mut logs = LogsBuilder::default();
            (0..count).for_each(|_| logs.push(LogRow::default()));
            return logs.finish();
        }
        let mut events = EventsBuilder::default();
        (0..count).for_each(|_| events.push("e", "", Time(1), "", Word::EMPTY));
        events.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_view_is_its_requests_in_the_order_of_arrival(
            sent in prop::collection::vec((any::<bool>(), 1usize..50), 0..60), start in 0u64..300, end in 0u64..1_500,
            modulus in 1u64..4,
        ) {
            let mut store = Store::new(Retention { max_bytes: 1 << 30 });
            let mut expected = Vec::new();
            let mut row = 1;
            for (number, (is_log, count)) in sent.iter().enumerate() {
                let (source, received) = (SourceId(number as u16 % 3), Time(number as u64));
                store.push(batch(*is_log, *count), Arrival::one(source, received));
                let rows = row.max(start)..(row + *count as u64).min(end);
                if !rows.is_empty() {
                    expected.push((rows.start, rows.end - rows.start, source, received));
                }
                row += *count as u64;
            }
            let view = store.view().between(Row(start)..Row(end));
            let told = |request: &Request| (request.row.0, request.items().len() as u64, request.source, request.received);
            prop_assert_eq!(view.requests().map(|request| told(&request)).collect::<Vec<_>>(), expected);
            for request in view.requests() {
                let is_kept = |at| request.chunk.row(at).0.is_multiple_of(modulus);
                let parts = request.only(&RowSet::from_fn(request.chunk.len(), is_kept));
                let kept: Vec<u64> = parts.iter().flat_map(|part| part.row.0..part.row.0 + part.rows.len() as u64).collect();
                let all = request.row.0..request.row.0 + request.rows.len() as u64;
                prop_assert_eq!(kept, all.filter(|row| row.is_multiple_of(modulus)).collect::<Vec<_>>());
            }
        }
    }
}
