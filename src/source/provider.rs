//! The live stream provider: creates connections, controls them, and publishes their states and events.

use super::board::Board;
use super::credentials::Auth;
use super::describe;
use super::entries::{Entries, Entry};
use super::link::{Journal, Link};
use super::naming;
use super::options::Options;
use super::settings::Settings;
use super::spec::{Source, SourceSpec};
use super::supervisor::{Supervisor, supervise};
use super::wanted::Wanted;
use crate::budget::Budget;
use crate::clock::now;
use crate::intake::Intake;
use crate::model::{Connection, ConnectionEvent, ConnectionState, CredentialsOrigin, SourceId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, watch};

/// Creates and controls connections. Every method returns at once; one task per connection does the work.
#[derive(Debug)]
pub struct Provider {
    settings: Mutex<Settings>,
    intake: Intake,
    pub(super) board: Arc<Board>,
    runtime: tokio::runtime::Handle,
    /// The memory budget of all polled answers.
    budget: Budget,
}

impl Provider {
    /// A provider without connections; its tasks run on `runtime`.
    pub fn new(settings: Settings, intake: Intake, runtime: tokio::runtime::Handle) -> Provider {
        let board = Arc::new(Board::new(settings.provider.max_connections, intake.clone(), runtime.clone()));
        let budget = Budget::new(settings.listen.max_in_flight.max(settings.listen.max_body));
        Provider { settings: Mutex::new(settings), intake, board, runtime, budget }
    }

    /// Sets the settings for new connections.
    pub fn configure(&self, settings: Settings) {
        self.board.lock().allow(settings.provider.max_connections);
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts a connection with the options of `[provider]`.
    ///
    /// # Errors
    ///
    /// As [`Provider::connect`].
    pub fn connect_to(&self, spec: SourceSpec, name: Option<String>) -> Result<SourceId, String> {
        let options = Options::of_all(&self.settings().provider);
        self.connect(Source { spec, name, group: None, options })
    }

    /// Starts a connection; a task keeps it running.
    ///
    /// # Errors
    ///
    /// If `provider.max_connections` are open already.
    pub fn connect(&self, source: Source) -> Result<SourceId, String> {
        let configured = Some(source.clone());
        self.begin(source, configured, None)
    }

    /// Starts several connections at once, so that sources without a name get distinct names. Results are in the order of
    /// the sources.
    pub fn connect_all(&self, sources: Vec<Source>) -> Vec<Result<SourceId, String>> {
        let names = naming::names(&sources, &self.board.lock());
        let connect = |(source, name): (Source, String)| {
            let configured = Some(source.clone());
            self.begin_named(source, configured, None, Some(name))
        };
        sources.into_iter().zip(names).map(connect).collect()
    }

    /// The name of an open connection to the same source, if there is one: a second would count everything twice.
    pub fn is_open_to(&self, spec: &SourceSpec) -> Option<String> {
        let entries = self.board.lock();
        let is_it = |entry: &&Entry| entry.is_open() && entry.source.spec == *spec;
        entries.iter().find(is_it).map(|entry| entry.connection.label.clone())
    }

    /// Starts a connection for a source of the configuration, perhaps instead of another connection, which is about to end.
    /// If an equal source has ended or failed, that connection restarts under its number.
    pub(super) fn begin(
        &self,
        source: Source,
        configured: Option<Source>,
        instead_of: Option<SourceId>,
    ) -> Result<SourceId, String> {
        self.begin_named(source, configured, instead_of, None)
    }

    /// Like [`Provider::begin`], with this name; `None` chooses a name that no other connection has.
    fn begin_named(
        &self,
        source: Source,
        configured: Option<Source>,
        instead_of: Option<SourceId>,
        label: Option<String>,
    ) -> Result<SourceId, String> {
        let mut entries = self.board.lock();
        let spec = &source.spec;
        if let Some(limit) = self.full(&entries, instead_of) {
            return Err(format!("cannot connect {}: {limit}", spec.url()));
        }
        // The connection that it replaces may be about to free the ports that this one needs.
        let ends = |id: &SourceId| entries.get(*id).is_some_and(|entry| *entry.wanted.borrow() == Wanted::Ended);
        let before = instead_of.filter(ends);
        let is_it = |entry: &&Entry| entry.is_over() && entry.source == source && has_its_name(&entries, entry);
        let known = entries.iter().rev().find(is_it).map(|entry| entry.connection.id);
        if let Some(entry) = known.and_then(|id| entries.get_mut(id)) {
            let id = entry.connection.id;
            // The entry may be one that lost its configured source, which it now gets back.
            entry.configured = entry.configured.take().or(configured);
            self.restart(entries, id, before);
            return Ok(id);
        }
        let id =
            entries.next_id().ok_or_else(|| "this run has used all connection numbers; restart otail".to_owned())?;
        entries.supersede(&source);
        let label = label.or_else(|| naming::names(std::slice::from_ref(&source), &entries).pop());
        let mut connection = Connection::new(id, spec.kind(), label.unwrap_or_default(), spec.url(), now());
        describe::settings(&mut connection, &source);
        let entry = Entry::new(source, configured, connection);
        let task = self.task(&entry);
        entries.push(entry);
        drop(entries);
        self.board.sweep();
        self.board.publish(id, ConnectionEvent::Connecting(id));
        self.spawn_after(before, task);
        Ok(id)
    }

    /// Runs a task after another connection has ended, if that is about to end.
    fn spawn_after(&self, before: Option<SourceId>, task: impl Future<Output = ()> + Send + 'static) {
        let board = self.board.clone();
        self.runtime.spawn(async move {
            board.all_ended(before.as_slice()).await;
            task.await;
        });
    }

    /// The task that runs a connection until it has ended.
    fn task(&self, entry: &Entry) -> impl Future<Output = ()> + Send + 'static {
        let Source { spec, options, .. } = entry.source.clone();
        let link = Link::new(entry.connection.id, self.intake.clone(), self.board.clone(), entry.wanted.subscribe());
        let link = link.sharing(self.budget.clone()).with_overflow(spec.overflow());
        let link = link.filtering(&options.filter, &entry.connection.label);
        let (board, retry) = (self.board.clone(), entry.retry.clone());
        let supervisor = Supervisor::new(spec, options, link.clone(), board.clone(), retry.clone(), self.settings());
        let supervisor = Arc::new(supervisor);
        supervise(link, board, retry, move || supervisor.clone().keep())
    }

