//! A message in the status line. It disappears after a while, or earlier when it is no longer true.

use crate::model::{Connection, ConnectionState, SourceId, Time, visible};

/// The severity of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    /// Done, or nothing found.
    Info,
    /// A source wants credentials; which keys lead to its prompt is said beside it.
    Credentials,
    /// Something went wrong.
    Error,
}

/// What it tells of: it goes when that is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// What has happened; that stays so.
    Event,
    /// What the last key came to: the next one ends it.
    LastKey,
    /// Whether this connection is to end: the next key answers it, or leaves it.
    Ending(SourceId),
    /// That this connection is being made.
    Making(SourceId),
    /// What is wrong with this connection, in its words.
    Trouble(SourceId, String),
    /// That this connection wants credentials.
    Credentials(SourceId),
}

/// A message for the status line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// The severity of a notice.
    pub kind: NoticeKind,
    /// The text, harmless.
    pub text: String,
    /// What it tells of.
    pub about: Subject,
    /// When it goes at the latest.
    pub until: Time,
}

impl Notice {
    /// A notice that begins now: 4 s, an error 10 s.
    pub fn new(kind: NoticeKind, about: Subject, text: &str, now: Time) -> Notice {
        let seconds = match kind {
            NoticeKind::Info => 4,
            NoticeKind::Credentials | NoticeKind::Error => 10,
        };
        Notice { kind, about, text: visible(text), until: Time(now.0.saturating_add(seconds * 1_000_000_000)) }
    }

    /// The connection that it asks about: should it end?
    pub(super) fn ending(&self) -> Option<SourceId> {
        if let Subject::Ending(id) = self.about { Some(id) } else { None }
    }

    /// Whether another key ends it.
    pub(super) fn ends_with_a_key(&self) -> bool {
        matches!(self.about, Subject::LastKey | Subject::Ending(_))
    }

    /// Whether it is still so, as the connections are now.
    pub(super) fn is_so(&self, connections: &[Connection]) -> bool {
        let (id, holds): (_, fn(&Connection, &str) -> bool) = match &self.about {
            Subject::Event | Subject::LastKey => return true,
            Subject::Ending(id) => (*id, |known, _| known.state != ConnectionState::Disconnected),
            Subject::Making(id) => (*id, |known, _| known.state == ConnectionState::Connecting),
            Subject::Trouble(id, _) => (*id, |known, error| trouble(known) == Some(error)),
            Subject::Credentials(id) => (*id, |known, _| known.wants_credentials),
        };
        let error = if let Subject::Trouble(_, error) = &self.about { error } else { "" };
        // One that is not known yet is about to be.
        connections.iter().find(|known| known.id == id).is_none_or(|known| holds(known, error))
    }
}

/// What is wrong with a connection and needs an eye: what is tried again says so in the line of tabs.
pub(super) fn trouble(connection: &Connection) -> Option<&str> {
    connection.error.as_deref().filter(|_| connection.state != ConnectionState::Connecting)
}
