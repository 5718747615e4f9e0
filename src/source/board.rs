//! Records changes of connections and publishes them as events. The tasks of the connections call it; `entries` holds the
//! records.

use super::beginning::Beginning;
use super::credentials::Auth;
use super::entries::{Entries, Entry};
use super::link::Journal;
use super::position::Position;
use super::wanted::Wanted;
use crate::clock::now;
use crate::intake::Intake;
use crate::model::{ConnectionEvent, ConnectionState, Endpoint, Rejection, SourceId, SourceKind, Time, visible};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, watch};

/// `data.received` is sent at most once in this time for each source, with the sum. Otherwise a flood of items would push all
/// other events out of the channel.
const REPORT_DATA_EVERY: Duration = Duration::from_millis(50);

/// Rejections are reported at once, then at most once in this time for each source, with their sums.
const REPORT_REJECTIONS_EVERY: Duration = Duration::from_secs(1);

/// How long to wait for old connections to free their ports before a new one starts.
const GRACE: Duration = Duration::from_secs(3);

/// The longest reason, in characters: it may quote input.
const LONGEST_REASON: usize = 300;

#[derive(Debug)]
pub(super) struct Board {
    entries: Mutex<Entries>,
    pub events: broadcast::Sender<ConnectionEvent>,
    /// Counts state changes of all connections. An arriving item is one only if it is the first.
    pub changed: watch::Sender<u64>,
    intake: Intake,
    runtime: tokio::runtime::Handle,
}

impl Board {
    pub fn new(open_at_most: usize, intake: Intake, runtime: tokio::runtime::Handle) -> Board {
        let (events, changed) = (broadcast::channel(1_024).0, watch::channel(0).0);
        Board { entries: Mutex::new(Entries::new(open_at_most)), events, changed, intake, runtime }
    }

    pub fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn with<T>(&self, id: SourceId, use_it: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.lock().get_mut(id).map(use_it)
    }

    /// Publishes an event, and logs it with the counts.
    pub fn publish(&self, id: SourceId, event: ConnectionEvent) {
        self.change(id, event, |_| {});
    }

    /// Changes a record and publishes the event. The record changes first.
    fn change(&self, id: SourceId, event: ConnectionEvent, change: impl FnOnce(&mut Entry)) {
        let counts = self.intake.counts().of(id);
        let seen = self.with(id, |entry| {
            change(entry);
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
                filtered = counts.filtered,
                skipped = counts.skipped,
                duplicate = counts.duplicate,
                dropped = counts.dropped(),
                rejected = counts.rejected,
                refused = counts.refused,
            );
        }
        // An error means that nobody listens, which is fine.
        let _ = self.events.send(event);
        self.wake_watchers();
    }

    pub fn publish_if(&self, happened: bool, id: SourceId, event: ConnectionEvent) -> bool {
        if happened {
            self.publish(id, event);
        }
        happened
    }

