//! The program itself in a pseudo-terminal of 200 × 60: how soon it is there, how soon a key is answered, what it weighs.

use crate::body::Templates;
use crate::load::{Plan, Report, load};
use crate::table::{Limit, Spread, Table};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Failure = Box<dyn std::error::Error>;

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
/// How long anything may take before the bench gives up.
const DEADLINE: Duration = Duration::from_secs(60);
const STARTS: usize = 15;
const KEYS: usize = 200;
const MILLION: u64 = 1_000_000;

/// Start, keys, and a million spans.
pub fn run(table: &mut Table) -> Result<(), Failure> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let (explorer, took) = Explorer::start()?;
        starts.push(took.as_secs_f64() * 1e3);
        explorer.quit()?;
    }
    table.row("start → first frame", Limit::Most(50.0, "ms"), Spread::of(starts), "by the clock");

    let client = client()?;
    let (mut explorer, _) = Explorer::start()?;
    let (stop, url) = (Arc::new(AtomicBool::new(false)), explorer.http.clone());
    let trickle = client.spawn(trickle(url, stop.clone()));
    explorer.until("spans", |screen| screen.contents().contains("spans "))?;
    let mut keys = Vec::new();
    for _ in 0..KEYS {
        keys.push(explorer.answer_to_a_key()?);
    }
    stop.store(true, Ordering::Relaxed);
    client.block_on(trickle)??;
    explorer.quit()?;
    key_rows(table, "key → bytes, while 10 000 spans/s arrive", keys);

    let (mut explorer, _) = Explorer::start()?;
    explorer.settle(Duration::from_secs(1));
    let before = explorer.resident()?;
    let report = client.block_on(client.spawn(load(explorer.plan(MILLION))))?;
    explorer.settle(Duration::from_secs(5));
    let over = explorer.resident()? - before;
    let note = format!("{before:.0} MB at the start; on the screen: {}", explorer.status());
    table.row("1 M spans, 5 s after the load: over the start", Limit::Most(220.0, "MB"), Spread::exactly(over), &note);
    told(&report)?;
    explorer.quit()
}

/// Ten million spans at full speed over both doors, in the default buffer, and a user who goes on typing.
pub fn soak(table: &mut Table) -> Result<(), Failure> {
    let client = client()?;
    let (mut explorer, _) = Explorer::start()?;
    explorer.settle(Duration::from_secs(1));
    let before = explorer.resident()?;
    for millions in [1, 9] {
        let loading = client.spawn(load(explorer.plan(millions * MILLION)));
        let mut keys = Vec::new();
        while !loading.is_finished() {
            keys.push(explorer.answer_to_a_key()?);
        }
        let report = client.block_on(loading)?;
        let (sent, rate) = told(&report)?;
        explorer.settle(Duration::from_secs(5));
        table.remark(
            &format!("{sent} spans more, over HTTP and gRPC at once"),
            &format!("{:.0} k spans/s accepted", rate / 1e3),
        );
        table.remark("  resident memory over the start", &format!("{:.0} MB", explorer.resident()? - before));
        table.remark("  on the screen", &explorer.status());
        key_rows(table, "  key → bytes meanwhile", keys);
    }
    explorer.quit()
}

fn key_rows(table: &mut Table, what: &str, mut keys: Vec<f64>) {
    keys.sort_by(f64::total_cmp);
    let at = |part: usize| keys.get(keys.len() * part / 100).copied().unwrap_or(f64::NAN);
    let p99 = at(99);
    let note = format!("{} keys, by the clock", keys.len());
    table.row(&format!("{what}: p50"), Limit::Most(5.0, "ms"), Spread::of(keys), &note);
    table.row(&format!("{what}: p99"), Limit::Most(16.0, "ms"), Spread::exactly(p99), "");
}

/// How many spans were accepted, and how many a second.
fn told(report: &Report) -> Result<(u64, f64), Failure> {
    let accepted = report.http.accepted + report.grpc.accepted;
    match &report.failure {
        Some(failure) => Err(failure.clone().into()),
        None => Ok((accepted, accepted as f64 / report.took.as_secs_f64())),
    }
}

