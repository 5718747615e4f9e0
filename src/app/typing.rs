//! Text lines: the filter and the prompts in the bar, the search and the commands at the bottom.

use super::command::{self, ParsedCommand};
use super::line::{History, Line};
use super::masked::Masked;
use super::parts::{Filtering, Request, acting, restore_filter, set_filter};
use super::screens::{Screen, Toward};
use super::{Action, App, Context, Effect, NoticeKind, SourceCommand, Subject};
use crate::filter::FilterError;
use crate::model::{SourceId, Time};
use crate::present::number;

/// The open text line.
#[derive(Clone, Debug)]
pub enum Typing {
    /// The filter. A valid one is applied as soon as the user stops typing.
    Filter {
        /// The typed text.
        line: Line,
        /// The filter's error.
        error: Option<FilterError>,
        /// The filter to restore on cancel.
        before: Filtering,
        /// The time to apply the typed filter; `None` once applied.
        settles: Option<Time>,
    },
    /// The prompt for a source.
    Add {
        /// The typed text.
        line: Line,
        /// The error; the next key clears it.
        error: Option<String>,
        /// The connection to disconnect once the new one starts.
        instead_of: Option<SourceId>,
        /// The text before completion, and the index of the current completion.
        cycle: Option<(String, usize)>,
    },
    /// The prompt for a source's credentials.
    Credentials {
        /// The source.
        of: SourceId,
        /// Its name, safe to print.
        label: String,
        /// The secret, shown as dots.
        line: Masked,
    },
    /// A search.
    Search {
        /// The typed text.
        line: Line,
    },
    /// A command.
    Command {
        /// The typed text.
        line: Line,
        /// The error; the next key clears it.
        error: Option<String>,
        /// The text before completion, and the index of the current completion.
        cycle: Option<(String, usize)>,
        /// Whether `error` asks for confirmation: Enter or `y` confirms.
        asks: bool,
    },
}

/// Delay in nanoseconds from the last key to applying the filter.
const REST: u64 = 250_000_000;

impl Typing {
    /// A line that edits a screen's filter.
    pub(super) fn filter(before: &Filtering) -> Typing {
        Typing::Filter { line: Line::new(&before.text), error: None, before: before.clone(), settles: None }
    }

    /// A prompt for a source.
    pub(super) fn add(typed: &str, instead_of: Option<SourceId>) -> Typing {
        Typing::Add { line: Line::new(typed), error: None, instead_of, cycle: None }
    }

    /// A prompt for the credentials of the source with this name.
    pub(super) fn credentials(of: SourceId, label: String) -> Typing {
        Typing::Credentials { of, label, line: Masked::default() }
    }

    /// The text line; `None` for a secret.
    pub fn line(&self) -> Option<&Line> {
        match self {
            Typing::Filter { line, .. }
            | Typing::Add { line, .. }
            | Typing::Search { line }
            | Typing::Command { line, .. } => Some(line),
            Typing::Credentials { .. } => None,
        }
    }

    fn line_mut(&mut self) -> Option<&mut Line> {
        match self {
            Typing::Filter { line, .. }
            | Typing::Add { line, .. }
            | Typing::Search { line }
            | Typing::Command { line, .. } => Some(line),
            Typing::Credentials { .. } => None,
        }
    }

    /// Whether it is in the bar at the top rather than at the bottom.
    pub fn is_in_bar(&self) -> bool {
        matches!(self, Typing::Filter { .. } | Typing::Add { .. } | Typing::Credentials { .. })
    }

    fn is_empty(&self) -> bool {
        match self {
            Typing::Credentials { line, .. } => line.is_empty(),
            typing => typing.line().is_some_and(|line| line.text().is_empty()),
        }
    }

    /// The keymap section for it.
    pub fn context(&self) -> Context {
        match self {
            Typing::Filter { .. } => Context::Filter,
            Typing::Add { .. } => Context::Add,
            Typing::Credentials { .. } => Context::Credentials,
            Typing::Search { .. } => Context::Search,
            Typing::Command { .. } => Context::Command,
        }
    }

    /// The time to apply the typed filter.
    pub(super) fn settles_at(&self) -> Option<Time> {
        if let Typing::Filter { settles, .. } = self { *settles } else { None }
    }
}

/// The history of each kind of line.
#[derive(Clone, Debug, Default)]
pub(super) struct Histories {
    filter: History,
    search: History,
    command: History,
    /// Always empty: prompts for sources offer completions instead, and credentials must not be kept.
    none: History,
}

