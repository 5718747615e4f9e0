//! The parts that both modes share: worker threads, the queue and the connections.

use crate::config::Config;
use crate::intake::{Intake, Limits, Reader};
use crate::model::Connection;
use crate::source::{Options, Provider, Settings, Source, SourceSpec};
use std::sync::Arc;
use std::time::Duration;

/// Who reads the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// A person at the screen. otail waits without limit for a local program that is not up yet.
    Person,
    /// A script, which needs a result in the end.
    Script,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Successful.
    Done,
    /// The run failed.
    Failed,
    /// A source needs credentials.
    Credentials,
    /// A signal with this number ended the run.
    Signal(u8),
}

/// Worker threads, the queue and the connections. Dropping it ends the connections.
pub struct Ingest {
    /// The connections.
    pub provider: Arc<Provider>,
    /// The sending side of the queue.
    pub intake: Intake,
    /// The threads that run the tasks. It stands last, so that it is dropped last.
    pub workers: tokio::runtime::Runtime,
}

/// The time that the tasks have to end.
const FAREWELL: Duration = Duration::from_millis(500);

impl Ingest {
    /// Starts the worker threads and connects to the sources; without sources it listens on the configured addresses. A source
    /// that cannot be reached yet retries by itself.
    ///
    /// # Errors
    ///
    /// A message: too many sources, or the system gives no threads.
    pub fn start(config: &Config, sources: Vec<Source>, viewer: Viewer) -> Result<(Ingest, Reader), String> {
        let workers = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("worker")
            .enable_all()
            .build()
            .map_err(|error| format!("threads cannot be started: {error}"))?;
        let (intake, reader) = Intake::new(Limits::default());
        let provider = Provider::new(settings(config, viewer), intake.clone(), workers.handle().clone());
        let provider = Arc::new(provider);
        let connected = provider.connect_all(or_listening(sources, config));
        connected.into_iter().collect::<Result<Vec<_>, String>>()?;
        Ok((Ingest { provider, intake, workers }, reader))
    }

    /// Ends every connection and waits a moment for the tasks.
    pub fn stop(self) {
        self.provider.disconnect_all();
        let provider = &self.provider;
        self.workers.block_on(async {
            let mut changed = provider.changed();
            let all_over = async { while !provider.is_over() && changed.changed().await.is_ok() {} };
            // Tasks that take longer are abandoned.
            let _ = tokio::time::timeout(FAREWELL, all_over).await;
        });
        self.workers.shutdown_background();
    }
}

/// Settings that apply to every connection.
pub(super) fn settings(config: &Config, viewer: Viewer) -> Settings {
    Settings {
        provider: config.provider.clone(),
        listen: Arc::new(config.listen.clone()),
        awaits_local: viewer == Viewer::Person,
    }
}

/// The sources, or, if there are none, a receiver on the configured addresses.
pub(super) fn or_listening(sources: Vec<Source>, config: &Config) -> Vec<Source> {
    if !sources.is_empty() {
        return sources;
    }
    let usual = SourceSpec::listen(&*config.listen.grpc, &*config.listen.http);
    let options = Options::of_all(&config.provider);
    vec![Source { spec: usual, name: None, group: None, options }]
}

/// The message that a receiver listens.
pub(super) fn listening(connection: &Connection) -> String {
    format!("listening for OTLP on {}", connection.url)
}
