//! The Sources screen's implementation of `ScreenState`, and its own keys.

use super::warnings::quiet_at;
use super::{Outcome, Scene, Sort, SortBy, Sources};
use crate::app::parts::{List, Parts, Request};
use crate::app::screens::{ScreenState, Toward};
use crate::app::typing::Typing;
use crate::app::{Action, Effect, NoticeKind, SourceCommand, Subject, is_open};
use crate::model::{Connection, ConnectionState, Time, visible};
use crate::present::number;

impl ScreenState for Sources {
    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn parts_mut(&mut self) -> &mut Parts {
        &mut self.parts
    }

    fn list(&mut self) -> &mut dyn List {
        &mut self.table
    }

    fn rows(&self, scene: &Scene<'_>) -> usize {
        scene.connections.len()
    }

    fn is_titled(&self) -> bool {
        true
    }

    fn settle(&mut self, scene: &Scene<'_>, _: &mut Outcome) {
        if let Some(wanted) = self.wanted.take_if(|wanted| scene.connections.iter().any(|known| known.id == *wanted)) {
            self.table.select(wanted);
        }
        self.hold_still(scene);
        self.table.settle(self.ordered(scene), scene);
        if self.table.selected.is_none() && self.parts.panes.detail {
            self.parts.panes.close();
        }
        self.read_selected(scene);
    }

    fn act(&mut self, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        match action {
            Action::Sort => {
                let shown = self.columns(scene.connections, scene.traffic, scene.layout.list.width);
                self.sort_by(self.sort.next(&SortBy::ALL, |by| by.is_shown(&shown)), outcome);
            }
            Action::Invert => self.sort_by(self.sort.turned(), outcome),
            Action::Add => outcome.requests.push(Request::Type(Box::new(Typing::add("", None)))),
            action => match self.selected_of(scene.connections) {
                Some(selected) => return self.act_on(selected, action, scene, outcome),
                None if action == Action::Edit => return self.act(Action::Add, scene, outcome),
                None => return false,
            },
        }
        true
    }

    fn press_title(&mut self, column: usize, scene: &Scene<'_>, outcome: &mut Outcome) {
        let shown = self.columns(scene.connections, scene.traffic, scene.layout.list.width);
        if let Some(by) = shown.get(column).and_then(|column| column.what.sort()) {
            self.sort_by(self.sort.clicked(by), outcome);
        }
    }

    fn bar_action(&self) -> Action {
        Action::Add
    }

    fn search(&mut self, toward: Toward, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.seek_match(toward != Toward::Previous, scene) {
            outcome.say(format!("no source matches {}", visible(&self.parts.search)));
        }
    }

    fn next_error(&mut self, forward: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.seek_error(forward, scene) {
            outcome.say("no source has an error");
        }
    }

    fn copied(&self, scene: &Scene<'_>) -> Result<String, &'static str> {
        self.selected_of(scene.connections)
            .map(|selected| visible(&selected.url))
            .ok_or("there is no source yet; add one")
    }

    fn wake_at(&self, scene: &Scene<'_>) -> Option<Time> {
        let quiet_at = |connection| quiet_at(connection, scene.traffic, scene.now);
        scene.connections.iter().filter_map(quiet_at).min()
    }

    fn shows_counts(&self) -> bool {
        true
    }

    fn footer(&self, action: Action, scene: &Scene<'_>) -> Option<&'static str> {
        let state = self.selected_of(scene.connections)?.state;
        match (action, state) {
            (Action::Pause, ConnectionState::Paused) => Some("resume"),
            (Action::Disconnect, ConnectionState::Disconnected) => Some("forget"),
            _ => None,
        }
    }
}

impl Sources {
    /// Performs an action on the selected connection.
    fn act_on(&mut self, selected: &Connection, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        let label = visible(&selected.label);
        let id = selected.id;
        match action {
            Action::Pause if selected.state == ConnectionState::Paused => command(SourceCommand::Resume(id), outcome),
            Action::Pause if is_open(selected) => command(SourceCommand::Pause(id), outcome),
            Action::Pause => outcome.say(format!("{label} is not connected; there is nothing to pause")),
            Action::Retry if !is_open(selected) || selected.retry_at.is_some() => {
                command(SourceCommand::Retry(id), outcome);
            }
            Action::Retry => outcome.say(format!("{label} is not waiting to retry")),
            Action::Disconnect => {
                let is_off = selected.state == ConnectionState::Disconnected;
                let mut ask = |text| outcome.notice = Some((NoticeKind::Info, Subject::Ending(id), text));
                match (scene.ending == Some(id), is_off) {
                    (true, false) => command(SourceCommand::Disconnect(id), outcome),
                    (true, true) => command(SourceCommand::Forget(id), outcome),
                    (false, false) => ask(format!("repeat to disconnect {label}; its rows stay")),
                    (false, true) => ask(format!("repeat to forget {label}; its rows stay")),
                }
            }
            Action::Edit => {
                let typed = if selected.source.is_empty() { &selected.url } else { &selected.source };
                outcome.requests.push(Request::Type(Box::new(Typing::add(typed, Some(id)))));
            }
            Action::Open | Action::Credentials if selected.wants_credentials => {
                outcome.requests.push(Request::Type(Box::new(Typing::credentials(id, label))));
            }
            Action::Credentials => outcome.say(format!("{label} does not ask for credentials")),
            Action::Include => show_rows(selected, false, outcome),
            Action::Exclude => show_rows(selected, true, outcome),
            Action::CopyError => match (&selected.error, &selected.rejection) {
                (Some(error), _) => copy(visible(error), outcome),
                (None, Some(rejection)) => copy(format!("{}: {}", rejection.words(), rejection.reason), outcome),
                (None, None) => outcome.say(format!("{label} has no error")),
            },
            _ => return false,
        }
        true
    }

    fn sort_by(&mut self, sort: Sort<SortBy>, outcome: &mut Outcome) {
        self.sort = sort;
        self.still.clear();
        self.table.reveal();
        outcome.say(format!("sorted by {}", sort.words()));
    }
}

/// Shows only the rows of a source in the Feed, or hides them with `exclude`.
fn show_rows(of: &Connection, exclude: bool, outcome: &mut Outcome) {
    outcome.requests.push(Request::ShowSource { label: of.label.clone(), exclude });
}

fn command(command: SourceCommand, outcome: &mut Outcome) {
    outcome.effects.push(Effect::Source(command));
}

fn copy(text: String, outcome: &mut Outcome) {
    outcome.say(format!("copied {}", number::bytes(text.len() as f64)));
    outcome.effects.push(Effect::Copy(text));
}
