//! Which action does what, by the pane that has the keys.

use super::{Outcome, Scene, Sort, Sources};
use crate::app::layout::Pane;
use crate::app::{Action, Effect, Pointer, SourceCommand, Target, is_open};
use crate::model::{Connection, ConnectionState, visible};
use crate::present::number;

impl Sources {
    /// Does what a key asked for.
    pub(in crate::app) fn act(&mut self, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) {
        let doomed = self.doomed.take();
        match (self.panes.focus, action) {
            (Pane::Detail, Action::Up) => self.detail.column_mut().step(-1),
            (Pane::Detail, Action::Down) => self.detail.column_mut().step(1),
            (Pane::Detail, Action::PageUp) => self.detail.column_mut().page(-2),
            (Pane::Detail, Action::PageDown) => self.detail.column_mut().page(2),
            (Pane::Detail, Action::HalfPageUp) => self.detail.column_mut().page(-1),
            (Pane::Detail, Action::HalfPageDown) => self.detail.column_mut().page(1),
            (Pane::Detail, Action::Oldest) => self.detail.column_mut().edge(false),
            (Pane::Detail, Action::Follow) => self.detail.column_mut().edge(true),
            (Pane::Detail, Action::Open | Action::Right) => self.detail.on_states = scene.layout.facts.width > 0,
            (Pane::Detail, Action::Left) => self.detail.on_states = false,
            (Pane::List, Action::Up) => self.step(-1, scene),
            (Pane::List, Action::Down) => self.step(1, scene),
            (Pane::List, Action::PageUp) => self.step(-page(scene), scene),
            (Pane::List, Action::PageDown) => self.step(page(scene), scene),
            (Pane::List, Action::HalfPageUp) => self.step(-(page(scene) / 2).max(1), scene),
            (Pane::List, Action::HalfPageDown) => self.step((page(scene) / 2).max(1), scene),
            (Pane::List, Action::Oldest) => self.select_row(0, scene),
            (Pane::List, Action::Follow) => self.select_row(usize::MAX, scene),
            (Pane::List, Action::Open | Action::Right) => self.open(),
            (_, Action::NextPane | Action::PreviousPane) => self.other_pane(),
            (_, Action::Back) => self.back(),
            (_, Action::Zoom) => self.panes.zoom = !self.panes.zoom,
            (_, Action::Wrap) => self.detail.wrap = !self.detail.wrap,
            (_, Action::Sort) => {
                let shown = self.columns(scene.connections, scene.layout.list.width);
                self.sort_by(Sort { by: self.sort.by.next(&shown), inverted: false }, outcome);
            }
            (_, Action::Invert) => self.sort_by(Sort { inverted: !self.sort.inverted, ..self.sort }, outcome),
            (_, Action::NextMatch) => self.go_to_match(true, scene, outcome),
            (_, Action::PreviousMatch) => self.go_to_match(false, scene, outcome),
            (_, Action::NextError) => self.go_to_error(true, scene, outcome),
            (_, Action::PreviousError) => self.go_to_error(false, scene, outcome),
            (_, action) => match self.selected_of(scene.connections) {
                Some(selected) => self.act_on(selected, action, doomed == Some(selected.id), outcome),
                None => outcome.say("there is no source; add one"),
            },
        }
    }

