//! The live stream provider of seed 000: connections, their states, their events.

use super::backoff::Backoff;
use super::error::SourceError;
use super::link::{Link, Wanted, now};
use super::spec::SourceSpec;
use super::{file, sse};
use crate::config;
use crate::intake::Intake;
use crate::model::{Connection, ConnectionEvent, ConnectionState, SourceId, SourceKind, Time};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, broadcast, watch};

/// What goes for every connection.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Settings {
    /// Connections, retries, giving up.
    pub provider: config::Provider,
    /// What receivers do.
    pub listen: Arc<config::Listen>,
}

/// Makes and keeps connections. Every method answers at once; the work is done by a task a connection.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    intake: Intake,
    board: Arc<Board>,
    runtime: tokio::runtime::Handle,
}

/// What is known of every connection: tasks write it, everybody reads it.
#[derive(Debug)]
pub(super) struct Board {
    entries: Mutex<Vec<Entry>>,
    events: broadcast::Sender<ConnectionEvent>,
    /// Told of every change, for those who only look.
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Entry {
    connection: Connection,
    wanted: watch::Sender<Wanted>,
    retry: Arc<Notify>,
    backoff: Backoff,
    has_delivered: bool,
    /// Wants credentials: the reason for exit code 3.
    wants_credentials: bool,
}

impl Provider {
    /// A provider without connections. Tasks run on `runtime`.
    pub fn new(settings: Settings, intake: Intake, runtime: tokio::runtime::Handle) -> Provider {
        let board =
            Board { entries: Mutex::default(), events: broadcast::channel(1_024).0, changed: watch::channel(0).0 };
        Provider { settings, intake, board: Arc::new(board), runtime }
    }

    /// Begins a connection; it goes on by itself from here.
    ///
    /// # Errors
    ///
    /// When there are as many as `provider.max_connections` allows (ruling M14).
    pub fn connect(&self, spec: SourceSpec, name: Option<String>) -> Result<SourceId, String> {
        let mut entries = self.board.lock();
        let open = entries.iter().filter(|entry| entry.connection.state != ConnectionState::Disconnected).count();
        if open >= self.settings.provider.max_connections {
            return Err(format!(
                "{} was not connected: {open} connections are open and provider.max_connections allows {}; \
                 disconnect one or raise it in the configuration",
                spec.url(),
                self.settings.provider.max_connections
            ));
        }
        let id =
            u16::try_from(entries.len() + 1).map(SourceId).map_err(|_| "too many connections in one run".to_owned())?;
        let (wanted, wants) = watch::channel(Wanted::Running);
        let retry = Arc::new(Notify::new());
        entries.push(Entry {
            connection: Connection {
                id,
                label: name.unwrap_or_else(|| spec.label()),
                kind: spec.kind(),
                url: spec.url(),
                state: ConnectionState::Connecting,
                since: now(),
                last_data: Time::default(),
                error: None,
                attempts: 0,
                retry_at: None,
            },
            wanted,
            retry: retry.clone(),
            backoff: Backoff::default(),
            has_delivered: false,
            wants_credentials: false,
        });
        drop(entries);
        self.board.tell(ConnectionEvent::Connecting(id));
        let link = Link::new(id, self.intake.clone(), self.board.clone(), wants);
        let keeper = Keeper { spec, link, board: self.board.clone(), retry, settings: self.settings.clone() };
        self.runtime.spawn(supervise(keeper));
        Ok(id)
    }

    /// Every connection of this run, in the order of connecting.
    pub fn list(&self) -> Vec<Connection> {
        self.board.lock().iter().map(|entry| entry.connection.clone()).collect()
    }

    /// A connection's name.
    pub fn label(&self, id: SourceId) -> String {
        self.board.with(id, |entry| entry.connection.label.clone()).unwrap_or_default()
    }

    /// Holds a connection: what a push stream sends is counted as skipped (ruling G8). Whether there was one to hold.
    pub fn pause(&self, id: SourceId) -> bool {
        let held = self.board.with(id, |entry| {
            let holds = matches!(entry.connection.state, ConnectionState::Active | ConnectionState::Connecting);
            if holds {
                entry.wanted.send_replace(Wanted::Paused);
                entry.connection.state = ConnectionState::Paused;
            }
            holds
        });
        self.board.tell_if(held == Some(true), ConnectionEvent::Paused(id))
    }

