//! Runs the program itself in a pseudo-terminal of 200 × 60: starts it, types, reads its screen, ends it.

use crate::load::Plan;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The reason why a measurement failed.
pub type Failure = Box<dyn std::error::Error>;

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
/// The time limit of every wait.
const DEADLINE: Duration = Duration::from_secs(60);

/// A running `otail` with a screen.
pub struct Explorer {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    _terminal: Box<dyn MasterPty + Send>,
    written: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    /// The URL of OTLP/HTTP; empty if it is not a receiver.
    http: String,
    grpc: String,
}

impl Explorer {
    /// Starts it as a receiver. Returns also the time to its first frame.
    pub fn start() -> Result<(Explorer, Duration), Failure> {
        Explorer::receiver(&[], &[])
    }

    /// Starts a receiver with further arguments and variables.
    pub fn receiver(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(Explorer, Duration), Failure> {
        let (http, grpc) = (free_port()?, free_port()?);
        let source = format!("listen://127.0.0.1?http={http}&grpc={grpc}");
        let (mut explorer, took) = Explorer::of(&source, arguments, variables)?;
        explorer.http = format!("http://127.0.0.1:{http}");
        explorer.grpc = format!("http://127.0.0.1:{grpc}");
        Ok((explorer, took))
    }

    /// Starts the demo.
    pub fn demo() -> Result<Explorer, Failure> {
        Explorer::launched(&["demo"], &[]).map(|(explorer, _)| explorer)
    }

    /// Starts it with this source.
    pub fn of(source: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<(Explorer, Duration), Failure> {
        Explorer::launched(&[arguments, &[source]].concat(), variables)
    }

    fn launched(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(Explorer, Duration), Failure> {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_otail"));
        command.env_clear();
        let terminal = [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("COLORTERM", "truecolor")];
        for (name, value) in terminal.iter().chain(variables) {
            command.env(name, value);
        }
        command.args(arguments);
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
            http: String::new(),
            grpc: String::new(),
        };
        let first = explorer.until("the first frame", |screen| screen.contents().contains("otail"))?;
        explorer.until("a connection", |screen| screen.contents().contains("live"))?;
        Ok((explorer, first - began))
    }

    /// Reads its output until the screen is as wanted. Returns the time of the last output.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> Result<Instant, Failure> {
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

    /// Reads its output for this time, and returns the number of bytes.
    pub fn settle(&mut self, time: Duration) -> usize {
        let (end, mut written) = (Instant::now() + time, 0);
        while let Ok((_, bytes)) = self.written.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.parser.process(&bytes);
            written += bytes.len();
        }
        written
    }

    /// Opens and closes the help. Returns the milliseconds from the key to the bytes that show it.
    pub fn answer_to_a_key(&mut self) -> Result<f64, Failure> {
        let is_shown =
            |screen: &vt100::Screen| screen.contents().contains("── help ──") || screen.contents().contains("─ help ─");
        let pressed = Instant::now();
        self.keyboard.write_all(b"?")?;
        let shown = self.until("the help", is_shown)?;
        self.keyboard.write_all(b"?")?;
        self.until("the end of the help", |screen| !is_shown(screen))?;
        // A random pause, so that keys do not coincide with frames.
        self.settle(Duration::from_micros(fastrand::u64(5_000..45_000)));
        Ok((shown - pressed).as_secs_f64() * 1e3)
    }

    /// Presses keys.
    pub fn types(&mut self, keys: &str) -> Result<(), Failure> {
        Ok(self.keyboard.write_all(keys.as_bytes())?)
    }

    /// Its URL of OTLP over HTTP.
    pub fn http(&self) -> String {
        self.http.clone()
    }

    /// A load of this many spans over HTTP and gRPC, two connections each.
    pub fn plan(&self, spans: u64) -> Plan {
        let (http, grpc) = (Some(self.http.clone()), Some(self.grpc.clone()));
        Plan { http, grpc, spans, batch: 512, connections: 2, lasts: Duration::from_secs(600), retry: true }
    }

    /// The status line without the keys.
    pub fn status(&self) -> String {
        let line = self.parser.screen().rows(0, COLUMNS).last().unwrap_or_default();
        line.trim().split("      ").next().unwrap_or_default().to_owned()
    }

    /// The processor time of each of its threads, by thread id.
    pub fn processor_time(&self) -> Result<BTreeMap<u32, Duration>, Failure> {
        processor_time(self.child.process_id().ok_or("it has ended")?)
    }

    /// The number of its open files, including sockets.
    pub fn descriptors(&self) -> Result<u64, Failure> {
        let pid = self.child.process_id().ok_or("it has ended")?;
        Ok(std::fs::read_dir(format!("/proc/{pid}/fd"))?.count() as u64)
    }

    /// The number of its threads.
    pub fn threads(&self) -> Result<u64, Failure> {
        Ok(self.processor_time()?.len() as u64)
    }

    /// Resident memory, in 10⁶ bytes.
    pub fn resident(&self) -> Result<f64, Failure> {
        let pid = self.child.process_id().ok_or("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1_024.0 / 1e6)
    }

    /// Ends it as a user does.
    pub fn quit(mut self) -> Result<(), Failure> {
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

/// The processor time of each thread of a process, by thread id, with a resolution of nanoseconds.
pub fn processor_time(pid: u32) -> Result<BTreeMap<u32, Duration>, Failure> {
    let mut threads = BTreeMap::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let entry = entry?;
        // Skip a thread that has ended meanwhile.
        let Ok(text) = std::fs::read_to_string(entry.path().join("schedstat")) else { continue };
        let nanos = text.split(' ').next().ok_or("no schedstat")?.parse()?;
        threads.insert(entry.file_name().to_string_lossy().parse()?, Duration::from_nanos(nanos));
    }
    Ok(threads)
}

fn free_port() -> std::io::Result<u16> {
    TcpListener::bind("127.0.0.1:0")?.local_addr().map(|address| address.port())
}
