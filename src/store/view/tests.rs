use super::super::{Anchor, Arrival, ChunkId, Feed, KnownSource, Retention, Run, Store};
use super::*;
use crate::columns::{Batch, EventsBuilder, LogRow, LogsBuilder, SpanRow, SpansBuilder, Word};
use crate::model::{SourceId, SourceKind};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

const HUGE: Retention = Retention { max_bytes: 1 << 30 };

fn trace(number: usize) -> TraceId {
    TraceId((number as u128 + 1).to_be_bytes())
}

fn spans(traces: impl Iterator<Item = usize>) -> Batch {
    let mut spans = SpansBuilder::default();
    traces.for_each(|number| spans.push(SpanRow { trace: trace(number), ..SpanRow::default() }));
    spans.finish()
}

fn logs(traces: impl Iterator<Item = usize>) -> Batch {
    let mut logs = LogsBuilder::default();
    traces.for_each(|number| logs.push(LogRow { trace: trace(number), ..LogRow::default() }));
    logs.finish()
}

fn events(count: usize) -> Batch {
    let mut events = EventsBuilder::default();
    (0..count).for_each(|_| events.push("e", "", Time(1), "", Word::EMPTY));
    events.finish()
}

/// A store with requests of logs and events, one a second.
fn store(requests: &[(bool, usize)]) -> Store {
    let mut store = Store::new(HUGE);
    for (second, (is_log, count)) in requests.iter().enumerate() {
        let batch = if *is_log { logs(0..*count) } else { events(*count) };
        store.push(batch, Arrival::one(SourceId(1), Time(second as u64 + 1)));
    }
    store
}

/// All rows of a view by number, with their times of receipt.
fn rows(view: &View) -> BTreeMap<u64, u64> {
    let of = |chunk: &Arc<Chunk>| {
        let row = |index| (chunk.row(index).0, chunk.run(index).received.0);
        view.window(chunk).map(row).collect::<Vec<_>>()
    };
    view.chunks().flat_map(of).collect()
}

fn whole_feed(view: &View) -> Vec<u64> {
    let page = Feed::new(view, |_| None).page(Anchor::Newest, 100_000, 0);
    page.hits.iter().map(|hit| hit.row.0).collect()
}

