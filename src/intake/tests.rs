//! The rules of the queue, tested through its public interface.

use super::*;
use crate::columns::{EventsBuilder, SpanRow, SpansBuilder, Word};
use crate::model::{SourceId, SpanId, Time};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::time::Duration;

const NO_WAIT: Duration = Duration::ZERO;
const SMALL: Limits = Limits { items: 4, bytes: usize::MAX };

/// Events named `first`, `first + 1`, …
fn events(source: u16, first: u64, count: u64) -> Parcel {
    let mut events = EventsBuilder::default();
    (first..first + count).for_each(|id| events.push(&id.to_string(), "", Time(1), "", Word::EMPTY));
    Parcel::new(SourceId(source), Time(1 + first), vec![events.finish()], 0)
}

fn spans(source: u16, ids: &[u64]) -> Parcel {
    let mut spans = SpansBuilder::default();
    ids.iter().for_each(|id| spans.push(SpanRow { id: SpanId(id.to_be_bytes()), ..SpanRow::default() }));
    Parcel::new(SourceId(source), Time(9), vec![spans.finish()], 0)
}

/// An event and a gap row of the source, or the gap row alone.
fn gap(source: u16, event: Option<u64>, lost: u64) -> Parcel {
    let mut events = EventsBuilder::default();
    event.iter().for_each(|id| events.push(&id.to_string(), "", Time(1), "", Word::EMPTY));
    events.push_gap("server", lost, Time(1));
    Parcel::new(SourceId(source), Time(7), vec![events.finish()], 0)
}

/// The contents of the parcels: names of events, `-n` for a gap of `n` items.
fn names(parcels: &[Parcel]) -> Vec<String> {
    let batches = parcels.iter().flat_map(|parcel| &parcel.batches);
    let items = batches.flat_map(|batch| batch.items().collect::<Vec<_>>());
    items
        .map(|item| match item {
            crate::columns::Item::Event(event) => match event.gap() {
                Some(gap) => format!("-{}", gap.dropped),
                None => event.kind().to_owned(),
            },
            other => format!("{:?}", other.signal()),
        })
        .collect()
}

#[tokio::test]
async fn parcels_leave_in_the_order_of_arrival() {
    let (intake, mut reader) = Intake::new(Limits::default());
    intake.push(events(1, 0, 2), Overflow::Wait).await.unwrap();
    intake.push(events(2, 2, 1), Overflow::DropOldest).await.unwrap();
    intake.push(events(1, 3, 1), Overflow::Refuse).await.unwrap();
    assert_eq!(names(&reader.drain(NO_WAIT)), ["0", "1", "2", "3"]);
    assert!(reader.drain(NO_WAIT).is_empty());
}

#[tokio::test]
async fn a_refused_request_is_not_counted_as_received() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 4), Overflow::Refuse).await.unwrap();
    assert_eq!(intake.push(events(1, 4, 1), Overflow::Refuse).await, Err(PushError::Full));
    let counts = intake.counts().of(SourceId(1));
    assert_eq!((counts.received, counts.refused), (4, 1));
    assert_eq!(names(&reader.drain(NO_WAIT)).len(), 4);
}

#[tokio::test]
async fn a_request_enters_when_room_comes_in_time() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 4), Overflow::Refuse).await.unwrap();
    let mut waiting = Box::pin(intake.push(events(1, 4, 1), Overflow::Refuse));
    assert!(waiting.as_mut().now_or_never().is_none());
    reader.drain(NO_WAIT);
    waiting.await.unwrap();
    assert_eq!(names(&reader.drain(NO_WAIT)), ["4"]);
}

#[tokio::test]
async fn waiting_senders_enter_in_order() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 3), Overflow::Wait).await.unwrap();
    let mut large = Box::pin(intake.push(events(1, 10, 4), Overflow::Wait));
    assert!(large.as_mut().now_or_never().is_none());
    // There is room for this one, but it came later.
    let mut small = Box::pin(intake.push(events(1, 20, 1), Overflow::Wait));
    assert!(small.as_mut().now_or_never().is_none());
    reader.drain(NO_WAIT);
    large.await.unwrap();
    assert!(small.as_mut().now_or_never().is_none());
    assert_eq!(names(&reader.drain(NO_WAIT)), ["10", "11", "12", "13"]);
    small.await.unwrap();
}

