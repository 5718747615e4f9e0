//! What a screen sees of the rest of the app, and what it asks of it.

use crate::app::layout::Layout;
use crate::app::query::SourceNames;
use crate::app::traffic::Traffic;
use crate::app::typing::Typing;
use crate::app::{Effect, NoticeKind, Subject};
use crate::model::{Connection, SourceId, Time};
use crate::store::View;
use jiff::tz::TimeZone;

/// What a screen sees of the rest.
pub(in crate::app) struct Scene<'a> {
    /// The newest view.
    pub live: &'a View,
    /// The view to work on.
    pub view: &'a View,
    /// Whether that is kept as it was at a moment, and not renewed.
    pub frozen: bool,
    /// Where the panes of the screen lie.
    pub layout: Layout,
    /// Rows of the whole screen.
    pub screen_rows: usize,
    pub connections: &'a [Connection],
    pub names: &'a SourceNames,
    pub traffic: &'a Traffic,
    /// The connection that the user was just asked about: should it end?
    pub ending: Option<SourceId>,
    pub zone: &'a TimeZone,
    pub now: Time,
}

/// What an action leads to.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Outcome {
    pub effects: Vec<Effect>,
    pub notice: Option<(NoticeKind, Subject, String)>,
    pub requests: Vec<Request>,
}

/// What a screen wants of the app.
#[derive(Clone, Debug)]
pub(in crate::app) enum Request {
    /// Let the user type this line.
    Type(Box<Typing>),
    /// Freeze the view.
    Freeze,
    /// Show the rows of a source in the Feed; or the rows that stand there, without those.
    ShowSource {
        /// Its name.
        label: String,
        /// All but those.
        exclude: bool,
    },
}

impl Outcome {
    /// Says something in the status line until the next key.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some((NoticeKind::Info, Subject::LastKey, text.into()));
    }

    /// Says that something cannot be done.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.notice = Some((NoticeKind::Error, Subject::LastKey, text.into()));
    }
}
