//! What a screen's actions see of the rest of the app, and what they lead to.

use crate::app::layout::Layout;
use crate::app::query::SourceNames;
use crate::app::{Effect, NoticeKind};
use crate::model::{Connection, Time};
use crate::store::View;
use jiff::tz::TimeZone;

/// What the actions of a screen see of the rest.
pub(in crate::app) struct Scene<'a> {
    pub live: &'a View,
    pub layout: Layout,
    pub screen_rows: usize,
    pub connections: &'a [Connection],
    pub names: &'a SourceNames,
    pub zone: &'a TimeZone,
    pub now: Time,
}

/// What an action leads to.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Outcome {
    pub effects: Vec<Effect>,
    pub notice: Option<(NoticeKind, String)>,
}

impl Outcome {
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some((NoticeKind::Info, text.into()));
    }
}
