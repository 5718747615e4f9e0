//! What a question costs in joins, and that kept joins never change an answer.

use super::*;
use crate::analyze::{Memo, Piece, Question};
use crate::columns::{EventsBuilder, Word};
use crate::model::{Row, SourceId, Time};
use crate::store::{Arrival, Retention, Run, SourceNames, Store, View};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The arrival number of each row; counts the joins.
#[derive(Clone, Default)]
struct Rows {
    joins: Arc<AtomicUsize>,
}

impl PartialEq for Rows {
    fn eq(&self, _: &Rows) -> bool {
        true
    }
}

impl Fold for Rows {
    type Part = Vec<u64>;

    fn chunk(&self, piece: &Piece<'_>) -> Vec<u64> {
        let mut rows = Vec::new();
        piece.for_each(|row| rows.push(piece.chunk.row(row).0));
        rows
    }

    fn join(&self, into: &mut Vec<u64>, part: &Vec<u64>) {
        self.joins.fetch_add(1, Ordering::Relaxed);
        into.extend_from_slice(part);
    }

    fn bytes(&self, part: &Vec<u64>) -> usize {
        part.capacity() * size_of::<u64>()
    }
}

/// Neighbouring chunks of `rows` rows that nobody merges.
fn chunks(count: usize, rows: usize) -> Vec<Arc<Chunk>> {
    let chunk = |at: usize| {
        let mut events = EventsBuilder::default();
        (0..rows).for_each(|_| events.push("e", "", Time(1), "", Word::EMPTY));
        let run = Run { first: 0, row: Row((at * rows) as u64), received: Time(1), source: SourceId(1) };
        Arc::new(Chunk::seal(events.finish(), vec![run]))
    };
    (0..count).map(chunk).collect()
}

fn view(chunks: impl IntoIterator<Item = Arc<Chunk>>) -> View {
    View::of(chunks, SourceNames::default()).unwrap()
}

/// The rows of a view, sorted, and how many joins they cost.
fn ask(memo: &Memo, fold: &Rows, view: &View) -> (Vec<u64>, usize) {
    let before = fold.joins.load(Ordering::Relaxed);
    let question = Question { views: &[view], filter: None, near: Row(0) };
    let mut rows = Vec::new();
    memo.fold(question, fold, &|| false, &mut |answers| {
        if answers[0].left == 0 {
            rows.clone_from(&answers[0].part);
        }
    });
    rows.sort_unstable();
    (rows, fold.joins.load(Ordering::Relaxed) - before)
}

fn all_rows(view: &View) -> Vec<u64> {
    let mut rows: Vec<u64> = view.chunks().flat_map(|chunk| (0..chunk.len()).map(|row| chunk.row(row).0)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn coming_and_going_chunks_cost_few_joins() {
    let chunks = chunks(320, 2);
    let (memo, fold) = (Memo::default(), Rows::default());
    let mut shown: VecDeque<_> = chunks[..256].iter().cloned().collect();
    ask(&memo, &fold, &view(shown.clone()));
    ask(&memo, &fold, &view(shown.clone()));
    let mut joins = 0;
    let steps = &chunks[256..];
    for chunk in steps {
        shown.push_back(Arc::clone(chunk));
        shown.pop_front();
        let view = view(shown.clone());
        let (rows, cost) = ask(&memo, &fold, &view);
        assert_eq!(rows, all_rows(&view));
        joins += cost;
    }
    let mean = joins / steps.len();
    assert!(mean <= 64, "{mean} joins a question of 256 chunks");
}

#[test]
fn an_unchanged_view_costs_few_joins() {
    let view = view(chunks(250, 2));
    let (memo, fold) = (Memo::default(), Rows::default());
    (0..2).for_each(|_| _ = ask(&memo, &fold, &view));
    assert!(ask(&memo, &fold, &view).1 <= 2);
}

#[test]
fn joins_inside_of_a_kept_one_stay() {
    let chunks = chunks(250, 2);
    let (memo, fold) = (Memo::default(), Rows::default());
    let whole = view(chunks.clone());
    (0..3 * 16).for_each(|_| _ = ask(&memo, &fold, &whole));
    let (_, joins) = ask(&memo, &fold, &view(chunks[1..].to_vec()));
    assert!(joins <= 64, "{joins} joins after the first chunk went");
}

#[test]
fn joins_of_gone_chunks_are_let_go() {
    let (memo, fold) = (Memo::default(), Rows::default());
    let old = view(chunks(250, 2));
    (0..2).for_each(|_| _ = ask(&memo, &fold, &old));
    assert!(memo.joins() > 10);
    drop(old);
    let (rows, _) = ask(&memo, &fold, &view(chunks(1, 1)));
    assert_eq!((rows.len(), memo.joins()), (1, 0));
}

#[test]
fn a_cancelled_join_gives_no_answer() {
    let view = view(chunks(250, 2));
    let (memo, fold) = (Memo::default(), Rows::default());
    ask(&memo, &fold, &view);
    let joins = fold.joins.load(Ordering::Relaxed);
    let question = Question { views: &[&view], filter: None, near: Row(0) };
    memo.fold(question, &fold, &|| true, &mut |_| panic!("it was cancelled"));
    assert!(fold.joins.load(Ordering::Relaxed) <= joins + 1);
}

#[test]
fn joins_never_take_the_room_of_parts() {
    let view = view(chunks(64, 100));
    let fold = Rows::default();
    let roomy = Memo::default();
    ask(&roomy, &fold, &view);
    // The parts fit, and little else.
    let room = roomy.size().1 + 100;
    let memo = Memo::with_room(room);
    (0..4).for_each(|_| _ = ask(&memo, &fold, &view));
    assert_eq!(memo.size().0, 64);
    assert!(memo.size().1 <= room);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn kept_joins_never_change_an_answer(
        steps in prop::collection::vec((0usize..40, 1usize..8, 0usize..4, any::<bool>()), 1..24),
        room in prop::option::of(0usize..60_000),
    ) {
        let memo = room.map_or_else(Memo::default, Memo::with_room);
        let fold = Rows::default();
        // The store merges what comes; chunks also go one by one at the old end.
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        let mut gone = 0;
        for (count, rows, evicted, is_asked) in steps {
            for _ in 0..count {
                let mut events = EventsBuilder::default();
                (0..rows).for_each(|_| events.push("e", "", Time(1), "", Word::EMPTY));
                store.push(events.finish(), Arrival::one(SourceId(1), Time(1)));
            }
            let whole = store.view();
            let from = whole.chunks().filter(|chunk| chunk.first_row() >= Row(gone)).nth(evicted);
            gone = from.map_or(gone, |chunk| chunk.first_row().0);
            let rest = view(whole.chunks().filter(|chunk| chunk.first_row() >= Row(gone)).cloned());
            if is_asked {
                prop_assert_eq!(ask(&memo, &fold, &rest).0, all_rows(&rest));
                prop_assert_eq!(ask(&memo, &fold, &whole).0, all_rows(&whole));
                prop_assert!(memo.size().1 <= room.unwrap_or(usize::MAX));
            }
        }
    }

    #[test]
    fn pieces_cover_a_run_in_order(from in 0usize..20, count in 0usize..60) {
        let chunks = chunks(80, 1);
        let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
        let range = from.min(ids.len())..(from + count).min(ids.len());
        let pieces = pieces(&ids, range.clone());
        prop_assert_eq!(pieces.iter().cloned().flatten().collect::<Vec<_>>(), range.clone().collect::<Vec<_>>());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
        prop_assert!(range.len() < 2 || pieces.len() >= 2);
    }
}
