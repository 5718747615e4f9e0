//! The Feed's query: a page through the filter, how many rows the filter takes, the next error or match.

use crate::app::query::Memo;
use crate::columns::{Columns, LogItem, RowSet};
use crate::filter::Filter;
use crate::model::{Row, Severity, Signal, StatusCode};
use crate::store::{Anchor, Chunk, Feed, Page, View};
use std::sync::Arc;

/// What the Feed wants to know.
#[derive(Clone, Debug)]
pub struct FeedQuery {
    /// Which rows are seen; `None` for all.
    pub filter: Option<Arc<Filter>>,
    /// Where the page stands.
    pub anchor: Anchor,
    /// Rows before the anchor.
    pub before: usize,
    /// Rows from the anchor on.
    pub after: usize,
    /// Rows from this one on are newer than where the user stopped following.
    pub since: Option<Row>,
    /// The row that the user is looking for.
    pub find: Option<Find>,
}

/// A row that the user is looking for.
#[derive(Clone, Debug)]
pub struct Find {
    /// What it is like.
    pub wanted: Wanted,
    /// The search begins next to this row.
    pub from: Row,
    /// Towards the newest, or towards the oldest.
    pub forward: bool,
}

/// What a row that is looked for is like.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A failed span, or a log record of severity error or above.
    Error,
    /// The search finds its text in it.
    Match(Arc<Filter>),
}

/// What the Feed was told.
#[derive(Clone, Debug)]
pub struct FeedAnswer {
    /// The rows around the anchor, as far as they are known.
    pub page: Page,
    /// How many rows the filter takes, as far as they are known.
    pub matched: u64,
    /// How many rows there are.
    pub total: u64,
    /// How many of the matched are newer than where the user stopped following, as far as they are known.
    pub newer: u64,
    /// How many rows were not looked at yet; 0 in the last answer.
    pub left: u64,
    /// The end of the search, where one was asked for and it is over.
    pub found: Option<Found>,
}

/// The end of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was looked for.
    pub find: Find,
    /// The row, if there is one.
    pub row: Option<Row>,
}

impl PartialEq for FeedQuery {
    fn eq(&self, other: &FeedQuery) -> bool {
        same(&self.filter, &other.filter)
            && (self.anchor, self.before, self.after, self.since)
                == (other.anchor, other.before, other.after, other.since)
            && self.find == other.find
    }
}

