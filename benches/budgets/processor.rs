//! The processor time of each long-running mode, all threads together, as a share of one core.

use crate::body::Templates;
use crate::explorer::client;
use crate::program::{Explorer, Failure, processor_time};
use crate::table::{Limit, Spread, Table};
use std::fs::File;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The duration of each measurement.
const LOOKED_AT: Duration = Duration::from_secs(20);
/// The limit for a mode while about a thousand items a second arrive.
const SHARE: Limit = Limit::Most(3.0, "%");
/// Batches per second that carry a thousand spans, as from an exporter.
const BATCHES: u32 = 10;
const BATCH: usize = 100;

/// Measures the demo, a receiver, and `tail`, each in its steady state.
pub fn run(table: &mut Table) -> Result<(), Failure> {
    demo(table)?;
    thousand(table)?;
    tail(table)
}

fn demo(table: &mut Table) -> Result<(), Failure> {
    let mut explorer = Explorer::demo()?;
    explorer.settle(Duration::from_secs(5));
    for (what, key) in [("demo: processor time of a core", ""), ("demo, frozen: processor time of a core", " ")] {
        explorer.types(key)?;
        explorer.settle(Duration::from_secs(1));
        let share = share_of(&mut explorer)?;
        table.row(what, SHARE, Spread::exactly(share), &explorer.status());
    }
    explorer.quit()
}

/// Measures a receiver at a thousand spans a second.
fn thousand(table: &mut Table) -> Result<(), Failure> {
    let client = client()?;
    let (mut explorer, _) = Explorer::start()?;
    let stop = Arc::new(AtomicBool::new(false));
    let sending = client.spawn(send(explorer.http(), stop.clone()));
    explorer.settle(Duration::from_secs(6));
    let share = share_of(&mut explorer)?;
    let note = explorer.status();
    stop.store(true, Ordering::Relaxed);
    client.block_on(sending)??;
    table.row("explorer, 1 000 spans/s: processor time of a core", SHARE, Spread::exactly(share), &note);
    explorer.quit()
}

/// Measures `tail` with an unchanged file, and then with a growing one.
fn tail(table: &mut Table) -> Result<(), Failure> {
    let mut file = tempfile::NamedTempFile::new()?;
    let running = Running(
        Command::new(env!("CARGO_BIN_EXE_otail"))
            .args(["tail", "-o", "json"])
            .arg(file.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    std::thread::sleep(Duration::from_secs(1));
    let share = running.share(|_| Ok(()))?;
    table.row("tail, idle: processor time of a core", Limit::Most(0.5, "%"), Spread::exactly(share), "");
    let mut line = 0_u64;
    let share = running.share(|file_time| {
        // A thousand lines a second, in ten writes.
        while line < file_time.as_millis() as u64 {
            write_lines(file.as_file_mut(), line..line + 100)?;
            line += 100;
        }
        Ok(())
    })?;
    let note = format!("{line} lines");
    table.row("tail, 1 000 lines/s in a file: processor time of a core", SHARE, Spread::exactly(share), &note);
    Ok(())
}

fn write_lines(file: &mut File, numbers: std::ops::Range<u64>) -> std::io::Result<()> {
    let lines: String = numbers.map(|number| format!("{{\"level\":\"info\",\"number\":{number}}}\n")).collect();
    file.write_all(lines.as_bytes())
}

/// The share of one core in per cent, while its screen is read.
fn share_of(explorer: &mut Explorer) -> Result<f64, Failure> {
    let (before, begun) = (explorer.processor_time()?, Instant::now());
    explorer.settle(LOOKED_AT);
    let (after, took) = (explorer.processor_time()?, begun.elapsed());
    Ok(share(&before, &after, took))
}

type Threads = std::collections::BTreeMap<u32, Duration>;

fn share(before: &Threads, after: &Threads, took: Duration) -> f64 {
    let spent = after.iter().map(|(thread, time)| time.saturating_sub(before.get(thread).copied().unwrap_or_default()));
    spent.sum::<Duration>().as_secs_f64() / took.as_secs_f64() * 100.0
}

/// A program without a screen, killed on drop.
struct Running(Child);

impl Running {
    /// The share of one core in per cent. It calls `work` ten times a second with the elapsed time.
    fn share(&self, mut work: impl FnMut(Duration) -> std::io::Result<()>) -> Result<f64, Failure> {
        let (before, begun) = (processor_time(self.0.id())?, Instant::now());
        while begun.elapsed() < LOOKED_AT {
            work(begun.elapsed())?;
            std::thread::sleep(Duration::from_millis(100));
        }
        let (after, took) = (processor_time(self.0.id())?, begun.elapsed());
        Ok(share(&before, &after, took))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

async fn send(http: String, stop: Arc<AtomicBool>) -> Result<(), reqwest::Error> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let templates = Templates::new(BATCH, 11);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / BATCHES);
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        ticks.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let post = client.post(format!("{http}/v1/traces")).header("content-type", "application/x-protobuf");
        post.body(templates.fresh(number, now)).send().await?.error_for_status()?;
    }
    Ok(())
}
