//! Runs the app's commands on connections through the provider.

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

/// Connects, disconnects and reconfigures sources. No method blocks.
pub(super) struct SourceControl {
    provider: Arc<Provider>,
    config: Config,
    /// The sources of the configuration or of the command line.
    sources: Vec<Source>,
    workers: Handle,
    /// The task of the last reconfiguration. The next one waits for its end.
    reconfiguring: Option<JoinHandle<()>>,
}

impl SourceControl {
    pub fn new(provider: Arc<Provider>, config: Config, sources: Vec<Source>, workers: Handle) -> SourceControl {
        let sources = or_listening(sources, &config);
        SourceControl { provider, config, sources, workers, reconfiguring: None }
    }

    /// Applies another configuration and its sources. `done` gets a summary at the end; the returned event updates the app at
    /// once.
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
                // A failed task has ended too.
                let _ = earlier.await;
            }
            let changes = provider.reconfigure(&before, after, settings).await;
            done(changes.words() + &later);
        }));
        Event::Configured { known_sources: self.known_sources(), sender: self.sender() }
    }

    /// The configured sources as a user would type them, without credentials.
    pub fn known_sources(&self) -> Vec<String> {
        self.config.sources.iter().map(|source| shown(&source.url)).collect()
    }

    /// The environment variables that a sender needs for the configured receiver.
    pub fn sender(&self) -> Vec<String> {
        sdk_env::variables(&self.config.listen)
    }

    /// Runs a command. It returns a notice, or passes it to `tell` later, after files and the keyring have been read.
    pub fn run(&self, command: SourceCommand, tell: impl FnOnce(Event) + Send + 'static) -> Option<Event> {
        let provider = &self.provider;
        let label = |id| provider.label(id);
        let (id, done, otherwise) = match command {
            SourceCommand::Connect { typed, instead_of } => return self.connect(typed, instead_of, tell),
            SourceCommand::DisconnectAll => {
                provider.disconnect_all();
                return Some(Event::Notice(NoticeKind::Info, "all sources are disconnected; their rows stay".into()));
            }
            SourceCommand::ForgetAll => {
                let words = match provider.forget_all() {
                    0 => "no source has ended".to_owned(),
                    1 => "removed 1 source from the list; its rows stay".to_owned(),
                    count => format!("removed {count} sources from the list; their rows stay"),
                };
                return Some(Event::Notice(NoticeKind::Info, words));
            }
            SourceCommand::Forget(id) => {
                let result = match provider.forget(id) {
                    true => "is removed from the list; its rows stay",
                    false => "is connected; disconnect it first",
                };
                return Some(Event::Notice(NoticeKind::Info, format!("{} {result}", label(id))));
            }
            SourceCommand::Pause(id) => (id, provider.pause(id), "is not connected: there is nothing to pause"),
            SourceCommand::Resume(id) => (id, provider.resume(id), "is not paused"),
            SourceCommand::Retry(id) => (id, provider.retry(id), "is not waiting to retry"),
            SourceCommand::Authenticate(id, secret) => {
                (id, provider.authenticate(id, Auth::typed(secret.expose())), "does not need credentials now")
            }
            SourceCommand::Disconnect(id) => (id, provider.disconnect(id), "is disconnected already"),
        };
        // If max_connections is reached, the connection itself reports that.
        let last_error = || provider.list().into_iter().find(|known| known.id == id).and_then(|known| known.error);
        match done || last_error().is_some_and(|error| error.contains("max_connections")) {
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
        let event = move |typed, connected: Result<SourceId, String>| match connected {
            Ok(id) => Event::Connecting(id, provider.label(id)),
            Err(problem) => Event::NotConnected { typed, instead_of, problem },
        };
        let configured = match (instead_of, self.provider.known(&spec)) {
            (Some(before), _) => {
                let connected = self.replace(before, spec);
                return Some(event(typed, connected));
            }
            (None, Some(source)) => {
                let connected = match self.provider.is_open_to(&source.spec) {
                    Some(label) => Err(format!("it is already connected, as {label}; every item would count twice")),
                    None => self.provider.connect(source),
                };
                return Some(event(typed, connected));
            }
            (None, None) => self.configured(typed.expose()),
        };
        let Some(entry) = configured else {
            let connected = match typed.expose().contains('…') {
                true => Err("`…` stands for a hidden secret; type the secret instead".into()),
                false => self.provider.connect_to(spec, None),
            };
            return Some(event(typed, connected));
        };
        // Its files may be on a disk that does not respond, and the keyring may ask the user.
        let (provider, all) = (self.provider.clone(), self.config.provider.clone());
        self.workers.spawn_blocking(move || {
            let connected = source(&entry, &all).and_then(|source| provider.connect(source));
            tell(event(typed, connected));
        });
        None
    }

    fn replace(&self, before: SourceId, spec: SourceSpec) -> Result<SourceId, String> {
        let id = self.provider.replace(before, spec)?;
        let provider = self.provider.clone();
        self.workers.spawn(async move { provider.succeed(before, id).await });
        Ok(id)
    }

    /// The entry of the configuration with this URL.
    fn configured(&self, typed: &str) -> Option<config::Source> {
        self.config.sources.iter().find(|entry| entry.url == typed || shown(&entry.url) == typed).cloned()
    }
}

