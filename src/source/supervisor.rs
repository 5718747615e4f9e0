//! Supervises one connection: attempts, waits and retries. A panic of its task becomes an error on the screen.

use super::backoff::NOT_UP;
use super::board::{Board, clock};
use super::error::SourceError;
use super::kind::{Attempt, Memory};
use super::link::Link;
use super::options::Options;
use super::settings::Settings;
use super::spec::SourceSpec;
use crate::clock::now;
use crate::model::{ConnectionState, CredentialsOrigin, Time};
use crate::supervision::supervised_task;
use std::future::Future;
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

/// Runs a supervisor until the connection ends. A panic becomes an error that the user sees and can retry.
pub(super) async fn supervise<F>(link: Link, board: Arc<Board>, retry: Arc<Notify>, keep: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = supervised_task(keep()).await {
        let message = format!("the connection's task {error}; this is a defect of otail");
        board.failed(link.id, message, None, ConnectionState::Error, false);
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

    /// Runs until the source ends by itself or the user ends it.
    pub async fn keep(self: Arc<Self>) {
        let id = self.link.id;
        let mut memory = Memory::default();
        let mut options = self.options.clone();
        // After a panic, use credentials that were typed meanwhile.
        if let Some(auth) = self.board.with(id, |entry| entry.source.options.auth.clone()) {
            options.auth = auth;
        }
        loop {
            let Some(auth) = self.board.attempt(id) else { return };
            if let Some(auth) = auth {
                (options.auth, options.credentials) = (auth, CredentialsOrigin::Typed);
            }
            let (link, settings) = (&self.link, &self.settings);
            let attempt = Attempt { link, options: &options, memory: &mut memory, settings };
            let Err(error) = self.spec.run(attempt).await else { return self.board.ended(id) };
            let next = self.next_attempt(&error);
            let message = error.to_string();
            let wait = match next {
                Next::After(wait) => {
                    let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
                    let retry_at = Some(Time(now().0.saturating_add(nanos)));
                    self.board.failed(id, message, retry_at, ConnectionState::Connecting, false);
                    Some(wait)
                }
                Next::NotUpYet => {
                    self.board.not_up_yet(id, message);
                    Some(NOT_UP)
                }
                Next::None { retries } => {
                    let message = match retries {
                        0 => message,
                        1 => format!("{message}; gave up after 1 retry"),
                        retries => format!("{message}; gave up after {retries} retries"),
                    };
                    let wants_credentials = matches!(error, SourceError::Credentials(_));
                    self.board.failed(id, message, None, ConnectionState::Error, wants_credentials);
                    None
                }
            };
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
            if !matches!(next, Next::NotUpYet) {
                self.board.tries_again(id);
            }
        }
    }

    fn next_attempt(&self, error: &SourceError) -> Next {
        let not_before = match error {
            SourceError::Passing { not_before, .. } => *not_before,
            SourceError::NotUp(_) => None,
            SourceError::Final(_) | SourceError::Credentials(_) => return Next::None { retries: 0 },
        };
        if !self.options.auto_reconnect {
            return Next::None { retries: 0 };
        }
        let next = self.board.with(self.link.id, |entry| {
            let clock = clock();
            entry.backoff.lost(clock);
            let has_proved = entry.backoff.has_proved();
            if matches!(error, SourceError::NotUp(_)) && self.settings.awaits_local && !has_proved {
                return Next::NotUpYet;
            }
            let most = self.options.auto_reconnect_max_attempts;
            // A silent stream that once stood is not given up during the few seconds of a server restart.
            let forever = has_proved && self.options.auto_reconnect_forever;
            let most = Some(most).filter(|most| *most > 0 && !forever);
            entry.connection.max_retries = most;
            match entry.backoff.retries {
                retries if most.is_some_and(|most| retries >= most) => Next::None { retries },
                _ => Next::After(entry.backoff.wait(clock, not_before, fastrand::f64())),
            }
        });
        next.unwrap_or(Next::None { retries: 0 })
    }
}

/// What follows a failed attempt.
enum Next {
    /// Another attempt after this time.
    After(Duration),
    /// Another attempt soon, without limit: the user is about to start the program.
    NotUpYet,
    /// No attempt, after this number of retries.
    None { retries: u32 },
}
