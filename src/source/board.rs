//! What is known of every connection: their tasks write it, everybody reads it. Every change of state is told from here.

use super::backoff::Backoff;
use super::credentials::Auth;
use super::link::{Wanted, now};
use super::provider::Source;
use crate::intake::Intake;
use crate::model::{Connection, ConnectionEvent, ConnectionState, Rejection, SourceId, StateChange, Time, visible};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, broadcast, watch};

/// `data.received` is told at most once in this time for each source, with the sum; else a flood of items would wash every
/// other event out of the bus.
const TELL_DATA_EVERY: Duration = Duration::from_millis(50);

/// What is turned away is told at once, and then at most once in this time for each source, with the sums.
const TELL_REJECTIONS_EVERY: Duration = Duration::from_secs(1);

/// Characters of a reason: it may quote what came.
const LONGEST_REASON: usize = 300;

#[derive(Debug)]
pub(super) struct Board {
    entries: Mutex<Vec<Entry>>,
    pub events: broadcast::Sender<ConnectionEvent>,
    /// Told of every change, for those who only look.
    pub changed: watch::Sender<u64>,
    intake: Intake,
    runtime: tokio::runtime::Handle,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// What was asked for, to ask for it again.
    pub source: Source,
    /// What the configuration said of it, should it be one of those that it names: credentials that are typed later change
    /// nothing in here, and what is connected in another's place takes this over. None once the configuration has let go of it.
    pub configured: Option<Source>,
    /// With the state that the connection is in behind a pause.
    pub connection: Connection,
    pub paused: bool,
    pub wanted: watch::Sender<Wanted>,
    pub retry: Arc<Notify>,
    pub backoff: Backoff,
    pub has_delivered: bool,
    /// Credentials that were given since the last attempt.
    pub auth: Option<Auth>,
    /// Items of which no event has told yet.
    pub untold: u64,
    pub telling: bool,
    /// What was turned away of which no event has told yet.
    pub untold_rejection: Option<Rejection>,
    pub telling_rejection: bool,
}

impl Entry {
    /// Being made, or made.
    pub fn is_open(&self) -> bool {
        matches!(self.connection.state, ConnectionState::Connecting | ConnectionState::Active)
    }

    /// Puts what happened into the history of its states.
    fn remember(&mut self, event: &ConnectionEvent) {
        let state = self.seen().state;
        let words = match event {
            ConnectionEvent::Connecting(_) if self.connection.history.changes().is_empty() => "asked for".to_owned(),
            ConnectionEvent::Connecting(_) => "trying again".to_owned(),
            ConnectionEvent::Established(_) => self.connection.url.clone(),
            ConnectionEvent::Error(_, message) if self.connection.attempts > 0 && self.is_open() => {
                format!("attempt {}: {message}", self.connection.attempts)
            }
            ConnectionEvent::Error(_, message) => message.clone(),
            ConnectionEvent::Paused(_) => "held by the user".to_owned(),
            ConnectionEvent::Resumed(_) => "let go on by the user".to_owned(),
            ConnectionEvent::Disconnected(_) if *self.wanted.borrow() == Wanted::Ended => {
                "ended by the user".to_owned()
            }
            ConnectionEvent::Disconnected(_) => "the source has ended".to_owned(),
            _ => return,
        };
        self.connection.history.push(StateChange { at: now(), state, words });
    }

    /// The reference as everybody sees it.
    pub fn seen(&self) -> Connection {
        let mut connection = self.connection.clone();
        if self.paused && self.is_open() {
            connection.state = ConnectionState::Paused;
        }
        connection
    }
}

impl Board {
    pub fn new(intake: Intake, runtime: tokio::runtime::Handle) -> Board {
        let (events, changed) = (broadcast::channel(1_024).0, watch::channel(0).0);
        Board { entries: Mutex::default(), events, changed, intake, runtime }
    }

    pub fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn with<T>(&self, id: SourceId, use_it: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.lock().get_mut(usize::from(id.0).checked_sub(1)?).map(use_it)
    }

    /// Tells an event, and writes its line in otail's own log, with the counts (ruling G18).
    pub fn tell(&self, id: SourceId, event: ConnectionEvent) {
        let counts = self.intake.counts().of(id);
        let seen = self.with(id, |entry| {
            entry.remember(&event);
            entry.seen()
        });
        if let Some(connection) = seen {
            tracing::info!(
                event = event.name(),
                source = %visible(&connection.label),
                url = %visible(&connection.url),
                state = connection.state.word(),
                attempts = connection.attempts,
                error = %visible(connection.error.as_deref().unwrap_or_default()),
                rejection = connection.rejection.map_or(String::new(), |rejection| rejection.reason),
                received = counts.received,
                stored = counts.stored,
                skipped = counts.skipped,
                duplicate = counts.duplicate,
                dropped = counts.dropped(),
                rejected = counts.rejected,
                refused = counts.refused,
            );
        }
        // Nobody listening is fine.
        let _ = self.events.send(event);
        self.changed.send_modify(|version| *version += 1);
    }

