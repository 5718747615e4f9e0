//! Headless mode: prints telemetry on standard output.

use super::ingest::{Ingest, Outcome, Viewer};
use super::run_totals;
use super::start::Start;
use super::status_log::{REJECTIONS_EVERY, StatusLog};
use crate::clock::now;
use crate::filter::Filter;
use crate::intake::Intake;
use crate::model::{Connection, ConnectionEvent, ConnectionState, Counts, DropReason, SourceId, visible};
use crate::present::number;
use crate::source::Provider;
use crate::tail::{Ending, Format, Options, Select, run};
use crate::terminal::{Signal, watch_signals};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// What to write, and for how long.
pub struct Tail {
    /// What a line looks like.
    pub format: Format,
    /// What passes.
    pub filter: Option<Filter>,
    /// The signals that pass; empty: all.
    pub signals: Vec<crate::model::Signal>,
    /// Number of items after which the run ends.
    pub limit: Option<u64>,
    /// Ends after so long.
    pub duration: Option<Duration>,
}

/// How long standard output may take nothing, once it is time to end, before what waits for it is given up.
const STUCK: Duration = Duration::from_secs(5);

/// How long connections may take to hand over what they have in hand, once the run is to end.
const HANDING_OVER: Duration = Duration::from_millis(1_500);

/// How long the last line of the log is given to be written.
const LOG_WRITTEN: Duration = Duration::from_millis(50);

/// How long the words of the last connection's end may take to come.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Connects, and writes what comes until the sources end, a limit is reached or a signal comes.
///
/// # Errors
///
/// In words, before anything is written.
pub fn tail(mut start: Start, wanted: Tail) -> Result<Outcome, String> {
    let status_log = StatusLog::default();
    let self_telemetry = start.self_telemetry.take();
    let (ingest, reader) = Ingest::start(&start.config, start.sources, Viewer::Script)?;
    let self_telemetry = self_telemetry.map(|own| own.start(&ingest, None, |trouble| say(&trouble)));
    let signalled = Arc::new(AtomicU8::new(0));
    let timed_out = Arc::new(AtomicBool::new(false));
    let progress = Arc::new(AtomicU64::new(0));
    {
        let (provider, intake, signalled) = (ingest.provider.clone(), ingest.intake.clone(), signalled.clone());
        let (workers, progress) = (ingest.workers.handle().clone(), progress.clone());
        let end = move |signal| {
            if let Signal::Quit(number) = signal {
                signalled.store(u8::try_from(number).unwrap_or(u8::MAX), Ordering::Relaxed);
                let (provider, intake, progress) = (provider.clone(), intake.clone(), progress.clone());
                workers.spawn(async move {
                    wind_up(&provider, &intake).await;
                    give_up(progress, intake, 128 + number).await;
                });
            }
            true
        };
        watch_signals(false, end).map_err(|error| format!("signals cannot be watched: {error}"))?;
    }
    if let Some(duration) = wanted.duration {
        let (provider, intake, timed_out) = (ingest.provider.clone(), ingest.intake.clone(), timed_out.clone());
        let progress = progress.clone();
        ingest.workers.spawn(async move {
            tokio::time::sleep(duration).await;
            timed_out.store(true, Ordering::Relaxed);
            wind_up(&provider, &intake).await;
            give_up(progress, intake, 1).await;
        });
    }
    let narrator = ingest.workers.spawn(narrate(ingest.provider.clone(), ingest.intake.clone(), status_log));
    let label = {
        let provider = ingest.provider.clone();
        Box::new(move |id| provider.label(id))
    };
    let fields = wanted.filter.as_ref().map(Filter::named_fields).unwrap_or_default();
    let select = wanted.filter.map(|filter| select(filter, ingest.provider.clone()));
    let Tail { format, signals, limit, .. } = wanted;
    let options = Options { format, select, signals, limit, label, fields, warn: Box::new(say) };
    let ending = run(reader, &options, &mut Watched { output: std::io::stdout().lock(), progress });
    narrator.abort();
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
            0 if timed_out.load(Ordering::Relaxed) => verdict_at_time(&ingest.provider),
            0 => verdict(&ingest.provider),
            number => Outcome::Signal(number),
        },
    };
    if let Some(summary) = summary(&ingest.intake.counts().total, &ingest.provider.list()) {
        say(&summary);
    }
    if let Some(running) = self_telemetry {
        running.finish(&ingest.workers);
    }
    let intake = ingest.intake.clone();
    ingest.stop();
    run_totals::log(&intake.counts().total, None);
    Ok(outcome)
}

/// Ends the connections, and takes nothing more once they have handed over what they had in hand.
async fn wind_up(provider: &Provider, intake: &Intake) {
    provider.disconnect_all();
    let mut changed = provider.changed();
    let all_over = async { while !provider.is_over() && changed.changed().await.is_ok() {} };
    // Who takes longer is not waited for.
    let _ = tokio::time::timeout(HANDING_OVER, all_over).await;
    intake.close();
}

