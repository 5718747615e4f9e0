//! What the app wants done to connections, done by the provider; and what the intake counted of each.

use super::plant::{or_listening, settings};
use super::sender;
use crate::app::{Event, NoticeKind, SourceCommand, SourceCounts};
use crate::config::{Config, Secret};
use crate::intake::{DropReason, Intake};
use crate::model::SourceId;
use crate::net::shown;
use crate::source::{Auth, Options, Provider, Source, SourceSpec};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Does things to connections. Nothing here waits.
pub(super) struct SourceControl {
    provider: Arc<Provider>,
    config: Config,
    /// What the configuration, or the command line, named.
    sources: Vec<Source>,
    workers: Handle,
    /// The last time that another configuration came: the next one waits for it to be in force.
    reconfiguring: Option<JoinHandle<()>>,
}

impl SourceControl {
    pub fn new(provider: Arc<Provider>, config: Config, sources: Vec<Source>, workers: Handle) -> SourceControl {
        let sources = or_listening(sources, &config);
        SourceControl { provider, config, sources, workers, reconfiguring: None }
    }

    /// Goes over to another configuration and its sources; `done` is told what it came to. What the app shows of it is
    /// returned at once.
    pub fn reconfigure(
        &mut self,
        config: Config,
        sources: Vec<Source>,
        done: impl FnOnce(String) + Send + 'static,
    ) -> Event {
        let after = or_listening(sources, &config);
        let before = std::mem::replace(&mut self.sources, after.clone());
        let later = later(&self.config, &config);
        let settings = settings(&config);
        self.config = config;
        let provider = self.provider.clone();
        let earlier = self.reconfiguring.take();
        self.reconfiguring = Some(self.workers.spawn(async move {
            if let Some(earlier) = earlier {
                // One that failed is over too.
                let _ = earlier.await;
            }
            let changes = provider.reconfigure(&before, after, settings).await;
            done(changes.words() + &later);
        }));
        Event::Configured { known_sources: self.known_sources(), sender: self.sender() }
    }

    /// Sources that are configured, as they would be typed, without credentials.
    pub fn known_sources(&self) -> Vec<String> {
        self.config.sources.iter().map(|source| shown(&source.url)).collect()
    }

    /// What a sender's environment must have, so that what is configured takes what it sends.
    pub fn sender(&self) -> Vec<String> {
        sender::variables(&self.config.listen)
    }

    /// Does it; what there is to say about it.
    pub fn run(&self, command: SourceCommand) -> Option<Event> {
        let provider = &self.provider;
        let label = |id| provider.label(id);
        let (id, done, otherwise) = match command {
            SourceCommand::Connect { typed, instead_of } => return Some(self.connect(typed, instead_of)),
            SourceCommand::DisconnectAll => {
                provider.disconnect_all();
                return Some(Event::Notice(NoticeKind::Info, "every connection is ended; its rows stay".into()));
            }
            SourceCommand::Pause(id) => (id, provider.pause(id), "is not connected: there is nothing to pause"),
            SourceCommand::Resume(id) => (id, provider.resume(id), "is not paused"),
            SourceCommand::Retry(id) => (id, provider.retry(id), "was not retried: it waits for no attempt"),
            SourceCommand::Authenticate(id, secret) => {
                (id, provider.authenticate(id, Auth::typed(secret.expose())), "was not tried again")
            }
            SourceCommand::Disconnect(id) => (id, provider.disconnect(id), "is off already"),
        };
        // Where there is no room for another connection, the connection itself says so.
        let told = || provider.list().into_iter().find(|known| known.id == id).and_then(|known| known.error);
        match done || told().is_some_and(|error| error.contains("max_connections")) {
            true => None,
            false => Some(Event::Notice(NoticeKind::Info, format!("{} {otherwise}", label(id)))),
        }
    }

    fn connect(&self, typed: Secret, instead_of: Option<SourceId>) -> Event {
        match self.try_to_connect(typed.expose(), instead_of) {
            Ok(id) => Event::Connecting(id, self.provider.label(id)),
            Err(problem) => Event::NotConnected { typed, instead_of, problem },
        }
    }