    /// Does something to the selected connection.
    fn act_on(&mut self, selected: &Connection, action: Action, asked: bool, outcome: &mut Outcome) {
        let label = visible(&selected.label);
        let id = selected.id;
        match action {
            Action::Pause if selected.state == ConnectionState::Paused => command(SourceCommand::Resume(id), outcome),
            Action::Pause if is_open(selected) => command(SourceCommand::Pause(id), outcome),
            Action::Pause => outcome.say(format!("{label} is not connected: there is nothing to pause")),
            Action::Retry if !is_open(selected) || selected.retry_at.is_some() => {
                command(SourceCommand::Retry(id), outcome);
            }
            Action::Retry => outcome.say(format!("{label} waits for no further attempt")),
            Action::Disconnect => {
                let is_off = selected.state == ConnectionState::Disconnected;
                match (asked, is_off) {
                    (true, false) => command(SourceCommand::Disconnect(id), outcome),
                    (true, true) => command(SourceCommand::Forget(id), outcome),
                    (false, false) => outcome.say(format!("again disconnects {label}; its rows stay")),
                    (false, true) => outcome.say(format!("again takes {label} off the list; its rows stay")),
                }
                self.doomed = Some(id).filter(|_| !asked);
            }
            Action::Copy => {
                let in_detail = self.detail.column().selected().filter(|_| self.panes.focus == Pane::Detail);
                copy(in_detail.map_or_else(|| visible(&selected.url), |entry| entry.value.clone()), outcome);
            }
            Action::CopyError => match (&selected.error, &selected.rejection) {
                (Some(error), _) => copy(visible(error), outcome),
                (None, Some(rejection)) => copy(format!("{}: {}", rejection.words(), rejection.reason), outcome),
                (None, None) => outcome.say(format!("nothing is wrong with {label}")),
            },
            _ => {}
        }
    }

    /// Does what the mouse asked for; the wheel moves by `by` rows.
    pub(in crate::app) fn point(
        &mut self,
        pointer: Pointer,
        by: isize,
        target: Target,
        scene: &Scene<'_>,
        outcome: &mut Outcome,
    ) {
        self.doomed = None;
        match (pointer, target) {
            (Pointer::Press, Target::List(line)) => {
                self.panes.detail |= self.select_line(line.into(), scene) == Some(true);
            }
            (Pointer::Press, Target::SourceColumn(by)) if by == self.sort.by => {
                self.sort_by(Sort { inverted: !self.sort.inverted, by }, outcome);
            }
            (Pointer::Press, Target::SourceColumn(by)) => self.sort_by(Sort { by, inverted: false }, outcome),
            (Pointer::Press, Target::Detail { line, facts }) => {
                self.panes.focus = Pane::Detail;
                self.detail.on_states = !facts && scene.layout.facts.width > 0;
                self.detail.column_mut().select_line(line.into());
            }
            (_, Target::List(_)) => self.scroll(by, scene),
            (_, Target::Detail { facts, .. }) => self.detail.side_mut(facts, scene).scroll(by),
            _ => {}
        }
    }

    /// Opens the detail; where it is open, gives it the keys.
    fn open(&mut self) {
        if self.selected.is_some() {
            self.panes.open();
        }
    }

    fn other_pane(&mut self) {
        if self.selected.is_some() {
            self.panes.other();
        }
    }

    /// One level up; from the uppermost the search is forgotten.
    fn back(&mut self) {
        if !self.panes.back() {
            self.search.clear();
        }
    }

    fn sort_by(&mut self, sort: Sort, outcome: &mut Outcome) {
        self.sort = sort;
        self.still.clear();
        self.strayed = false;
        outcome.say(format!("sorted by {}", sort.words()));
    }

    fn go_to_match(&mut self, forward: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if self.search.is_empty() {
            outcome.say("nothing is searched for");
        } else if !self.next_match(forward, scene) {
            outcome.say(format!("no source has {}", visible(&self.search)));
        }
    }

    fn go_to_error(&mut self, forward: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.next_error(forward, scene) {
            outcome.say("nothing is wrong with any source");
        }
    }
}

fn command(command: SourceCommand, outcome: &mut Outcome) {
    outcome.effects.push(Effect::Source(command));
}

fn copy(text: String, outcome: &mut Outcome) {
    outcome.say(format!("copied {}", number::bytes(text.len() as f64)));
    outcome.effects.push(Effect::Copy(text));
}

fn page(scene: &Scene<'_>) -> isize {
    isize::try_from(scene.layout.list.height).unwrap_or(1).max(1)
}
