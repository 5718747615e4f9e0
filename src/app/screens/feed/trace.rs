//! One trace in place of everything: its spans and logs, or its logs alone, by their time.
//!
//! `t` and `L` go there, Esc and Backspace go back to the filter before, with the cursor where it was.

use super::query::{FeedAnswer, FeedQuery, Find, Found, Wanted, is_error};
use super::{Count, Feed, Outcome, Scene, Selected, Viewport};
use crate::app::parts::{Filtering, List, restore_filter, set_filter};
use crate::app::query::Memo;
use crate::columns::Item;
use crate::model::{Row, Signal, Time, TraceId};
use crate::store::{Hit, Page, View};
use std::collections::BinaryHeap;

/// A trace that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trace {
    /// Which one.
    pub id: TraceId,
    /// Its logs alone.
    pub only_logs: bool,
}

/// What was shown before a trace.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    trace: Option<Trace>,
    filter: Filtering,
    viewport: Viewport,
    selected: Option<Selected>,
    /// The rows that were on the screen.
    page: Page,
    count: Count,
    held_at: Row,
}

/// A trace shows at most this many rows: the earliest.
pub(super) const MAX_ROWS: usize = if cfg!(test) { 100 } else { 10_000 };

impl Trace {
    /// The filter that stands for it.
    fn filter(self) -> String {
        format!("trace:{}{}", self.id, if self.only_logs { " signal:log" } else { "" })
    }

    /// Whether a filter shows this trace, or some of its rows.
    pub(super) fn is_of(self, filter: &str) -> bool {
        let rest = filter.strip_prefix(&self.filter());
        // An `or` behind it takes rows of other traces.
        rest.is_some_and(|rest| {
            let mut words = rest.split_whitespace();
            (rest.is_empty() || rest.starts_with(' '))
                && words.all(|word| !word.eq_ignore_ascii_case("or") && word != "||")
        })
    }
}

impl Feed {
    /// Shows the trace of the selected row, or its logs alone, in place of what is shown.
    pub(super) fn show_trace(&mut self, only_logs: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.select_any(scene) {
            return outcome.say("no row is selected");
        }
        let Some(selected) = self.selected.clone() else { return };
        let Some(id) = self.selected_trace() else {
            return outcome.say("this row has no trace id");
        };
        let trace = Trace { id, only_logs };
        if self.trace == Some(trace) {
            return outcome.say(if only_logs {
                "these are the logs of this trace"
            } else {
                "this is the trace of this row"
            });
        }
        // From the logs of a trace to the trace they were chosen in: one level up, at the same row.
        if self.behind.last().is_some_and(|behind| behind.trace == Some(trace)) {
            self.go_back(scene, outcome);
        } else {
            let window = self.window(scene.layout.list.height.into());
            let page = Page {
                older: self.page.older || window.start > 0,
                newer: self.page.newer || window.end < self.page.hits.len(),
                hits: self.page.hits[window].to_vec(),
            };
            self.behind.push(Behind {
                trace: self.trace,
                filter: self.parts.filter.clone(),
                viewport: self.viewport,
                selected: self.selected.clone(),
                page,
                count: self.count,
                held_at: self.held_at,
            });
            self.trace = Some(trace);
            if let Err(error) = set_filter(self, &trace.filter(), scene) {
                outcome.refuse(error.explanation());
            }
        }
        let line = scene.layout.list.height / 2;
        self.page = Page { hits: vec![selected.hit.clone()], ..Page::default() };
        self.hold(selected.hit.row, line.into(), scene);
        self.selected = Some(selected);
        self.seeking = None;
    }

    /// Goes back to what was shown before the trace. Whether there was something.
    pub(super) fn go_back(&mut self, scene: &Scene<'_>, _: &mut Outcome) -> bool {
        let Some(behind) = self.behind.pop() else { return false };
        self.trace = behind.trace;
        restore_filter(self, behind.filter, scene);
        self.viewport = behind.viewport;
        self.selected = behind
            .selected
            .map(|selected| Selected { gone: scene.view.locate(selected.hit.row).is_none(), ..selected });
        self.page = behind.page;
        self.count = Count { left: behind.count.left.max(1), ..behind.count };
        self.held_at = behind.held_at;
        self.anchor = None;
        self.seeking = None;
        self.select_oldest = false;
        true
    }

    /// Leaves the trace where another filter was put in its place.
    pub(super) fn leave_trace(&mut self) {
        if self.trace.is_some_and(|trace| !trace.is_of(&self.parts.filter.text)) {
            self.trace = None;
            self.behind.clear();
            // The rows at hand lie in the order of the trace.
            self.page.hits.sort_by_key(|hit| hit.row);
            self.anchor = None;
        }
    }