    pub fn tell_if(&self, happened: bool, id: SourceId, event: ConnectionEvent) -> bool {
        if happened {
            self.tell(id, event);
        }
        happened
    }

    pub fn received(self: &Arc<Self>, id: SourceId, items: u64, at: Time) {
        let tell = self.with(id, |entry| {
            entry.connection.last_data = at;
            entry.connection.attempts = 0;
            entry.backoff.item();
            entry.has_delivered = true;
            entry.untold += items;
            !std::mem::replace(&mut entry.telling, true)
        });
        if tell == Some(true) {
            self.runtime.spawn(tell_data(self.clone(), id));
        }
    }

    /// Something that came was turned away.
    pub fn turned_away(self: &Arc<Self>, id: SourceId, mut rejection: Rejection) {
        rejection.reason = visible(&rejection.reason).chars().take(LONGEST_REASON).collect();
        let tell = self.with(id, |entry| {
            entry.connection.rejection.get_or_insert_default().add(&rejection);
            entry.untold_rejection.get_or_insert_default().add(&rejection);
            !std::mem::replace(&mut entry.telling_rejection, true)
        });
        if tell == Some(true) {
            self.runtime.spawn(tell_rejections(self.clone(), id));
        }
    }

    pub fn established(&self, id: SourceId, url: Option<String>) {
        self.with(id, |entry| {
            let connection = &mut entry.connection;
            connection.state = ConnectionState::Active;
            connection.retry_at = None;
            connection.error = None;
            connection.connected = now();
            if let Some(url) = url {
                connection.url = url;
            }
            entry.backoff.connected(clock());
        });
        self.tell(id, ConnectionEvent::Established(id));
    }

    pub fn trouble(&self, id: SourceId, message: String) {
        self.with(id, |entry| entry.connection.error = Some(message.clone()));
        self.tell(id, ConnectionEvent::Error(id, message));
    }

    /// No further attempt is made by itself; whether for want of credentials.
    pub fn give_up(&self, id: SourceId, wants_credentials: bool) {
        self.enter(id, ConnectionState::Error, None, |connection| connection.wants_credentials = wants_credentials);
    }

    pub fn state(&self, id: SourceId, state: ConnectionState, retry_at: Option<Time>) {
        self.enter(id, state, retry_at, |_| {});
    }

    fn enter(
        &self,
        id: SourceId,
        state: ConnectionState,
        retry_at: Option<Time>,
        change: impl FnOnce(&mut Connection),
    ) {
        self.with(id, |entry| {
            change(&mut entry.connection);
            entry.connection.state = state;
            entry.connection.retry_at = retry_at;
            entry.connection.attempts = entry.backoff.attempts;
            // What has ended is not held any more; when it is retried it runs.
            if !entry.is_open() {
                entry.paused = false;
                entry.wanted.send_if_modified(|wanted| {
                    let held = *wanted == Wanted::Paused;
                    if held {
                        *wanted = Wanted::Running;
                    }
                    held
                });
            }
        });
    }
}

async fn tell_data(board: Arc<Board>, id: SourceId) {
    loop {
        let untold = board.with(id, |entry| {
            entry.telling = entry.untold > 0;
            std::mem::take(&mut entry.untold)
        });
        match untold {
            None | Some(0) => return,
            Some(items) => _ = board.events.send(ConnectionEvent::DataReceived(id, items)),
        }
        tokio::time::sleep(TELL_DATA_EVERY).await;
    }
}

async fn tell_rejections(board: Arc<Board>, id: SourceId) {
    loop {
        let untold = board.with(id, |entry| {
            entry.telling_rejection = entry.untold_rejection.is_some();
            entry.untold_rejection.take()
        });
        match untold {
            None | Some(None) => return,
            Some(Some(rejection)) => board.tell(id, ConnectionEvent::Rejected(id, rejection)),
        }
        tokio::time::sleep(TELL_REJECTIONS_EVERY).await;
    }
}

/// A clock that only goes forward; clock jumps must not matter to waits (R14).
pub(super) fn clock() -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}
