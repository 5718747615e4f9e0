//! Headless: what comes goes to standard output.

use super::plant::{Outcome, Plant, Start, listening};
use crate::filter::Filter;
use crate::model::{ConnectionEvent, SourceKind, visible};
use crate::source::Provider;
use crate::tail::{Ending, Format, Options, Select, run};
use crate::terminal::{Signal, watch_signals};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// What to write, and for how long.
pub struct Tail {
    /// What a line looks like.
    pub format: Format,
    /// What passes.
    pub filter: Option<Filter>,
    /// The signals that pass; empty: all.
    pub signals: Vec<crate::model::Signal>,
    /// Ends after so many items.
    pub limit: Option<u64>,
    /// Ends after so long.
    pub duration: Option<Duration>,
}

/// How long standard output may take nothing, once it is time to end, before what waits for it is given up.
const STUCK: Duration = Duration::from_secs(5);

/// Connects, and writes what comes until the sources end, a limit is reached or a signal comes.
///
/// # Errors
///
/// In words, before anything is written.
pub fn tail(start: Start, wanted: Tail) -> Result<Outcome, String> {
    let (plant, reader) = Plant::start(start)?;
    let signalled = Arc::new(AtomicU8::new(0));
    let timed_out = Arc::new(AtomicBool::new(false));
    let progress = Arc::new(AtomicU64::new(0));
    {
        let (provider, intake, signalled) = (plant.provider.clone(), plant.intake.clone(), signalled.clone());
        let (workers, progress) = (plant.workers.handle().clone(), progress.clone());
        let end = move |signal| {
            if let Signal::Quit(number) = signal {
                signalled.store(u8::try_from(number).unwrap_or(u8::MAX), Ordering::Relaxed);
                provider.disconnect_all();
                intake.close();
                workers.spawn(give_up(progress.clone(), intake.clone(), 128 + number));
            }
            true
        };
        watch_signals(false, end).map_err(|error| format!("signals cannot be watched: {error}"))?;
    }
    if let Some(duration) = wanted.duration {
        let (provider, intake, timed_out) = (plant.provider.clone(), plant.intake.clone(), timed_out.clone());
        let progress = progress.clone();
        plant.workers.spawn(async move {
            tokio::time::sleep(duration).await;
            timed_out.store(true, Ordering::Relaxed);
            provider.disconnect_all();
            intake.close();
            give_up(progress, intake, 1).await;
        });
    }
    plant.workers.spawn(narrate(plant.provider.clone(), plant.intake.clone()));
    let label = {
        let provider = plant.provider.clone();
        Box::new(move |id| provider.label(id))
    };
    let select = wanted.filter.map(|filter| select(filter, plant.provider.clone()));
    let Tail { format, signals, limit, .. } = wanted;
    let options = Options { format, select, signals, limit, label };
    let ending = run(reader, &options, &mut Watched { output: std::io::stdout().lock(), progress });
    let number = signalled.load(Ordering::Relaxed);
    let outcome = match ending {
        // Ctrl-C ends both sides of a pipe, and the other may be first.
        Ending::ReaderGone if number > 0 => Outcome::Signal(number),
        Ending::Limit | Ending::ReaderGone => Outcome::Done,
        Ending::Failed(error) => {
            say(&format!("standard output cannot be written: {error}"));
            Outcome::Failed
        }
        Ending::Closed => match number {
            0 if timed_out.load(Ordering::Relaxed) => Outcome::Done,
            0 => verdict(&plant.provider),
            number => Outcome::Signal(number),
        },
    };
    plant.stop();
    Ok(outcome)
}

/// A filter as the tail asks it; who sent a batch is looked up only if the filter wants to know.
fn select(filter: Filter, provider: Arc<Provider>) -> Select {
    Box::new(move |batch, source| filter.select(batch, provider.label(source).as_str()))
}

/// What the ends of all sources mean together.
fn verdict(provider: &Provider) -> Outcome {
    let failed = provider.list().iter().any(|connection| connection.state == crate::model::ConnectionState::Error);
    match (provider.wants_credentials(), failed) {
        (true, _) => Outcome::Credentials,
        (_, true) => Outcome::Failed,
        _ => Outcome::Done,
    }
}

/// Standard output, counting how often it took something.
struct Watched<W> {
    output: W,
    progress: Arc<AtomicU64>,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.progress.fetch_add(1, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.output.flush()
    }
}

/// Ends the program when standard output takes nothing more while it should be ending: whoever is at the other end of the
/// pipe does not read, and the thread that writes would wait for ever. One that reads slowly gets everything.
async fn give_up(progress: Arc<AtomicU64>, intake: crate::intake::Intake, code: i32) {
    loop {
        let before = progress.load(Ordering::Relaxed);
        tokio::time::sleep(STUCK).await;
        if progress.load(Ordering::Relaxed) == before {
            let lost = intake.counts().total.waiting;
            say(&format!("nobody reads standard output; {lost} items that waited for it are given up"));
            std::process::exit(code);
        }
    }
}

/// Tells on standard error what happens to connections, and closes the queue when the last one is over.
async fn narrate(provider: Arc<Provider>, intake: crate::intake::Intake) {
    let mut events = provider.events();
    let mut troubled: Vec<crate::model::SourceId> = Vec::new();
    let mut greeted = false;
    loop {
        if !std::mem::replace(&mut greeted, true) {
            // What happened before there was anybody to listen.
            for connection in provider.list() {
                if connection.kind == SourceKind::Listen && connection.state == crate::model::ConnectionState::Active {
                    say(&listening(&connection));
                }
                if let Some(error) = connection.error {
                    say(&format!("{}: {error}", connection.label));
                    troubled.push(connection.id);
                }
            }
        }
        if provider.is_over() {
            intake.close();
            return;
        }
        match events.recv().await {
            Ok(ConnectionEvent::Established(id)) => {
                let connection = provider.list().into_iter().find(|connection| connection.id == id);
                if let Some(connection) = connection {
                    if connection.kind == SourceKind::Listen {
                        say(&listening(&connection));
                    } else if troubled.contains(&id) {
                        say(&format!("{}: connected to {}", connection.label, connection.url));
                    }
                }
                troubled.retain(|troubled| *troubled != id);
            }
            Ok(ConnectionEvent::Error(id, message)) => {
                // An outage is told once, not at each attempt; its end is told above.
                let last = provider.list().into_iter().find(|connection| connection.id == id);
                let given_up = last.is_some_and(|last| last.state == crate::model::ConnectionState::Error);
                if !troubled.contains(&id) || given_up {
                    say(&format!("{}: {message}", provider.label(id)));
                    troubled.push(id);
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// One line on standard error, harmless.
fn say(message: &str) {
    // Where nobody reads standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "otail: {}", visible(message));
}