    /// The trace id of the selected row, if it has one.
    pub(super) fn selected_trace(&self) -> Option<TraceId> {
        let hit = &self.selected.as_ref()?.hit;
        let id = match hit.chunk.batch.item(hit.index) {
            Item::Span(span) => span.trace(),
            Item::Log(log) => log.trace(),
            Item::Point(_) | Item::Event(_) => return None,
        };
        (!id.is_none()).then_some(id)
    }

    /// Where in the page a row stands, or would stand.
    pub(super) fn place_of(&self, row: Row) -> usize {
        let hits = &self.page.hits;
        if self.trace.is_none() {
            return hits.partition_point(|hit| hit.row < row);
        }
        let selected = self.selected.as_ref().filter(|selected| selected.hit.row == row);
        match (hits.iter().position(|hit| hit.row == row), selected) {
            (Some(at), _) => at,
            (None, Some(selected)) => {
                let wanted = order_of(&selected.hit);
                hits.partition_point(|hit| order_of(hit) < wanted)
            }
            (None, None) => 0,
        }
    }

    /// The row before another one in the order of the list; row 0, which none has, before the first.
    pub(super) fn row_before(&self, row: Row) -> Row {
        match self.trace {
            None => Row(row.0.saturating_sub(1)),
            Some(_) => self.place_of(row).checked_sub(1).map(|at| self.page.hits[at].row).unwrap_or_default(),
        }
    }

    /// The row after another one in the order of the list; the end of the view after the last.
    pub(super) fn row_after(&self, row: Row, scene: &Scene<'_>) -> Row {
        match self.trace {
            None => row.plus(1),
            Some(_) => self.page.hits.get(self.place_of(row) + 1).map_or(scene.view.end(), |hit| hit.row),
        }
    }
}

/// By the time of the event, or of receipt where the sender told none; then by arrival.
fn order_of(hit: &Hit) -> (Time, Row) {
    let time = hit.chunk.batch.item(hit.index).time();
    (if time.is_unknown() { hit.chunk.run(hit.index).received } else { time }, hit.row)
}

/// A row by its order, for the heap that keeps the earliest.
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

/// All rows of a trace that the filter takes, as one page: the earliest, where there are too many.
pub(super) fn answer(
    view: &View,
    trace: Trace,
    query: &FeedQuery,
    memo: &Memo,
    cancelled: &dyn Fn() -> bool,
) -> Option<FeedAnswer> {
    let matches = query.filter.as_ref().map(|filter| memo.matches(filter, view));
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
            of_chunk = Some((hit.chunk.id, matches.as_ref().map(|matches| matches.of(&hit.chunk))));
        }
        if matches!(&of_chunk, Some((_, Some(taken))) if !taken.contains(hit.index)) {
            continue;
        }
        matched += 1;
        newer += u64::from(query.since.is_some_and(|since| hit.row >= since));
        let ordered = Ordered((order_of(&hit), hit));
        if earliest.len() < MAX_ROWS {
            earliest.push(ordered);
        } else if earliest.peek().is_some_and(|latest| ordered < *latest) {
            earliest.pop();
            earliest.push(ordered);
        }
    }
    let hits: Vec<Hit> = earliest.into_sorted_vec().into_iter().map(|ordered| ordered.0.1).collect();
    let found = query.find.as_ref().map(|find| Found { find: find.clone(), row: find_in(&hits, find, memo, view) });
    // The rows that do not fit are not to be had by scrolling.
    let page = Page { hits, older: false, newer: false };
    Some(FeedAnswer { page, matched, total: view.len(), newer, left: 0, missing: Vec::new(), found })
}

/// The next row that is looked for, in the order of the list.
fn find_in(hits: &[Hit], find: &Find, memo: &Memo, view: &View) -> Option<Row> {
    let search = match &find.wanted {
        Wanted::Error => None,
        Wanted::Match(search) => Some(memo.matches(search, view)),
    };
    let is_wanted = |hit: &&Hit| match &search {
        None => is_error(hit.chunk.batch.item(hit.index)),
        Some(search) => search.of(&hit.chunk).contains(hit.index),
    };
    let at = hits.iter().position(|hit| hit.row == find.from);
    let found = match find.forward {
        true => hits[at.map_or(0, |at| at + 1)..].iter().find(is_wanted),
        false => hits[..at.unwrap_or(hits.len())].iter().rfind(is_wanted),
    };
    found.map(|hit| hit.row)
}
