//! What comes to the app: from the user, from the engine, from the query thread, from the clock.

use super::query::{Answer, Generation};
use super::{Action, NoticeKind};
use crate::config::Secret;
use crate::model::{Connection, Counts, SourceId};
use crate::store::View;
use std::sync::Arc;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key, a click or a command asked for this.
    Action(Action),
    /// A character was typed where text is taken.
    Text(char),
    /// Text was pasted. It may hold anything; where no text is taken it is ignored.
    Paste(String),
    /// The mouse was used on this.
    Pointer(Pointer, Target),
    /// The screen has this many columns and rows.
    Resize(u16, u16),
    /// The engine published a view. Whoever hands it over may leave out any but the newest.
    View(View),
    /// The state of the sources.
    Connections(Arc<[Connection]>),
    /// What became of what came.
    Totals(Totals),
    /// What became of what came, source by source.
    SourceCounts(Arc<[(SourceId, Counts)]>),
    /// What was typed is being connected to, under this name.
    Connecting(SourceId, String),
    /// What was typed to connect to was not connected to.
    NotConnected {
        /// What was typed; it may hold credentials.
        typed: Secret,
        /// The source that it was to replace.
        instead_of: Option<SourceId>,
        /// Why, and what would be right.
        problem: String,
    },
    /// Another configuration is in force: what of it is shown, as in [`Settings`](super::Settings).
    Configured {
        /// Sources that are configured, as they would be typed, without credentials.
        known_sources: Vec<String>,
        /// What a sender's environment must have beside the address and the protocol.
        sender: Vec<String>,
    },
    /// The theme has this many hues for services.
    Palette(usize),
    /// An answer, or the first part of one.
    Answer(Generation, Answer),
    /// Something to be told in the status line, such as a copy that the terminal refused.
    Notice(NoticeKind, String),
    /// How many lines the open help can scroll. It must arrive before keys that scroll.
    HelpEnds(usize),
    /// The time that [`App::wake_at`](super::App::wake_at) asked for has come.
    Tick,
}

/// What the mouse did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pointer {
    /// The main button went down.
    Press,
    /// The wheel, one notch away from the user.
    WheelUp,
    /// The wheel, one notch towards the user.
    WheelDown,
}

/// What the pointer is on; `ui` finds it with the layout that it draws with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Anything that stands for an action: a tab, a key of the footer.
    Action(Action),
    /// The filter bar, or what stands in its place.
    Bar,
    /// The title of a column of the list, counted from 0.
    Title(usize),
    /// A line of the list, counted from its first.
    List(u16),
    /// The title of a section in the rule above the detail, counted from 0.
    Section(usize),
    /// A line of the detail pane, counted from its first; whether it lies in the facts beside the sections.
    Detail {
        /// Counted from the pane's first line.
        line: u16,
        /// In the column of facts.
        facts: bool,
    },
    /// The help.
    Help,
    /// Nothing that takes clicks.
    Nothing,
}

/// The counts in the status line, of all sources together.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Came.
    pub received: u64,
    /// Spans that had come before.
    pub duplicate: u64,
    /// Came while their connection was paused.
    pub skipped: u64,
    /// Lost for want of room.
    pub dropped: u64,
    /// Undecodable, over a limit, or against the data model.
    pub rejected: u64,
    /// Turned away for want of room; their senders have them still. Not among the received.
    pub refused: u64,
}