/// A filter as the tail asks it; who sent a batch is looked up only if the filter wants to know.
fn select(filter: Filter, provider: Arc<Provider>) -> Select {
    Box::new(move |batch, source| filter.select(batch, provider.label(source).as_str()))
}

/// What the ends of all sources mean together.
fn verdict(provider: &Provider) -> Outcome {
    let failed = provider.list().iter().any(|connection| connection.state == ConnectionState::Error);
    match (provider.wants_credentials(), failed) {
        (true, _) => Outcome::Credentials,
        (_, true) => Outcome::Failed,
        _ => Outcome::Done,
    }
}

/// What it means that the time is up: all is well if any source was ever connected, whatever came from it.
fn verdict_at_time(provider: &Provider) -> Outcome {
    let connections = provider.list();
    if connections.iter().any(|connection| !connection.connected.is_unknown()) {
        return Outcome::Done;
    }
    for connection in &connections {
        let error = connection.error.as_deref().unwrap_or("no answer yet");
        say(&format!("{}: not connected when the time was up: {error}", connection.label));
    }
    if provider.wants_credentials() { Outcome::Credentials } else { Outcome::Failed }
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
async fn give_up(progress: Arc<AtomicU64>, intake: Intake, code: i32) {
    loop {
        let before = progress.load(Ordering::Relaxed);
        tokio::time::sleep(STUCK).await;
        if progress.load(Ordering::Relaxed) == before {
            let lost = intake.counts().total.waiting;
            say(&format!("nobody reads standard output; {lost} items that waited for it are given up"));
            run_totals::log(&intake.counts().total, None);
            // The log is written by a thread of its own, which this end does not wait for.
            tokio::time::sleep(LOG_WRITTEN).await;
            std::process::exit(code);
        }
    }
}

/// Tells on standard error what happens to connections, and closes the queue when the last one is over.
async fn narrate(provider: Arc<Provider>, intake: Intake, mut status_log: StatusLog) {
    let mut events = provider.events();
    let tell = |lines: Vec<String>| lines.iter().for_each(|line| say(line));
    let find = |id| provider.list().into_iter().find(|connection| connection.id == id);
    for connection in provider.list() {
        tell(status_log.begin(&connection, now()));
    }
    let mut ended = None;
    loop {
        if provider.is_over() {
            // The words of an end come right after it.
            let end = *ended.get_or_insert_with(|| Instant::now() + LAST_WORDS);
            let connections = provider.list();
            if status_log.is_complete(&connections) || Instant::now() >= end {
                connections.iter().for_each(|connection| tell(status_log.end(connection, now()).into_iter().collect()));
                return intake.close();
            }
        }
        let patience = if ended.is_some() { LAST_WORDS } else { REJECTIONS_EVERY };
        match tokio::time::timeout(patience, events.recv()).await {
            Ok(Ok(event)) => {
                if let Some(connection) = source(&event).and_then(find) {
                    tell(status_log.event(&event, &connection, now()).into_iter().collect());
                    tell(status_log.turned_away(&connection, now()).into_iter().collect());
                }
            }
            Ok(Err(RecvError::Lagged(_))) => {}
            Ok(Err(RecvError::Closed)) => return,
            Err(_) => {
                for connection in provider.list() {
                    tell(status_log.turned_away(&connection, now()).into_iter().collect());
                }
            }
        }
    }
}

/// The connection that an event is about.
fn source(event: &ConnectionEvent) -> Option<SourceId> {
    match event {
        ConnectionEvent::Connecting(id)
        | ConnectionEvent::Established(id)
        | ConnectionEvent::Error(id, _)
        | ConnectionEvent::Rejected(id, _)
        | ConnectionEvent::Paused(id)
        | ConnectionEvent::Resumed(id)
        | ConnectionEvent::Disconnected(id)
        | ConnectionEvent::DataReceived(id, _) => Some(*id),
        ConnectionEvent::SnapshotCreated(_) => None,
    }
}

/// What became of everything, where not all of it got through: so that what was written can be trusted to be the rest.
fn summary(counts: &Counts, connections: &[Connection]) -> Option<String> {
    let dropped = counts.dropped[DropReason::Overflow as usize];
    if counts.rejected + counts.refused + dropped + counts.inconsistent == 0 {
        return None;
    }
    let last = connections.iter().filter_map(|connection| connection.rejection.as_ref());
    let last = last.max_by_key(|rejection| rejection.at).map(|rejection| format!(" (last: {})", rejection.reason));
    let parts = [(counts.rejected, "rejected"), (counts.refused, "refused"), (dropped, "dropped")];
    let mut line = format!("{} received", number::count(counts.received));
    let mut last = last.as_deref();
    for (items, word) in parts.into_iter().filter(|(items, _)| *items > 0) {
        let why = if word == "dropped" { "" } else { last.take().unwrap_or_default() };
        line += &format!(", {} {word}{why}", number::count(items));
    }
    if counts.inconsistent > 0 {
        line += &format!(", {} inconsistent but kept", number::count(counts.inconsistent));
    }
    Some(line)
}

/// One line on standard error, harmless.
fn say(message: &str) {
    // Where nobody reads standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "otail: {}", visible(message));
}
