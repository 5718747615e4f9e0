//! What every way of running has: worker threads, a queue, connections.

use crate::config::Config;
use crate::intake::{Intake, Limits, Reader};
use crate::model::Connection;
use crate::source::{Options, Provider, Settings, Source, SourceSpec};
use std::sync::Arc;
use std::time::Duration;

/// Who looks at what arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// A person at the screen, who sees that a program is not up yet, and starts it.
    Person,
    /// A script, which wants an answer at last.
    Script,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As it should.
    Done,
    /// What was to be done could not be.
    Failed,
    /// The last source wants credentials.
    Credentials,
    /// A signal, by number.
    Signal(u8),
}

/// Worker threads, the queue and the connections. Dropping it ends the connections.
pub struct Ingest {
    /// Connections.
    pub provider: Arc<Provider>,
    /// The sending side of the queue.
    pub intake: Intake,
    /// Where tasks run. Last, so that it goes last.
    pub workers: tokio::runtime::Runtime,
}

/// How long the tasks may take to say goodbye.
const FAREWELL: Duration = Duration::from_millis(500);

impl Ingest {
    /// Starts workers and connects to everything; without sources it listens where the settings say; a source that cannot be connected to now keeps trying by itself.
    ///
    /// # Errors
    ///
    /// In words: too many sources, or no threads to run on.
    pub fn start(config: &Config, sources: Vec<Source>, viewer: Viewer) -> Result<(Ingest, Reader), String> {
        let workers = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("worker")
            .enable_all()
            .build()
            .map_err(|error| format!("no threads to run on: {error}"))?;
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
            // Who takes longer is not waited for.
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

/// Without sources, listening where the settings say.
pub(super) fn or_listening(sources: Vec<Source>, config: &Config) -> Vec<Source> {
    if !sources.is_empty() {
        return sources;
    }
    let usual = SourceSpec::listen(&*config.listen.grpc, &*config.listen.http);
    let options = Options::of_all(&config.provider);
    vec![Source { spec: usual, name: None, group: None, options }]
}

/// Where an address is listened on, for people and scripts.
pub(super) fn listening(connection: &Connection) -> String {
    format!("listening for OTLP on {}", connection.url)
}
