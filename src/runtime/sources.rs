//! What the app wants done to connections, done by the provider.

use super::ingest::{Viewer, or_listening, settings};
use super::sdk_env;
use crate::app::{Event, NoticeKind, SourceCommand};
use crate::config::{self, Config, Secret};
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
        let settings = settings(&config, Viewer::Person);
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
        sdk_env::variables(&self.config.listen)
    }

    /// Does it; what there is to say about it, now or, by `tell`, once files and the keyring have been read.
    pub fn run(&self, command: SourceCommand, tell: impl FnOnce(Event) + Send + 'static) -> Option<Event> {
        let provider = &self.provider;
        let label = |id| provider.label(id);
        let (id, done, otherwise) = match command {
            SourceCommand::Connect { typed, instead_of } => return self.connect(typed, instead_of, tell),
            SourceCommand::DisconnectAll => {
                provider.disconnect_all();
                return Some(Event::Notice(NoticeKind::Info, "every connection is ended; its rows stay".into()));
            }
            SourceCommand::ForgetAll => {
                let words = match provider.forget_all() {
                    0 => "no source is over".to_owned(),
                    1 => "1 source is off the list; its rows stay".to_owned(),
                    count => format!("{count} sources are off the list; their rows stay"),
                };
                return Some(Event::Notice(NoticeKind::Info, words));
            }
            SourceCommand::Forget(id) => {
                let said = match provider.forget(id) {
                    true => "is off the list; its rows stay",
                    false => "is connected; disconnect it first",
                };
                return Some(Event::Notice(NoticeKind::Info, format!("{} {said}", label(id))));
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

    fn connect(
        &self,
        typed: Secret,
        instead_of: Option<SourceId>,
        tell: impl FnOnce(Event) + Send + 'static,
    ) -> Option<Event> {
        let spec = match SourceSpec::parse(typed.expose()) {
            Ok(spec) => spec,
            Err(error) => return Some(Event::NotConnected { typed, instead_of, problem: error.to_string() }),
        };
        let provider = self.provider.clone();
        let told = move |typed, connected: Result<SourceId, String>| match connected {
            Ok(id) => Event::Connecting(id, provider.label(id)),
            Err(problem) => Event::NotConnected { typed, instead_of, problem },
        };
        let configured = match (instead_of, self.provider.known(&spec)) {
            (Some(before), _) => {
                let connected = self.replace(before, spec);
                return Some(told(typed, connected));
            }
            (None, Some(source)) => {
                let connected = match self.provider.is_open_to(&source.spec) {
                    Some(label) => Err(format!("it is connected, as {label}: everything would be counted twice")),
                    None => self.provider.connect(source),
                };
                return Some(told(typed, connected));
            }
            (None, None) => self.configured(typed.expose()),
        };
        let Some(entry) = configured else {
            let connected = match typed.expose().contains('…') {
                true => Err("`…` hides a secret; type the secret in its place".into()),
                false => self.provider.connect_to(spec, None),
            };
            return Some(told(typed, connected));
        };
        // Its files may lie on a disk that does not answer, and the keyring may ask the user something.
        let (provider, all) = (self.provider.clone(), self.config.provider.clone());
        self.workers.spawn_blocking(move || {
            let connected = source(&entry, &all).and_then(|source| provider.connect(source));
            tell(told(typed, connected));
        });
        None
    }

    fn replace(&self, before: SourceId, spec: SourceSpec) -> Result<SourceId, String> {
        let id = self.provider.replace(before, spec)?;
        let provider = self.provider.clone();
        self.workers.spawn(async move { provider.succeed(before, id).await });
        Ok(id)
    }

    /// What the configuration says of this URL.
    fn configured(&self, typed: &str) -> Option<config::Source> {
        self.config.sources.iter().find(|entry| entry.url == typed || shown(&entry.url) == typed).cloned()
    }
}

/// A source with the options and credentials that are configured for it, which are read here.
fn source(entry: &config::Source, all: &config::Provider) -> Result<Source, String> {
    let spec = SourceSpec::parse(&entry.url).map_err(|error| error.to_string())?;
    let options = Options::of_source(entry, all, |name| std::env::var(name).ok())?;
    Ok(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Intake, Limits};
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
    async fn what_is_connected_already_is_not_connected_to_a_second_time() {
        let control = control(&[listener("a")]);
        let typed = || "listen://127.0.0.1:0".to_owned().into();
        let connect = || control.run(SourceCommand::Connect { typed: typed(), instead_of: None }, drop);
        let Some(Event::NotConnected { problem, .. }) = connect() else { panic!("it is counted twice") };
        assert_eq!(problem, "it is connected, as a: everything would be counted twice");
        assert_eq!(control.provider.list().len(), 1);
    }

    #[tokio::test]
    async fn two_configurations_one_after_the_other_come_into_force_one_after_the_other() {
        let mut control = control(&[listener("a")]);
        let (told, mut words) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..2 {
            let told = told.clone();
            control.reconfigure(Config::default(), vec![listener("b")], move |words| _ = told.send(words));
        }
        assert_eq!(words.recv().await.unwrap(), "sources: 1 started, 1 ended");
        assert_eq!(words.recv().await.unwrap(), "no source has changed");
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

    #[tokio::test]
    async fn files_of_a_configured_source_that_hang_are_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("token");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let entry = format!("url = \"http://127.0.0.1:9/x\"\nname = \"till\"\ntoken_file = {pipe:?}");
        let mut control = control(&[]);
        control.config.sources = vec![toml::from_str(&entry).unwrap()];
        let (told, mut events) = tokio::sync::mpsc::unbounded_channel();
        let connect = SourceCommand::Connect { typed: "http://127.0.0.1:9/x".to_owned().into(), instead_of: None };
        // Nobody writes to the pipe, and it returns.
        let now = control.run(connect, move |event| _ = told.send(event));
        assert!(now.is_none() && control.provider.list().is_empty(), "{now:?}");
        let written = pipe.clone();
        tokio::task::spawn_blocking(move || std::fs::write(written, "token").unwrap());
        let Some(Event::Connecting(_, label)) = events.recv().await else { panic!("nothing is told") };
        assert_eq!(label, "till");
        control.provider.disconnect_all();
        // The connection reads it again: whoever waits at the pipe is let go, and nobody comes to it any more.
        let writer = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
        std::fs::remove_dir_all(folder.path()).unwrap();
        drop(writer);
    }
}