#[tokio::test]
async fn a_sender_that_gives_up_changes_nothing() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 4), Overflow::Wait).await.unwrap();
    assert!(intake.push(events(1, 4, 1), Overflow::Wait).now_or_never().is_none());
    assert_eq!(intake.counts().total.received, 4);
    reader.drain(NO_WAIT);
    intake.push(events(1, 5, 1), Overflow::Wait).await.unwrap();
    assert_eq!(names(&reader.drain(NO_WAIT)), ["5"]);
}

#[tokio::test]
async fn a_full_stream_drops_its_oldest_for_one_gap() {
    let (intake, mut reader) = Intake::new(SMALL);
    for id in 0..7 {
        intake.push(events(1, id, 1), Overflow::DropOldest).await.unwrap();
    }
    assert_eq!(names(&reader.drain(NO_WAIT)), ["-3", "3", "4", "5", "6"]);
    let counts = intake.counts().of(SourceId(1));
    assert_eq!((counts.received, counts.dropped(), counts.waiting, counts.gaps), (7, 3, 4, 1));
}

#[tokio::test]
async fn each_stream_hit_by_a_flood_gets_a_gap() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 1), Overflow::DropOldest).await.unwrap();
    for id in 10..15 {
        intake.push(events(2, id, 1), Overflow::DropOldest).await.unwrap();
    }
    assert_eq!(names(&reader.drain(NO_WAIT)), ["-1", "-1", "11", "12", "13", "14"]);
}

#[tokio::test]
async fn dropping_a_gap_row_keeps_its_losses() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(gap(1, None, 5), Overflow::DropOldest).await.unwrap();
    intake.push(gap(1, Some(0), 2), Overflow::DropOldest).await.unwrap();
    intake.push(events(1, 1, 4), Overflow::DropOldest).await.unwrap();
    assert_eq!(intake.counts().total.gaps, 1, "one gap for both");
    assert_eq!(names(&reader.drain(NO_WAIT)), ["-8", "1", "2", "3", "4"]);
    let counts = intake.counts().of(SourceId(1));
    assert_eq!((counts.received, counts.dropped(), counts.gaps), (5, 1, 1));
}

#[tokio::test]
async fn a_gap_may_have_any_size() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(gap(1, Some(0), u64::MAX), Overflow::DropOldest).await.unwrap();
    intake.push(gap(1, Some(1), u64::MAX), Overflow::DropOldest).await.unwrap();
    intake.push(events(1, 2, 4), Overflow::DropOldest).await.unwrap();
    assert_eq!(names(&reader.drain(NO_WAIT))[0], format!("-{}", u64::MAX));
}

#[tokio::test]
async fn acknowledged_items_are_never_dropped_for_a_stream() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 4), Overflow::Refuse).await.unwrap();
    intake.push(events(2, 10, 1), Overflow::DropOldest).await.unwrap();
    intake.push(events(2, 11, 2), Overflow::DropOldest).await.unwrap();
    assert_eq!(names(&reader.drain(NO_WAIT)), ["0", "1", "2", "3", "-3"]);
    assert_eq!(intake.counts().of(SourceId(2)).dropped(), 3);
}

#[tokio::test]
async fn a_giant_enters_only_an_empty_queue() {
    let parcel = events(1, 0, 100);
    let (intake, mut reader) = Intake::new(Limits { items: u64::MAX, bytes: parcel.bytes / 2 });
    intake.push(parcel, Overflow::Wait).await.unwrap();
    assert!(intake.push(events(1, 100, 1), Overflow::Wait).now_or_never().is_none());
    assert_eq!(names(&reader.drain(NO_WAIT)).len(), 100);
}

#[tokio::test]
async fn parcels_of_duplicates_alone_vanish() {
    let (intake, mut reader) = Intake::new(Limits::default());
    intake.push(spans(1, &[1, 2]), Overflow::Wait).await.unwrap();
    intake.push(spans(2, &[2, 1]), Overflow::Wait).await.unwrap();
    let parcels = reader.drain(NO_WAIT);
    assert_eq!(parcels.len(), 1);
    reader.settle(SourceId(1), 2, 0);
    let counts = intake.counts();
    assert_eq!(counts.of(SourceId(2)).duplicate, 2);
    assert_eq!((counts.total.received, counts.total.stored, counts.total.waiting), (4, 2, 0));
    assert_eq!(counts.total.received_by_signal, [4, 0, 0, 0]);
}

