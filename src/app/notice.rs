//! Messages in the status line. Each disappears after a while, or as soon as it is no longer true.

use crate::model::{Connection, ConnectionState, SourceId, Time, visible};

/// The severity of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    /// Success, or nothing found.
    Info,
    /// A source needs credentials. The status line shows the keys that open the prompt.
    Credentials,
    /// An error.
    Error,
}

/// The subject of a notice, which decides when the notice ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A past event; the notice ends by time only.
    Event,
    /// The result of the last key; ends at the next key.
    LastKey,
    /// Asks whether to end this connection; the next key answers.
    Ending(SourceId),
    /// This connection is being made.
    Making(SourceId),
    /// This connection has an error: its text.
    Trouble(SourceId, String),
    /// This connection wants credentials.
    Credentials(SourceId),
}

/// A message for the status line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// The severity of a notice.
    pub kind: NoticeKind,
    /// The text, safe to print.
    pub text: String,
    /// The subject, which may end the notice early.
    pub about: Subject,
    /// The time at which it disappears.
    pub until: Time,
}

impl Notice {
    /// A notice that starts now. It lasts 4 s, an error 10 s.
    pub fn new(kind: NoticeKind, about: Subject, text: &str, now: Time) -> Notice {
        let seconds = match kind {
            NoticeKind::Info => 4,
            NoticeKind::Credentials | NoticeKind::Error => 10,
        };
        Notice { kind, about, text: visible(text), until: Time(now.0.saturating_add(seconds * 1_000_000_000)) }
    }

    /// The connection whose end the user must confirm.
    pub(super) fn ending(&self) -> Option<SourceId> {
        if let Subject::Ending(id) = self.about { Some(id) } else { None }
    }

    /// Whether any key ends it.
    pub(super) fn ends_with_a_key(&self) -> bool {
        matches!(self.about, Subject::LastKey | Subject::Ending(_))
    }

    /// Whether it still holds for the current connections.
    pub(super) fn is_so(&self, connections: &[Connection]) -> bool {
        let (id, holds): (_, fn(&Connection, &str) -> bool) = match &self.about {
            Subject::Event | Subject::LastKey => return true,
            Subject::Ending(id) => (*id, |known, _| known.state != ConnectionState::Disconnected),
            Subject::Making(id) => (*id, |known, _| known.state == ConnectionState::Connecting),
            Subject::Trouble(id, _) => (*id, |known, error| trouble(known) == Some(error)),
            Subject::Credentials(id) => (*id, |known, _| known.wants_credentials),
        };
        let error = if let Subject::Trouble(_, error) = &self.about { error } else { "" };
        // A connection that is not in the list yet will soon appear there.
        connections.iter().find(|known| known.id == id).is_none_or(|known| holds(known, error))
    }
}

/// The error of a connection that is not retrying. The tab line reports retries.
pub(super) fn trouble(connection: &Connection) -> Option<&str> {
    connection.error.as_deref().filter(|_| connection.state != ConnectionState::Connecting)
}
