//! The list of connections. Open and failed ones stay listed; of the ended ones only the latest.

use super::backoff::Backoff;
use super::credentials::Auth;
use super::position::Position;
use super::spec::Source;
use super::wanted::Wanted;
use crate::clock::now;
use crate::model::{Connection, ConnectionEvent, ConnectionState, Rejection, SourceId, StateChange, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// The minimum number of ended connections to keep; more if more may be open at once.
const LEAST_REMEMBERED: usize = 64;

/// The connections of a run, and the names of all of them, since rows outlive connections.
#[derive(Debug)]
pub(super) struct Entries {
    by_id: BTreeMap<SourceId, Entry>,
    /// Names by number: of connection 1, 2, …
    names: Vec<Arc<str>>,
    /// The maximum number of ended connections to keep.
    remembered: usize,
    /// Configured sources of the connections that are no longer listed, oldest first; as many as `remembered`.
    forgotten: VecDeque<Source>,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// The source with its current settings, to connect again.
    pub source: Source,
    /// The source as the configuration has it, without credentials that were typed later. A replacement connection inherits
    /// it. `None` if the configuration no longer contains it.
    pub configured: Option<Source>,
    /// The public record. Its state does not show a pause; see [`Entry::seen`].
    pub connection: Connection,
    pub paused: bool,
    /// Whether it ends in order to restart with other settings.
    pub changes_settings: bool,
    pub wanted: watch::Sender<Wanted>,
    pub retry: Arc<Notify>,
    pub backoff: Backoff,
    pub has_delivered: bool,
    /// For a file: the position up to which it was read.
    pub position: Option<Position>,
    /// Whether to remove it once it has ended.
    pub forgotten: bool,
    /// Credentials given since the last attempt.
    pub auth: Option<Auth>,
    /// Items not yet reported in an event.
    pub unreported: u64,
    pub is_reporting_data: bool,
    /// Rejections not yet reported in an event.
    pub unreported_rejection: Option<Rejection>,
    pub is_reporting_rejections: bool,
}

impl Entries {
    /// An empty list; at most `open_at_most` connections may be open.
    pub fn new(open_at_most: usize) -> Entries {
        let remembered = open_at_most.max(LEAST_REMEMBERED);
        Entries { by_id: BTreeMap::new(), names: Vec::new(), remembered, forgotten: VecDeque::new() }
    }

    /// Changes the limit of open connections.
    pub fn allow(&mut self, open_at_most: usize) {
        self.remembered = open_at_most.max(LEAST_REMEMBERED);
    }

    /// The number of the next connection; `None` if all numbers are used.
    pub fn next_id(&self) -> Option<SourceId> {
        u16::try_from(self.names.len() + 1).ok().map(SourceId)
    }

    /// Adds the connection with the next number.
    pub fn push(&mut self, entry: Entry) {
        self.forgotten.retain(|source| Some(source) != entry.configured.as_ref());
        let label = &entry.connection.label;
        // Share the name if the same source connects again and again.
        let known = self.names.iter().rev().find(|known| ***known == **label).cloned();
        self.names.push(known.unwrap_or_else(|| label.as_str().into()));
        self.by_id.insert(entry.connection.id, entry);
    }

    /// A listed connection.
    pub fn get(&self, id: SourceId) -> Option<&Entry> {
        self.by_id.get(&id)
    }

    /// A listed connection, mutable.
    pub fn get_mut(&mut self, id: SourceId) -> Option<&mut Entry> {
        self.by_id.get_mut(&id)
    }

    /// All listed connections, by number.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.by_id.values()
    }

    /// The name of a connection, even if it is no longer listed.
    pub fn name(&self, id: SourceId) -> Option<&Arc<str>> {
        self.names.get(usize::from(id.0).checked_sub(1)?)
    }

    /// Those of these sources whose connections are no longer listed. Drops all others from the record.
    pub fn take_forgotten(&mut self, sources: &[Source]) -> Vec<Source> {
        self.forgotten.retain(|source| sources.contains(source));
        self.forgotten.iter().cloned().collect()
    }

    /// Marks ended connections for removal that the new source supersedes: same given name, or the same unnamed source.
    pub fn supersede(&mut self, source: &Source) {
        let is_like =
            |other: &Source| other.name == source.name && (source.name.is_some() || other.spec == source.spec);
        for entry in self.by_id.values_mut() {
            entry.forgotten |= entry.connection.state == ConnectionState::Disconnected && is_like(&entry.source);
        }
    }

    /// Removes ended connections that are marked, and the oldest above the limit. Returns their numbers.
    pub fn sweep(&mut self) -> Vec<SourceId> {
        let has_ended = |entry: &&Entry| entry.connection.state == ConnectionState::Disconnected;
        let mut gone: Vec<SourceId> = Vec::new();
        let mut ended: Vec<(Time, SourceId)> = Vec::new();
        for entry in self.by_id.values().filter(has_ended) {
            let id = entry.connection.id;
            match entry.forgotten {
                true => gone.push(id),
                false => ended.push((entry.connection.history.changes().last().map_or(Time(0), |last| last.at), id)),
            }
        }
        ended.sort_unstable();
        let surplus = ended.len().saturating_sub(self.remembered);
        gone.extend(ended.into_iter().take(surplus).map(|(_, id)| id));
        for entry in gone.iter().filter_map(|id| self.by_id.remove(id)) {
            self.forgotten.extend(entry.configured);
        }
        let surplus = self.forgotten.len().saturating_sub(self.remembered);
        self.forgotten.drain(..surplus);
        gone
    }
}