#[tokio::test]
async fn rejected_items_count_as_received() {
    let (intake, mut reader) = Intake::new(Limits::default());
    intake.push(Parcel::new(SourceId(1), Time(3), Vec::new(), 5), Overflow::Refuse).await.unwrap();
    let counts = intake.counts().of(SourceId(1));
    assert_eq!((counts.received, counts.rejected, counts.last_received), (5, 5, Time(3)));
    assert!(reader.drain(NO_WAIT).is_empty());
}

#[test]
fn skipped_items_leave_one_gap_row() {
    let (intake, mut reader) = Intake::new(Limits::default());
    for items in [400, 12] {
        intake.skip(SourceId(1), items, Time(1));
    }
    intake.push(events(1, 0, 0), Overflow::Wait).now_or_never().unwrap().unwrap();
    intake.mark_skipped(SourceId(1), Time(2));
    intake.push(events(1, 7, 1), Overflow::Wait).now_or_never().unwrap().unwrap();
    intake.mark_skipped(SourceId(1), Time(3));
    intake.mark_skipped(SourceId(2), Time(3));
    assert_eq!(names(&reader.drain(NO_WAIT)), ["-412", "7"]);
    let counts = reader.counts().total;
    assert_eq!((counts.skipped, counts.gaps, counts.dropped()), (412, 1, 0));
}

#[test]
fn a_new_parcel_wakes_the_reader() {
    let (intake, mut reader) = Intake::new(Limits::default());
    let thread = std::thread::spawn(move || names(&reader.drain(Duration::from_secs(60))));
    intake.push(events(1, 0, 1), Overflow::Refuse).now_or_never().unwrap().unwrap();
    assert_eq!(thread.join().unwrap(), ["0"]);
}

#[test]
fn empty_parcels_do_not_wake_the_reader() {
    let (intake, mut reader) = Intake::new(Limits::default());
    let (drained, drains) = std::sync::mpsc::channel();
    std::thread::spawn(move || drained.send(names(&reader.drain(Duration::from_secs(3_600)))));
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(10));
        intake.push(events(1, 0, 0), Overflow::Refuse).now_or_never().unwrap().unwrap();
    }
    std::thread::sleep(Duration::from_millis(10));
    intake.push(events(1, 7, 1), Overflow::Refuse).now_or_never().unwrap().unwrap();
    assert_eq!(drains.recv_timeout(Duration::from_secs(20)).unwrap(), ["7"]);
}

#[test]
fn a_nudge_and_the_end_wake_the_reader() {
    let (intake, mut reader) = Intake::new(Limits::default());
    intake.nudge();
    assert!(reader.drain(Duration::from_secs(60)).is_empty());
    assert!(!reader.is_closed());
    intake.close();
    assert!(reader.drain(Duration::from_secs(60)).is_empty());
    assert!(reader.is_closed());
}

#[tokio::test]
async fn a_closed_queue_is_drained_and_refuses_parcels() {
    let (intake, mut reader) = Intake::new(SMALL);
    intake.push(events(1, 0, 4), Overflow::Wait).await.unwrap();
    let mut first = Box::pin(intake.push(events(1, 4, 1), Overflow::Wait));
    let mut second = Box::pin(intake.push(events(1, 5, 1), Overflow::Refuse));
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());
    intake.close();
    assert_eq!(first.await, Err(PushError::Closed));
    assert_eq!(second.await, Err(PushError::Closed));
    assert!(!reader.is_closed());
    assert_eq!(reader.drain(NO_WAIT).len(), 1);
    assert!(reader.is_closed());
    assert_eq!(intake.push(events(2, 0, 3), Overflow::DropOldest).await, Err(PushError::Closed));
    assert_eq!(intake.counts().of(SourceId(2)).dropped(), 3);
}

#[test]
fn items_left_out_count_as_filtered() {
    let (intake, _reader) = Intake::new(Limits::default());
    intake.leave_out(SourceId(1), 3, Time(5));
    let counts = intake.counts().of(SourceId(1));
    assert_eq!((counts.received, counts.filtered, counts.last_received), (3, 3, Time(5)));
    assert!(counts.balanced());
}

