//! The rows of one trace, sorted by time, and searches in them.

use super::find::{Find, Wanted, is_error};
use super::order::time_of;
use crate::analyze::{Matches, Memo};
use crate::model::{Row, Signal, Time, TraceId};
use crate::store::{Hit, View};
use std::collections::BinaryHeap;

/// The trace that the Feed shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trace {
    /// Its id.
    pub id: TraceId,
    /// Show only its logs.
    pub only_logs: bool,
}

/// The most rows of a trace that are shown: the earliest.
pub(super) const MAX_ROWS: usize = if cfg!(test) { 100 } else { 10_000 };

impl Trace {
    /// The filter that selects it.
    pub(super) fn filter(self) -> String {
        format!("trace:{}{}", self.id, if self.only_logs { " signal:log" } else { "" })
    }

    /// Whether a filter shows only rows of this trace.
    pub(super) fn is_of(self, filter: &str) -> bool {
        let rest = filter.strip_prefix(&self.filter());
        // An `or` behind it adds rows of other traces.
        rest.is_some_and(|rest| {
            let mut words = rest.split_whitespace();
            (rest.is_empty() || rest.starts_with(' '))
                && words.all(|word| !word.eq_ignore_ascii_case("or") && word != "||")
        })
    }
}

/// A row with its rank, for the heap that keeps the earliest rows.
struct Ordered(((Time, Row), Hit));

impl PartialEq for Ordered {
    fn eq(&self, other: &Ordered) -> bool {
        self.0.0 == other.0.0
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Ordered) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Ordered) -> std::cmp::Ordering {
        self.0.0.cmp(&other.0.0)
    }
}

/// The rows of one trace.
pub(super) struct TracePage {
    /// The earliest rows, sorted by time, at most [`MAX_ROWS`].
    pub hits: Vec<Hit>,
    /// How many rows match the filter, including those beyond [`MAX_ROWS`].
    pub matched: u64,
    /// How many of them arrived since the given row.
    pub newer: u64,
}

/// The rows of a trace that match the filter; `None` once `cancelled`.
pub(super) fn trace_page(
    view: &View,
    trace: Trace,
    matches: Option<&Matches<'_>>,
    since: Option<Row>,
    cancelled: &dyn Fn() -> bool,
) -> Option<TracePage> {
    let mut earliest: BinaryHeap<Ordered> = BinaryHeap::new();
    let (mut matched, mut newer) = (0, 0);
    let mut of_chunk = None;
    for hit in view.rows_of_trace(trace.id) {
        if trace.only_logs && hit.chunk.batch.signal() != Signal::Logs {
            continue;
        }
        if of_chunk.as_ref().is_none_or(|(id, _)| *id != hit.chunk.id) {
            if cancelled() {
                return None;
            }
            of_chunk = Some((hit.chunk.id, matches.map(|matches| matches.of(&hit.chunk))));
        }
        if matches!(&of_chunk, Some((_, Some(taken))) if !taken.contains(hit.index)) {
            continue;
        }
        matched += 1;
        newer += u64::from(since.is_some_and(|since| hit.row >= since));
        let ordered = Ordered(((time_of(&hit.chunk, hit.index), hit.row), hit));
        if earliest.len() < MAX_ROWS {
            earliest.push(ordered);
        } else if earliest.peek().is_some_and(|latest| ordered < *latest) {
            earliest.pop();
            earliest.push(ordered);
        }
    }
    let hits: Vec<Hit> = earliest.into_sorted_vec().into_iter().map(|ordered| ordered.0.1).collect();
    Some(TracePage { hits, matched, newer })
}

/// The next row that the search looks for, in the order of the list.
pub(super) fn find_in(hits: &[Hit], find: &Find, memo: &Memo, view: &View) -> Option<Row> {
    let search = match &find.wanted {
        Wanted::Error => None,
        Wanted::Match(search) | Wanted::Exemplar(search) => Some(memo.matches(search, view)),
    };
    let is_wanted = |hit: &&Hit| match &search {
        None => is_error(hit.chunk.batch.item(hit.index)),
        Some(search) => search.of(&hit.chunk).contains(hit.index),
    };
    let at = hits.iter().position(|hit| hit.row == find.from);
    let found = match find.forward {
        true => hits[at.map_or(0, |at| if find.including { at } else { at + 1 })..].iter().find(is_wanted),
        false => hits[..at.unwrap_or(hits.len())].iter().rfind(is_wanted),
    };
    found.map(|hit| hit.row)
}
