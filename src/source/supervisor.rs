//! Keeping one connection: attempts, waits, giving up, being retried (rulings G4 to G6); and seeing to it that it never just
//! falls silent.

use super::board::{Board, clock};
use super::error::SourceError;
use super::link::Link;
use super::options::Options;
use super::provider::Settings;
use super::spec::SourceSpec;
use super::{file, http, listen};
use crate::clock::now;
use crate::model::Time;
use crate::supervision::supervised_task;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub(super) struct Supervisor {
    spec: SourceSpec,
    options: Options,
    link: Link,
    board: Arc<Board>,
    retry: Arc<Notify>,
    settings: Settings,
}

type Attempt<'a> = Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>>;

/// Runs a supervisor for as long as the connection is wanted. One that panics leaves an error that can be seen, never silence, and
/// can be retried like any other.
pub(super) async fn supervise<F>(link: Link, board: Arc<Board>, retry: Arc<Notify>, keep: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = supervised_task(keep()).await {
        let message = format!("the connection's task {error}; this is a defect of otail");
        board.failed(link.id, message, None, false);
        tokio::select! {
            () = retry.notified() => board.tries_again(link.id),
            () = link.closed() => return board.ended(link.id),
        }
    }
}

impl Supervisor {
    pub fn new(
        spec: SourceSpec,
        options: Options,
        link: Link,
        board: Arc<Board>,
        retry: Arc<Notify>,
        settings: Settings,
    ) -> Supervisor {
        Supervisor { spec, options, link, board, retry, settings }
    }

    /// Returns when the connection has ended, by itself or because it is not wanted any more.
    pub async fn keep(self: Arc<Self>) {
        let id = self.link.id;
        let mut session = http::Session::default();
        let mut options = self.options.clone();
        // After a panic: what was typed since.
        if let Some(auth) = self.board.with(id, |entry| entry.source.options.auth.clone()) {
            options.auth = auth;
        }
        loop {
            if let SourceSpec::Http(spec) = &self.spec
                && http::is_polled(spec, &session)
            {
                tokio::select! {
                    () = self.link.resumed() => {}
                    () = self.link.closed() => return self.board.ended(id),
                }
            }
            let Some(auth) = self.board.attempt(id) else { return };
            if let Some(auth) = auth {
                // Whoever is asked now is asked by somebody else.
                options.auth = auth;
                session.is_another();
            }
            let attempt = self.attempt(&options, &mut session);
            let outcome = match &self.spec {
                // They end by themselves, and hand over what they have in hand before.
                SourceSpec::File(_) | SourceSpec::Listen(_) => Some(attempt.await),
                SourceSpec::Http(_) => tokio::select! {
                    () = self.link.closed() => None,
                    outcome = attempt => Some(outcome),
                },
            };
            let error = match outcome {
                None | Some(Ok(())) => return self.board.ended(id),
                Some(Err(error)) => error,
            };
            session.failed();
            let wait = self.next_attempt(&error);
            let nanos = |wait: Duration| u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
            let retry_at = wait.map(|wait| Time(now().0.saturating_add(nanos(wait))));
            let wants_credentials = wait.is_none() && matches!(error, SourceError::Credentials(_));
            self.board.failed(id, error.to_string(), retry_at, wants_credentials);
            let due = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.retry.notified() => {}
                () = self.link.closed() => return self.board.ended(id),
            }
            self.board.tries_again(id);
        }
    }

    fn attempt<'a>(&'a self, options: &'a Options, session: &'a mut http::Session) -> Attempt<'a> {
        match &self.spec {
            SourceSpec::Http(spec) => Box::pin(http::run(spec, &self.link, options, session)),
            SourceSpec::File(place) => Box::pin(file::run(place, &self.link)),
            SourceSpec::Listen(spec) => {
                Box::pin(listen::run(spec.clone(), self.link.clone(), self.settings.listen.clone()))
            }
        }
    }

    /// How long until the next attempt; `None` gives up.
    fn next_attempt(&self, error: &SourceError) -> Option<Duration> {
        let SourceError::Passing { not_before, .. } = error else { return None };
        if !self.options.auto_reconnect {
            return None;
        }
        self.board.with(self.link.id, |entry| {
            let clock = clock();
            entry.backoff.lost(clock);
            let most = self.options.auto_reconnect_max_attempts;
            // A stream that has stood in silence is not given up for the few seconds that its server is started anew.
            let forever = entry.backoff.has_proved() && self.options.auto_reconnect_forever;
            let most = Some(most).filter(|most| *most > 0 && !forever);
            entry.connection.max_attempts = most;
            let spent = most.is_some_and(|most| entry.backoff.attempts >= most);
            (!spent).then(|| entry.backoff.wait(clock, *not_before, fastrand::f64()))
        })?
    }
}