    /// The connections of this run, in the order of their start: all open and failed ones, and the latest ended ones, as many
    /// as may be open but at least 64.
    pub fn list(&self) -> Vec<Connection> {
        self.board.lock().iter().map(Entry::seen).collect()
    }

    /// A connection's name, even if it is no longer listed.
    pub fn label(&self, id: SourceId) -> String {
        self.board.lock().name(id).map(|name| name.to_string()).unwrap_or_default()
    }

    /// Pauses a connection: a file or poll waits; items that a stream or receiver gets count as skipped. Returns whether
    /// there was a running one.
    pub fn pause(&self, id: SourceId) -> bool {
        let held = self.hold(id, true);
        self.board.publish_if(held, id, ConnectionEvent::Paused(id))
    }

    /// Resumes a paused connection; a gap row reports what was skipped. Returns whether there was a paused one.
    pub fn resume(&self, id: SourceId) -> bool {
        let resumed = self.hold(id, false);
        if resumed {
            self.intake.mark_skipped(id, now());
        }
        self.board.publish_if(resumed, id, ConnectionEvent::Resumed(id))
    }

    /// Retries now a connection that waits for its next attempt, failed, or ended. Returns whether there was something to
    /// retry and room for it.
    pub fn retry(&self, id: SourceId) -> bool {
        let mut entries = self.board.lock();
        let full = self.full(&entries, None);
        let is_open = entries.get_mut(id).is_some_and(|entry| entry.is_open());
        if let Some(limit) = full.filter(|_| !is_open) {
            drop(entries);
            self.board.trouble(id, format!("cannot retry: {limit}"));
            return false;
        }
        self.restart(entries, id, None)
    }

