//! Sorting the rows: `o` and `O`, while the view is frozen.

use super::order::{FIRST, LAST, SortBy};
use super::{Edge, Feed, Outcome, Row, Scene};
use crate::app::parts::{Request, Sort};
use crate::store::Hit;

impl Feed {
    /// The order of the rows that are shown. A trace is sorted by time.
    pub fn order(&self) -> Sort<SortBy> {
        match self.trace {
            Some(_) => Sort { by: SortBy::Time, inverted: false },
            None => self.sort,
        }
    }

    /// Sorts by another column, or the other way. The selected row keeps its line. A list that is scrolled back is frozen
    /// first: rows that arrive would move it.
    pub(super) fn sort_by(&mut self, sort: Sort<SortBy>, scene: &Scene<'_>, outcome: &mut Outcome) {
        if self.trace.is_some() {
            return outcome.say("a trace is sorted by start");
        }
        if !scene.frozen && self.follows() {
            return outcome.say("freeze the Feed first, or scroll back: a live one is in order of arrival");
        }
        let window = self.window(scene.layout.list.height.into());
        let selected = self.selected_row().and_then(|row| self.index_of(row)).filter(|index| window.contains(index));
        let index = selected.unwrap_or(if self.follows() { window.end.saturating_sub(1) } else { window.start });
        let stay = self.page.hits.get(index).map(|hit| hit.row);
        if self.sort.is_arrival() {
            self.followed = self.follows();
        }
        self.sort = sort;
        match stay {
            _ if sort.is_arrival() && self.followed && self.selected.is_none() => self.follow(),
            Some(row) => self.hold(row, index - window.start, scene),
            None => self.hold(FIRST, 0, scene),
        }
        self.sort_page();
        let frozen = if scene.frozen { "" } else { "frozen and " };
        if !scene.frozen {
            outcome.requests.push(Request::Freeze);
        }
        outcome.say(format!("{frozen}sorted {}", sort.words()));
    }

    /// Goes back to the order of arrival, as the view is live again.
    pub(super) fn unsort(&mut self, outcome: &mut Outcome) {
        if self.sort.is_arrival() {
            return;
        }
        self.sort = Sort::default();
        if self.followed && self.selected.is_none() && self.trace.is_none() {
            self.follow();
        }
        self.sort_page();
        outcome.say("live again, in order of arrival");
    }

    /// Sorts the rows at hand, until the answer brings those around them.
    pub(super) fn sort_page(&mut self) {
        let order = self.order();
        self.page.hits.sort_by_key(|hit| order.rank(hit));
        self.anchor = None;
    }

    /// Goes to an end of a sorted list.
    pub(super) fn go_to_edge(&mut self, edge: Edge, scene: &Scene<'_>) {
        let line = usize::from(scene.layout.list.height).saturating_sub(1);
        match edge {
            Edge::First => self.hold(FIRST, 0, scene),
            Edge::Last => self.hold(LAST, line, scene),
        }
        self.selected = None;
        self.select_edge = Some(edge);
    }

    /// Where in the page a row stands, or would stand.
    pub(super) fn place_of(&self, row: Row) -> usize {
        let hits = &self.page.hits;
        let order = self.order();
        if order.is_arrival() {
            return hits.partition_point(|hit| hit.row < row);
        }
        let is_it = |hit: &&Hit| hit.row == row;
        let selected = self.selected.as_ref().map(|selected| &selected.hit);
        match (hits.iter().position(|hit| hit.row == row), selected.into_iter().chain(&self.held).find(is_it)) {
            (Some(at), _) => at,
            (None, Some(known)) => {
                let rank = order.rank(known);
                hits.partition_point(|hit| order.rank(hit) < rank)
            }
            (None, None) if row == LAST => hits.len(),
            (None, None) => 0,
        }
    }

    /// Whether a row stands within the rows at hand, or at an end of the list that is at hand.
    pub(super) fn is_at_hand(&self, row: Row) -> bool {
        let page = &self.page;
        match (self.order().is_arrival(), row) {
            (true, _) => {
                page.hits.first().is_some_and(|hit| hit.row <= row)
                    && page.hits.last().is_some_and(|hit| hit.row >= row)
            }
            (false, FIRST) => !page.older,
            (false, LAST) => !page.newer,
            (false, _) => self.index_of(row).is_some(),
        }
    }
}
