//! Signals as events: quit, suspend (SIGTSTP from outside) and continue.
//!
//! Every signal that would kill the program, and that it can handle, ends it in order instead, so that the terminal is
//! restored. Four kinds cannot be handled here: SIGKILL; the faults SIGSEGV, SIGILL and SIGFPE, after which no ordinary code
//! may run; SIGABRT from the process itself; and the real-time signals that the C library reserves for its threads.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGBUS, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP,
    SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::Signals;

use super::guard;

/// The request of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End in order: SIGINT, SIGTERM, or any other signal that would have killed the program, with its number.
    Quit(i32),
    /// Call [`Screen::suspend`](super::Screen::suspend): SIGTSTP.
    Suspend,
    /// Call [`Screen::resume`](super::Screen::resume): SIGCONT, after any stop.
    Continued,
}

impl Signal {
    /// The exit code after this signal: 128 + number. `None`: it does not end the program.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Quit(number) => u8::try_from(128 + number).ok(),
            Self::Suspend | Self::Continued => None,
        }
    }
}

/// Starts a thread that passes each signal to `emit`, until `emit` returns false. `emit` must not block, or signals are missed
/// meanwhile. The second quit signal restores the terminal and ends the program at once. With `screen` = false (headless), the
/// kernel stops and continues the program as usual.
///
/// A signal that was ignored at the start stays ignored, as `nohup` and a shell's background jobs need it.
///
/// # Errors
/// The handlers or the thread cannot be set up.
pub fn watch_signals(screen: bool, mut emit: impl FnMut(Signal) -> bool + Send + 'static) -> io::Result<()> {
    let ignored = ignored_signals();
    let is_ignored = |number: i32| ignored & (1 << (number - 1)) != 0;
    let mut signals = Signals::new(if screen { &[SIGTSTP, SIGCONT][..] } else { &[] })?;
    for number in QUIT.into_iter().filter(|&number| !is_ignored(number)) {
        signal_hook::flag::register(number, Arc::clone(&QUITTING))?;
        signals.add_signal(number)?;
    }
    for number in of_this_system().filter(|&number| !is_ignored(number)) {
        // The C library reserves some signals and refuses a handler.
        if signal_hook::flag::register(number, Arc::clone(&QUITTING)).is_ok() {
            _ = signals.add_signal(number);
        }
    }
    thread::Builder::new().name("signals".into()).spawn(move || {
        let mut quitting = false;
        loop {
            for number in signals.wait() {
                let signal = match number {
                    SIGTSTP => Signal::Suspend,
                    SIGCONT => Signal::Continued,
                    number if quitting => guard::end(128 + number, String::new),
                    number => {
                        quitting = true;
                        Signal::Quit(number)
                    }
                };
                if !emit(signal) {
                    return;
                }
            }
        }
    })?;
    Ok(())
}

/// From now on SIGXFSZ does nothing: a write beyond the limit of file sizes (`ulimit -f`) fails with an error instead, which
/// the writer can report.
pub fn outlive_file_limits() {
    // If the system refuses the handler, the signal kills the program as before.
    _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// The signals that kill by default. SIGPIPE is not among them: Rust ignores it from the start, so that a write fails instead.
const QUIT: [i32; 15] = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGSYS, SIGTRAP,
    SIGABRT, SIGBUS,
];

/// More signals that kill on Linux: SIGSTKFLT, SIGPWR and the real-time signals.
fn of_this_system() -> impl Iterator<Item = i32> {
    // These two architectures have other signal numbers.
    let is_known = cfg!(all(target_os = "linux", not(any(target_arch = "mips", target_arch = "sparc64"))));
    [16, 30].into_iter().chain(34..=64).filter(move |_| is_known)
}

/// Whether a quit signal arrived. The handler itself sets this, so it is true before [`watch_signals`] reports the signal.
pub(super) fn quitting() -> bool {
    QUITTING.load(Ordering::SeqCst)
}

/// Stops the whole job, including this process, until it is continued. The whole job, since a shell waits until each process
/// of a pipeline, or of `cargo run`, has stopped. By SIGSTOP, since SIGTSTP has a handler here and is dropped without a shell.
/// All at once, or a shell could continue the job before its last process has stopped.
pub(super) fn stop_job() -> io::Result<()> {
    let continued = Arc::new(AtomicBool::new(false));
    let handler = signal_hook::flag::register(SIGCONT, Arc::clone(&continued))?;
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
    // The stop may take effect a moment later, on another thread first.
    while !continued.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
    signal_hook::low_level::unregister(handler);
    // A SIGCONT for this process alone is meant for the whole job.
    _ = rustix::process::kill_current_process_group(rustix::process::Signal::CONT);
    Ok(())
}

static QUITTING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The ignored signals: bit n − 1 is set for signal n. Only Linux reports them without replacing a handler; elsewhere 0.
fn ignored_signals() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .unwrap_or(0)
}
