//! The rows of a chunk ordered by their key: spans and log records by trace, points by series.

use crate::columns::{Batch, Columns};
use crate::model::TraceId;

/// Chunks of at least this many rows are ordered; smaller ones are scanned.
const SMALLEST: usize = 4_096;
/// The maximum number of rows, since their indexes have two bytes.
const LARGEST: usize = 1 << 16;

/// The order of traces in [`Chunk::by_key`](super::Chunk::by_key): by the last six bytes, which are random in every common
/// way of making ids, then by the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TraceOrder(u128);

impl TraceOrder {
    /// The sort key of a trace.
    pub fn of(trace: TraceId) -> TraceOrder {
        TraceOrder(u128::from_be_bytes(trace.0).rotate_right(48))
    }

    fn first_bytes(self) -> u64 {
        (self.0 >> 80) as u64
    }
}

/// The size in bytes of a batch's order; 0 if it has none.
pub(super) fn bytes(batch: &Batch) -> usize {
    let keyed = (SMALLEST..=LARGEST).contains(&batch.len()) && !matches!(batch.columns, Columns::Events(_));
    if keyed { batch.len() * 2 } else { 0 }
}

/// The rows by trace or series, then by row; empty if the batch has no order.
pub(super) fn order(batch: &Batch) -> Box<[u16]> {
    if bytes(batch) == 0 {
        return Box::default();
    }
    match &batch.columns {
        Columns::Spans(spans) => by_trace(&spans.trace),
        Columns::Logs(logs) => by_trace(&logs.trace),
        Columns::Points(points) => sorted(points.series.iter().map(|series| u64::from(series.0))),
        Columns::Events(_) => Box::default(),
    }
}

/// The rows of one trace, ascending. `order` is that of the batch.
pub(super) fn rows_of_trace(batch: &Batch, order: &[u16], trace: TraceId) -> Vec<u32> {
    let traces = match &batch.columns {
        Columns::Spans(spans) => &spans.trace,
        Columns::Logs(logs) => &logs.trace,
        Columns::Points(_) | Columns::Events(_) => return Vec::new(),
    };
    if order.is_empty() {
        let rows = traces.iter().enumerate().filter(|(_, other)| **other == trace);
        return rows.map(|(row, _)| row as u32).collect();
    }
    let wanted = TraceOrder::of(trace);
    let of = |row: u16| TraceOrder::of(traces[usize::from(row)]);
    let start = order.partition_point(|row| of(*row) < wanted);
    order[start..].iter().take_while(|row| of(**row) == wanted).map(|row| u32::from(*row)).collect()
}

fn by_trace(traces: &[TraceId]) -> Box<[u16]> {
    let mut order = sorted(traces.iter().map(|trace| TraceOrder::of(*trace).first_bytes()));
    let of = |row: u16| TraceOrder::of(traces[usize::from(row)]);
    for run in order.chunk_by_mut(|a, b| of(*a).first_bytes() == of(*b).first_bytes()) {
        if run.iter().any(|row| of(*row) != of(run[0])) {
            run.sort_unstable_by_key(|row| (of(*row), *row));
        }
    }
    order
}

/// Sorts keys of at most 48 bits. Each key and its row are packed into one number, which sorts fast.
fn sorted(keys: impl Iterator<Item = u64>) -> Box<[u16]> {
    let mut order: Vec<u64> = keys.enumerate().map(|(row, key)| key << 16 | row as u64).collect();
    order.sort_unstable();
    order.into_iter().map(|entry| entry as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{SpanRow, SpansBuilder};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn the_order_finds_the_rows_that_a_scan_finds(
            seeds in prop::collection::vec((0u8..4, 0u8..4), 40),
            extra in 0usize..3_000,
        ) {
            // Ids that differ only in the last bytes, only in the first, or in both.
            let id = |(first, last): (u8, u8)| {
                let mut id = [7; 16];
                (id[0], id[15]) = (first, last);
                TraceId(id)
            };
            let mut spans = SpansBuilder::default();
            for row in 0..SMALLEST + extra {
                spans.push(SpanRow { trace: id(seeds[row * 31 % seeds.len()]), ..SpanRow::default() });
            }
            let batch = spans.finish();
            let order = order(&batch);
            prop_assert_eq!(order.len(), batch.len());
            for seed in seeds {
                let found = rows_of_trace(&batch, &order, id(seed));
                prop_assert_eq!(&found, &rows_of_trace(&batch, &[], id(seed)));
                prop_assert!(!found.is_empty());
            }
            prop_assert!(rows_of_trace(&batch, &order, TraceId([9; 16])).is_empty());
        }
    }

    #[test]
    fn small_batches_have_no_order() {
        let mut spans = SpansBuilder::default();
        spans.push(SpanRow::default());
        let batch = spans.finish();
        assert!(order(&batch).is_empty());
        assert_eq!(rows_of_trace(&batch, &[], TraceId::default()), [0]);
    }
}