/// One thread, so that the program has the other core.
fn client() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// 10 000 spans a second, a hundred at a time.
async fn trickle(http: String, stop: Arc<AtomicBool>) -> Result<(), reqwest::Error> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let templates = Templates::new(100, 11);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
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

/// `otail` with a screen.
struct Explorer {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    _terminal: Box<dyn MasterPty + Send>,
    written: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    http: String,
    grpc: String,
}

impl Explorer {
    /// Starts it, and says how long it took to its first frame.
    fn start() -> Result<(Explorer, Duration), Failure> {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let (http, grpc) = (free_port()?, free_port()?);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_otail"));
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("COLORTERM", "truecolor")] {
            command.env(name, value);
        }
        command.arg(format!("listen://127.0.0.1?http={http}&grpc={grpc}"));
        let mut reader = pair.master.try_clone_reader()?;
        let (writes, written) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 64 << 10];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if writes.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let (rows, columns) = (NonZeroU16::new(ROWS).ok_or("rows")?, NonZeroU16::new(COLUMNS).ok_or("columns")?);
        let began = Instant::now();
        let mut explorer = Explorer {
            child: pair.slave.spawn_command(command)?,
            keyboard: pair.master.take_writer()?,
            _terminal: pair.master,
            written,
            parser: vt100::Parser::new(rows, columns, 0),
            http: format!("http://127.0.0.1:{http}"),
            grpc: format!("http://127.0.0.1:{grpc}"),
        };
        let first = explorer.until("the first frame", |screen| screen.contents().contains("otail"))?;
        explorer.until("the receiver", |screen| screen.contents().contains("live"))?;
        Ok((explorer, first - began))
    }

    /// Takes in what it writes until the screen is so; when the last of that was written.
    fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> Result<Instant, Failure> {
        let mut last = Instant::now();
        let deadline = last + DEADLINE;
        while !wanted(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((at, bytes)) = self.written.recv_timeout(left) else {
                return Err(format!("{what} was not seen; the screen:\n{}", self.parser.screen().contents()).into());
            };
            self.parser.process(&bytes);
            last = at;
        }
        Ok(last)
    }

    /// Lets time pass, and takes in what it writes meanwhile.
    fn settle(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok((_, bytes)) = self.written.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.parser.process(&bytes);
        }
    }

    /// Opens the help and closes it again; milliseconds from the key to the bytes that show it.
    fn answer_to_a_key(&mut self) -> Result<f64, Failure> {
        let is_shown =
            |screen: &vt100::Screen| screen.contents().contains("── help ──") || screen.contents().contains("─ help ─");
        let pressed = Instant::now();
        self.keyboard.write_all(b"?")?;
        let shown = self.until("the help", is_shown)?;
        self.keyboard.write_all(b"?")?;
        self.until("the end of the help", |screen| !is_shown(screen))?;
        // Not in step with the frames.
        self.settle(Duration::from_micros(fastrand::u64(5_000..45_000)));
        Ok((shown - pressed).as_secs_f64() * 1e3)
    }

    fn plan(&self, spans: u64) -> Plan {
        let (http, grpc) = (Some(self.http.clone()), Some(self.grpc.clone()));
        Plan { http, grpc, spans, batch: 512, connections: 2, lasts: Duration::from_secs(600), retry: true }
    }

    /// What the status line says, but for the keys.
    fn status(&self) -> String {
        let line = self.parser.screen().rows(0, COLUMNS).last().unwrap_or_default();
        line.trim().split("      ").next().unwrap_or_default().to_owned()
    }

    /// Resident memory, in 10⁶ bytes.
    fn resident(&self) -> Result<f64, Failure> {
        let pid = self.child.process_id().ok_or("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1_024.0 / 1e6)
    }

    fn quit(mut self) -> Result<(), Failure> {
        self.keyboard.write_all(b"q")?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("otail ended with {status}").into()) }
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    TcpListener::bind("127.0.0.1:0")?.local_addr().map(|address| address.port())
}
