//! What a connection to a source of telemetry is: its reference, its states, its events (seed 000).

use super::{History, Time};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// One source of this run, by number; given in the order of connecting, never reused.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u16);

/// What kind of thing a source is: a name that its kind gives, and how items come from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceKind {
    name: &'static str,
    way: Way,
}

/// How items come from a source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Way {
    Received,
    Pushed,
    Polled,
    Read,
}

impl SourceKind {
    /// An address on which otail listens for senders.
    pub const fn received(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Received }
    }

    /// A server that pushes items as they arise, and does not wait.
    pub const fn pushed(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Pushed }
    }

    /// A server that is asked again and again.
    pub const fn polled(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Polled }
    }

    /// Something that is read and waits, such as a file. It tells of the past, so silence and old times mean nothing.
    pub const fn read(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Read }
    }

    /// The lower-case word for it.
    pub fn word(self) -> &'static str {
        self.name
    }

    /// Whether otail listens for senders.
    pub fn is_received(self) -> bool {
        self.way == Way::Received
    }

    /// Whether a server pushes items.
    pub fn is_pushed(self) -> bool {
        self.way == Way::Pushed
    }

    /// Whether it is asked again and again.
    pub fn is_polled(self) -> bool {
        self.way == Way::Polled
    }

    /// Whether it is read, such as a file.
    pub fn is_read(self) -> bool {
        self.way == Way::Read
    }
}

/// An address on which otail listens.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Endpoint {
    /// The protocol that it is named for; each port takes both.
    pub protocol: Protocol,
    /// Whether TLS is spoken.
    pub is_secure: bool,
    /// As `127.0.0.1:4317`.
    pub address: String,
}

/// How OTLP is sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// gRPC.
    Grpc,
    /// Protobuf or JSON over HTTP.
    Http,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.protocol {
            Protocol::Grpc => "grpc",
            Protocol::Http => "http",
        };
        let s = if self.is_secure { "s" } else { "" };
        write!(f, "{scheme}{s}://{}", self.address)
    }
}

/// Where a source's credentials come from. The credentials themselves are not in here.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub enum CredentialsOrigin {
    /// There are none.
    #[default]
    None,
    /// The configuration holds them.
    Configuration,
    /// A variable of the environment.
    Variable(String),
    /// A file.
    File(PathBuf),
    /// The keyring of the operating system.
    Keyring,
    /// The user typed them in this run.
    Typed,
}

/// The five states of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ConnectionState {
    /// Being made, or waiting for the next attempt (then `retry_at` of the reference says when).
    Connecting,
    /// Made.
    Active,
    /// Held by the user: a poll rests, what a push stream sends is counted as skipped.
    Paused,
    /// Given up, with a reason; a key retries.
    Error,
    /// Ended, by the user or because the source has ended.
    Disconnected,
}