#[derive(Clone, Debug)]
enum Step {
    Push { source: u16, ids: Vec<u64>, rejected: u64, overflow: Overflow },
    Gap { source: u16, event: Option<u64>, lost: u64, overflow: Overflow },
    Drain,
    Settle { stored: u64, filtered: u64 },
    Skip(u16, u64),
    Reject(u16, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let overflow = prop_oneof![Just(Overflow::Refuse), Just(Overflow::Wait), Just(Overflow::DropOldest)];
    let gap = (0..3u16, prop::option::of(0..12u64), 0..5u64, overflow.clone())
        .prop_map(|(source, event, lost, overflow)| Step::Gap { source, event, lost, overflow });
    let push = (0..3u16, prop::collection::vec(0..12u64, 0..5), 0..3u64, overflow)
        .prop_map(|(source, ids, rejected, overflow)| Step::Push { source, ids, rejected, overflow });
    let step = prop_oneof![
        6 => push,
        3 => gap,
        2 => Just(Step::Drain),
        2 => (0..4u64, 0..4u64).prop_map(|(stored, filtered)| Step::Settle { stored, filtered }),
        1 => (0..3u16, 0..5u64).prop_map(|(source, items)| Step::Skip(source, items)),
        1 => (0..3u16, 0..5u64).prop_map(|(source, items)| Step::Reject(source, items)),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn the_counts_always_add_up(steps in steps(), end in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _inside = runtime.enter();
        let (intake, mut reader) = Intake::new(Limits { items: 9, bytes: usize::MAX });
        let (mut sent, mut drained, mut gap_sum, mut gap_rows, mut told) = (0, 0, 0, 0, 0);
        let mut hands = [0u64; 3];
        for step in steps {
            match step {
                Step::Push { source, ids, rejected, overflow } => {
                    let parcel = Parcel { rejected, ..spans(source, &ids) };
                    if let Some(Ok(())) = intake.push(parcel, overflow).now_or_never() {
                        sent += ids.len() as u64 + rejected;
                    }
                }
                Step::Gap { source, event, lost, overflow } => {
                    if let Some(Ok(())) = intake.push(gap(source, event, lost), overflow).now_or_never() {
                        sent += u64::from(event.is_some());
                        told += lost;
                    }
                }
                Step::Drain => {
                    for parcel in reader.drain(NO_WAIT) {
                        hands[usize::from(parcel.source.0)] += parcel.items;
                        drained += parcel.items;
                        let names = names(std::slice::from_ref(&parcel));
                        gap_rows += names.iter().filter(|name| name.starts_with('-')).count() as u64;
                        gap_sum += names.iter().filter_map(|name| name.strip_prefix('-')?.parse::<u64>().ok()).sum::<u64>();
                    }
                    // Losses before the queue and losses in the queue both have gap rows, and every gap row is counted.
                    prop_assert_eq!(intake.counts().total.dropped() + told, gap_sum);
                    prop_assert_eq!(intake.counts().total.gaps, gap_rows);
                    prop_assert_eq!(intake.counts().fill, Fill::default());
                }
                Step::Settle { stored, filtered } => {
                    for (source, held) in hands.iter_mut().enumerate() {
                        let stored = stored.min(*held);
                        let filtered = filtered.min(*held - stored);
                        *held -= stored + filtered;
                        reader.settle(SourceId(source as u16), stored, filtered);
                    }
                }
                Step::Skip(source, items) => {
                    intake.skip(SourceId(source), items, Time(1));
                    sent += items;
                }
                Step::Reject(source, items) => {
                    intake.reject(SourceId(source), items, Time(1));
                    sent += items;
                }
            }
            let counts = intake.counts();
            prop_assert!(counts.total.balanced(), "{:?}", counts);
            prop_assert!(counts.sources.iter().all(|(_, counts)| counts.balanced()));
            prop_assert_eq!(counts.total.received, sent);
            let settled = counts.total.stored + counts.total.filtered;
            prop_assert_eq!(counts.total.waiting, counts.fill.items + drained - settled);
            prop_assert!(counts.fill.items <= 9);
        }
        if end {
            drop(reader);
            let counts = intake.counts();
            prop_assert!(counts.total.balanced());
            prop_assert_eq!(counts.total.waiting, hands.iter().sum::<u64>());
            prop_assert_eq!(counts.total.gaps, gap_rows, "all drained gap rows");
        }
    }
}
