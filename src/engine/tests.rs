use super::*;
use crate::columns::{EventsBuilder, Item, LogRow, LogsBuilder, Raw, SpanRow, SpansBuilder, Word};
use crate::intake::{Limits, Overflow, Parcel, PushError};
use crate::model::{DropReason, Signal, SpanId, TraceId};
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<View>>>;

fn started(retention: Retention, limits: Limits) -> (Engine, Intake, Seen) {
    let (intake, reader) = Intake::new(limits);
    let seen = Seen::default();
    let views = seen.clone();
    let engine =
        Engine::start(intake.clone(), reader, retention, move |view| views.lock().unwrap().push(view)).unwrap();
    (engine, intake, seen)
}

fn events(from: u64, count: u64) -> Batch {
    let mut events = EventsBuilder::default();
    (from..from + count).for_each(|n| events.push(&n.to_string(), "", Time(n), "", Word::EMPTY));
    events.finish()
}

fn spans(from: u64, count: u64) -> Batch {
    let mut spans = SpansBuilder::default();
    for n in from..from + count {
        let trace = TraceId(u128::from(n + 1).to_be_bytes());
        spans.push(SpanRow { trace, id: SpanId((n + 1).to_be_bytes()), ..SpanRow::default() });
    }
    spans.finish()
}

fn push(intake: &Intake, batch: Batch) -> Result<(), PushError> {
    let parcel = Parcel::new(SourceId(3), Time(1), vec![batch], 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(intake.push(parcel, Overflow::Wait))
}

#[test]
fn the_last_view_has_every_item_in_order() {
    let (engine, intake, seen) = started(Retention::default(), Limits::default());
    for n in 0..300 {
        push(&intake, events(n * 3, 3)).unwrap();
    }
    drop(engine);
    let views = seen.lock().unwrap();
    let view = views.last().unwrap();
    let rows = view.ring(Signal::Events).iter().flat_map(|chunk| chunk.batch.items().collect::<Vec<_>>());
    let kinds: Vec<String> =
        rows.map(|item| if let Item::Event(event) = item { event.kind().to_owned() } else { unreachable!() }).collect();
    assert_eq!(kinds, (0..900).map(|n| n.to_string()).collect::<Vec<_>>());
    let first = view.ring(Signal::Events)[0].run(0);
    assert_eq!((first.source, first.received), (SourceId(3), Time(1)));
    assert_eq!(view.end().0, 901);
}

#[test]
fn every_received_item_is_accounted_for() {
    let small = Retention { max_bytes: 400_000 };
    let (engine, intake, seen) = started(small, Limits { items: 500, bytes: 1 << 20 });
    for n in 0..200 {
        push(&intake, spans(n * 90, 100)).unwrap();
    }
    drop(engine);
    let counts = intake.counts();
    let total = counts.total;
    let views = seen.lock().unwrap();
    let counters = *views.last().unwrap().counters();
    let ring = Signal::Spans as usize;
    assert_eq!(total.received, 20_000);
    assert_eq!(total.duplicate, 199 * 10, "neighbouring requests overlap by ten spans");
    assert!(total.balanced());
    assert_eq!(total.stored, counters.stored[ring]);
    assert_eq!(counters.stored[ring], counters.resident[ring] + counters.evicted[ring]);
    assert!(counters.evicted[ring] > 0, "the buffer is too small for all items");
    let rows: usize = views.last().unwrap().ring(Signal::Spans).iter().map(|chunk| chunk.len()).sum();
    assert_eq!(rows as u64, counters.resident[ring]);
}

#[test]
fn stored_items_and_gaps_are_resident_or_evicted() {
    let small = Retention { max_bytes: 300_000 };
    let (engine, intake, seen) = started(small, Limits { items: 200, bytes: 1 << 20 });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for n in 0..2_000 {
        let mut events = EventsBuilder::default();
        (0..n % 7 * 20).for_each(|m| events.push(&format!("{n} {m}"), "", Time(n), "", Word::EMPTY));
        if n % 3 == 0 {
            events.push_gap("server", n % 4, Time(n));
        }
        let parcel = Parcel::new(SourceId((n % 2) as u16), Time(1), vec![events.finish()], n % 2);
        let overflow = if n % 5 == 0 { Overflow::Wait } else { Overflow::DropOldest };
        runtime.block_on(intake.push(parcel, overflow)).unwrap();
    }
    let counters = engine.stop().unwrap();
    assert_eq!(counters, *seen.lock().unwrap().last().unwrap().counters(), "the last view agrees");
    let total = intake.counts().total;
    let ring = Signal::Events as usize;
    assert!(total.balanced() && total.waiting == 0, "{total:?}");
    assert!(total.dropped() > 0 && counters.evicted[ring] > 0, "both queue and buffer are too small");
    assert_eq!(total.stored + total.gaps, counters.resident[ring] + counters.evicted[ring]);
}

#[test]
fn clearing_drops_all_rows_and_keeps_the_counts() {
    let (engine, intake, seen) = started(Retention::default(), Limits::default());
    push(&intake, events(0, 5)).unwrap();
    engine.clear();
    drop(engine);
    let views = seen.lock().unwrap();
    let counters = *views.last().unwrap().counters();
    assert_eq!((counters.stored, counters.resident), ([0, 0, 0, 5], [0; 4]));
    assert_eq!(intake.counts().total.stored, 5);
}

#[test]
fn an_oversized_item_leaves_a_gap() {
    let small = Retention { max_bytes: 1 << 20 };
    let (engine, intake, seen) = started(small, Limits::default());
    for size in [10, 2 << 20, 10] {
        let mut logs = LogsBuilder::default();
        for size in [5, size] {
            let body = logs.dictionary.make_word(Raw::Text("x".repeat(size).as_bytes()));
            logs.push(LogRow { body, ..LogRow::default() });
        }
        push(&intake, logs.finish()).unwrap();
    }
    let counters = engine.stop().unwrap();
    let total = intake.counts().total;
    assert!(total.balanced() && total.waiting == 0, "{total:?}");
    assert_eq!(total.dropped[DropReason::Oversize as usize], 1);
    assert_eq!((total.received, total.stored, total.gaps), (6, 5, 1));
    let sum = |counts: [u64; 4]| counts.iter().sum::<u64>();
    assert_eq!(total.stored + total.gaps, sum(counters.resident) + sum(counters.evicted));
    let views = seen.lock().unwrap();
    let view = views.last().unwrap();
    let gaps = view.ring(Signal::Events).iter().flat_map(|chunk| chunk.batch.items().collect::<Vec<_>>());
    let gaps: Vec<String> =
        gaps.map(|item| if let Item::Event(event) = item { event.kind().to_owned() } else { unreachable!() }).collect();
    assert_eq!(gaps, ["oversize"]);
}
