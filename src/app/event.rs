//! Events: input for the app from the user, the engine, the query thread and the clock.

use super::query::{Answer, Generation};
use super::{Action, NoticeKind};
use crate::config::Secret;
use crate::model::{Connection, Counts, SourceId};
use crate::store::View;
use std::sync::Arc;

/// An input event.
#[derive(Clone, Debug)]
pub enum Event {
    /// An action, from a key, a click or a command.
    Action(Action),
    /// A character, typed into a text line.
    Text(char),
    /// Pasted text, with any content. Ignored unless a text line is open.
    Paste(String),
    /// A mouse action and its target.
    Pointer(Pointer, Target),
    /// The new size: columns, rows.
    Resize(u16, u16),
    /// The engine published a view. The sender may skip all but the newest.
    View(View),
    /// The new state of the sources.
    Connections(Arc<[Connection]>),
    /// Item counts of all sources together.
    Totals(Totals),
    /// Item counts of each source.
    SourceCounts(Arc<[(SourceId, Counts)]>),
    /// A typed source is connecting, under this name.
    Connecting(SourceId, String),
    /// A typed source could not be started.
    NotConnected {
        /// The typed text; may contain credentials.
        typed: Secret,
        /// The source that it would have replaced.
        instead_of: Option<SourceId>,
        /// The cause and the remedy.
        problem: String,
    },
    /// The configuration was reloaded: the new values of the fields in [`Settings`](super::Settings).
    Configured {
        /// Configured sources as they would be typed, without credentials.
        known_sources: Vec<String>,
        /// Environment variables that an SDK needs besides endpoint and protocol.
        sender: Vec<String>,
    },
    /// The theme has this many hues for services.
    Palette(usize),
    /// The answer to a question, or a first part of it.
    Answer(Generation, Answer),
    /// A message for the status line, such as a copy that the terminal refused.
    Notice(NoticeKind, String),
    /// The number of lines by which the open help can scroll. Must arrive before any scroll key.
    HelpEnds(usize),
    /// The time from [`App::wake_at`](super::App::wake_at) has come.
    Tick,
}

/// A mouse action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pointer {
    /// Press of the main button.
    Press,
    /// One wheel step up.
    WheelUp,
    /// One wheel step down.
    WheelDown,
}

/// The target of a mouse action. `ui` finds it with the layout that it draws with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A tab or a key in the footer, with its action.
    Action(Action),
    /// The filter bar, or the bar in its place.
    Bar,
    /// A column title of the list, counted from 0.
    Title(usize),
    /// A line of the list, counted from 0.
    List(u16),
    /// A section title above the detail, counted from 0.
    Section(usize),
    /// A line of the detail pane.
    Detail {
        /// Counted from 0.
        line: u16,
        /// Whether the line is in the column of facts.
        facts: bool,
    },
    /// The help.
    Help,
    /// Anything else.
    Nothing,
}

/// Item counts of all sources together, for the status line.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Items received.
    pub received: u64,
    /// Spans received more than once.
    pub duplicate: u64,
    /// Items skipped while their source was paused.
    pub skipped: u64,
    /// Items dropped: the queue was full or closed, or the item was too large.
    pub dropped: u64,
    /// Items rejected: undecodable, over a limit, or against the data model.
    pub rejected: u64,
    /// Items refused for lack of memory. Their senders keep them. Not part of `received`.
    pub refused: u64,
}
