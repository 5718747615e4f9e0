//! Lines being typed: the filter in its bar, a search or a command at the bottom.

use super::command::{self, Asked, Command};
use super::line::{History, Line};
use super::screens::feed::{Filtering, Search};
use super::{Action, App, Context, NoticeKind};
use crate::filter::FilterError;
use crate::model::Time;

/// The line that has the keys.
#[derive(Clone, Debug)]
pub enum Typing {
    /// The filter. What is typed is put in force when the fingers rest, as far as it is good.
    Filter {
        /// What is typed.
        line: Line,
        /// What is wrong with it.
        error: Option<FilterError>,
        /// What was in force before, for going back.
        before: Filtering,
        /// When what was typed is tried; none where it was.
        settles: Option<Time>,
    },
    /// A search.
    Search {
        /// What is typed.
        line: Line,
    },
    /// A command.
    Command {
        /// What is typed.
        line: Line,
        /// What is wrong with it; goes at the next key.
        error: Option<String>,
        /// The word before completion began, and which completion stands there now.
        cycle: Option<(String, usize)>,
    },
}

/// Fingers rest after so many nanoseconds.
const REST: u64 = 250_000_000;

impl Typing {
    /// The line.
    pub fn line(&self) -> &Line {
        match self {
            Typing::Filter { line, .. } | Typing::Search { line } | Typing::Command { line, .. } => line,
        }
    }

    fn line_mut(&mut self) -> &mut Line {
        match self {
            Typing::Filter { line, .. } | Typing::Search { line } | Typing::Command { line, .. } => line,
        }
    }

    /// The part of the keymap that is asked for it first.
    pub fn context(&self) -> Context {
        match self {
            Typing::Filter { .. } => Context::Filter,
            Typing::Search { .. } => Context::Search,
            Typing::Command { .. } => Context::Command,
        }
    }

    /// When what was typed into the filter is tried.
    pub(super) fn settles_at(&self) -> Option<Time> {
        if let Typing::Filter { settles, .. } = self { *settles } else { None }
    }

    /// The commands that the line may become.
    pub fn completions(&self) -> Vec<Command> {
        match self {
            Typing::Command { line, cycle, .. } => {
                command::completions(cycle.as_ref().map_or(line.text(), |(word, _)| word))
            }
            _ => Vec::new(),
        }
    }
}

/// What was typed before, by kind of line.
#[derive(Clone, Debug, Default)]
pub(super) struct Histories {
    filter: History,
    search: History,
    command: History,
}

impl Histories {
    fn of(&mut self, typing: &Typing) -> &mut History {
        match typing {
            Typing::Filter { .. } => &mut self.filter,
            Typing::Search { .. } => &mut self.search,
            Typing::Command { .. } => &mut self.command,
        }
    }
}

impl App {
    pub(super) fn begin_filter(&mut self) {
        let before = self.feed.filter.clone();
        self.typing = Some(Typing::Filter { line: Line::new(&before.text), error: None, before, settles: None });
    }

    pub(super) fn begin_search(&mut self) {
        self.typing = Some(Typing::Search { line: Line::new("") });
    }

    pub(super) fn begin_command(&mut self) {
        self.typing = Some(Typing::Command { line: Line::new(""), error: None, cycle: None });
    }

    /// Text typed or pasted into the line that has the keys.
    pub(super) fn type_text(&mut self, text: &str) {
        if let Some(mut typing) = self.typing.take() {
            typing.line_mut().insert(text);
            self.typed(typing);
        }
    }

    /// An action while a line has the keys.
    pub(super) fn act_typing(&mut self, mut typing: Typing, action: Action) {
        match action {
            Action::Accept => self.accept(typing),
            Action::Cancel | Action::Back => self.cancel(typing),
            // Backspace on an empty line leaves it, as in every pager.
            Action::DeleteBack if typing.line().text().is_empty() && !matches!(typing, Typing::Filter { .. }) => {
                self.cancel(typing);
            }
            Action::Quit | Action::Suspend | Action::Redraw | Action::Mouse => {
                self.typing = Some(typing);
                self.act(action);
            }
            Action::Complete => {
                complete(&mut typing);
                self.typing = Some(typing);
            }
            action => {
                let history = self.histories.of(&typing).clone();
                typing.line_mut().edit(action, &history);
                self.typed(typing);
            }
        }
    }

