//! The live stream provider: connections, their states, their events.

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

/// Makes and keeps connections. Every method answers at once; the work is done by a task a connection.
#[derive(Debug)]
pub struct Provider {
    settings: Mutex<Settings>,
    intake: Intake,
    pub(super) board: Arc<Board>,
    runtime: tokio::runtime::Handle,
    /// For all answers that are polled.
    budget: Budget,
}

impl Provider {
    /// A provider without connections. Tasks run on `runtime`.
    pub fn new(settings: Settings, intake: Intake, runtime: tokio::runtime::Handle) -> Provider {
        let board = Arc::new(Board::new(settings.provider.max_connections, intake.clone(), runtime.clone()));
        let budget = Budget::new(settings.listen.max_in_flight.max(settings.listen.max_body));
        Provider { settings: Mutex::new(settings), intake, board, runtime, budget }
    }

    /// The settings for new connections.
    pub fn configure(&self, settings: Settings) {
        self.board.lock().allow(settings.provider.max_connections);
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts a connection with the settings of `[provider]`. It runs by itself from here.
    ///
    /// # Errors
    ///
    /// As [`Provider::connect`].
    pub fn connect_to(&self, spec: SourceSpec, name: Option<String>) -> Result<SourceId, String> {
        let options = Options::of_all(&self.settings().provider);
        self.connect(Source { spec, name, group: None, options })
    }

    /// Begins a connection; it goes on by itself from here.
    ///
    /// # Errors
    ///
    /// When `provider.max_connections` are open.
    pub fn connect(&self, source: Source) -> Result<SourceId, String> {
        let configured = Some(source.clone());
        self.begin(source, configured, None)
    }

    /// Begins several connections. Sources without a name get names that tell them apart from one another too. The results
    /// have the order of the sources.
    pub fn connect_all(&self, sources: Vec<Source>) -> Vec<Result<SourceId, String>> {
        let names = naming::names(&sources, &self.board.lock());
        let connect = |(source, name): (Source, String)| {
            let configured = Some(source.clone());
            self.begin_named(source, configured, None, Some(name))
        };
        sources.into_iter().zip(names).map(connect).collect()
    }

    /// What is connected to already by what was typed, by its name: everything would be counted twice.
    pub fn is_open_to(&self, spec: &SourceSpec) -> Option<String> {
        let entries = self.board.lock();
        let is_it = |entry: &&Entry| entry.is_open() && entry.source.spec == *spec;
        entries.iter().find(is_it).map(|entry| entry.connection.label.clone())
    }

    /// Begins a connection that stands for what the configuration said, perhaps in another's place: that one is about to go.
    /// What has ended, or was given up, and was just this, begins again under its number.
    pub(super) fn begin(
        &self,
        source: Source,
        configured: Option<Source>,
        instead_of: Option<SourceId>,
    ) -> Result<SourceId, String> {
        self.begin_named(source, configured, instead_of, None)
    }

    /// The same under this name; without one it gets a name that no other connection has.
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
            return Err(format!("{} was not connected: {limit}", spec.url()));
        }
        // What it stands for may be about to give back the ports that it wants.
        let ends = |id: &SourceId| entries.get(*id).is_some_and(|entry| *entry.wanted.borrow() == Wanted::Ended);
        let before = instead_of.filter(ends);
        let is_it = |entry: &&Entry| entry.is_over() && entry.source == source && has_its_name(&entries, entry);
        let known = entries.iter().rev().find(is_it).map(|entry| entry.connection.id);
        if let Some(entry) = known.and_then(|id| entries.get_mut(id)) {
            let id = entry.connection.id;
            // It may stand for what the configuration said before credentials were typed.
            entry.configured = entry.configured.take().or(configured);
            self.again(entries, id, before);
            return Ok(id);
        }
        let id = entries.next_id().ok_or_else(|| "there were too many connections in this run".to_owned())?;
        entries.make_way(&source);
        let label = label.or_else(|| naming::names(std::slice::from_ref(&source), &entries).pop());
        let mut connection = Connection::new(id, spec.kind(), label.unwrap_or_default(), spec.url(), now());
        describe::settings(&mut connection, &source);
        let entry = Entry::new(source, configured, connection);
        let task = self.task(&entry);
        entries.push(entry);
        drop(entries);
        self.board.sweep();
        self.board.tell(id, ConnectionEvent::Connecting(id));
        self.spawn_after(before, task);
        Ok(id)
    }

    /// Runs a task, but not before a connection has ended that is about to.
    fn spawn_after(&self, before: Option<SourceId>, task: impl Future<Output = ()> + Send + 'static) {
        let board = self.board.clone();
        self.runtime.spawn(async move {
            board.all_ended(before.as_slice()).await;
            task.await;
        });
    }

    /// What keeps a connection until it has ended.
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

    /// The connections of this run, in the order of connecting: those that are open or were given up, and of those that have
    /// ended the youngest, as many as may be open, and 64 at least.
    pub fn list(&self) -> Vec<Connection> {
        self.board.lock().iter().map(Entry::seen).collect()
    }

    /// A connection's name, whether it is listed or not any more.
    pub fn label(&self, id: SourceId) -> String {
        self.board.lock().name(id).map(|name| name.to_string()).unwrap_or_default()
    }

    /// Pauses a connection: a file or a poll rests, and the items that a stream or a receiver gets are counted as skipped.
    /// Whether there was one to pause.
    pub fn pause(&self, id: SourceId) -> bool {
        let held = self.hold(id, true);
        self.board.tell_if(held, id, ConnectionEvent::Paused(id))
    }

    /// Lets a paused connection go on; a gap row tells what was skipped. Whether there was one.
    pub fn resume(&self, id: SourceId) -> bool {
        let resumed = self.hold(id, false);
        if resumed {
            self.intake.mark_skipped(id, now());
        }
        self.board.tell_if(resumed, id, ConnectionEvent::Resumed(id))
    }

    /// Tries again now what waits for its next attempt, was given up, or has ended. Whether there was anything to retry, and
    /// room for it.
    pub fn retry(&self, id: SourceId) -> bool {
        let mut entries = self.board.lock();
        let full = self.full(&entries, None);
        let is_open = entries.get_mut(id).is_some_and(|entry| entry.is_open());
        if let Some(limit) = full.filter(|_| !is_open) {
            drop(entries);
            self.board.trouble(id, format!("it was not retried: {limit}"));
            return false;
        }
        self.again(entries, id, None)
    }

    /// Tries again now, or as soon as another one has ended. Whether there was anything to try.
    pub(super) fn again(&self, mut entries: MutexGuard<'_, Entries>, id: SourceId, before: Option<SourceId>) -> bool {
        let Some(entry) = entries.get_mut(id) else { return false };
        if entry.connection.state == ConnectionState::Disconnected {
            entry.again();
            let task = self.task(entry);
            drop(entries);
            self.board.tell(id, ConnectionEvent::Connecting(id));
            self.spawn_after(before, task);
            return true;
        }
        let waits = entry.is_over() || entry.connection.retry_at.is_some();
        // What is about to end is not tried again before it has.
        let waits = waits && *entry.wanted.borrow() != Wanted::Ended;
        if waits {
            entry.backoff.reset();
            // From now on, not once its task runs: it has the place that the next one would find free.
            entry.connection.state = ConnectionState::Connecting;
            let retry = entry.retry.clone();
            match before {
                Some(_) => self.spawn_after(before, async move { retry.notify_one() }),
                None => retry.notify_one(),
            }
        }
        waits
    }

    /// Gives a connection other credentials than it had, and tries again with them. Whether it waited for any.
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

    /// Forgets a connection that is over; its rows stay, and its name. False where it is not over.
    pub fn forget(&self, id: SourceId) -> bool {
        self.board.forget(id)
    }

    /// Forgets every connection that is over: given up, or ended. How many there were.
    pub fn forget_all(&self) -> usize {
        let over: Vec<SourceId> =
            self.board.lock().iter().filter(|entry| entry.is_over()).map(|entry| entry.connection.id).collect();
        over.into_iter().filter(|id| self.forget(*id)).count()
    }

    /// Ends them all.
    pub fn disconnect_all(&self) {
        self.board.lock().iter().for_each(|entry| _ = entry.wanted.send_replace(Wanted::Ended));
    }

    /// What happens from now on. A listener that is slow misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<ConnectionEvent> {
        self.board.events.subscribe()
    }

    /// Counts the changes of any connection's state. An item that arrives is a change only if it is the first one, or the
    /// first after failed attempts; [`Provider::events`] counts all items.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.board.changed.subscribe()
    }

    /// Whether every connection has come to its end: given up, or disconnected.
    pub fn is_over(&self) -> bool {
        !self.board.lock().iter().any(Entry::is_open)
    }

    /// Whether any connection ended for want of credentials.
    pub fn wants_credentials(&self) -> bool {
        self.board.lock().iter().any(|entry| entry.connection.wants_credentials)
    }

    /// The words for it, when there is no room for another connection. What was given up or has ended holds nothing.
    pub(super) fn full(&self, entries: &Entries, besides: Option<SourceId>) -> Option<String> {
        let most = self.settings().provider.max_connections;
        // What is to end is as good as gone, though its task may take a moment.
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

/// Whether no open connection has taken its name since.
fn has_its_name(entries: &Entries, entry: &Entry) -> bool {
    !entries.iter().any(|other| other.is_open() && other.connection.label == entry.connection.label)
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.disconnect_all();
    }
}