impl PartialEq for Find {
    fn eq(&self, other: &Find) -> bool {
        let wanted = match (&self.wanted, &other.wanted) {
            (Wanted::Error, Wanted::Error) => true,
            (Wanted::Match(a), Wanted::Match(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        wanted && (self.from, self.forward) == (other.from, other.forward)
    }
}

fn same(a: &Option<Arc<Filter>>, b: &Option<Arc<Filter>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// So many rows are looked at before what is known so far is told.
const STRIDE: u64 = if cfg!(test) { 500 } else { 256 << 10 };

pub(super) fn answer(
    view: &View,
    query: &FeedQuery,
    memo: &mut Memo,
    cancelled: &dyn Fn() -> bool,
    emit: &mut dyn FnMut(FeedAnswer),
) {
    let search = query.find.as_ref().and_then(|find| match &find.wanted {
        Wanted::Match(filter) => Some(filter),
        Wanted::Error => None,
    });
    let in_use: Vec<&Arc<Filter>> = query.filter.iter().chain(search).collect();
    memo.keep(view, &in_use);
    let mut page = read_page(view, query, memo, STRIDE, cancelled);
    let mut found = None;
    if let Some(find) = &query.find {
        emit(tell(view, query, memo, page.clone(), None));
        found = Some(Found { find: find.clone(), row: search_row(view, query, find, memo, cancelled) });
    }
    if cancelled() {
        return;
    }
    let unknown = query.filter.as_ref().map(|filter| unknown_chunks(view, query, filter, memo)).unwrap_or_default();
    let Some(filter) = query.filter.as_ref().filter(|_| !unknown.is_empty()) else {
        return emit(tell(view, query, memo, page, found));
    };
    emit(tell(view, query, memo, page, found.clone()));
    let mut seen = 0;
    for chunk in unknown {
        memo.rows(filter, chunk);
        seen += chunk.len() as u64;
        if cancelled() {
            return;
        }
        if seen >= STRIDE {
            seen = 0;
            page = read_page(view, query, memo, 0, cancelled);
            emit(tell(view, query, memo, page, found.clone()));
        }
    }
    page = read_page(view, query, memo, 0, cancelled);
    emit(tell(view, query, memo, page, found));
}

/// The chunks that the filter has not seen, of all four rings, those nearest to the page first.
fn unknown_chunks<'a>(view: &'a View, query: &FeedQuery, filter: &Arc<Filter>, memo: &Memo) -> Vec<&'a Arc<Chunk>> {
    let place = match query.anchor {
        Anchor::Newest => view.end(),
        Anchor::At(row) => row,
    };
    let mut chunks: Vec<&Arc<Chunk>> = view.chunks().filter(|chunk| memo.known(filter, chunk).is_none()).collect();
    chunks.sort_by_key(|chunk| match (chunk.first_row(), chunk.last_row()) {
        (first, _) if first > place => first.0 - place.0,
        (_, last) => place.0.saturating_sub(last.0),
    });
    chunks
}

fn tell(view: &View, query: &FeedQuery, memo: &Memo, page: Page, found: Option<Found>) -> FeedAnswer {
    let total = view.len();
    let (matched, left) = query.filter.as_ref().map_or((total, 0), |filter| memo.matched(filter, view));
    let newer = query.since.map_or(0, |since| count_from(view, since, query.filter.as_ref(), memo));
    FeedAnswer { page, matched, total, newer, left, found }
}

/// How many rows there are from this one on that the filter takes.
fn count_from(view: &View, since: Row, filter: Option<&Arc<Filter>>, memo: &Memo) -> u64 {
    let of_chunk = |chunk: &Arc<Chunk>| {
        let from = chunk.lower_bound(since);
        match filter {
            None => chunk.len() - from,
            Some(filter) => memo.known(filter, chunk).map_or(0, |rows| rows.count() - rows.rank(from)),
        }
    };
    let young = |ring: &'_ [Arc<Chunk>]| ring.partition_point(|chunk| chunk.last_row() < since);
    let rings = Signal::ALL.map(|signal| view.ring(signal));
    rings.into_iter().flat_map(|ring| &ring[young(ring)..]).map(|chunk| of_chunk(chunk) as u64).sum()
}

/// The page, for which at most `budget` rows are looked at that the filter has not seen yet.
fn read_page(view: &View, query: &FeedQuery, memo: &mut Memo, budget: u64, cancelled: &dyn Fn() -> bool) -> Page {
    let mut budget = budget;
    let select = |chunk: &Arc<Chunk>| {
        let filter = query.filter.as_ref()?;
        if let Some(rows) = memo.known(filter, chunk) {
            return Some(rows);
        }
        if budget == 0 || cancelled() {
            return Some(Arc::new(RowSet::none(chunk.len())));
        }
        budget = budget.saturating_sub(chunk.len() as u64);
        Some(memo.rows(filter, chunk))
    };
    Feed::new(view, select).page(query.anchor, query.before, query.after)
}

fn search_row(
    view: &View,
    query: &FeedQuery,
    find: &Find,
    memo: &mut Memo,
    cancelled: &dyn Fn() -> bool,
) -> Option<Row> {
    let select = |chunk: &Arc<Chunk>| {
        if cancelled() {
            return Some(Arc::new(RowSet::none(chunk.len())));
        }
        let mut rows = match &find.wanted {
            Wanted::Error => errors(chunk),
            Wanted::Match(search) => RowSet::clone(&memo.rows(search, chunk)),
        };
        if let Some(filter) = &query.filter {
            rows.intersect(&memo.rows(filter, chunk));
        }
        Some(Arc::new(rows))
    };
    Feed::new(view, select).find(find.from, find.forward, |_| true).map(|hit| hit.row)
}

/// The rows that `e` stops at.
fn errors(chunk: &Chunk) -> RowSet {
    match &chunk.batch.columns {
        Columns::Spans(spans) => RowSet::from_fn(spans.len(), |row| spans.status(row) == StatusCode::Error),
        Columns::Logs(logs) => {
            let dictionary = &chunk.batch.dictionary;
            let rank = |row| LogItem { dictionary, columns: logs, row }.rank();
            RowSet::from_fn(logs.len(), |row| rank(row) >= Severity::ERROR)
        }
        Columns::Points(_) | Columns::Events(_) => RowSet::none(chunk.len()),
    }
}
