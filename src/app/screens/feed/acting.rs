//! How the Feed does what the app asks of every screen.

use super::{Count, Feed, Outcome, Scene, SortBy, Viewport};
use crate::app::layout::Pane;
use crate::app::parts::{List, Parts, Sort};
use crate::app::screens::{ScreenState, Toward};
use crate::app::{Action, FRESH};
use crate::model::Time;

impl ScreenState for Feed {
    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn parts_mut(&mut self) -> &mut Parts {
        &mut self.parts
    }

    fn list(&mut self) -> &mut dyn List {
        self
    }

    fn settle(&mut self, scene: &Scene<'_>, _: &mut Outcome) {
        self.read_selected(scene);
    }

    fn act(&mut self, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        match action {
            Action::Trace => self.show_trace(false, scene, outcome),
            Action::Logs => self.show_trace(true, scene, outcome),
            Action::Sort => self.sort_by(self.sort.next(&[SortBy::Arrival, SortBy::Time], |_| true), scene, outcome),
            Action::Invert => self.sort_by(self.sort.turned(), scene, outcome),
            _ => return false,
        }
        true
    }

    fn go_back(&mut self, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        Feed::go_back(self, scene, outcome)
    }

    fn rows(&self, _: &Scene<'_>) -> usize {
        // A list that is still counted, or that grows, keeps its height.
        match (self.count.left, self.follows()) {
            (0, false) => usize::try_from(self.count.matched).unwrap_or(usize::MAX),
            _ => usize::MAX,
        }
    }

    /// The columns have titles while the list is sorted.
    fn is_titled(&self) -> bool {
        !self.order().is_arrival() && self.trace.is_none()
    }

    fn press_title(&mut self, _: usize, scene: &Scene<'_>, outcome: &mut Outcome) {
        self.sort_by(self.sort.clicked(SortBy::Time), scene, outcome);
    }

    fn has_filter(&self) -> bool {
        true
    }

    /// The rows are counted again. The rows around the selected one change, and it keeps its line.
    fn filtered(&mut self, scene: &Scene<'_>) {
        self.leave_trace();
        self.count = Count { matched: 0, newer: 0, left: self.count.total, ..self.count };
        self.missing_fields.clear();
        self.stand_by_selected(scene);
    }

    fn search(&mut self, toward: Toward, scene: &Scene<'_>, outcome: &mut Outcome) {
        match (self.compiled_search(), toward) {
            (Err(error), _) => outcome.refuse(error.explanation()),
            (Ok(wanted), Toward::Nearest) => self.first_match(wanted, scene),
            (Ok(wanted), toward) => self.next_match(wanted, toward == Toward::Next, scene),
        }
    }

    fn next_error(&mut self, forward: bool, scene: &Scene<'_>, _: &mut Outcome) {
        self.seek_error(forward, scene);
    }

    fn copied(&self, scene: &Scene<'_>) -> Result<String, &'static str> {
        self.json(scene)
    }

    /// Checks whether the view still has the selected row.
    fn viewed(&mut self, scene: &Scene<'_>, outcome: &mut Outcome) {
        // After a freeze, all rows that arrived meanwhile count as newer.
        if let (Some(frozen), false, Viewport::Hold { .. }) = (self.frozen_end, scene.frozen, self.viewport) {
            self.held_at = self.held_at.max(frozen.min(scene.live.end()));
        }
        self.frozen_end = scene.frozen.then(|| scene.view.end());
        if !scene.frozen {
            self.unsort(outcome);
        }
        let Some(row) = self.selected_row() else { return };
        let gone = scene.view.locate(row).is_none();
        let Some(selected) = &mut self.selected else { return };
        let newly = gone && !selected.gone;
        selected.gone = gone;
        if newly {
            outcome.say("the selected row has left the buffer; the detail keeps it");
        }
    }

    fn cleared(&mut self, _: &Scene<'_>) {
        self.selected = None;
        self.parts.panes.close();
        self.sort = Sort::default();
        self.follow();
    }

    /// When the first of the new rows on the screen loses its tint.
    fn wake_at(&self, scene: &Scene<'_>) -> Option<Time> {
        let shown = &self.page.hits[self.window(scene.layout.list.height.into())];
        let until = |received: Time| Time(received.0.saturating_add(FRESH));
        shown.iter().map(|hit| until(hit.chunk.run(hit.index).received)).filter(|until| *until > scene.now).min()
    }

    fn services(&self) -> Vec<&str> {
        self.page.hits.iter().map(|hit| hit.chunk.batch.item(hit.index).service()).collect()
    }

    fn footer(&self, action: Action, _: &Scene<'_>) -> Option<&'static str> {
        let needless = matches!(action, Action::Trace)
            && (self.selected_trace().is_none() || self.trace.is_some_and(|trace| !trace.only_logs));
        if needless {
            return Some("");
        }
        if action == Action::Follow && !self.sort.is_arrival() {
            return Some("last");
        }
        (action == Action::Follow && (self.follows() || self.parts.panes.focus == Pane::Detail)).then_some("")
    }
}
