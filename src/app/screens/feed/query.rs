//! The Feed's query: a page of matching rows, their number, and the next error or match.

use super::find::{Find, Found, Wanted, is_error};
use super::order::SortBy;
use super::sorted::Sorted;
use super::trace_page::{Trace, find_in, trace_page};
use crate::analyze::{Count, FieldNames, Fold, Matches, Memo, Progress, Question, RowSources, STRIDE};
use crate::app::parts::Sort;
use crate::columns::{Columns, RowSet};
use crate::filter::{Filter, no_such_field};
use crate::model::{Row, Signal, SourceId};
use crate::store::{Anchor, Chunk, Feed, Page, View};
use std::sync::Arc;

/// A question of the Feed.
#[derive(Clone, Debug)]
pub struct FeedQuery {
    /// Only rows that match; `None` for all.
    pub filter: Option<Arc<Filter>>,
    /// The position of the page.
    pub anchor: Anchor,
    /// Rows before the anchor.
    pub before: usize,
    /// Rows from the anchor on.
    pub after: usize,
    /// Rows from this one on count as newer.
    pub since: Option<Row>,
    /// The search under way.
    pub find: Option<Find>,
    /// Only the rows of this trace, sorted by time.
    pub trace: Option<Trace>,
    /// The order of the rows outside a trace.
    pub sort: Sort<SortBy>,
}

/// An answer to the Feed.
#[derive(Clone, Debug)]
pub struct FeedAnswer {
    /// The rows around the anchor, as far as known.
    pub page: Page,
    /// How many rows match the filter, as far as known.
    pub matched: u64,
    /// How many rows there are.
    pub total: u64,
    /// How many of the matching rows are newer than `since`, as far as known.
    pub newer: u64,
    /// How many rows were not examined yet; 0 in the last answer.
    pub left: u64,
    /// Messages about fields of the filter that no row has. Only the last answer knows.
    pub missing: Vec<String>,
    /// The sources that have rows in the view, by number. Only the last answer knows.
    pub sources: Vec<SourceId>,
    /// The result of the search, if there was one and it is over.
    pub found: Option<Found>,
}

impl PartialEq for FeedQuery {
    fn eq(&self, other: &FeedQuery) -> bool {
        same(&self.filter, &other.filter)
            && (self.anchor, self.before, self.after, self.since)
                == (other.anchor, other.before, other.after, other.since)
            && (&self.find, self.trace, self.sort) == (&other.find, other.trace, other.sort)
    }
}

fn same(a: &Option<Arc<Filter>>, b: &Option<Arc<Filter>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

pub(super) fn answer(
    view: &View,
    query: &FeedQuery,
    memo: &Memo,
    cancelled: &dyn Fn() -> bool,
    emit: &mut dyn FnMut(FeedAnswer),
) {
    if let Some(trace) = query.trace {
        let matches = query.filter.as_ref().map(|filter| memo.matches(filter, view));
        let Some(rows) = trace_page(view, trace, matches.as_ref(), query.since, cancelled) else { return };
        let find = query.find.as_ref();
        let found = find.map(|find| Found { find: find.clone(), row: find_in(&rows.hits, find, memo, view) });
        let mut missing = Vec::new();
        if rows.matched == 0 {
            let question = Question { views: &[view], filter: query.filter.as_ref(), near: view.end() };
            let Some(fields) = missing_fields(question, memo, cancelled) else { return };
            missing = fields;
        }
        // Rows that do not fit cannot be reached by scrolling.
        let page = Page { hits: rows.hits, older: false, newer: false };
        let (matched, newer) = (rows.matched, rows.newer);
        let Some(sources) = row_sources(view, memo, cancelled) else { return };
        let answer = FeedAnswer { page, matched, total: view.len(), newer, left: 0, missing, sources, found };
        return emit(answer);
    }
    let matches = query.filter.as_ref().map(|filter| memo.matches(filter, view));
    let seen = Seen { view, query, matches };
    let near = match query.anchor {
        Anchor::Newest => view.end(),
        Anchor::At(row) => row,
    };
    let question = Question { views: &[view], filter: query.filter.as_ref(), near };
    let mut page = seen.page(STRIDE, cancelled);
    let mut found = None;
    if let Some(find) = &query.find {
        memo.known(question, &Count).iter().for_each(|count| emit(seen.tell(page.clone(), count, None)));
        found = Some(Found { find: find.clone(), row: seen.search_row(find, memo, cancelled) });
    }
    if cancelled() {
        return;
    }
    let mut is_first = true;
    let mut last = None;
    memo.fold(question, &Count, cancelled, &mut |counts| {
        if !std::mem::take(&mut is_first) {
            page = seen.page(0, cancelled);
        }
        for count in counts {
            let answer = seen.tell(page.clone(), count, found.clone());
            if count.left == 0 { last = Some(answer) } else { emit(answer) }
        }
    });
    let Some(mut answer) = last else { return };
    let Some(missing) = missing_fields(question, memo, cancelled) else { return };
    let Some(sources) = row_sources(view, memo, cancelled) else { return };
    (answer.missing, answer.sources) = (missing, sources);
    emit(answer);
}

/// The sources that have rows in a view; `None` once cancelled.
fn row_sources(view: &View, memo: &Memo, cancelled: &dyn Fn() -> bool) -> Option<Vec<SourceId>> {
    whole(Question { views: &[view], filter: None, near: view.end() }, &RowSources, memo, cancelled)
}

/// A message for each field of the filter that no row of the view has, with the field that may be meant; `None` once
/// cancelled. An empty view has none to miss.
fn missing_fields(question: Question<'_>, memo: &Memo, cancelled: &dyn Fn() -> bool) -> Option<Vec<String>> {
    let mut messages = Vec::new();
    let Some(filter) = question.filter.filter(|_| question.views.iter().any(|view| !view.is_empty())) else {
        return Some(messages);
    };
    for field in filter.named_fields() {
        let exists = Question { filter: Some(&field.exists), ..question };
        if whole(exists, &Count, memo, cancelled)? == 0 {
            let keys = whole(Question { filter: None, ..question }, &FieldNames, memo, cancelled)?;
            messages.push(no_such_field(&field.name, keys.iter().map(String::as_str)));
        }
    }
    Some(messages)
}

/// The complete answer about one view; `None` once cancelled.
fn whole<F: Fold<Part: Clone>>(
    question: Question<'_>,
    fold: &F,
    memo: &Memo,
    cancelled: &dyn Fn() -> bool,
) -> Option<F::Part> {
    let mut whole = None;
    memo.fold(question, fold, cancelled, &mut |answers| {
        whole = answers.first().filter(|answer| answer.left == 0).map(|answer| answer.part.clone());
    });
    whole
}

/// A view through the filter of a query.
struct Seen<'a> {
    view: &'a View,
    query: &'a FeedQuery,
    matches: Option<Matches<'a>>,
}

