//! Answers against what a plain walk over all rows gives.

use super::find::{Find, Wanted};
use super::order::SortBy;
use super::query::{FeedAnswer, FeedQuery};
use crate::app::parts::Sort;
use crate::app::query::{Memo, SourceNames};
use crate::app::screens::{Answer, Query, answer};
use crate::columns::{Batch, EventsBuilder, Item, LogRow, LogsBuilder, Raw, Word};
use crate::filter::Filter;
use crate::model::{Connection, Row, Severity, SourceId, SourceKind, Time};
use crate::store::{Anchor, Arrival, Retention, Store, View};
use proptest::prelude::*;
use std::cell::Cell;
use std::sync::Arc;

fn logs(from: u64, count: u64) -> Batch {
    let mut builder = LogsBuilder::default();
    for number in from..from + count {
        let body = builder.dictionary.make_word(Raw::Text(format!("record {number}").as_bytes()));
        // Every other error says so with its text alone.
        let (severity, text) = match number % 14 {
            0 => (17, "INFO"),
            7 => (0, "Error"),
            _ => (9, ""),
        };
        let severity_text = builder.dictionary.text(text.as_bytes());
        builder.push(LogRow { body, severity: Severity(severity), severity_text, ..LogRow::default() });
    }
    builder.finish()
}

fn events(count: u64) -> Batch {
    let mut builder = EventsBuilder::default();
    (0..count).for_each(|_| builder.push("tick", "", Time(1), "", Word::EMPTY));
    builder.finish()
}

fn store(sizes: &[(bool, u64)]) -> Store {
    let mut store = Store::new(Retention { max_bytes: 1 << 30 });
    let mut from = 0;
    for (is_log, count) in sizes {
        let batch = if *is_log { logs(from, *count) } else { events(*count) };
        store.push(batch, Arrival::one(SourceId(if *is_log { 1 } else { 2 }), Time(1)));
        from += count;
    }
    store
}

fn filter(text: &str) -> Option<Arc<Filter>> {
    (!text.is_empty()).then(|| Arc::new(Filter::parse(text).unwrap()))
}

fn query(text: &str, anchor: Anchor) -> FeedQuery {
    let (since, find, trace, sort) = (None, None, None, Sort::default());
    FeedQuery { filter: filter(text), anchor, before: 20, after: 20, since, find, trace, sort }
}

fn answers(view: &View, query: &FeedQuery, memo: &Memo) -> Vec<FeedAnswer> {
    let mut answers = Vec::new();
    let query = Query::Feed(query.clone());
    answer(view, &query, memo, &|| false, &mut |Answer::Feed(answer)| answers.push(answer));
    answers
}