    /// Retries now, or once connection `before` has ended. Returns whether there was something to retry.
    pub(super) fn restart(&self, mut entries: MutexGuard<'_, Entries>, id: SourceId, before: Option<SourceId>) -> bool {
        let Some(entry) = entries.get_mut(id) else { return false };
        if entry.connection.state == ConnectionState::Disconnected {
            entry.prepare_restart();
            let task = self.task(entry);
            drop(entries);
            self.board.publish(id, ConnectionEvent::Connecting(id));
            self.spawn_after(before, task);
            return true;
        }
        let waits = entry.is_over() || entry.connection.retry_at.is_some();
        // A connection that is about to end cannot be retried before it has.
        let waits = waits && *entry.wanted.borrow() != Wanted::Ended;
        if waits {
            entry.backoff.reset();
            // Set the state now, not when the task runs: otherwise another connection could take the free place.
            entry.connection.state = ConnectionState::Connecting;
            let retry = entry.retry.clone();
            match before {
                Some(_) => self.spawn_after(before, async move { retry.notify_one() }),
                None => retry.notify_one(),
            }
        }
        waits
    }

    /// Gives a connection new credentials and retries it. Returns whether it was waiting for credentials.
    pub fn authenticate(&self, id: SourceId, auth: Auth) -> bool {
        let waits = self.board.with(id, |entry| {
            let waits = entry.connection.wants_credentials;
            if waits {
                entry.source.options.auth = auth.clone();
                entry.source.options.credentials = CredentialsOrigin::Typed;
                describe::settings(&mut entry.connection, &entry.source);
                entry.auth = Some(auth);
            }
            waits
        });
        waits == Some(true) && self.retry(id)
    }

    /// Ends a connection and frees what it holds; its rows age out like others. Returns whether it was open.
    pub fn disconnect(&self, id: SourceId) -> bool {
        let was_open = self.board.with(id, |entry| {
            let before = entry.wanted.send_replace(Wanted::Ended);
            before != Wanted::Ended && entry.connection.state != ConnectionState::Disconnected
        });
        was_open == Some(true)
    }

    /// Removes a connection that is over from the list; its rows and its name stay. Returns false if it is not over.
    pub fn forget(&self, id: SourceId) -> bool {
        self.board.forget(id)
    }

    /// Removes all connections that are over: failed or ended. Returns their number.
    pub fn forget_all(&self) -> usize {
        let over: Vec<SourceId> =
            self.board.lock().iter().filter(|entry| entry.is_over()).map(|entry| entry.connection.id).collect();
        over.into_iter().filter(|id| self.forget(*id)).count()
    }

    /// Ends all connections.
    pub fn disconnect_all(&self) {
        self.board.lock().iter().for_each(|entry| _ = entry.wanted.send_replace(Wanted::Ended));
    }

    /// All events from now on. A slow receiver misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<ConnectionEvent> {
        self.board.events.subscribe()
    }

    /// Counts the changes of any connection's state. An item that arrives is a change only if it is the first one, or the
    /// first after failed attempts; [`Provider::events`] counts all items.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.board.changed.subscribe()
    }

    /// Whether every connection has failed or ended.
    pub fn is_over(&self) -> bool {
        !self.board.lock().iter().any(Entry::is_open)
    }

    /// Whether any connection failed because credentials are missing.
    pub fn wants_credentials(&self) -> bool {
        self.board.lock().iter().any(|entry| entry.connection.wants_credentials)
    }

    /// An error message if there is no room for another connection. Failed and ended connections do not count.
    pub(super) fn full(&self, entries: &Entries, besides: Option<SourceId>) -> Option<String> {
        let most = self.settings().provider.max_connections;
        // A connection that is about to end does not count, even if its task still runs.
        let ends = |entry: &Entry| *entry.wanted.borrow() == Wanted::Ended;
        let counts = |entry: &&Entry| entry.is_open() && !ends(entry) && Some(entry.connection.id) != besides;
        let open = entries.iter().filter(counts).count();
        (open >= most).then(|| {
            format!(
                "{open} connections are open and provider.max_connections allows {most}; disconnect one or raise it in \
                 the configuration"
            )
        })
    }

    fn hold(&self, id: SourceId, hold: bool) -> bool {
        let change = |entry: &mut Entry| {
            let ends = *entry.wanted.borrow() == Wanted::Ended;
            let changes = entry.is_open() && !ends && entry.paused != hold;
            if changes {
                entry.paused = hold;
                entry.wanted.send_replace(if hold { Wanted::Paused } else { Wanted::Running });
            }
            changes
        };
        self.board.with(id, change) == Some(true)
    }
}

/// Whether no open connection has the same name.
fn has_its_name(entries: &Entries, entry: &Entry) -> bool {
    !entries.iter().any(|other| other.is_open() && other.connection.label == entry.connection.label)
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.disconnect_all();
    }
}