impl Histories {
    fn of(&mut self, typing: &Typing) -> &mut History {
        match typing {
            Typing::Filter { .. } => &mut self.filter,
            Typing::Add { .. } | Typing::Credentials { .. } => &mut self.none,
            Typing::Search { .. } => &mut self.search,
            Typing::Command { .. } => &mut self.command,
        }
    }
}

impl App {
    pub(super) fn begin_search(&mut self) {
        self.typing = Some(Typing::Search { line: Line::new("") });
    }

    /// Asks on the command line whether to delete all rows, for every key and command that does so.
    pub(super) fn ask_to_clear(&mut self) {
        if self.live.is_empty() {
            return self.clear();
        }
        let error = Some(format!("y deletes all {} rows", number::count(self.live.len())));
        self.typing = Some(Typing::Command { line: Line::new("clear"), error, cycle: None, asks: true });
    }

    pub(super) fn begin_command(&mut self) {
        self.typing = Some(Typing::Command { line: Line::new(""), error: None, cycle: None, asks: false });
    }

    /// Inserts typed or pasted text into the open line.
    pub(super) fn type_text(&mut self, text: &str) {
        if let Some(mut typing) = self.typing.take() {
            if text == "y" && matches!(typing, Typing::Command { asks: true, .. }) {
                return self.accept(typing);
            }
            match (&mut typing, text) {
                (Typing::Credentials { line, .. }, text) => line.insert(text),
                (typing, text) => _ = typing.line_mut().map(|line| line.insert(text)),
            }
            self.typed(typing);
        }
    }

    /// Performs an action while a text line is open.
    pub(super) fn act_typing(&mut self, mut typing: Typing, action: Action) {
        match action {
            Action::Accept => self.accept(typing),
            Action::Cancel | Action::Back => self.cancel(typing),
            // Backspace on an empty line leaves it, as in every pager.
            Action::DeleteBack if typing.is_empty() && !matches!(typing, Typing::Filter { .. }) => {
                self.cancel(typing);
            }
            Action::Quit | Action::Suspend | Action::Redraw | Action::Mouse => {
                self.typing = Some(typing);
                self.act(action);
            }
            Action::Complete => {
                self.typing = Some(typing);
                self.complete();
            }
            action => {
                let history = self.histories.of(&typing).clone();
                match (&mut typing, action) {
                    (Typing::Credentials { line, .. }, Action::DeleteBack) => line.delete_back(),
                    (Typing::Credentials { line, .. }, Action::DeleteToStart | Action::DeleteWord) => {
                        *line = Masked::default();
                    }
                    // A prompt for a source has no history: up and down choose among the completions.
                    (Typing::Add { .. }, Action::Earlier | Action::Later) => {
                        self.typing = Some(typing);
                        return self.complete_by(if action == Action::Later { 1 } else { -1 });
                    }
                    (typing, action) => _ = typing.line_mut().map(|line| line.edit(action, &history)),
                }
                self.typed(typing);
            }
        }
    }

    /// Called after each change of the line. A filter waits until the user stops typing: half a word is an error or matches
    /// nothing, and a list that changes with every key is useless.
    fn typed(&mut self, mut typing: Typing) {
        match &mut typing {
            Typing::Filter { error, settles, .. } => {
                *error = None;
                *settles = Some(Time(self.now.0.saturating_add(REST)));
            }
            Typing::Command { error, cycle, asks, .. } => {
                (*error, *cycle) = (None, None);
                *asks = false;
            }
            Typing::Add { error, cycle, .. } => (*error, *cycle) = (None, None),
            Typing::Search { .. } | Typing::Credentials { .. } => {}
        }
        self.typing = Some(typing);
    }

    /// Applies the typed filter, if it is time.
    pub(super) fn settle_filter(&mut self) {
        let now = self.now;
        if self.typing.as_ref().and_then(Typing::settles_at).is_some_and(|at| at <= now) {
            self.try_filter();
        }
    }

    /// Applies the typed filter. An invalid one leaves the last valid one in force.
    fn try_filter(&mut self) {
        let Some(Typing::Filter { line, .. }) = &self.typing else { return };
        let text = line.text().to_owned();
        let tried = self.with_screen(self.screen, |screen, scene, _| set_filter(screen, &text, scene));
        if let Some(Typing::Filter { error, settles, .. }) = &mut self.typing {
            *error = tried.err();
            *settles = None;
        }
    }

