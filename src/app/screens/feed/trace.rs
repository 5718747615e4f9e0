//! One trace in place of everything: its spans and logs, or its logs alone, by their time.
//!
//! `t` and `L` go there, Esc and Backspace go back to the filter before, with the cursor where it was.

use super::trace_page::{Trace, order_of};
use super::{Behind, Count, Feed, Outcome, Scene, Selected};
use crate::app::parts::{List, restore_filter, set_filter};
use crate::columns::Item;
use crate::model::{Row, TraceId};
use crate::store::Page;

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