impl ConnectionState {
    /// The lower-case word for it.
    pub fn word(self) -> &'static str {
        match self {
            ConnectionState::Connecting => "connecting",
            ConnectionState::Active => "active",
            ConnectionState::Paused => "paused",
            ConnectionState::Error => "error",
            ConnectionState::Disconnected => "disconnected",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The reference of a connection: what `list` gives, what the status line and the Sources screen show. It holds no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// Which source.
    pub id: SourceId,
    /// Its name for people: given by the user, or made from the URL.
    pub label: String,
    /// What kind of thing it is.
    pub kind: SourceKind,
    /// What its answers were recognised as; none while that is not known, and where there is nothing to recognise.
    pub format: Option<&'static str>,
    /// What it belongs to, for people; given by the user.
    pub group: Option<String>,
    /// Where it is, without credentials.
    pub url: String,
    /// Where it listens, once it does.
    pub endpoints: Arc<[Endpoint]>,
    /// Where its credentials come from.
    pub credentials: CredentialsOrigin,
    /// What it is connected to, as it would be typed again; without credentials.
    pub source: String,
    /// How it is gone about: what, and how, for people. No secret.
    pub options: Arc<[(&'static str, String)]>,
    /// Nanoseconds between two polls, where it is asked again and again.
    pub interval: Option<u64>,
    /// Whether any certificate of the server's is accepted, which is to be seen all the time.
    pub insecure: bool,
    /// The state that it is in.
    pub state: ConnectionState,
    /// When it was asked for.
    pub since: Time,
    /// When it was made last; unknown while it never was.
    pub connected: Time,
    /// When the last item came; unknown while none has.
    pub last_data: Time,
    /// What went wrong last, in words: what was tried, on whom, what to do.
    pub error: Option<String>,
    /// Retries in a row that brought no item; 0 during the first attempt.
    pub attempts: u32,
    /// Attempts after the first, of this run.
    pub retries: u64,
    /// After this number of retries in a row without an item it is given up; `None`: never.
    pub max_retries: Option<u32>,
    /// When the next attempt is due, while waiting for one.
    pub retry_at: Option<Time>,
    /// Whether it was given up for want of credentials, or of better ones.
    pub wants_credentials: bool,
    /// What was turned away, and why the last of it was.
    pub rejection: Option<Rejection>,
    /// The states that it came into.
    pub history: History,
}

impl Connection {
    /// A connection that was asked for at `since` and is being made.
    pub fn new(id: SourceId, kind: SourceKind, label: String, url: String, since: Time) -> Connection {
        Connection {
            id,
            label,
            kind,
            format: None,
            group: None,
            url,
            endpoints: Arc::default(),
            credentials: CredentialsOrigin::None,
            source: String::new(),
            options: Arc::default(),
            interval: None,
            insecure: false,
            state: ConnectionState::Connecting,
            since,
            connected: Time::default(),
            last_data: Time::default(),
            error: None,
            attempts: 0,
            retries: 0,
            max_retries: None,
            retry_at: None,
            wants_credentials: false,
            rejection: None,
            history: History::default(),
        }
    }

    /// What it was recognised as, or else what kind of thing it is.
    pub fn recognised(&self) -> &str {
        self.format.unwrap_or(self.kind.word())
    }
}

/// What a source sent and did not get in: how much so far, and why the last of it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rejection {
    /// In words: what came, from whom, why it was not taken, what to do. One line, bounded, harmless on a terminal.
    pub reason: String,
    /// When the last of it came.
    pub at: Time,
    /// Items that cannot be taken: undecodable, over a limit, against the data model, to a wrong place.
    pub count: u64,
    /// Items that there was no room for: their sender was told to come back with them.
    pub refused: u64,
}

impl Rejection {
    /// `rejected 3`, `refused 2`, both of them; or, where what was turned away holds no item, that it was.
    pub fn words(&self) -> String {
        match (self.count, self.refused) {
            (0, 0) => "turned away".to_owned(),
            (count, 0) => format!("rejected {count}"),
            (0, refused) => format!("refused {refused}"),
            (count, refused) => format!("rejected {count}, refused {refused}"),
        }
    }

    /// The last reason with what came after it; sums of the items.
    pub fn add(&mut self, later: &Rejection) {
        self.reason.clone_from(&later.reason);
        self.at = later.at;
        self.count += later.count;
        self.refused += later.refused;
    }
}

/// What a connection tells the world (the bus of seed 000, by these names).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConnectionEvent {
    /// `connection.connecting`: an attempt begins.
    Connecting(SourceId),
    /// `connection.established`.
    Established(SourceId),
    /// `connection.error`: an attempt failed, or the source was given up.
    Error(SourceId, String),
    /// `connection.error` too, though the connection stands: something that came was turned away. The sums are those since
    /// the last such event of the source; they come at most once a second.
    Rejected(SourceId, Rejection),
    /// `connection.paused`.
    Paused(SourceId),
    /// `connection.resumed`.
    Resumed(SourceId),
    /// `connection.disconnected`.
    Disconnected(SourceId),
    /// `data.received`: this many items.
    DataReceived(SourceId, u64),
    /// `snapshot.created`, by its name.
    SnapshotCreated(String),
}

impl ConnectionEvent {
    /// The event's name on the bus.
    pub fn name(&self) -> &'static str {
        match self {
            ConnectionEvent::Connecting(_) => "connection.connecting",
            ConnectionEvent::Established(_) => "connection.established",
            ConnectionEvent::Error(..) | ConnectionEvent::Rejected(..) => "connection.error",
            ConnectionEvent::Paused(_) => "connection.paused",
            ConnectionEvent::Resumed(_) => "connection.resumed",
            ConnectionEvent::Disconnected(_) => "connection.disconnected",
            ConnectionEvent::DataReceived(..) => "data.received",
            ConnectionEvent::SnapshotCreated(_) => "snapshot.created",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_turned_away_is_told_by_what_became_of_it() {
        let words = |count, refused| Rejection { count, refused, ..Rejection::default() }.words();
        assert_eq!(words(0, 0), "turned away");
        assert_eq!(words(3, 0), "rejected 3");
        assert_eq!(words(0, 2), "refused 2");
        assert_eq!(words(3, 2), "rejected 3, refused 2");
    }
}
