//! One trace in place of the whole list: its spans and logs, or only its logs, sorted by time.
//!
//! `t` and `L` open it. Esc and Backspace go back to the earlier filter, with the cursor where it was.

use super::order::FIRST;
use super::trace_page::Trace;
use super::{Behind, Count, Edge, Feed, Find, Outcome, Scene, Selected, Wanted};
use crate::app::parts::{List, restore_filter, set_filter};
use crate::columns::{Exemplar, Item};
use crate::filter::Filter;
use crate::model::{Signal, SpanId, TraceId};
use crate::store::{Hit, Page};
use std::sync::Arc;

impl Feed {
    /// Replaces the list by the trace of the selected row, or by its logs.
    pub(super) fn show_trace(&mut self, only_logs: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.select_any(scene) {
            return outcome.say("no row is selected");
        }
        let Some(selected) = self.selected.clone() else { return };
        let Some(id) = self.selected_trace() else {
            return outcome.say("this row has no trace id");
        };
        let is_inside = !matches!(selected.hit.chunk.batch.signal(), Signal::Metrics);
        let trace = Trace { id, only_logs };
        if self.trace == Some(trace) {
            return outcome.say(if only_logs {
                "these are the logs of this trace"
            } else {
                "this is the trace of this row"
            });
        }
        // From the logs of a trace back to that trace: one level up, at the same row.
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
        self.seeking = None;
        if is_inside {
            self.page = Page { hits: vec![selected.hit.clone()], ..Page::default() };
            self.hold(selected.hit.row, line.into(), scene);
            self.selected = Some(selected);
        } else {
            self.page = Page::default();
            self.go_to_edge(Edge::First, scene);
            self.seek_exemplar(&selected.hit);
        }
    }

    /// Looks for the span that the newest exemplar of a point names.
    fn seek_exemplar(&mut self, hit: &Hit) {
        let Some(exemplar) = newest_exemplar(hit).filter(|exemplar| exemplar.span != SpanId::default()) else { return };
        if let Ok(filter) = Filter::parse(&format!("signal:span span:{}", exemplar.span)) {
            let wanted = Wanted::Exemplar(Arc::new(filter));
            self.select_edge = None;
            self.begin(Find { wanted, from: FIRST, forward: true, including: false });
        }
    }

    /// Goes back to the list before the trace. Returns whether there was one.
    pub(super) fn go_back(&mut self, scene: &Scene<'_>, _: &mut Outcome) -> bool {
        let Some(behind) = self.behind.pop() else { return false };
        self.trace = behind.trace;
        restore_filter(self, behind.filter, scene);
        self.viewport = behind.viewport;
        self.selected = behind
            .selected
            .map(|selected| Selected { gone: scene.view.locate(selected.hit.row).is_none(), ..selected });
        self.page = behind.page;
        self.held = None;
        self.sort_page();
        self.count = Count { left: behind.count.left.max(1), ..behind.count };
        self.held_at = behind.held_at;
        self.seeking = None;
        self.select_edge = None;
        true
    }

    /// Leaves the trace if the filter no longer selects it.
    pub(super) fn leave_trace(&mut self) {
        if self.trace.is_some_and(|trace| !trace.is_of(&self.parts.filter.text)) {
            self.trace = None;
            self.behind.clear();
            // The page still has the order of the trace.
            self.sort_page();
        }
    }

    /// The trace id of the selected row, if it has one. A point has the trace id of its newest exemplar.
    pub(super) fn selected_trace(&self) -> Option<TraceId> {
        let hit = &self.selected.as_ref()?.hit;
        let id = match hit.chunk.batch.item(hit.index) {
            Item::Span(span) => span.trace(),
            Item::Log(log) => log.trace(),
            Item::Point(_) => newest_exemplar(hit)?.trace,
            Item::Event(_) => return None,
        };
        (!id.is_none()).then_some(id)
    }
}

/// The newest exemplar of a point that has a trace id.
fn newest_exemplar(hit: &Hit) -> Option<&Exemplar> {
    let Item::Point(point) = hit.chunk.batch.item(hit.index) else { return None };
    point.exemplars().filter(|exemplar| !exemplar.trace.is_none()).max_by_key(|exemplar| exemplar.time)
}
