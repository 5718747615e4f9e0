//! Runs `otail tail` as a user does: arguments, output lines, signals, exit code.
//!
//! Every wait has a limit (`PATIENCE`), which turns a hang into a message and measures nothing. Dropping an `Otail` kills its
//! process by its id.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// The time limit of every wait.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running `otail tail`.
pub struct Otail {
    /// The process.
    pub child: Child,
    /// Standard output, line by line.
    pub out: Lines,
    /// Standard error, line by line.
    pub err: Lines,
    /// Standard input, if `-` is an argument.
    pub stdin: Option<ChildStdin>,
}

/// How a run ended.
pub struct Ended {
    /// The exit code; `None` if a signal killed it.
    pub code: Option<i32>,
    /// The lines of standard output.
    pub out: Vec<String>,
    /// The text of standard error.
    pub err: String,
}

impl Otail {
    /// Starts `otail tail` with these arguments. If `-` is one of them, the test writes its standard input to `stdin`; otherwise
    /// standard input is empty.
    pub fn tail(arguments: &[&str]) -> Otail {
        Otail::tail_with(arguments, &[])
    }

    /// The same with variables in its environment.
    pub fn tail_with(arguments: &[&str], variables: &[(&str, &str)]) -> Otail {
        let stdin = if arguments.contains(&"-") { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(env!("CARGO_BIN_EXE_otail"));
        command.arg("tail").args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ignore the settings of the user who runs the tests.
        command.env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR")).env("NO_PROXY", "*").env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("OTEL_") || name.starts_with("OTAIL_")) {
                command.env_remove(name);
            }
        }
        command.envs(variables.iter().copied());
        let mut child = command.spawn().expect("otail is built with the tests");
        let out = Lines::of(child.stdout.take().unwrap());
        let err = Lines::of(child.stderr.take().unwrap());
        let stdin = child.stdin.take();
        Otail { child, out, err, stdin }
    }

    /// Its addresses for OTLP over gRPC and over HTTP, from its standard error.
    pub fn addresses(&self) -> (SocketAddr, SocketAddr) {
        let line = self.err.wait("the addresses that it listens on", |lines| {
            lines.iter().find(|line| line.contains("listening for OTLP on")).cloned()
        });
        let of = |scheme: &str| {
            let rest = line.split_once(scheme).unwrap_or_else(|| panic!("no {scheme} in {line:?}")).1;
            rest.split_whitespace()
                .next()
                .and_then(|address| address.parse().ok())
                .unwrap_or_else(|| panic!("{line:?}"))
        };
        (of("grpc://"), of("http://"))
    }

    /// Waits for `count` lines of standard output, and returns all lines so far.
    pub fn wait_for(&self, count: usize) -> Vec<String> {
        self.out.wait(&format!("{count} lines"), |lines| (lines.len() >= count).then(|| lines.to_vec()))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).expect("it still runs");
    }

    /// Waits until it has ended by itself.
    pub fn end(mut self) -> Ended {
        self.stdin = None;
        let status = self.exit_status();
        Ended { code: status.code(), out: self.out.all(), err: self.err.all().join("\n") }
    }

    /// Stops it with a signal, as a service manager does, and waits for the end.
    pub fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.end()
    }

    fn exit_status(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "otail does not end; it said: {:?}", self.err.so_far());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Otail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines of `tail -o json` as JSON.
#[track_caller]
pub fn json(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Collects the lines of a pipe in the background.
#[derive(Clone)]
pub struct Lines(Arc<(Mutex<Collected>, Condvar)>);

#[derive(Default)]
struct Collected {
    lines: Vec<String>,
    closed: bool,
}

impl Lines {
    /// Starts collecting.
    pub fn of(pipe: impl Read + Send + 'static) -> Lines {
        let lines = Lines(Arc::default());
        let collecting = lines.clone();
        std::thread::spawn(move || {
            let (collected, changed) = &*collecting.0;
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                collected.lock().unwrap().lines.push(line);
                changed.notify_all();
            }
            collected.lock().unwrap().closed = true;
            changed.notify_all();
        });
        lines
    }

    /// Waits until `found` returns a value for the lines so far. Panics at the end of the pipe, or after `PATIENCE`.
    #[track_caller]
    pub fn wait<T>(&self, what: &str, mut found: impl FnMut(&[String]) -> Option<T>) -> T {
        let (collected, changed) = &*self.0;
        let begun = Instant::now();
        let mut collected = collected.lock().unwrap();
        loop {
            if let Some(found) = found(&collected.lines) {
                return found;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if collected.closed || left.is_zero() {
                let last = &collected.lines[collected.lines.len().saturating_sub(3)..];
                panic!("waiting for {what}: got {} lines, the last of them {last:#?}", collected.lines.len());
            }
            collected = changed.wait_timeout(collected, left).unwrap().0;
        }
    }

    /// The lines so far.
    pub fn so_far(&self) -> Vec<String> {
        self.0.0.lock().unwrap().lines.clone()
    }

    /// Waits for the end of the pipe and returns all lines.
    fn all(&self) -> Vec<String> {
        let (collected, changed) = &*self.0;
        let waiting = collected.lock().unwrap();
        changed.wait_timeout_while(waiting, PATIENCE, |collected| !collected.closed).unwrap().0.lines.clone()
    }
}