impl Seen<'_> {
    fn tell(&self, page: Page, count: &Progress<u64>, found: Option<Found>) -> FeedAnswer {
        let newer = self.query.since.map_or(0, |since| self.count_from(since));
        FeedAnswer {
            page,
            matched: count.part,
            total: self.view.len(),
            newer,
            left: count.left,
            missing: Vec::new(),
            sources: Vec::new(),
            found,
        }
    }

    /// How many rows from this one on match the filter, as far as known.
    fn count_from(&self, since: Row) -> u64 {
        let of_chunk = |chunk: &Arc<Chunk>| {
            let window = self.view.window(chunk);
            let from = chunk.lower_bound(since).clamp(window.start, window.end);
            match &self.matches {
                None => window.end - from,
                Some(matches) => matches.known(chunk).map_or(0, |rows| rows.rank(window.end) - rows.rank(from)),
            }
        };
        let young = |ring: &'_ [Arc<Chunk>]| ring.partition_point(|chunk| chunk.last_row() < since);
        let rings = Signal::ALL.map(|signal| self.view.ring(signal));
        rings.into_iter().flat_map(|ring| &ring[young(ring)..]).map(|chunk| of_chunk(chunk) as u64).sum()
    }

    /// The page. Filters at most `budget` rows that were not filtered before.
    fn page(&self, budget: u64, cancelled: &dyn Fn() -> bool) -> Page {
        let mut budget = budget;
        let select = |chunk: &Arc<Chunk>| {
            let matches = self.matches.as_ref()?;
            if let Some(rows) = matches.known(chunk) {
                return Some(rows);
            }
            if budget == 0 || cancelled() {
                return Some(Arc::new(RowSet::none(chunk.len())));
            }
            budget = budget.saturating_sub(chunk.len() as u64);
            Some(matches.of(chunk))
        };
        let FeedQuery { anchor, before, after, sort, .. } = *self.query;
        if sort.is_arrival() {
            return Feed::new(self.view, select).page(anchor, before, after);
        }
        Sorted { view: self.view, order: sort, cancelled }.page(anchor, (before, after), select)
    }

    fn search_row(&self, find: &Find, memo: &Memo, cancelled: &dyn Fn() -> bool) -> Option<Row> {
        let search = match &find.wanted {
            Wanted::Error => None,
            Wanted::Match(search) | Wanted::Exemplar(search) => Some(memo.matches(search, self.view)),
        };
        let select = |chunk: &Arc<Chunk>| {
            if cancelled() {
                return Some(Arc::new(RowSet::none(chunk.len())));
            }
            let mut rows = match &search {
                None => errors(chunk),
                Some(search) => RowSet::clone(&search.of(chunk)),
            };
            if let Some(matches) = &self.matches {
                rows.intersect(&matches.of(chunk));
            }
            Some(Arc::new(rows))
        };
        let Find { from, forward, including, .. } = *find;
        if !self.query.sort.is_arrival() {
            return Sorted { view: self.view, order: self.query.sort, cancelled }
                .find((from, forward, including), select);
        }
        let from = match (including, forward) {
            (false, _) => from,
            (true, true) => Row(from.0.saturating_sub(1)),
            (true, false) => from.plus(1),
        };
        Feed::new(self.view, select).find(from, forward, |_| true).map(|hit| hit.row)
    }
}

/// The errors of a chunk: the rows that `e` stops at.
fn errors(chunk: &Chunk) -> RowSet {
    match &chunk.batch.columns {
        Columns::Points(_) | Columns::Events(_) => RowSet::none(chunk.len()),
        Columns::Spans(_) | Columns::Logs(_) => RowSet::from_fn(chunk.len(), |row| is_error(chunk.batch.item(row))),
    }
}
