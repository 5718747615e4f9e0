//! Text lines: the filter and the prompts in the bar, the search and the commands at the bottom.

use super::command::{self, ParsedCommand};
use super::line::{History, Line};
use super::masked::Masked;
use super::offers::Offered;
use super::parts::{Filtering, Request, acting, restore_filter, set_filter};
use super::screens::{Screen, Toward};
use super::{Action, App, Context, Effect, NoticeKind, SourceCommand, Subject};
use crate::filter::{FilterError, Token};
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
        /// How far completion is.
        completing: Completing,
    },
    /// The prompt for a source.
    Add {
        /// The typed text.
        line: Line,
        /// The error; the next key clears it.
        error: Option<String>,
        /// The connection to disconnect once the new one starts.
        instead_of: Option<SourceId>,
        /// The state of completion.
        completing: Completing,
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
        /// The state of completion.
        completing: Completing,
        /// Whether `error` asks for confirmation: Enter or `y` confirms.
        asks: bool,
    },
}

/// How far the completion of a line is.
#[derive(Clone, Debug, Default)]
pub struct Completing {
    /// Whether the list of candidates for an expression is asked for. The lists of commands and places always show.
    pub is_open: bool,
    /// What stands in the line now, if that is a candidate.
    pub cycle: Option<Cycle>,
}

/// A candidate in a line.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// The line before completion began.
    pub before: Line,
    /// The place of the candidate in the list.
    pub at: usize,
    /// The list, which stays as it was while the user chooses: new rows would change its order.
    pub offered: Offered,
}

/// Delay in nanoseconds from the last key to applying the filter.
const REST: u64 = 250_000_000;

impl Typing {
    /// A line that edits a screen's filter.
    pub(super) fn filter(before: &Filtering) -> Typing {
        Typing::Filter {
            line: Line::new(&before.text),
            error: None,
            before: before.clone(),
            settles: None,
            completing: Completing::default(),
        }
    }

    /// A prompt for a source.
    pub(super) fn add(typed: &str, instead_of: Option<SourceId>) -> Typing {
        Typing::Add { line: Line::new(typed), error: None, instead_of, completing: Completing::default() }
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

    /// The line, and how far its completion is; none for a line that cannot be completed.
    pub fn completing(&self) -> Option<(&Line, &Completing)> {
        match self {
            Typing::Filter { line, completing, .. }
            | Typing::Add { line, completing, .. }
            | Typing::Command { line, completing, .. } => Some((line, completing)),
            Typing::Credentials { .. } | Typing::Search { .. } => None,
        }
    }

    pub(super) fn completing_mut(&mut self) -> Option<(&mut Line, &mut Completing)> {
        match self {
            Typing::Filter { line, completing, .. }
            | Typing::Add { line, completing, .. }
            | Typing::Command { line, completing, .. } => Some((line, completing)),
            Typing::Credentials { .. } | Typing::Search { .. } => None,
        }
    }

    /// Where the expression begins in a line of this kind, if the cursor is in one.
    pub(super) fn lead_of(&self, line: &Line) -> Option<usize> {
        match self {
            Typing::Filter { .. } => Some(0),
            Typing::Command { .. } => command::expression(line.text()).filter(|lead| *lead <= line.cursor()),
            Typing::Add { .. } | Typing::Credentials { .. } | Typing::Search { .. } => None,
        }
    }

    /// The line whose expression is completed, as it was before completion began, and where the expression begins.
    pub(super) fn expression(&self) -> Option<(&Line, usize)> {
        let (line, completing) = self.completing()?;
        let line = completing.cycle.as_ref().map_or(line, |cycle| &cycle.before);
        Some((line, self.lead_of(line)?))
    }

    /// Whether candidates for an expression are shown.
    pub(super) fn offers(&self) -> bool {
        self.completing().is_some_and(|(line, completing)| completing.is_open && self.lead_of(line).is_some())
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
        self.typing =
            Some(Typing::Command { line: Line::new("clear"), error, completing: Completing::default(), asks: true });
    }

    pub(super) fn begin_command(&mut self) {
        self.typing =
            Some(Typing::Command { line: Line::new(""), error: None, completing: Completing::default(), asks: false });
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
            Action::Accept => {
                self.typing = Some(typing);
                if !self.goes_on()
                    && let Some(typing) = self.typing.take()
                {
                    self.accept(typing);
                }
            }
            // The list first, then the line.
            Action::Cancel | Action::Back if typing.offers() => {
                typing.completing_mut().into_iter().for_each(|(_, completing)| *completing = Completing::default());
                self.typing = Some(typing);
            }
            Action::Cancel | Action::Back => self.cancel(typing),
            // Backspace on an empty line leaves it, as in every pager.
            Action::DeleteBack if typing.is_empty() && !matches!(typing, Typing::Filter { .. }) => {
                self.cancel(typing);
            }
            Action::Quit | Action::Suspend | Action::Redraw | Action::Mouse => {
                self.typing = Some(typing);
                self.act(action);
            }
            Action::Complete | Action::CompleteBack => {
                self.typing = Some(typing);
                self.complete_by(if action == Action::Complete { 1 } else { -1 });
            }
            action => {
                let history = self.histories.of(&typing).clone();
                match (&mut typing, action) {
                    (Typing::Credentials { line, .. }, Action::DeleteBack) => line.delete_back(),
                    (Typing::Credentials { line, .. }, Action::DeleteToStart | Action::DeleteWord) => {
                        *line = Masked::default();
                    }
                    // A prompt for a source has no history: up and down choose among the completions. So they do while
                    // the list of a filter is open.
                    (choosing, Action::Earlier | Action::Later)
                        if matches!(choosing, Typing::Add { .. }) || choosing.offers() =>
                    {
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
        // The list lasts as long as it has a beginning or a field to go by.
        let typed = typing.completing().and_then(|(line, _)| line.token(typing.lead_of(line)?));
        let lasts = typed.is_some_and(|typed| matches!(typed.token, Token::Value { .. }) || !typed.text.is_empty());
        if let Some((_, completing)) = typing.completing_mut() {
            completing.cycle = None;
            completing.is_open &= lasts;
        }
        self.typing = Some(typing);
        self.completed();
    }

    /// The line is another one now. A filter is tried when the fingers rest.
    pub(super) fn completed(&mut self) {
        let now = self.now;
        let Some(typing) = &mut self.typing else { return };
        match typing {
            Typing::Filter { error, settles, .. } => {
                *error = None;
                *settles = Some(Time(now.0.saturating_add(REST)));
            }
            Typing::Command { error, asks, .. } => {
                *error = None;
                *asks = false;
            }
            Typing::Add { error, .. } => *error = None,
            Typing::Search { .. } | Typing::Credentials { .. } => {}
        }
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
                    let completing = Completing::default();
                    self.typing = Some(Typing::Command { line, error: Some(message), completing, asks: false });
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
            let completing = Completing::default();
            self.typing = Some(Typing::Filter { line, error: Some(error), before, settles: None, completing });
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