    fn cancel(&mut self, typing: Typing) {
        if let Typing::Filter { before, .. } = typing {
            self.with_screen(self.screen, |screen, scene, _| restore_filter(screen, before, scene));
        }
    }

    fn accept(&mut self, typing: Typing) {
        let typing = match typing {
            Typing::Credentials { line, .. } if line.is_empty() => return,
            Typing::Credentials { of, label, line } => {
                self.notify(NoticeKind::Info, Subject::LastKey, &format!("trying {label} again"));
                let command = SourceCommand::Authenticate(of, line.take());
                return self.outcome.effects.push(Effect::Source(command));
            }
            typing => typing,
        };
        match &typing {
            Typing::Add { line, .. } if line.text().trim().is_empty() => return,
            Typing::Add { line, instead_of, .. } => return self.connect(line.text(), *instead_of),
            Typing::Credentials { .. } => return,
            Typing::Filter { line, .. } => {
                let text = line.text().to_owned();
                self.typing = Some(typing);
                self.try_filter();
                // An invalid filter stays in the line with its error.
                if let Some(Typing::Filter { error: None, .. }) = &self.typing {
                    self.typing = None;
                    self.histories.filter.remember(&text);
                }
                return;
            }
            Typing::Search { line } => {
                let text = line.text().to_owned();
                self.search_for(&text);
            }
            Typing::Command { line, asks, .. } => match command::read(line.text(), &self.connections) {
                Ok(ParsedCommand::Act(Action::Clear)) if *asks => {
                    self.histories.of(&typing).remember(line.text());
                    return self.clear();
                }
                Ok(asked) => {
                    // A URL may hold credentials.
                    if !matches!(&asked, ParsedCommand::Connect(url) if url.contains(['@', '?'])) {
                        self.histories.of(&typing).remember(line.text());
                    }
                    return self.run_command(asked);
                }
                Err(_) if line.text().trim().is_empty() => return,
                Err(message) => {
                    let line = line.clone();
                    self.typing = Some(Typing::Command { line, error: Some(message), cycle: None, asks: false });
                    return;
                }
            },
        }
        if let Some(line) = typing.line() {
            self.histories.of(&typing).remember(line.text());
        }
    }

    fn run_command(&mut self, asked: ParsedCommand) {
        match asked {
            ParsedCommand::Act(action) => self.act(action),
            ParsedCommand::Search(text) => self.search_for(&text),
            ParsedCommand::Connect(text) => self.connect(&text, None),
            ParsedCommand::Source(command) => self.outcome.effects.push(Effect::Source(command)),
            ParsedCommand::Filter(text) => self.filter(&text),
        }
    }

    /// Applies a filter to the current screen, or to the Feed if the screen has none.
    fn filter(&mut self, text: &str) {
        if !self.has_filter() {
            self.screen = Screen::Feed;
        }
        self.filter_screen(self.screen, text);
    }

    /// Applies a filter to the Feed.
    pub(super) fn filter_feed(&mut self, text: &str) {
        self.filter_screen(Screen::Feed, text);
    }

    /// Applies a filter to a screen. An invalid one opens in the bar with its error.
    fn filter_screen(&mut self, screen: Screen, text: &str) {
        let tried = self.with_screen(screen, |screen, scene, _| {
            set_filter(screen, text, scene).map_err(|error| (error, screen.parts().filter.clone()))
        });
        if let Err((error, before)) = tried {
            let line = Line::new(text);
            self.typing = Some(Typing::Filter { line, error: Some(error), before, settles: None });
        }
    }

    /// Searches the focused pane for a text; an empty text ends the search.
    pub(super) fn search_for(&mut self, text: &str) {
        let text = text.trim();
        self.with_screen(self.screen, |screen, scene, outcome| {
            screen.parts_mut().search = text.to_owned();
            if !text.is_empty() {
                acting::search(screen, Toward::Nearest, scene, outcome);
            }
        });
    }

    /// Carries out the screens' requests.
    pub(super) fn do_requests(&mut self) {
        for request in std::mem::take(&mut self.outcome.requests) {
            match request {
                Request::Type(typing) => self.typing = Some(*typing),
                Request::Freeze if self.shown.frozen_at().is_none() => self.freeze(),
                Request::Freeze => {}
                Request::ShowSource { label, exclude } => self.show_source(&label, exclude),
            }
        }
    }
}
