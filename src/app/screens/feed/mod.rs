//! The Feed: everything as it arrives.
//!
//! The state lies here. `acting` implements what the app asks of every screen, `moving` the list, `searching` the search,
//! `reading` the detail, `sorting` the order of the rows, `trace` the view of one trace. `asking` makes the query from the
//! state and takes the answers. `query` answers it on the query thread: `sorted` finds the rows in the order of `order`,
//! `trace_page` the rows of a trace; `find` says what a search looks for.

mod acting;
mod asking;
mod find;
mod moving;
mod order;
mod query;
#[cfg(test)]
mod query_tests;
mod reading;
mod searching;
mod sorted;
mod sorting;
mod trace;
mod trace_page;

pub use find::{Find, Found, Wanted};
pub use order::SortBy;
pub use query::{FeedAnswer as Answer, FeedQuery as Query};
pub use searching::Search;
pub use trace_page::Trace;

use crate::app::parts::{Filtering, Outcome, Parts, Scene, Sort};
use crate::model::{Row, SourceId};
use crate::store::{Anchor, Hit, Page, View};
use std::ops::Range;

/// The state of the Feed. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Panes, detail, filter and search.
    pub parts: Parts,
    /// The part of the list on the screen.
    pub viewport: Viewport,
    /// The selected row.
    pub selected: Option<Selected>,
    /// The rows on the screen, and some before and after them.
    pub page: Page,
    /// How many rows there are.
    pub count: Count,
    /// Messages about fields of the filter that no row has.
    pub missing_fields: Vec<String>,
    /// The end of the view when following stopped, to count newer rows.
    pub held_at: Row,
    /// The search under way.
    pub seeking: Option<Find>,
    /// The trace that is shown in place of everything. Its rows are sorted by time.
    pub trace: Option<Trace>,
    /// The lists before the trace.
    behind: Vec<Behind>,
    /// The searched text, compiled.
    search: Option<Search>,
    /// The order of the rows; that of arrival while the view is live.
    pub sort: Sort<SortBy>,
    /// The sources that have rows in the view, by number.
    pub sources: Vec<SourceId>,
    anchor: Option<Anchor>,
    /// Select the row at this end as soon as the page has it.
    select_edge: Option<Edge>,
    /// The row that the viewport holds, in a sorted list: its rank is needed if the page lacks it.
    held: Option<Hit>,
    /// Whether the newest rows were followed before the list was sorted.
    followed: bool,
    /// The end of the frozen view, while the screen shows one.
    frozen_end: Option<Row>,
    /// Whether the search reached one end and continues from the other.
    wrapped: bool,
}

/// An end of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Edge {
    First,
    Last,
}

/// The state of the list before a trace.
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

/// The part of the list on the screen.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Viewport {
    /// The newest.
    #[default]
    Follow,
    /// This row on this line, whatever arrives.
    Hold {
        /// The row; if it is not there, the next one.
        row: Row,
        /// Counted from the list's first line.
        line: usize,
    },
}

/// The selected row. It keeps its chunk, so it can be read after the buffer evicted it.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Its position.
    pub hit: Hit,
    /// Whether the buffer has evicted it.
    pub gone: bool,
}

/// How many rows there are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    /// Rows that match the filter.
    pub matched: u64,
    /// All rows.
    pub total: u64,
    /// Matching rows that arrived since the user stopped following.
    pub newer: u64,
    /// Rows not examined yet.
    pub left: u64,
}

impl Feed {
    /// The part of the page that a list of this height shows.
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

    /// Whether the list follows the newest rows.
    pub fn follows(&self) -> bool {
        self.viewport == Viewport::Follow
    }

    /// How many matching rows arrived since the user stopped following; while frozen, how many rows of any kind.
    pub fn newer(&self, live: &View) -> u64 {
        match self.frozen_end {
            Some(end) => live.end().0.saturating_sub(end.0),
            None if self.follows() => 0,
            None => self.count.newer,
        }
    }

    fn index_of(&self, row: Row) -> Option<usize> {
        match self.order().is_arrival() {
            true => self.page.hits.binary_search_by_key(&row, |hit| hit.row).ok(),
            false => self.page.hits.iter().position(|hit| hit.row == row),
        }
    }
}
