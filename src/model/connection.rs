//! A connection to a source of telemetry: its description, its states and its events.

use super::{History, Time};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The number of a source in this run, in the order of connecting; never reused.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u16);

/// The kind of a source: its name, and how items arrive from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceKind {
    name: &'static str,
    way: Way,
}

/// How items arrive from a source.
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

    /// A server that pushes items as they arise and does not wait for otail.
    pub const fn pushed(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Pushed }
    }

    /// A server that otail polls.
    pub const fn polled(name: &'static str) -> SourceKind {
        SourceKind { name, way: Way::Polled }
    }

    /// A source that otail reads at its own pace, such as a file. Silence and old times are normal here.
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

    /// Whether otail polls the source.
    pub fn is_polled(self) -> bool {
        self.way == Way::Polled
    }

    /// Whether otail reads the source at its own pace, such as a file.
    pub fn is_read(self) -> bool {
        self.way == Way::Read
    }
}

/// An address on which otail listens.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Endpoint {
    /// The protocol of this port by convention; each port accepts both.
    pub protocol: Protocol,
    /// Whether the port uses TLS.
    pub is_secure: bool,
    /// Address and port, such as `127.0.0.1:4317`.
    pub address: String,
}

/// The transport of OTLP.
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

/// Where a source's credentials come from. Does not contain the credentials.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub enum CredentialsOrigin {
    /// No credentials.
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
    /// Connecting, or waiting for the next attempt, which is due at [`Connection::retry_at`].
    Connecting,
    /// Connected.
    Active,
    /// Paused by the user: polling stops, and items that a push stream sends are counted as skipped.
    Paused,
    /// Given up, with a reason; the user can retry with a key.
    Error,
    /// Ended by the user or by the source.
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

/// The description of a connection, as `list`, the status line and the Sources screen show it. Contains no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// The source.
    pub id: SourceId,
    /// The displayed name: given by the user, or derived from the URL.
    pub label: String,
    /// The kind of the source.
    pub kind: SourceKind,
    /// The recognised format of its answers; `None` until it is known, or if there is nothing to recognise.
    pub format: Option<&'static str>,
    /// The displayed group, given by the user.
    pub group: Option<String>,
    /// The URL, without credentials.
    pub url: String,
    /// The addresses on which it listens; empty until then.
    pub endpoints: Arc<[Endpoint]>,
    /// Where its credentials come from.
    pub credentials: CredentialsOrigin,
    /// The source as the user would type it again, without credentials.
    pub source: String,
    /// The options in effect, as displayed names and values. Contains no secret.
    pub options: Arc<[(&'static str, String)]>,
    /// Nanoseconds between two polls; `None` if otail does not poll the source.
    pub interval: Option<u64>,
    /// Whether the server's certificate is not verified; the screen always shows this.
    pub insecure: bool,
    /// The current state.
    pub state: ConnectionState,
    /// When the user or the configuration asked for the connection.
    pub since: Time,
    /// When it last connected; unknown if it never did.
    pub connected: Time,
    /// When the last item was received; unknown before the first.
    pub last_data: Time,
    /// The last error: the attempt, the server and the remedy.
    pub error: Option<String>,
    /// Consecutive retries without an item; 0 during the first attempt.
    pub attempts: u32,
    /// All retries in this run.
    pub retries: u64,
    /// Consecutive retries without an item before otail gives up; `None`: never gives up.
    pub max_retries: Option<u32>,
    /// When the next attempt is due; `None` if not waiting.
    pub retry_at: Option<Time>,
    /// Whether otail gave up because credentials are missing or were refused.
    pub wants_credentials: bool,
    /// Items not accepted: their numbers, and the reason of the last.
    pub rejection: Option<Rejection>,
    /// The last changes of state.
    pub history: History,
}

impl Connection {
    /// A new connection in the state `Connecting`, asked for at `since`.
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

    /// The recognised format, or else the word for the kind of source.
    pub fn recognised(&self) -> &str {
        self.format.unwrap_or(self.kind.word())
    }
}

/// Items that a source sent and otail did not accept: their numbers, and the reason of the last.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rejection {
    /// The data, its sender, the reason and the remedy: one bounded line, safe to print on a terminal.
    pub reason: String,
    /// When the last of them arrived.
    pub at: Time,
    /// Rejected items: undecodable, over a limit, invalid in the data model, or sent to a wrong path.
    pub count: u64,
    /// Items refused for lack of room: the sender should retry.
    pub refused: u64,
}

impl Rejection {
    /// A summary such as `rejected 3, refused 2`. If the data contained no items, it says only that data was turned away.
    pub fn words(&self) -> String {
        match (self.count, self.refused) {
            (0, 0) => "turned away".to_owned(),
            (count, 0) => format!("rejected {count}"),
            (0, refused) => format!("refused {refused}"),
            (count, refused) => format!("rejected {count}, refused {refused}"),
        }
    }

    /// Takes over the later reason and adds the counts.
    pub fn add(&mut self, later: &Rejection) {
        self.reason.clone_from(&later.reason);
        self.at = later.at;
        self.count += later.count;
        self.refused += later.refused;
    }
}

/// An event that a connection publishes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConnectionEvent {
    /// `connection.connecting`: an attempt begins.
    Connecting(SourceId),
    /// `connection.established`.
    Established(SourceId),
    /// `connection.error`: an attempt failed, or the source was given up.
    Error(SourceId, String),
    /// `connection.error` too, but the connection stays up: otail did not accept some data. The counts are those since the
    /// source's last such event, of which there is at most one per second.
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
