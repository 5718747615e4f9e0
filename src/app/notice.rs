//! One thing said in the status line, for a while.

use crate::model::{Time, visible};

/// How much it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    /// Done, or nothing found.
    Info,
    /// A source wants credentials; which keys lead to its prompt is said beside it.
    Credentials,
    /// Something went wrong.
    Error,
}

/// One thing to be said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// How much it matters.
    pub kind: NoticeKind,
    /// The text, harmless.
    pub text: String,
    /// When it goes.
    pub until: Time,
}

impl Notice {
    /// A notice that begins now: 4 s, an error 10 s.
    pub fn new(kind: NoticeKind, text: &str, now: Time) -> Notice {
        let seconds = match kind {
            NoticeKind::Info => 4,
            NoticeKind::Credentials | NoticeKind::Error => 10,
        };
        Notice { kind, text: visible(text), until: Time(now.0.saturating_add(seconds * 1_000_000_000)) }
    }
}