    fn try_to_connect(&self, typed: &str, instead_of: Option<SourceId>) -> Result<SourceId, String> {
        let spec = SourceSpec::parse(typed).map_err(|error| error.to_string())?;
        let Some(before) = instead_of else {
            return match self.known(typed, &spec)? {
                Some(source) => self.provider.connect(source),
                None if typed.contains('…') => {
                    Err("`…` stands for a secret that is not shown; type it in its place".into())
                }
                None => self.provider.connect_to(spec, None),
            };
        };
        let id = self.provider.replace(before, spec)?;
        let provider = self.provider.clone();
        self.workers.spawn(async move { provider.succeed(before, id).await });
        Ok(id)
    }

    /// What was connected to before by this URL, or is configured: with its options and credentials.
    fn known(&self, typed: &str, spec: &SourceSpec) -> Result<Option<Source>, String> {
        if let Some(source) = self.provider.known(spec) {
            return Ok(Some(source));
        }
        let entry = self.config.sources.iter().find(|entry| entry.url == typed || shown(&entry.url) == typed);
        let Some(entry) = entry else { return Ok(None) };
        let spec = SourceSpec::parse(&entry.url).map_err(|error| error.to_string())?;
        let options = Options::of_source(entry, &self.config.provider, |name| std::env::var(name).ok())?;
        Ok(Some(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options }))
    }
}

/// What of another configuration waits for the next start.
fn later(before: &Config, after: &Config) -> String {
    let parts = [
        ("buffer", before.buffer != after.buffer),
        ("log", before.log != after.log),
        ("self_telemetry", before.self_telemetry != after.self_telemetry),
        ("ui.mouse", before.ui.mouse != after.ui.mouse),
    ];
    let parts: Vec<&str> = parts.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect();
    if parts.is_empty() { String::new() } else { format!("; {} takes effect at the next start", parts.join(", ")) }
}

/// What the intake counted, source by source.
pub(super) fn source_counts(intake: &Intake) -> Arc<[SourceCounts]> {
    let snapshot = intake.counts();
    let of = |(id, counts): &(SourceId, crate::intake::Counts)| SourceCounts {
        id: *id,
        received: counts.received,
        stored: counts.stored,
        filtered: counts.filtered,
        skipped: counts.skipped,
        duplicate: counts.duplicate,
        dropped: DropReason::ALL.into_iter().map(DropReason::word).zip(counts.dropped).collect(),
        rejected: counts.rejected,
        waiting: counts.waiting,
        refused: counts.refused,
        gaps: counts.gaps,
        bytes: counts.bytes,
        last_received: counts.last_received,
        newest: counts.newest,
    };
    snapshot.sources.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Limits;
    use crate::source::Settings;

    fn control(sources: &[Source]) -> SourceControl {
        let (intake, reader) = Intake::new(Limits::default());
        std::mem::forget(reader);
        let provider = Arc::new(Provider::new(Settings::default(), intake, Handle::current()));
        sources.iter().for_each(|source| _ = provider.connect(source.clone()).unwrap());
        SourceControl::new(provider, Config::default(), sources.to_vec(), Handle::current())
    }

    fn listener(name: &str) -> Source {
        let spec = SourceSpec::parse("listen://127.0.0.1:0").unwrap();
        let options = Options::of_all(&Config::default().provider);
        Source { spec, name: Some(name.into()), group: None, options }
    }

    #[tokio::test]
    async fn two_configurations_one_after_the_other_come_into_force_one_after_the_other() {
        let mut control = control(&[listener("a")]);
        let (told, mut words) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..2 {
            let told = told.clone();
            control.reconfigure(Config::default(), vec![listener("b")], move |words| _ = told.send(words));
        }
        assert_eq!(words.recv().await.unwrap(), "sources: 1 begun, 1 ended");
        assert_eq!(words.recv().await.unwrap(), "every source is as it was");
    }

    #[tokio::test]
    async fn what_is_shown_of_a_configuration_is_that_of_the_newest() {
        let mut control = control(&[listener("a")]);
        let source = toml::from_str("url = \"https://me:canary@h/x\"").unwrap();
        let mut config = Config { sources: vec![source], ..Config::default() };
        config.listen.cert = "/cert.pem".into();
        let event = control.reconfigure(config, vec![listener("a")], drop);
        let Event::Configured { known_sources, sender } = event else { panic!("{event:?}") };
        assert_eq!(known_sources, ["https://h/x"]);
        assert_eq!(sender, ["OTEL_EXPORTER_OTLP_CERTIFICATE=/cert.pem"]);
    }
}