/// Reads the options and credentials of a configured source.
fn source(entry: &config::Source, all: &config::Provider) -> Result<Source, String> {
    let spec = SourceSpec::parse(&entry.url).map_err(|error| error.to_string())?;
    let options = Options::of_source(entry, all, |name| std::env::var(name).ok())?;
    Ok(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options })
}

/// The note about changed settings that need a restart.
fn later(before: &Config, after: &Config) -> String {
    let parts = [
        ("buffer", before.buffer != after.buffer),
        ("log", before.log != after.log),
        ("self_telemetry", before.self_telemetry != after.self_telemetry),
        ("ui.mouse", before.ui.mouse != after.ui.mouse),
    ];
    let parts: Vec<&str> = parts.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect();
    if parts.is_empty() { String::new() } else { format!("; restart otail to apply {}", parts.join(", ")) }
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
    async fn a_source_is_not_connected_twice() {
        let control = control(&[listener("a")]);
        let typed = || "listen://127.0.0.1:0".to_owned().into();
        let connect = || control.run(SourceCommand::Connect { typed: typed(), instead_of: None }, drop);
        let Some(Event::NotConnected { problem, .. }) = connect() else { panic!("it is counted twice") };
        assert_eq!(problem, "it is already connected, as a; every item would count twice");
        assert_eq!(control.provider.list().len(), 1);
    }

    #[tokio::test]
    async fn reconfigurations_are_applied_in_order() {
        let mut control = control(&[listener("a")]);
        let (sender, mut words) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..2 {
            let sender = sender.clone();
            control.reconfigure(Config::default(), vec![listener("b")], move |words| _ = sender.send(words));
        }
        assert_eq!(words.recv().await.unwrap(), "sources: 1 started, 1 ended");
        assert_eq!(words.recv().await.unwrap(), "no source has changed");
    }

    #[tokio::test]
    async fn the_newest_configuration_is_shown() {
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
    async fn hanging_files_of_a_source_do_not_block() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("token");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let entry = format!("url = \"http://127.0.0.1:9/x\"\nname = \"till\"\ntoken_file = {pipe:?}");
        let mut control = control(&[]);
        control.config.sources = vec![toml::from_str(&entry).unwrap()];
        let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
        let connect = SourceCommand::Connect { typed: "http://127.0.0.1:9/x".to_owned().into(), instead_of: None };
        // It returns, although nothing writes to the pipe.
        let now = control.run(connect, move |event| _ = sender.send(event));
        assert!(now.is_none() && control.provider.list().is_empty(), "{now:?}");
        let written = pipe.clone();
        tokio::task::spawn_blocking(move || std::fs::write(written, "token").unwrap());
        let Some(Event::Connecting(_, label)) = events.recv().await else { panic!("no event") };
        assert_eq!(label, "till");
        control.provider.disconnect_all();
        // The connection reads the pipe again. Open and remove it, so that no thread waits on it at the end.
        let writer = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
        std::fs::remove_dir_all(folder.path()).unwrap();
        drop(writer);
    }
}
