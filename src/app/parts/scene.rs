//! What a screen sees of the rest of the app, and what it requests.

use crate::app::layout::Layout;
use crate::app::query::SourceNames;
use crate::app::traffic::Traffic;
use crate::app::typing::Typing;
use crate::app::{Effect, NoticeKind, Subject};
use crate::model::{Connection, SourceId, Time};
use crate::store::View;
use jiff::tz::TimeZone;

/// What a screen sees of the rest of the app.
pub(in crate::app) struct Scene<'a> {
    /// The newest view.
    pub live: &'a View,
    /// The view to work on.
    pub view: &'a View,
    /// Whether that view is frozen.
    pub frozen: bool,
    /// The positions of the screen's panes.
    pub layout: Layout,
    /// Rows of the whole screen.
    pub screen_rows: usize,
    pub connections: &'a [Connection],
    pub names: &'a SourceNames,
    pub traffic: &'a Traffic,
    /// The connection that the last key asked to end; the next key answers.
    pub ending: Option<SourceId>,
    pub zone: &'a TimeZone,
    pub now: Time,
}

/// The results of an action.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Outcome {
    pub effects: Vec<Effect>,
    pub notice: Option<(NoticeKind, Subject, String)>,
    pub requests: Vec<Request>,
}

/// A request of a screen to the app.
#[derive(Clone, Debug)]
pub(in crate::app) enum Request {
    /// Open this line for typing.
    Type(Box<Typing>),
    /// Freeze the view.
    Freeze,
    /// Show the rows of a source in the Feed, or exclude them there.
    ShowSource {
        /// Its name.
        label: String,
        /// Exclude its rows.
        exclude: bool,
    },
}

impl Outcome {
    /// Shows a notice until the next key.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some((NoticeKind::Info, Subject::LastKey, text.into()));
    }

    /// Shows an error until the next key.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.notice = Some((NoticeKind::Error, Subject::LastKey, text.into()));
    }
}