impl Entry {
    /// An entry for a new connection.
    pub fn new(source: Source, configured: Option<Source>, connection: Connection) -> Entry {
        Entry {
            source,
            configured,
            connection,
            paused: false,
            changes_settings: false,
            wanted: watch::channel(Wanted::Running).0,
            retry: Arc::default(),
            backoff: Backoff::default(),
            has_delivered: false,
            position: None,
            forgotten: false,
            auth: None,
            unreported: 0,
            is_reporting_data: false,
            unreported_rejection: None,
            is_reporting_rejections: false,
        }
    }

    /// Prepares an ended connection for a restart under its number. Counts and history stay; errors are cleared.
    pub fn prepare_restart(&mut self) {
        let connection = &mut self.connection;
        connection.state = ConnectionState::Connecting;
        connection.since = now();
        connection.error = None;
        connection.attempts = 0;
        connection.retries += 1;
        connection.max_retries = None;
        connection.wants_credentials = false;
        // The task that ended may still hold the old ones.
        (self.wanted, self.retry) = (watch::channel(Wanted::Running).0, Arc::default());
        (self.backoff, self.has_delivered, self.forgotten) = (Backoff::default(), false, false);
    }

    /// Whether it is connecting or connected.
    pub fn is_open(&self) -> bool {
        matches!(self.connection.state, ConnectionState::Connecting | ConnectionState::Active)
    }

    /// Whether it failed or has ended; one that is about to end has not.
    pub fn is_over(&self) -> bool {
        match self.connection.state {
            ConnectionState::Disconnected => true,
            ConnectionState::Error => *self.wanted.borrow() != Wanted::Ended,
            _ => false,
        }
    }

    /// Sets the state; `retry_at` is the time of the next attempt, if one is planned.
    pub fn enter(&mut self, state: ConnectionState, retry_at: Option<Time>) {
        self.connection.state = state;
        self.connection.endpoints = Arc::default();
        self.connection.retry_at = retry_at;
        self.connection.attempts = self.backoff.retries;
        // An ended connection is no longer paused; a retry runs.
        if !self.is_open() {
            self.paused = false;
            self.wanted.send_if_modified(|wanted| {
                let held = *wanted == Wanted::Paused;
                if held {
                    *wanted = Wanted::Running;
                }
                held
            });
        }
    }

    /// Adds an event to the history.
    pub fn remember(&mut self, event: &ConnectionEvent) {
        let state = self.seen().state;
        let last = self.connection.history.changes().last().map(|last| last.state);
        let words = match event {
            ConnectionEvent::Connecting(_) if last.is_none() => "first attempt".to_owned(),
            ConnectionEvent::Connecting(_) if std::mem::take(&mut self.changes_settings) => {
                "restarted with the new configuration".to_owned()
            }
            ConnectionEvent::Connecting(_) if last == Some(ConnectionState::Disconnected) => "started again".to_owned(),
            ConnectionEvent::Connecting(_) => "trying again".to_owned(),
            ConnectionEvent::Established(_) => self.connection.url.clone(),
            ConnectionEvent::Error(_, message) if self.connection.attempts > 0 && self.is_open() => {
                format!("retry {}: {message}", self.connection.attempts)
            }
            ConnectionEvent::Error(_, message) => message.clone(),
            ConnectionEvent::Paused(_) => "paused by the user".to_owned(),
            ConnectionEvent::Resumed(_) => "resumed by the user".to_owned(),
            ConnectionEvent::Disconnected(_) if self.changes_settings => "ended: its configuration changed".to_owned(),
            ConnectionEvent::Disconnected(_) if *self.wanted.borrow() == Wanted::Ended => {
                "ended by the user".to_owned()
            }
            ConnectionEvent::Disconnected(_) => "the source has ended".to_owned(),
            _ => return,
        };
        self.connection.history.push(StateChange { at: now(), state, words });
    }

    /// The public record, with a pause shown as its state.
    pub fn seen(&self) -> Connection {
        let mut connection = self.connection.clone();
        if self.paused && self.is_open() {
            connection.state = ConnectionState::Paused;
        }
        connection
    }
}
