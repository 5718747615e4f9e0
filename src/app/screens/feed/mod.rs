//! The Feed: everything as it arrives.
//!
//! State lies here. `acting` is what the app wants of every screen, `moving` the list, `searching` the search, `reading` the
//! detail, `trace` one trace in place of everything, `trace_page` its rows, `find` what is searched for. `asking` makes the query of the state and takes the answers, `query` answers it on the query thread.

mod acting;
mod asking;
mod find;
mod moving;
mod query;
#[cfg(test)]
mod query_tests;
mod reading;
mod searching;
mod trace;
mod trace_page;

pub use find::{Find, Found, Wanted};
pub use query::{FeedAnswer as Answer, FeedQuery as Query};
pub use searching::Search;
pub use trace_page::Trace;

use crate::app::parts::{Filtering, Outcome, Parts, Scene};
use crate::model::Row;
use crate::store::{Anchor, Hit, Page, View};
use std::ops::Range;

/// The state of the Feed. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Panes, detail, filter and search.
    pub parts: Parts,
    /// Which part of the rows is on the screen.
    pub viewport: Viewport,
    /// The selected row.
    pub selected: Option<Selected>,
    /// The rows that are at hand: those on the screen, and some before and after them.
    pub page: Page,
    /// How many rows there are.
    pub count: Count,
    /// Messages about fields of the filter that no row has.
    pub missing_fields: Vec<String>,
    /// The end of the view when following stopped, to count what came since.
    pub held_at: Row,
    /// The row that the user is looking for, until it is found.
    pub seeking: Option<Find>,
    /// The trace that is shown in place of everything; its rows are sorted by time.
    pub trace: Option<Trace>,
    /// What was shown before the trace.
    behind: Vec<Behind>,
    /// What is searched for, compiled.
    search: Option<Search>,
    anchor: Option<Anchor>,
    select_oldest: bool,
    /// The end of the frozen view, while one is shown.
    frozen_end: Option<Row>,
    /// Whether the row that is looked for was not found before the end, and is looked for from the other one.
    wrapped: bool,
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

/// Which part of the rows is on the screen.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Viewport {
    /// The newest.
    #[default]
    Follow,
    /// This row at this line, whatever arrives.
    Hold {
        /// The row; where it is not there, the next younger one.
        row: Row,
        /// Counted from the list's first line.
        line: usize,
    },
}

/// The selected row, with a hold on its chunk: it can be read even after the buffer evicted it.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Where it lies.
    pub hit: Hit,
    /// Whether the buffer has evicted it.
    pub gone: bool,
}

/// How many rows there are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    /// That the filter takes.
    pub matched: u64,
    /// All of them.
    pub total: u64,
    /// That the filter takes and that came since the user stopped following.
    pub newer: u64,
    /// That were not looked at yet.
    pub left: u64,
}

impl Feed {
    /// The rows of the page that a list of this height shows.
    pub fn window(&self, lines: usize) -> Range<usize> {
        let count = self.page.hits.len();
        let last_top = count.saturating_sub(lines);
        let top = match self.viewport {
            Viewport::Follow => last_top,
            Viewport::Hold { row, line } => {
                let at = self.place_of(row);
                at.saturating_sub(line.min(lines.saturating_sub(1))).min(last_top)
            }
        };
        top..count.min(top + lines)
    }

    /// The selected row's arrival number.
    pub fn selected_row(&self) -> Option<Row> {
        self.selected.as_ref().map(|selected| selected.hit.row)
    }

    /// Whether the newest rows are shown as they come.
    pub fn follows(&self) -> bool {
        self.viewport == Viewport::Follow
    }

    /// How many rows came since the user stopped following; while frozen, how many of any kind came.
    pub fn newer(&self, live: &View) -> u64 {
        match self.frozen_end {
            Some(end) => live.end().0.saturating_sub(end.0),
            None if self.follows() => 0,
            None => self.count.newer,
        }
    }

    fn index_of(&self, row: Row) -> Option<usize> {
        match self.trace {
            None => self.page.hits.binary_search_by_key(&row, |hit| hit.row).ok(),
            Some(_) => self.page.hits.iter().position(|hit| hit.row == row),
        }
    }
}
