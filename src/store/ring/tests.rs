use super::*;
use crate::columns::{EventsBuilder, Item, LogRow, LogsBuilder, Raw, Word};
use proptest::prelude::*;

fn batch(from: usize, count: usize) -> Batch {
    let mut events = EventsBuilder::default();
    for n in from..from + count {
        events.push(&format!("event {n}"), "", Time(n as u64), "", Word::EMPTY);
    }
    events.finish()
}

fn kinds(view: &View) -> Vec<String> {
    let chunks = view.ring(Signal::Events).iter();
    let tell = |item: Item<'_>| match item {
        Item::Event(event) => event.kind().to_owned(),
        _ => String::new(),
    };
    chunks.flat_map(|chunk| chunk.batch.items().map(tell).collect::<Vec<_>>()).collect()
}

#[test]
fn merging_keeps_every_row_its_number_and_few_chunks() {
    let mut store = Store::new(Retention { max_bytes: 1 << 30 });
    for n in 0..5_000 {
        store.push(batch(n, 1), Arrival::one(SourceId(1), Time(n as u64)));
    }
    let view = store.view();
    assert_eq!(kinds(&view), (0..5_000).map(|n| format!("event {n}")).collect::<Vec<_>>());
    assert!(view.ring(Signal::Events).len() < 64, "{} chunks", view.ring(Signal::Events).len());
    for n in [0, 1, 17, 255, 256, 4_095, 4_999] {
        let found = view.locate(Row(n + 1)).unwrap();
        assert_eq!(found.chunk.row(found.index), Row(n + 1));
        assert_eq!(found.chunk.run(found.index).received, Time(n));
        let Item::Event(event) = found.chunk.batch.item(found.index) else { unreachable!() };
        assert_eq!(event.kind(), format!("event {n}"));
    }
}

#[test]
fn a_full_ring_lets_go_of_the_oldest_and_counts_them() {
    let mut store = Store::new(Retention { max_bytes: 1 << 20 });
    for n in 0..20_000 {
        store.push(batch(n, 1), Arrival::one(SourceId(1), Time(1)));
    }
    let counters = store.counters();
    let ring = Signal::Events as usize;
    assert_eq!(counters.stored[ring], 20_000);
    assert_eq!(counters.stored[ring], counters.resident[ring] + counters.evicted[ring]);
    assert!(counters.evicted[ring] > 0);
    let view = store.view();
    assert_eq!(kinds(&view).len() as u64, counters.resident[ring]);
    assert_eq!(kinds(&view).last().unwrap(), "event 19999");
    assert_eq!(counters.bytes[ring], view.ring(Signal::Events).iter().map(|chunk| chunk.bytes).sum::<usize>());
    assert!(view.locate(Row(1)).is_none(), "evicted");
}

#[test]
fn a_view_never_changes() {
    let mut store = Store::new(Retention::default());
    store.push(batch(0, 3), Arrival::one(SourceId(1), Time(1)));
    let view = store.view();
    store.push(batch(3, 3), Arrival::one(SourceId(1), Time(1)));
    store.clear();
    assert_eq!(kinds(&view).len(), 3);
    assert_eq!(kinds(&store.view()).len(), 0);
    assert_eq!(store.counters().evicted[Signal::Events as usize], 6);
}