    /// Lets a held connection go on. Whether there was one.
    pub fn resume(&self, id: SourceId) -> bool {
        let resumed = self.board.with(id, |entry| {
            let was = entry.connection.state == ConnectionState::Paused;
            if was {
                entry.wanted.send_replace(Wanted::Running);
                entry.connection.state = ConnectionState::Active;
            }
            was
        });
        self.board.tell_if(resumed == Some(true), ConnectionEvent::Resumed(id))
    }

    /// Tries again now what waits for its next attempt or was given up. Whether there was anything to retry.
    pub fn retry(&self, id: SourceId) -> bool {
        let waits = |entry: &mut Entry| {
            let waits = entry.connection.retry_at.is_some() || entry.connection.state == ConnectionState::Error;
            if waits {
                entry.backoff = Backoff::default();
                entry.retry.notify_one();
            }
            waits
        };
        self.board.with(id, waits) == Some(true)
    }

    /// Ends a connection and frees what it holds; its rows age out like others (ruling G15). Whether it was open.
    pub fn disconnect(&self, id: SourceId) -> bool {
        let was_open = self.board.with(id, |entry| {
            entry.wanted.send_replace(Wanted::Ended);
            entry.connection.state != ConnectionState::Disconnected
        });
        was_open == Some(true)
    }

    /// Ends them all.
    pub fn disconnect_all(&self) {
        self.board.lock().iter().for_each(|entry| _ = entry.wanted.send_replace(Wanted::Ended));
    }

    /// What happens from now on. A listener that is slow misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<ConnectionEvent> {
        self.board.events.subscribe()
    }

    /// Changes whenever any connection does.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.board.changed.subscribe()
    }

    /// Whether every connection has come to its end: given up, or disconnected.
    pub fn is_over(&self) -> bool {
        let over =
            |entry: &Entry| matches!(entry.connection.state, ConnectionState::Error | ConnectionState::Disconnected);
        self.board.lock().iter().all(over)
    }

    /// Whether any connection ended for want of credentials.
    pub fn wants_credentials(&self) -> bool {
        self.board.lock().iter().any(|entry| entry.wants_credentials)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.disconnect_all();
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, id: SourceId, use_it: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.lock().get_mut(usize::from(id.0).checked_sub(1)?).map(use_it)
    }

    fn tell(&self, event: ConnectionEvent) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
        self.changed.send_modify(|version| *version += 1);
    }

    fn tell_if(&self, happened: bool, event: ConnectionEvent) -> bool {
        if happened {
            self.tell(event);
        }
        happened
    }

    pub fn received(&self, id: SourceId, items: u64, at: Time) {
        let clock = clock();
        let healed = self.with(id, |entry| {
            entry.connection.last_data = at;
            entry.connection.attempts = 0;
            entry.backoff.item(clock);
            entry.has_delivered = true;
            // A receiver keeps its trouble (a port that is taken): data on the other port does not mend it.
            entry.connection.kind != SourceKind::Listen && entry.connection.error.take().is_some()
        });
        let _ = self.events.send(ConnectionEvent::DataReceived(id, items));
        if healed == Some(true) {
            self.changed.send_modify(|version| *version += 1);
        }
    }

    pub fn established(&self, id: SourceId, url: Option<String>) {
        self.with(id, |entry| {
            let connection = &mut entry.connection;
            if connection.state != ConnectionState::Paused {
                connection.state = ConnectionState::Active;
            }
            connection.retry_at = None;
            if let Some(url) = url {
                connection.url = url;
            }
        });
        self.tell(ConnectionEvent::Established(id));
    }

    pub fn trouble(&self, id: SourceId, message: String) {
        tracing::warn!(source = id.0, "{message}");
        self.with(id, |entry| entry.connection.error = Some(message.clone()));
        self.tell(ConnectionEvent::Error(id, message));
    }

    fn state(&self, id: SourceId, state: ConnectionState, retry_at: Option<Time>) {
        self.with(id, |entry| {
            // A held connection that is made again behind the scenes stays held.
            let held = entry.connection.state == ConnectionState::Paused && *entry.wanted.borrow() == Wanted::Paused;
            if !held || matches!(state, ConnectionState::Error | ConnectionState::Disconnected) {
                entry.connection.state = state;
            }
            entry.connection.retry_at = retry_at;
            entry.connection.attempts = entry.backoff.attempts;
        });
    }
}

