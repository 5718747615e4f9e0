//! The Feed: everything as it arrives.
//!
//! State lies here; what changes it lies beside it, one kind of action a file: `moving`, `pausing`, `filtering`,
//! `searching`, `detail`, `copying`. `acting` says which action is whose, `asking` makes the query of the state and takes
//! the answers.

mod acting;
mod asking;
mod copying;
mod detail;
mod filtering;
mod moving;
mod pausing;
mod searching;

pub use detail::Detail;
pub use filtering::Filtering;
pub use searching::Search;

use super::super::layout::Panes;
use super::super::query::{FeedQuery, Find};
use super::{Outcome, Scene};
use crate::model::{Row, Signal};
use crate::store::{Anchor, Hit, Page, View};
use std::ops::Range;

/// The state of the Feed. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Which part of the rows is on the screen.
    pub viewport: Viewport,
    /// The selected row.
    pub selected: Option<Selected>,
    /// The rows that are at hand: those on the screen, and some before and after them.
    pub page: Page,
    /// How many rows there are.
    pub count: Count,
    /// The view that was kept when the user paused.
    pub frozen: Option<View>,
    /// The end of the view when following stopped, for what came since.
    pub held_at: Row,
    /// The filter in force.
    pub filter: Filtering,
    /// What is searched for.
    pub search: Option<Search>,
    /// The row that the user is looking for, until it is found.
    pub seeking: Option<Find>,
    /// The detail of the selected row.
    pub detail: Detail,
    /// Whether the detail is open, and which pane has the keys.
    pub panes: Panes,
    anchor: Option<Anchor>,
    select_oldest: bool,
    /// Whether the row that is looked for was not found before the end, and is looked for from the other one.
    wrapped: bool,
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

/// The selected row, with a hold on its chunk: it can be read even when the buffer has let go of it.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Where it lies.
    pub hit: Hit,
    /// Whether the buffer has let go of it.
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
    /// The rows of the page that a list of so many lines shows.
    pub fn window(&self, lines: usize) -> Range<usize> {
        let count = self.page.hits.len();
        let last_top = count.saturating_sub(lines);
        let top = match self.viewport {
            Viewport::Follow => last_top,
            Viewport::Hold { row, line } => {
                let at = self.page.hits.partition_point(|hit| hit.row < row);
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

    /// How many rows came since the user stopped following; while paused, how many of any kind came.
    pub fn newer(&self, live: &View) -> u64 {
        match &self.frozen {
            Some(view) => live.end().0.saturating_sub(view.end().0),
            None if self.follows() => 0,
            None => self.count.newer,
        }
    }

    /// The view that is shown: the live one, or the one kept by the pause.
    pub fn shown<'a>(&'a self, live: &'a View) -> &'a View {
        self.frozen.as_ref().unwrap_or(live)
    }

    /// Bytes that the buffer has let go of and the pause still holds.
    pub fn pinned(&self, live: &View) -> usize {
        let Some(frozen) = &self.frozen else { return 0 };
        let of_ring = |signal: Signal| {
            let oldest = live.ring(signal).first().map_or(live.end(), |chunk| chunk.first_row());
            let ring = frozen.ring(signal).iter();
            ring.take_while(|chunk| chunk.last_row() < oldest).map(|chunk| chunk.bytes).sum::<usize>()
        };
        Signal::ALL.into_iter().map(of_ring).sum()
    }

    fn index_of(&self, row: Row) -> Option<usize> {
        self.page.hits.binary_search_by_key(&row, |hit| hit.row).ok()
    }
}