    /// The line has changed. A filter is tried when the fingers rest: half a word takes nothing, or is an error, and a
    /// list that empties and fills at every key says nothing.
    fn typed(&mut self, mut typing: Typing) {
        match &mut typing {
            Typing::Filter { error, settles, .. } => {
                *error = None;
                *settles = Some(Time(self.now.0.saturating_add(REST)));
            }
            Typing::Command { error, cycle, .. } => {
                *error = None;
                *cycle = None;
            }
            Typing::Search { .. } => {}
        }
        self.typing = Some(typing);
    }

    /// Tries what was typed, if its time has come.
    pub(super) fn settle_filter(&mut self) {
        let now = self.now;
        if self.typing.as_ref().and_then(Typing::settles_at).is_some_and(|at| at <= now) {
            self.try_filter();
        }
    }

    /// Puts the filter that was typed in force; a bad one leaves the last good one there.
    fn try_filter(&mut self) {
        let Some(Typing::Filter { line, .. }) = &self.typing else { return };
        let text = line.text().to_owned();
        let tried = self.with_feed(|feed, scene, _| feed.set_filter(&text, scene));
        if let Some(Typing::Filter { error, settles, .. }) = &mut self.typing {
            *error = tried.err();
            *settles = None;
        }
    }

    fn cancel(&mut self, typing: Typing) {
        if let Typing::Filter { before, .. } = typing {
            self.with_feed(|feed, scene, _| feed.restore_filter(before, scene));
        }
    }

    fn accept(&mut self, typing: Typing) {
        match &typing {
            Typing::Filter { line, .. } => {
                let text = line.text().to_owned();
                self.typing = Some(typing);
                self.try_filter();
                // A bad filter is not taken: the error stays until it is put right or left.
                if let Some(Typing::Filter { error: None, .. }) = &self.typing {
                    self.typing = None;
                    self.histories.filter.remember(&text);
                }
                return;
            }
            Typing::Search { line } => {
                let text = line.text().to_owned();
                self.search(&text);
            }
            Typing::Command { line, .. } => match command::read(line.text()) {
                Ok(asked) => {
                    self.histories.of(&typing).remember(typing.line().text());
                    return self.run_command(asked);
                }
                Err(_) if line.text().trim().is_empty() => return,
                Err(message) => {
                    let line = line.clone();
                    self.typing = Some(Typing::Command { line, error: Some(message), cycle: None });
                    return;
                }
            },
        }
        self.histories.of(&typing).remember(typing.line().text());
    }

    fn run_command(&mut self, asked: Asked) {
        match asked {
            Asked::Act(action) => self.act(action),
            Asked::Search(text) => self.search(&text),
            Asked::Filter(text) => {
                if let Err(error) = self.with_feed(|feed, scene, _| feed.set_filter(&text, scene)) {
                    let before = self.feed.filter.clone();
                    let line = Line::new(&text);
                    self.typing = Some(Typing::Filter { line, error: Some(error), before, settles: None });
                }
            }
        }
    }

    fn search(&mut self, text: &str) {
        match Search::new(text) {
            Ok(search) => {
                self.feed.search = search;
                self.with_feed(|feed, scene, _| feed.first_match(scene));
            }
            Err(error) => self.notify(NoticeKind::Error, &error.explanation()),
        }
    }
}

/// Puts the next completion in the word's place.
fn complete(typing: &mut Typing) {
    let fitting = typing.completions();
    let Typing::Command { line, cycle, .. } = typing else { return };
    let (word, at) = match cycle.take() {
        Some((word, at)) => (word, (at + 1) % fitting.len().max(1)),
        None => (line.text().to_owned(), 0),
    };
    let Some(command) = fitting.get(at) else { return };
    let space = if command.argument.is_empty() { "" } else { " " };
    line.set(&format!("{}{space}", command.name));
    if fitting.len() > 1 {
        *cycle = Some((word, at));
    }
}
