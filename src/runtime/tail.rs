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

/// The settings of a headless run.
pub struct Tail {
    /// The output format.
    pub format: Format,
    /// Only items that match are written.
    pub filter: Option<Filter>,
    /// Only these signals are written; empty: all.
    pub signals: Vec<crate::model::Signal>,
    /// Number of items after which the run ends.
    pub limit: Option<u64>,
    /// The time after which the run ends.
    pub duration: Option<Duration>,
}

/// At the end of a run: how long standard output may block before otail discards the waiting items.
const STUCK: Duration = Duration::from_secs(5);

/// At the end of a run: the time that connections have to hand over their received items.
const HANDING_OVER: Duration = Duration::from_millis(1_500);

/// The time for writing the last line of the log.
const LOG_WRITTEN: Duration = Duration::from_millis(50);

/// How long to wait for the last message about the end of a connection.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Connects, and writes items until the sources end, a limit is reached or a signal arrives.
///
/// # Errors
///
/// A message, before the first output.
pub fn tail(mut start: Start, wanted: Tail) -> Result<Outcome, String> {
    let status_log = StatusLog::default();
    let self_telemetry = start.self_telemetry.take();
    let (ingest, reader) = Ingest::start(&start.config, start.sources, Viewer::Script)?;
    let self_telemetry = self_telemetry.map(|own| own.start(&ingest, None, |trouble| warn(&trouble)));
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
    let options = Options { format, select, signals, limit, label, fields, warn: Box::new(warn) };
    let ending = run(reader, &options, &mut Watched { output: std::io::stdout().lock(), progress });
    narrator.abort();
    let number = signalled.load(Ordering::Relaxed);
    let outcome = match ending {
        // Ctrl-C ends both sides of a pipe, and the reader may end first.
        Ending::ReaderGone if number > 0 => Outcome::Signal(number),
        Ending::Limit | Ending::ReaderGone => Outcome::Done,
        Ending::Failed(error) => {
            warn(&format!("cannot write to standard output: {error}"));
            Outcome::Failed
        }
        Ending::Closed => match number {
            0 if timed_out.load(Ordering::Relaxed) => verdict_at_time(&ingest.provider),
            0 => verdict(&ingest.provider),
            number => Outcome::Signal(number),
        },
    };
    if let Some(summary) = summary(&ingest.intake.counts().total, &ingest.provider.list()) {
        warn(&summary);
    }
    if let Some(running) = self_telemetry {
        running.finish(&ingest.workers);
    }
    let intake = ingest.intake.clone();
    ingest.stop();
    run_totals::log(&intake.counts().total, None);
    Ok(outcome)
}

/// Ends the connections, lets them hand over their received items, and closes the queue.
async fn wind_up(provider: &Provider, intake: &Intake) {
    provider.disconnect_all();
    let mut changed = provider.changed();
    let all_over = async { while !provider.is_over() && changed.changed().await.is_ok() {} };
    // Connections that take longer are abandoned.
    let _ = tokio::time::timeout(HANDING_OVER, all_over).await;
    intake.close();
}

/// The filter for the tail. It looks up the name of the source only if the filter needs it.
fn select(filter: Filter, provider: Arc<Provider>) -> Select {
    Box::new(move |batch, source| filter.select(batch, provider.label(source).as_str()))
}

/// The outcome, from the ends of all sources.
fn verdict(provider: &Provider) -> Outcome {
    let failed = provider.list().iter().any(|connection| connection.state == ConnectionState::Error);
    match (provider.wants_credentials(), failed) {
        (true, _) => Outcome::Credentials,
        (_, true) => Outcome::Failed,
        _ => Outcome::Done,
    }
}

/// The outcome when `--for` ends the run: success if any source was connected, even if it sent nothing.
fn verdict_at_time(provider: &Provider) -> Outcome {
    let connections = provider.list();
    if connections.iter().any(|connection| !connection.connected.is_unknown()) {
        return Outcome::Done;
    }
    for connection in &connections {
        let error = connection.error.as_deref().unwrap_or("no answer yet");
        warn(&format!("{}: not connected when the time was up: {error}", connection.label));
    }
    if provider.wants_credentials() { Outcome::Credentials } else { Outcome::Failed }
}

/// Standard output with a count of its successful writes.
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

/// Ends the program if standard output blocks at the end of a run: the reader of the pipe has stopped, and the writing thread
/// would wait for ever. A slow reader gets everything.
async fn give_up(progress: Arc<AtomicU64>, intake: Intake, code: i32) {
    loop {
        let before = progress.load(Ordering::Relaxed);
        tokio::time::sleep(STUCK).await;
        if progress.load(Ordering::Relaxed) == before {
            let lost = intake.counts().total.waiting;
            warn(&format!("stdout is blocked; {lost} items were discarded"));
            run_totals::log(&intake.counts().total, None);
            // Another thread writes the log, and `exit` does not wait for it.
            tokio::time::sleep(LOG_WRITTEN).await;
            std::process::exit(code);
        }
    }
}

/// Reports on standard error about connections, and closes the queue when the last one has ended.
async fn narrate(provider: Arc<Provider>, intake: Intake, mut status_log: StatusLog) {
    let mut events = provider.events();
    let warn_all = |lines: Vec<String>| lines.iter().for_each(|line| warn(line));
    let find = |id| provider.list().into_iter().find(|connection| connection.id == id);
    for connection in provider.list() {
        warn_all(status_log.begin(&connection, now()));
    }
    let mut ended = None;
    loop {
        if provider.is_over() {
            // The message about an end comes shortly after it.
            let end = *ended.get_or_insert_with(|| Instant::now() + LAST_WORDS);
            let connections = provider.list();
            if status_log.is_complete(&connections) || Instant::now() >= end {
                connections
                    .iter()
                    .for_each(|connection| warn_all(status_log.end(connection, now()).into_iter().collect()));
                return intake.close();
            }
        }
        let patience = if ended.is_some() { LAST_WORDS } else { REJECTIONS_EVERY };
        match tokio::time::timeout(patience, events.recv()).await {
            Ok(Ok(event)) => {
                if let Some(connection) = source(&event).and_then(find) {
                    warn_all(status_log.event(&event, &connection, now()).into_iter().collect());
                    warn_all(status_log.turned_away(&connection, now()).into_iter().collect());
                }
            }
            Ok(Err(RecvError::Lagged(_))) => {}
            Ok(Err(RecvError::Closed)) => return,
            Err(_) => {
                for connection in provider.list() {
                    warn_all(status_log.turned_away(&connection, now()).into_iter().collect());
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

/// The final counts, if items were lost or are inconsistent. Without this line, the output is complete.
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

/// Writes one line to standard error, with control characters escaped.
fn warn(message: &str) {
    // A closed standard error is not a failure.
    let _ = writeln!(std::io::stderr(), "otail: {}", visible(message));
}