    /// Wakes all tasks that wait for state changes.
    pub fn wake_watchers(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Counts an attempt. Returns credentials given since the last attempt, or `None` if the connection is forgotten.
    pub fn attempt(&self, id: SourceId) -> Option<Option<Auth>> {
        let auth = self.with(id, |entry| {
            entry.backoff.attempt();
            entry.connection.attempts = entry.backoff.retries;
            entry.auth.take()
        });
        self.wake_watchers();
        auth
    }

    /// A program of this machine has not started yet. Reported once, since attempts follow each other every few seconds.
    pub fn not_up_yet(&self, id: SourceId, message: String) {
        let is_known = self.with(id, |entry| {
            let connection = &mut entry.connection;
            connection.retries += 1;
            connection.max_retries = None;
            connection.state == ConnectionState::Connecting && connection.error.as_ref() == Some(&message)
        });
        if is_known != Some(true) {
            self.failed(id, message, None, ConnectionState::Connecting, false);
        }
    }

    /// An attempt failed. `retry_at` is the time of the next one, if known. In the state `Error` there is none, perhaps
    /// because credentials are missing.
    pub fn failed(
        &self,
        id: SourceId,
        message: String,
        retry_at: Option<Time>,
        state: ConnectionState,
        wants_credentials: bool,
    ) {
        let error = Some(message.clone());
        self.change(id, ConnectionEvent::Error(id, message), |entry| {
            entry.connection.error = error;
            entry.connection.wants_credentials |= wants_credentials;
            entry.enter(state, retry_at);
        });
    }

    /// Another attempt begins.
    pub fn tries_again(&self, id: SourceId) {
        self.change(id, ConnectionEvent::Connecting(id), |entry| {
            entry.connection.wants_credentials = false;
            entry.connection.retries += 1;
            entry.enter(ConnectionState::Connecting, None);
        });
    }

    /// A connection has ended. Also removes entries that are no longer needed.
    pub fn ended(&self, id: SourceId) {
        let event = ConnectionEvent::Disconnected(id);
        self.change(id, event, |entry| entry.enter(ConnectionState::Disconnected, None));
        self.sweep();
    }

    /// Forgets a connection that is over, once its task has ended. Returns false if it is not over.
    pub fn forget(&self, id: SourceId) -> bool {
        let is_over = self.with(id, |entry| {
            // A connection that is about to end counts as over.
            let is_over = !entry.is_open() || *entry.wanted.borrow() == Wanted::Ended;
            if is_over {
                entry.forgotten = true;
                entry.wanted.send_replace(Wanted::Ended);
            }
            is_over
        });
        self.sweep();
        is_over != Some(false)
    }

    /// Waits until these connections have ended, at most [`GRACE`]: their successors may want their ports.
    pub async fn all_ended(&self, ids: &[SourceId]) {
        let mut changed = self.changed.subscribe();
        let is_there = |entry: &mut Entry| entry.connection.state != ConnectionState::Disconnected;
        let is_there = |id: &SourceId| self.with(*id, is_there) == Some(true);
        let end = async { while ids.iter().any(is_there) && changed.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(GRACE, end).await;
    }

    /// Removes entries that are no longer needed.
    pub fn sweep(&self) {
        let gone = self.lock().sweep();
        if !gone.is_empty() {
            self.intake.forget(&gone);
            self.wake_watchers();
        }
    }
}

impl Journal for Board {
    /// Records items. Wakes those who watch for changes only for the first item, and for the first after failed attempts.
    fn received(self: Arc<Self>, id: SourceId, items: u64, at: Time) {
        let news = self.with(id, |entry| {
            let connection = &mut entry.connection;
            let changes_state = !entry.has_delivered || connection.attempts > 0 || connection.last_data.is_unknown();
            connection.last_data = at;
            connection.attempts = 0;
            entry.backoff.item();
            entry.has_delivered = true;
            entry.unreported += items;
            (changes_state, !std::mem::replace(&mut entry.is_reporting_data, true))
        });
        let Some((changes_state, tell)) = news else { return };
        if changes_state {
            self.wake_watchers();
        }
        if tell {
            self.runtime.spawn(report_data(self.clone(), id));
        }
    }

    /// Records a rejection.
    fn rejected_items(self: Arc<Self>, id: SourceId, mut rejection: Rejection) {
        rejection.reason = visible(&rejection.reason).chars().take(LONGEST_REASON).collect();
        let tell = self.with(id, |entry| {
            entry.connection.rejection.get_or_insert_default().add(&rejection);
            entry.unreported_rejection.get_or_insert_default().add(&rejection);
            !std::mem::replace(&mut entry.is_reporting_rejections, true)
        });
        if tell == Some(true) {
            self.runtime.spawn(report_rejections(self.clone(), id));
        }
    }

    fn established(&self, id: SourceId, endpoints: Vec<Endpoint>) {
        self.change(id, ConnectionEvent::Established(id), |entry| {
            let connection = &mut entry.connection;
            connection.state = ConnectionState::Active;
            connection.retry_at = None;
            connection.error = None;
            connection.connected = now();
            if !endpoints.is_empty() {
                let urls: Vec<String> = endpoints.iter().map(Endpoint::to_string).collect();
                connection.url = urls.join(" and ");
                connection.endpoints = endpoints.into();
            }
            entry.backoff.connected(clock());
        });
    }

    fn established_as(&self, id: SourceId, kind: SourceKind) {
        self.with(id, |entry| (entry.connection.kind, entry.connection.format) = (kind, None));
        self.established(id, Vec::new());
    }

    fn recognised(&self, id: SourceId, format: &'static str) {
        let before = self.with(id, |entry| entry.connection.format.replace(format));
        if before != Some(Some(format)) {
            self.wake_watchers();
        }
    }

    fn trouble(&self, id: SourceId, message: String) {
        let error = Some(message.clone());
        self.change(id, ConnectionEvent::Error(id, message), |entry| entry.connection.error = error);
    }

    fn resolved(&self, id: SourceId, left: Option<String>) {
        self.with(id, |entry| entry.connection.error = left);
        self.wake_watchers();
    }

    fn is_established(&self, id: SourceId) -> bool {
        self.with(id, |entry| entry.connection.state == ConnectionState::Active) == Some(true)
    }

    fn has_delivered(&self, id: SourceId) -> bool {
        self.with(id, |entry| entry.has_delivered) == Some(true)
    }

    fn beginning(&self, id: SourceId) -> Beginning {
        self.with(id, |entry| entry.source.options.beginning).unwrap_or_default()
    }

    fn position(&self, id: SourceId) -> Option<Position> {
        self.with(id, |entry| entry.position.clone()).flatten()
    }

    fn left_at(&self, id: SourceId, position: Position) {
        self.with(id, |entry| entry.position = Some(position));
    }

    fn label(&self, id: SourceId) -> String {
        self.with(id, |entry| entry.connection.label.clone()).unwrap_or_default()
    }
}

async fn report_data(board: Arc<Board>, id: SourceId) {
    loop {
        let unreported = board.with(id, |entry| {
            entry.is_reporting_data = entry.unreported > 0;
            std::mem::take(&mut entry.unreported)
        });
        match unreported {
            None | Some(0) => return,
            Some(items) => _ = board.events.send(ConnectionEvent::DataReceived(id, items)),
        }
        tokio::time::sleep(REPORT_DATA_EVERY).await;
    }
}

async fn report_rejections(board: Arc<Board>, id: SourceId) {
    loop {
        let unreported = board.with(id, |entry| {
            entry.is_reporting_rejections = entry.unreported_rejection.is_some();
            entry.unreported_rejection.take()
        });
        match unreported {
            None | Some(None) => return,
            Some(Some(rejection)) => board.publish(id, ConnectionEvent::Rejected(id, rejection)),
        }
        tokio::time::sleep(REPORT_REJECTIONS_EVERY).await;
    }
}

/// Monotonic time, so that changes of the system clock do not change waits.
pub(super) fn clock() -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}