/// Keeps one connection: attempts, waits, gives up, is retried.
struct Keeper {
    spec: SourceSpec,
    link: Link,
    board: Arc<Board>,
    retry: Arc<Notify>,
    settings: Settings,
}

/// A keeper that panics leaves an error that can be seen, never silence.
async fn supervise(keeper: Keeper) {
    let (id, board) = (keeper.link.id, keeper.board.clone());
    let ended = tokio::spawn(keeper.keep()).await;
    if let Err(error) = ended {
        board.state(id, ConnectionState::Error, None);
        board.trouble(id, format!("the connection's task failed: {error}; this is a defect of otail"));
    }
}

impl Keeper {
    async fn keep(self) {
        let id = self.link.id;
        let mut kind = sse::Memory::default();
        loop {
            let attempt = self.board.with(id, |entry| {
                entry.backoff.attempt();
                entry.connection.attempts = entry.backoff.attempts;
            });
            if attempt.is_none() {
                return;
            }
            let outcome = tokio::select! {
                () = self.link.closed() => None,
                outcome = self.attempt(&mut kind) => Some(outcome),
            };
            let error = match outcome {
                None | Some(Ok(())) => {
                    self.board.state(id, ConnectionState::Disconnected, None);
                    self.board.tell(ConnectionEvent::Disconnected(id));
                    return;
                }
                Some(Err(error)) => error,
            };
            match self.next_attempt(&error) {
                Some(wait) => {
                    let at = now().0.saturating_add(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX));
                    self.board.state(id, ConnectionState::Connecting, Some(Time(at)));
                    self.board.trouble(id, error.to_string());
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = self.retry.notified() => {}
                        () = self.link.closed() => {}
                    }
                }
                None => {
                    let credentials = matches!(error, SourceError::Credentials(_));
                    self.board.with(id, |entry| entry.wants_credentials = credentials);
                    self.board.state(id, ConnectionState::Error, None);
                    self.board.trouble(id, error.to_string());
                    tokio::select! {
                        () = self.retry.notified() => {}
                        () = self.link.closed() => {}
                    }
                }
            }
            self.board.state(id, ConnectionState::Connecting, None);
            self.board.tell(ConnectionEvent::Connecting(id));
        }
    }

    fn attempt<'a>(
        &'a self,
        memory: &'a mut sse::Memory,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>> {
        match &self.spec {
            SourceSpec::Sse(url) => Box::pin(sse::run(url, true, &self.link, &self.settings, memory)),
            SourceSpec::Http(url) => Box::pin(sse::run(url, false, &self.link, &self.settings, memory)),
            SourceSpec::File(place) => Box::pin(file::run(place, &self.link)),
            SourceSpec::Listen(spec) => {
                Box::pin(super::listen::run(spec.clone(), self.link.clone(), self.settings.listen.clone()))
            }
        }
    }

    /// How long until the next attempt; `None` gives up (rulings G5 and G6).
    fn next_attempt(&self, error: &SourceError) -> Option<Duration> {
        let SourceError::Passing { not_before, .. } = error else { return None };
        if !self.settings.provider.auto_reconnect {
            return None;
        }
        self.board.with(self.link.id, |entry| {
            let most = self.settings.provider.auto_reconnect_max_attempts;
            let forever = entry.has_delivered && self.settings.provider.auto_reconnect_forever;
            let spent = most > 0 && !forever && entry.backoff.attempts >= most;
            (!spent).then(|| entry.backoff.wait(clock(), *not_before, fastrand::f64()))
        })?
    }
}

/// A clock that only goes forward; clock jumps must not matter to waits (R14).
fn clock() -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}
