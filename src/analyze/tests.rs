//! The memo against folding all rows of a view at once.

use super::{Count, Fold, Memo, Piece, Progress, Question};
use crate::columns::{Batch, EventsBuilder, Item, Word};
use crate::filter::Filter;
use crate::model::{Row, SourceId, Time};
use crate::store::{Arrival, Retention, Store, View};
use proptest::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Each name of an event, in order: shows a row that is missing, doubled or out of order within its chunk. `room` is the
/// bytes that a part claims to have, `seen` counts the rows that were looked at.
#[derive(Clone, Default)]
struct Names {
    room: usize,
    seen: Arc<AtomicUsize>,
}

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        self.room == other.room
    }
}

impl Fold for Names {
    type Part = Vec<String>;

    fn chunk(&self, piece: &Piece<'_>) -> Vec<String> {
        let mut names = Vec::new();
        piece.for_each(|row| {
            if let Item::Event(event) = piece.chunk.batch.item(row) {
                names.push(event.kind().to_owned());
            }
        });
        self.seen.fetch_add(names.len(), Ordering::Relaxed);
        names
    }

    fn join(&self, into: &mut Vec<String>, part: &Vec<String>) {
        into.extend_from_slice(part);
    }

    fn bytes(&self, _: &Vec<String>) -> usize {
        self.room
    }
}

fn events(from: usize, count: usize) -> Batch {
    let mut events = EventsBuilder::default();
    (from..from + count).for_each(|number| events.push(&format!("e{number}"), "", Time(1), "", Word::EMPTY));
    events.finish()
}

fn fill(store: &mut Store, sizes: &[usize]) {
    let mut from = store.view().end().0 as usize;
    for count in sizes {
        store.push(events(from, *count), Arrival::one(SourceId(1), Time(1)));
        from += count;
    }
}

fn store(sizes: &[usize]) -> Store {
    let mut store = Store::new(Retention { max_bytes: 1 << 30 });
    fill(&mut store, sizes);
    store
}

fn ask<F: Fold<Part: Clone>>(memo: &Memo, views: &[&View], filter: Option<&Arc<Filter>>, fold: &F) -> Vec<F::Part> {
    let question = Question { views, filter, near: Row(0) };
    let last = RefCell::new(Vec::new());
    memo.fold(question, fold, &|| false, &mut |answers| *last.borrow_mut() = answers.to_vec_of());
    last.into_inner()
        .into_iter()
        .map(|(part, left)| {
            assert_eq!(left, 0);
            part
        })
        .collect()
}

/// Copies of answers.
trait Copied<T> {
    fn to_vec_of(&self) -> Vec<(T, u64)>;
}

impl<T: Clone> Copied<T> for [Progress<T>] {
    fn to_vec_of(&self) -> Vec<(T, u64)> {
        self.iter().map(|answer| (answer.part.clone(), answer.left)).collect()
    }
}

fn naive(view: &View, filter: Option<&Arc<Filter>>) -> Vec<String> {
    let mut names = Vec::new();
    for chunk in view.chunks() {
        let taken = filter.map(|filter| filter.select(&chunk.batch, ()));
        let range = view.window(chunk);
        names.extend(Names::default().chunk(&Piece { chunk, range, taken: taken.as_ref() }));
    }
    names.sort();
    names
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn joined_parts_are_the_fold_of_all_rows(
        steps in prop::collection::vec(prop::collection::vec(1usize..30, 0..12), 1..12),
        cut in 0u64..600, filter in prop::option::of(0usize..3), room in prop::option::of(0usize..20_000),
    ) {
        let filter = filter.map(|at| Arc::new(Filter::parse(["type:e1*", "type:*7", "nothing"][at]).unwrap()));
        let filter = filter.as_ref();
        let memo = room.map_or_else(Memo::default, Memo::with_room);
        let mut store = store(&[]);
        // Merges happen between the questions.
        for sizes in steps {
            fill(&mut store, &sizes);
            let view = store.view();
            let cut = view.between(Row(cut / 3)..Row(cut));
            let answers = ask(&memo, &[&view, &cut], filter, &Names::default());
            prop_assert_eq!(sorted(answers[0].clone()), naive(&view, filter));
            prop_assert_eq!(sorted(answers[1].clone()), naive(&cut, filter));
            let counts = ask(&memo, &[&view, &cut], filter, &Count);
            prop_assert_eq!(counts, vec![answers[0].len() as u64, answers[1].len() as u64]);
            prop_assert!(memo.size().1 <= room.unwrap_or(usize::MAX));
        }
    }
}