fn run(row: u64) -> Run {
    Run { first: 0, row: Row(row), received: Time(row), source: SourceId(7) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_cut_view_has_the_rows_of_its_range(
        requests in prop::collection::vec((any::<bool>(), 1usize..60), 0..40), start in 0u64..600, end in 0u64..1_400,
    ) {
        let view = store(&requests).view();
        let cut = view.between(Row(start)..Row(end));
        let expected: Vec<u64> = rows(&view).into_keys().filter(|row| (start..end).contains(row)).collect();
        prop_assert_eq!(rows(&cut).into_keys().collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(whole_feed(&cut), expected.clone());
        let forward = Feed::new(&cut, |_| None).page(Anchor::At(Row(0)), 10, 100_000);
        prop_assert_eq!(forward.hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(cut.len(), expected.len() as u64);
        prop_assert_eq!(cut.counters().stored, cut.counters().resident);
        let located = (0..1_400).filter(|row| cut.locate(Row(*row)).is_some()).collect::<Vec<_>>();
        prop_assert_eq!(located, expected);
    }

    #[test]
    fn a_view_up_to_a_time_ends_before_what_came_later(
        requests in prop::collection::vec((any::<bool>(), 1usize..60), 0..40), second in 0u64..45,
    ) {
        let view = store(&requests).view();
        let expected: BTreeMap<u64, u64> = rows(&view).into_iter().filter(|(_, received)| *received <= second).collect();
        prop_assert_eq!(rows(&view.until(Time(second))), expected);
    }

    #[test]
    fn a_trace_is_found_in_small_and_large_chunks(sizes in prop::collection::vec(1usize..9_000, 1..6), wanted in 0usize..50) {
        let mut store = Store::new(HUGE);
        let mut expected = Vec::new();
        let mut next = 1;
        for (number, size) in sizes.iter().enumerate() {
            let of = |at: usize| at * 7 % 40;
            store.push(spans((0..*size).map(of)), Arrival::one(SourceId(1), Time(number as u64)));
            expected.extend((0..*size).filter(|at| of(*at) == wanted).map(|at| next + at as u64));
            next += *size as u64;
        }
        store.push(logs(0..60), Arrival::one(SourceId(1), Time(1)));
        expected.push(next + wanted as u64);
        let view = store.view();
        let found: Vec<u64> = view.rows_of_trace(trace(wanted)).map(|hit| hit.row.0).collect();
        prop_assert_eq!(found, expected);
        let half = view.between(Row(1)..Row(next / 2));
        prop_assert!(half.rows_of_trace(trace(wanted)).all(|hit| hit.row.0 < next / 2));
    }

    #[test]
    fn a_merged_chunk_is_covered_by_what_is_known(
        sizes in prop::collection::vec(1usize..200, 1..300), modulus in 1usize..6,
    ) {
        let mut store = Store::new(HUGE);
        let mut seen: BTreeMap<ChunkId, Range<u64>> = BTreeMap::new();
        for (number, size) in sizes.iter().enumerate() {
            store.push(events(*size), Arrival::one(SourceId(1), Time(1)));
            if number % modulus == 0 {
                seen.extend(store.view().chunks().map(|chunk| (chunk.id, chunk.first_row().0..chunk.last_row().0 + 1)));
            }
        }
        for chunk in store.view().chunks() {
            let first = chunk.first_row().0;
            let cover = chunk.cover(|id| seen.contains_key(&id));
            let mut covered = HashSet::new();
            for ancestor in &cover.known {
                let range = u64::from(ancestor.rows.start) + first..u64::from(ancestor.rows.end) + first;
                prop_assert_eq!(&seen[&ancestor.id], &range);
                prop_assert!(ancestor.rows.clone().all(|row| covered.insert(row)));
            }
            prop_assert!(cover.rest.iter().all(|rest| rest.clone().all(|row| covered.insert(row))));
            prop_assert_eq!(covered.len(), chunk.len());
        }
    }
}

#[test]
fn a_merged_chunk_knows_its_parents_and_theirs() {
    let chunks = |numbers: Range<u64>| -> Vec<Arc<Chunk>> {
        numbers.map(|number| Arc::new(Chunk::seal(events(2), vec![run(number * 2)]))).collect()
    };
    let (young, old) = (chunks(1..3), chunks(3..5));
    let parents = [Arc::new(Chunk::merge(&young).unwrap()), Arc::new(Chunk::merge(&old).unwrap())];
    let merged = Chunk::merge(&parents).unwrap();
    let all = parents.iter().chain(&young).chain(&old).map(|chunk| chunk.id).collect::<Vec<_>>();
    assert_eq!(merged.lineage().iter().map(|ancestor| ancestor.id).collect::<Vec<_>>(), all);
    let known = [parents[0].id, young[1].id, old[1].id];
    let cover = merged.cover(|id| known.contains(&id));
    let covering: Vec<_> = cover.known.iter().map(|ancestor| (ancestor.id, ancestor.rows.clone())).collect();
    assert_eq!(covering, [(parents[0].id, 0..4), (old[1].id, 6..8)]);
    assert_eq!(cover.rest.as_slice(), std::slice::from_ref(&(4..6)));
}

#[test]
fn chunk_ids_differ_whoever_makes_the_chunks() {
    let make = || (0..50).map(|row| Chunk::seal(events(1), vec![run(row)]).id).collect::<Vec<_>>();
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(make)).collect();
    let ids: Vec<ChunkId> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 200);
}

#[test]
fn anybody_can_make_a_view_of_chunks() {
    let chunk = |batch, row| Arc::new(Chunk::seal(batch, vec![run(row)]));
    let label = "shop.otail".to_owned();
    let names = SourceNames::new(vec![KnownSource { id: SourceId(7), label, kind: SourceKind::read("file") }]);
    let view = View::of([chunk(events(3), 10), chunk(logs(0..2), 4), chunk(events(3), 1)], names).unwrap();
    assert_eq!(whole_feed(&view), [1, 2, 3, 4, 5, 10, 11, 12]);
    assert_eq!((view.len(), view.end()), (8, Row(13)));
    assert_eq!(view.counters().resident, [0, 0, 2, 6]);
    assert_eq!(view.counters().total_bytes(), view.chunks().map(|chunk| chunk.bytes).sum::<usize>());
    assert_eq!(view.sources().get(SourceId(7)).unwrap().label, "shop.otail");
    let twice = View::of([chunk(events(3), 1), chunk(events(3), 3)], SourceNames::default());
    assert_eq!(twice.unwrap_err(), Overlap { signal: Signal::Events, row: Row(3) });
}

#[test]
fn views_with_the_same_rows_have_one_id() {
    let mut store = store(&[(true, 3), (false, 2)]);
    let view = store.view();
    assert_eq!(store.view().id(), view.id());
    assert_eq!(view.clone().with_sources(SourceNames::new(Vec::new())).id(), view.id());
    assert_ne!(view.emptied().id(), view.id());
    assert_ne!(view.between(Row(1)..Row(3)).id(), view.id());
    store.push(events(1), Arrival::one(SourceId(1), Time(9)));
    let grown = store.view();
    assert_ne!(grown.id(), view.id());
    store.clear();
    assert_ne!(store.view().id(), grown.id());
}
