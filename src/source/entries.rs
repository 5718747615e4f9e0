//! What is known of every connection, and for how long: those that are open or were given up all along, of those that have
//! ended as many as a screen has use for.

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

/// Ended connections that stay listed, at least; as many as may be open at once, if that is more.
const LEAST_REMEMBERED: usize = 64;

/// The connections of a run, by number; the names of all of them, for rows that outlive them.
#[derive(Debug)]
pub(super) struct Entries {
    by_id: BTreeMap<SourceId, Entry>,
    /// Of the first connection, the second …
    names: Vec<Arc<str>>,
    /// So many of those that have ended are remembered.
    remembered: usize,
    /// What the configuration said of those that are not, the oldest first, and no more of them.
    forgotten: VecDeque<Source>,
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
    /// It ends in order to begin again with other settings.
    pub changes_settings: bool,
    pub wanted: watch::Sender<Wanted>,
    pub retry: Arc<Notify>,
    pub backoff: Backoff,
    pub has_delivered: bool,
    /// Of a file: how far it was read.
    pub place: Option<Position>,
    /// Nobody wants to know of it once it has ended.
    pub forgotten: bool,
    /// Credentials that were given since the last attempt.
    pub auth: Option<Auth>,
    /// Items of which no event has told yet.
    pub untold: u64,
    pub telling: bool,
    /// What was turned away of which no event has told yet.
    pub untold_rejection: Option<Rejection>,
    pub telling_rejection: bool,
}

impl Entries {
    /// An empty list for at most this many open connections.
    pub fn new(open_at_most: usize) -> Entries {
        let remembered = open_at_most.max(LEAST_REMEMBERED);
        Entries { by_id: BTreeMap::new(), names: Vec::new(), remembered, forgotten: VecDeque::new() }
    }

    /// Changes how many connections may be open at once.
    pub fn allow(&mut self, open_at_most: usize) {
        self.remembered = open_at_most.max(LEAST_REMEMBERED);
    }

    /// The number that the next connection gets, as long as there are any.
    pub fn next_id(&self) -> Option<SourceId> {
        u16::try_from(self.names.len() + 1).ok().map(SourceId)
    }

    /// Takes in the connection that got the next number.
    pub fn push(&mut self, entry: Entry) {
        self.forgotten.retain(|source| Some(source) != entry.configured.as_ref());
        let label = &entry.connection.label;
        // A source that is connected to again and again has its name once.
        let known = self.names.iter().rev().find(|known| ***known == **label).cloned();
        self.names.push(known.unwrap_or_else(|| label.as_str().into()));
        self.by_id.insert(entry.connection.id, entry);
    }

    /// One that is remembered.
    pub fn get(&self, id: SourceId) -> Option<&Entry> {
        self.by_id.get(&id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: SourceId) -> Option<&mut Entry> {
        self.by_id.get_mut(&id)
    }

    /// Those that are remembered, in the order of their first connecting.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.by_id.values()
    }

    /// The name of a connection, remembered or not.
    pub fn name(&self, id: SourceId) -> Option<&Arc<str>> {
        self.names.get(usize::from(id.0).checked_sub(1)?)
    }

    /// Of these sources, those of connections that are forgotten; the others are known to be wanted again, or not any more.
    pub fn take_forgotten(&mut self, sources: &[Source]) -> Vec<Source> {
        self.forgotten.retain(|source| sources.contains(source));
        self.forgotten.iter().cloned().collect()
    }

    /// What has ended makes way for its like: the same place gone about otherwise, or another one by the name that was given
    /// to it.
    pub fn make_way(&mut self, source: &Source) {
        let is_like =
            |other: &Source| other.name == source.name && (source.name.is_some() || other.spec == source.spec);
        for entry in self.by_id.values_mut() {
            entry.forgotten |= entry.connection.state == ConnectionState::Disconnected && is_like(&entry.source);
        }
    }

    /// Forgets what has ended and nobody wants to know of, and the oldest of what has ended where there is too much of that.
    /// Which they were.
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
    /// A connection that is about to be made.
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
            place: None,
            forgotten: false,
            auth: None,
            untold: 0,
            telling: false,
            untold_rejection: None,
            telling_rejection: false,
        }
    }

    /// What has ended is about to be made again, under its number: what came stays counted, what went wrong is over.
    pub fn again(&mut self) {
        let connection = &mut self.connection;
        connection.state = ConnectionState::Connecting;
        connection.since = now();
        connection.error = None;
        connection.attempts = 0;
        connection.retries += 1;
        connection.max_retries = None;
        connection.wants_credentials = false;
        // What is left of the task that ended holds the old ones.
        (self.wanted, self.retry) = (watch::channel(Wanted::Running).0, Arc::default());
        (self.backoff, self.has_delivered, self.forgotten) = (Backoff::default(), false, false);
    }

    /// Being made, or made.
    pub fn is_open(&self) -> bool {
        matches!(self.connection.state, ConnectionState::Connecting | ConnectionState::Active)
    }

    /// Given up or ended; what is about to end is neither.
    pub fn is_over(&self) -> bool {
        match self.connection.state {
            ConnectionState::Disconnected => true,
            ConnectionState::Error => *self.wanted.borrow() != Wanted::Ended,
            _ => false,
        }
    }

    /// Comes into a state; `retry_at` says when the next attempt is due, where one waits for it.
    pub fn enter(&mut self, state: ConnectionState, retry_at: Option<Time>) {
        self.connection.state = state;
        self.connection.endpoints = Arc::default();
        self.connection.retry_at = retry_at;
        self.connection.attempts = self.backoff.retries;
        // What has ended is not held any more; when it is retried it runs.
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

    /// Puts what happened into the history of its states.
    pub fn remember(&mut self, event: &ConnectionEvent) {
        let state = self.seen().state;
        let last = self.connection.history.changes().last().map(|last| last.state);
        let words = match event {
            ConnectionEvent::Connecting(_) if last.is_none() => "asked for".to_owned(),
            ConnectionEvent::Connecting(_) if std::mem::take(&mut self.changes_settings) => {
                "begun again with the new configuration".to_owned()
            }
            ConnectionEvent::Connecting(_) if last == Some(ConnectionState::Disconnected) => {
                "asked for again".to_owned()
            }
            ConnectionEvent::Connecting(_) => "trying again".to_owned(),
            ConnectionEvent::Established(_) => self.connection.url.clone(),
            ConnectionEvent::Error(_, message) if self.connection.attempts > 0 && self.is_open() => {
                format!("retry {}: {message}", self.connection.attempts)
            }
            ConnectionEvent::Error(_, message) => message.clone(),
            ConnectionEvent::Paused(_) => "paused by the user".to_owned(),
            ConnectionEvent::Resumed(_) => "let go on by the user".to_owned(),
            ConnectionEvent::Disconnected(_) if self.changes_settings => "ended: its configuration changed".to_owned(),
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