#[test]
fn a_merge_costs_no_recount() {
    let mut store = store(&[10; 15]);
    let memo = Memo::default();
    let names = Names::default();
    let filter = Arc::new(Filter::parse("type:e*").unwrap());
    ask(&memo, &[&store.view()], Some(&filter), &names);
    assert_eq!(names.seen.load(Ordering::Relaxed), 150);
    fill(&mut store, &[10]);
    let view = store.view();
    assert_eq!(view.chunks().count(), 1, "they were to be merged");
    let answer = ask(&memo, &[&view], Some(&filter), &names);
    assert_eq!(answer[0].len(), 160);
    assert_eq!(names.seen.load(Ordering::Relaxed), 160);
    assert_eq!(memo.size().0, 2, "the parts of the parents went");
}

#[test]
fn two_views_keep_their_parts() {
    let (mut one, mut other) = (store(&[40; 3]), store(&[30; 3]));
    let (one, other) = (one.view(), other.view());
    let memo = Memo::default();
    let names = Names::default();
    for _ in 0..3 {
        ask(&memo, &[&one], None, &names);
        ask(&memo, &[&other], None, &names);
        ask(&memo, &[&one, &other], None, &names);
    }
    assert_eq!(names.seen.load(Ordering::Relaxed), 210);
}

#[test]
fn the_least_recently_used_parts_go_first() {
    let view = store(&[40; 3]).view();
    let memo = Memo::with_room(18_000);
    let [a, b, c] = [2_000, 2_001, 2_002].map(|room| Names { room, ..Names::default() });
    for names in [&a, &b, &a, &c, &a] {
        ask(&memo, &[&view], None, names);
    }
    assert_eq!(a.seen.load(Ordering::Relaxed), 120, "used again and again");
    ask(&memo, &[&view], None, &b);
    assert!(b.seen.load(Ordering::Relaxed) > 120, "made room");
    assert!(memo.size().1 <= 18_000);
}

#[test]
fn a_question_larger_than_the_room_keeps_what_fits() {
    let view = store(&[100; 8]).view();
    let names = Names { room: 1_000, ..Names::default() };
    let memo = Memo::with_room(6_000);
    ask(&memo, &[&view], None, &names);
    ask(&memo, &[&view], None, &names);
    let seen = names.seen.load(Ordering::Relaxed);
    assert!(seen < 1_600, "{seen} rows were looked at");
}

#[test]
fn the_nearest_chunks_come_first() {
    let view = store(&[600; 5]).view();
    let first = RefCell::new(Vec::new());
    let question = Question { views: &[&view], filter: None, near: Row(1_400) };
    Memo::default().fold(question, &Names::default(), &|| false, &mut |answers| {
        first.borrow_mut().push((answers[0].part.first().cloned(), answers[0].left));
    });
    let first = first.into_inner();
    assert_eq!(first[0], (None, 3_000));
    assert_eq!(first[1].1, 2_400);
    assert!(first[1].0.as_ref().is_some_and(|name| name.as_str() >= "e1200"), "{first:?}");
    assert_eq!(first.last().map(|(_, left)| *left), Some(0));
}

#[test]
fn a_cancelled_question_keeps_its_parts() {
    let view = store(&[600; 5]).view();
    let (memo, names) = (Memo::default(), Names::default());
    let question = Question { views: &[&view], filter: None, near: Row(0) };
    let calls = AtomicUsize::new(0);
    let mut told = 0;
    memo.fold(question, &names, &|| calls.fetch_add(1, Ordering::Relaxed) == 2, &mut |_| told += 1);
    assert_eq!((told, names.seen.load(Ordering::Relaxed)), (3, 1_800));
    assert_eq!(memo.known(question, &names)[0].left, 1_200);
    ask(&memo, &[&view], None, &names);
    assert_eq!(names.seen.load(Ordering::Relaxed), 3_000);
}