/// The rows of a view that are severe or not, by number.
fn rows(view: &View, wanted: impl Fn(Item<'_>) -> bool) -> Vec<u64> {
    let mut rows: Vec<u64> = view
        .chunks()
        .flat_map(|chunk| (0..chunk.len()).filter(|at| wanted(chunk.batch.item(*at))).map(|at| chunk.row(at).0))
        .collect();
    rows.sort_unstable();
    rows
}

fn is_error(item: Item<'_>) -> bool {
    matches!(item, Item::Log(log) if log.severity().0 == 17 || log.severity_text() == "Error")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_last_answer_is_that_of_a_plain_walk(
        sizes in prop::collection::vec((any::<bool>(), 1u64..120), 0..30),
        anchor in prop::option::of(0u64..2_000),
        since in 0u64..2_000,
    ) {
        let view = store(&sizes).view();
        let all = rows(&view, is_error);
        let at = anchor.map_or(Anchor::Newest, |row| Anchor::At(Row(row)));
        let query = FeedQuery { since: Some(Row(since)), ..query("severity>=error", at) };
        let answers = answers(&view, &query, &Memo::default());
        let last = answers.last().unwrap();
        prop_assert_eq!((last.matched, last.total, last.left), (all.len() as u64, view.len(), 0));
        prop_assert_eq!(last.newer, all.iter().filter(|row| **row >= since).count() as u64);
        let place = anchor.map_or(all.len(), |row| all.partition_point(|known| *known < row));
        let page = &all[place.saturating_sub(20)..all.len().min(place + if anchor.is_some() { 20 } else { 0 })];
        prop_assert_eq!(last.page.hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>(), page.to_vec());
    }

    #[test]
    fn the_next_error_is_the_nearest_one_that_the_filter_takes(
        sizes in prop::collection::vec((any::<bool>(), 1u64..120), 0..20), from in 0u64..2_000, forward: bool,
    ) {
        let view = store(&sizes).view();
        let all = rows(&view, is_error);
        let find = Find { wanted: Wanted::Error, from: Row(from), forward, including: false };
        for text in ["", "signal:log", "signal:event"] {
            let query = FeedQuery { find: Some(find.clone()), ..query(text, Anchor::Newest) };
            let answers = answers(&view, &query, &Memo::default());
            let found = answers.last().unwrap().found.as_ref().unwrap().row.map(|row| row.0);
            let expected = match (text, forward) {
                ("signal:event", _) => None,
                (_, true) => all.iter().copied().find(|row| *row > from),
                (_, false) => all.iter().copied().rfind(|row| *row < from),
            };
            prop_assert_eq!(found, expected);
        }
    }
}

/// Events with these times, in this order; 0 stands for no time.
fn timed(times: &[u64]) -> Store {
    let mut store = Store::new(Retention { max_bytes: 1 << 30 });
    for (number, times) in times.chunks(7).enumerate() {
        let mut builder = EventsBuilder::default();
        times
            .iter()
            .for_each(|time| builder.push("tick", "", Time(*time), if time % 5 == 0 { "s" } else { "" }, Word::EMPTY));
        store.push(builder.finish(), Arrival::one(SourceId(1), Time(20 + number as u64)));
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_sorted_page_is_a_slice_of_all_rows(
        times in prop::collection::vec(0u64..60, 0..300), at in 0u64..320,
        by_time: bool, inverted: bool, filtered: bool, forward: bool, including: bool,
    ) {
        let view = timed(&times).view();
        let sort = Sort { by: if by_time { SortBy::Time } else { SortBy::Arrival }, inverted };
        // Rows count from 1; one without a time has that of receipt.
        let time = |row: u64| match times[row as usize - 1] {
            _ if !by_time => 0,
            0 => 20 + (row - 1) / 7,
            time => time,
        };
        let mut all: Vec<u64> = (1..=times.len() as u64).collect();
        all.sort_by_key(|row| (time(*row), *row));
        if inverted {
            all.reverse();
        }
        let place = match at {
            0 => 0,
            at => all.iter().position(|row| *row == at).unwrap_or(all.len()),
        };
        let seen = |row: &u64| !filtered || times[*row as usize - 1] % 5 == 0;
        let (earlier, later): (Vec<u64>, Vec<u64>) =
            (all[..place].iter().copied().filter(seen).collect(), all[place..].iter().copied().filter(seen).collect());
        let find = Find { wanted: Wanted::Match(filter("tick").unwrap()), from: Row(at), forward, including };
        let text = if filtered { "session:s" } else { "" };
        let query = FeedQuery { sort, find: Some(find), ..query(text, Anchor::At(Row(at))) };
        let answers = answers(&view, &query, &Memo::default());
        let last = answers.last().unwrap();
        let page = [&earlier[earlier.len().saturating_sub(20)..], &later[..later.len().min(20)]].concat();
        prop_assert_eq!(last.page.hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>(), page);
        prop_assert_eq!((last.page.older, last.page.newer), (earlier.len() > 20, later.len() > 20));
        let is_itself = |row: &&u64| **row == at && !including;
        let found = match forward {
            true => later.iter().find(|row| !is_itself(row)).copied(),
            false if including && later.first() == Some(&at) => Some(at),
            false => earlier.last().copied(),
        };
        // In the order of arrival a search goes by number, whether a row has it or not.
        if !sort.is_arrival() || at as usize <= times.len() {
            prop_assert_eq!(last.found.as_ref().unwrap().row.map(|row| row.0), found);
        }
    }
}

#[test]
fn an_answer_names_the_sources_of_the_view() {
    let sources = |sizes: &[(bool, u64)]| {
        let view = store(sizes).view();
        answers(&view, &query("signal:event", Anchor::Newest), &Memo::default()).last().unwrap().sources.clone()
    };
    assert_eq!(sources(&[(true, 30), (false, 5), (true, 2)]), [SourceId(1), SourceId(2)]);
    assert_eq!(sources(&[(true, 30)]), [SourceId(1)], "whatever the filter takes");
    assert_eq!(sources(&[]), []);
}

#[test]
fn a_long_count_is_told_bit_by_bit_and_the_newest_rows_at_once() {
    let sizes = [(true, 300); 20];
    let view = store(&sizes).view();
    let answers = answers(&view, &query("severity>=error", Anchor::Newest), &Memo::default());
    assert!(answers.len() > 2, "{}", answers.len());
    assert_eq!(answers[0].page.hits.last().map(|hit| hit.row), Some(Row(6_000)));
    assert!(answers.windows(2).all(|pair| pair[0].left >= pair[1].left && pair[0].matched <= pair[1].matched));
    assert_eq!(answers.last().unwrap().left, 0);
}

#[test]
fn a_new_view_costs_its_new_chunks_only() {
    let mut store = store(&[(true, 400); 16]);
    let memo = Memo::default();
    let query = query("record", Anchor::Newest);
    answers(&store.view(), &query, &memo);
    store.push(logs(6_400, 10), Arrival::one(SourceId(1), Time(1)));
    let again = answers(&store.view(), &query, &memo);
    assert_eq!(again.len(), 1, "nothing but the page was to be looked at");
    assert_eq!((again[0].matched, again[0].left), (6_410, 0));
}

#[test]
fn what_a_view_has_no_more_is_forgotten() {
    let mut store = store(&[(true, 400), (false, 50)]);
    let memo = Memo::default();
    let query = query("record", Anchor::Newest);
    answers(&store.view(), &query, &memo);
    store.clear();
    let gone = answers(&store.view(), &query, &memo);
    assert_eq!((gone[0].matched, gone[0].total), (0, 0));
    assert_eq!(memo.size().0, 0);
}

#[test]
fn once_cancelled_nothing_is_told_but_what_was_found_out_is_kept() {
    let view = store(&[(true, 300); 20]).view();
    let memo = Memo::default();
    let asked = Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 4
    };
    let mut told = 0;
    let query = query("severity>=error", Anchor::Newest);
    answer(&view, &Query::Feed(query.clone()), &memo, &cancelled, &mut |Answer::Feed(answer)| {
        assert!(answer.left > 0);
        told += 1;
    });
    assert!(memo.size().0 > 1 && told <= 2, "{} known, {told} told", memo.size().0);
    assert_eq!(answers(&view, &query, &memo).last().unwrap().left, 0);
}

#[test]
fn a_source_is_known_by_its_name() {
    let view = store(&[(true, 30), (false, 5)]).view();
    let connection = Connection::new(SourceId(2), SourceKind::pushed("sse"), "ticker".into(), String::new(), Time(0));
    let names = SourceNames::default().with(&[connection]);
    let query = query("source:ticker", Anchor::Newest);
    assert_eq!(answers(&view.with_sources(names), &query, &Memo::default()).last().unwrap().matched, 5);
}

#[test]
fn a_field_that_no_row_has_is_reported() {
    let mut store = store(&[(true, 30), (false, 5)]);
    let memo = Memo::default();
    let missing =
        |view: &View, text: &str| answers(view, &query(text, Anchor::Newest), &memo).last().unwrap().missing.clone();
    assert_eq!(missing(&store.view(), "stauts:error"), ["no item has a field `stauts`; did you mean `status`?"]);
    assert_eq!(missing(&store.view(), "not colour:red"), ["no item has a field `colour`"]);
    assert_eq!(missing(&store.view(), "severity:nonsense type:tick signal:log"), [""; 0]);
    store.clear();
    assert_eq!(missing(&store.view(), "stauts:error"), [""; 0], "an empty view has no fields");
}