#[test]
fn views_share_what_did_not_change() {
    let mut store = Store::new(Retention::default());
    store.push(batch(0, 3), Arrival::one(SourceId(1), Time(1)));
    let (a, b) = (store.view(), store.view());
    assert!(std::ptr::eq(a.ring(Signal::Events), b.ring(Signal::Events)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_sizes_of_requests_keep_order_and_little_work(sizes in prop::collection::vec(1usize..300, 1..200)) {
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        let mut from = 0;
        for size in &sizes {
            store.push(batch(from, *size), Arrival::one(SourceId(0), Time(1)));
            from += size;
        }
        let view = store.view();
        prop_assert_eq!(kinds(&view), (0..from).map(|n| format!("event {n}")).collect::<Vec<_>>());
        let chunks = view.ring(Signal::Events).len();
        prop_assert!(chunks <= 64, "{} chunks", chunks);
    }
}

fn logs(count: usize, body: usize) -> Batch {
    let mut logs = LogsBuilder::default();
    for number in 0..count {
        let text = format!("{number} {}", "x".repeat(body));
        let body = logs.dictionary.make_word(Raw::Text(text.as_bytes()));
        logs.push(LogRow { body, ..LogRow::default() });
    }
    logs.finish()
}

const EVENTS: usize = Signal::Events as usize;
const LOGS: usize = Signal::Logs as usize;
const SMALL: Retention = Retention { max_bytes: 1 << 20 };

fn assert_bounded(store: &mut Store) {
    let counters = store.counters();
    assert!(counters.total_bytes() <= store.retention.max_bytes, "{counters:?}");
    for ring in 0..4 {
        assert_eq!(counters.stored[ring], counters.resident[ring] + counters.evicted[ring], "{counters:?}");
    }
    let view = store.view();
    let bytes: usize = view.chunks().map(|chunk| chunk.bytes).sum();
    assert_eq!(bytes, counters.total_bytes());
    assert_eq!(view.len(), counters.resident.iter().sum::<u64>());
}

#[test]
fn one_large_batch_leaves_its_youngest_rows_within_bounds() {
    let mut store = Store::new(SMALL);
    assert!(store.push(batch(0, 300_000), Arrival::one(SourceId(1), Time(5))).is_empty());
    assert_bounded(&mut store);
    let view = store.view();
    assert_eq!(store.counters().stored[EVENTS], 300_000);
    assert_eq!(view.end(), Row(300_001));
    let kept = kinds(&view);
    assert!(kept.len() > 5_000, "{}", kept.len());
    assert_eq!(kept.last().unwrap(), "event 299999");
    assert_eq!(store.counters().back_to, Some(Time(5)));
}

#[test]
fn a_split_batch_keeps_numbers_and_arrivals() {
    let mut store = Store::new(Retention { max_bytes: 64 << 20 });
    let arrivals =
        (0..200_000 / 7).map(|n| Arrival { first: n * 7, received: Time(u64::from(n) + 1), source: SourceId(2) });
    store.push(batch(0, 200_000), arrivals.collect());
    assert_bounded(&mut store);
    let view = store.view();
    assert_eq!(store.counters().evicted[EVENTS], 0);
    assert!(view.chunks().all(|chunk| chunk.len() <= MAX_ROWS));
    for n in [0, 1, 6, 7, 65_535, 65_536, 123_456, 199_990] {
        let found = view.locate(Row(n + 1)).unwrap();
        assert_eq!(found.chunk.run(found.index).received, Time(n / 7 + 1));
        let Item::Event(event) = found.chunk.batch.item(found.index) else { unreachable!() };
        assert_eq!(event.kind(), format!("event {n}"));
    }
}

#[test]
fn an_item_larger_than_the_buffer_becomes_a_gap() {
    let mut store = Store::new(SMALL);
    let mut logs = LogsBuilder::default();
    for size in [10, 2 << 20, 10] {
        let body = logs.dictionary.make_word(Raw::Text("x".repeat(size).as_bytes()));
        logs.push(LogRow { body, ..LogRow::default() });
    }
    let oversize = store.push(logs.finish(), Arrival::one(SourceId(3), Time(7)));
    assert_eq!(oversize, [Oversize { source: SourceId(3) }]);
    assert_bounded(&mut store);
    let counters = store.counters();
    assert_eq!((counters.stored[LOGS], counters.stored[EVENTS]), (2, 1));
    let view = store.view();
    let located = view.locate(Row(2)).unwrap();
    let Item::Event(event) = located.chunk.batch.item(located.index) else { panic!("a gap in its place") };
    assert_eq!((event.kind(), event.gap().map(|gap| gap.dropped)), ("oversize", Some(1)));
    assert_eq!(located.chunk.run(located.index).received, Time(7));
}

#[test]
fn unused_room_is_lent_and_given_back() {
    let mut store = Store::new(SMALL);
    for number in 0..3_000 {
        store.push(batch(number * 20, 20), Arrival::one(SourceId(1), Time(number as u64)));
    }
    let lent = store.counters().bytes[EVENTS];
    assert!(lent > SMALL.max_bytes * 9 / 10, "{lent} of all, not 5 % of it");
    for _ in 0..300 {
        store.push(logs(20, 60), Arrival::one(SourceId(1), Time(9_000)));
        assert_bounded(&mut store);
    }
    let counters = store.counters();
    assert!(counters.bytes[EVENTS] < lent / 2, "events gave room back: {counters:?}");
    let share = SMALL.share(Signal::Events);
    assert!(counters.bytes[EVENTS] + share / 8 > share, "but not what is theirs: {counters:?}");
}

#[test]
fn a_signal_within_its_share_loses_nothing_to_a_flood() {
    let mut store = Store::new(SMALL);
    store.push(logs(500, 100), Arrival::one(SourceId(1), Time(1)));
    assert!(store.counters().bytes[LOGS] < SMALL.share(Signal::Logs));
    for number in 0..2_000 {
        store.push(batch(number * 50, 50), Arrival::one(SourceId(1), Time(2)));
    }
    let counters = store.counters();
    assert!(counters.evicted[EVENTS] > 0);
    assert_eq!(counters.evicted[LOGS], 0);
}

#[test]
fn the_buffer_knows_how_far_back_it_reaches() {
    let mut store = Store::new(SMALL);
    let mut second = 0;
    while store.counters().evicted[EVENTS] == 0 {
        assert_eq!(store.counters().back_to, None, "nothing is missing yet");
        second += 1;
        store.push(batch(0, 100), Arrival::one(SourceId(1), Time(second)));
    }
    store.push(batch(0, 100), Arrival::one(SourceId(1), Time(second + 1)));
    let view = store.view();
    let oldest = view.ring(Signal::Events)[0].received.start;
    let back_to = store.counters().back_to.unwrap();
    assert!(back_to < oldest && oldest.0 - back_to.0 <= 1, "{back_to:?} {oldest:?}");
    store.clear();
    assert_eq!(store.counters().back_to, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn memory_is_bounded_whatever_is_sent(
        requests in prop::collection::vec((any::<bool>(), 1usize..4_000, 0u32..22), 1..30),
    ) {
        let mut store = Store::new(SMALL);
        let mut gaps = 0;
        for (is_log, count, size) in requests {
            let size = 1usize << size;
            let count = count.min((4 << 20) / size).max(1);
            let batch = if is_log { logs(count, size) } else { batch(0, count) };
            gaps += store.push(batch, Arrival::one(SourceId(1), Time(1))).len() as u64;
            assert_bounded(&mut store);
        }
        prop_assert!(store.counters().stored[EVENTS] >= gaps);
    }
}
