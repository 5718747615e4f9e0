//! Signals as events: an orderly end, Ctrl-Z from outside, and being continued.
//!
//! Every signal that would kill the program, and whose handler can run, ends it in order instead, so that the terminal
//! is restored. Four kinds cannot be handled here: SIGKILL; the faults SIGSEGV, SIGILL and SIGFPE, after which no
//! ordinary code may run; SIGABRT from within, which the process itself does not outlive; and the real-time signals
//! that the C library keeps for its threads.

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

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End in order: SIGINT, SIGTERM, or any other signal that would have killed the program, by its number.
    Quit(i32),
    /// Call [`Screen::suspend`](super::Screen::suspend): SIGTSTP.
    Suspend,
    /// Call [`Screen::resume`](super::Screen::resume): SIGCONT, after whichever stop.
    Continued,
}

impl Signal {
    /// The exit code of a program that this ended, 128 + number; none for what does not end it.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Quit(number) => u8::try_from(128 + number).ok(),
            Self::Suspend | Self::Continued => None,
        }
    }
}

/// Hands each signal to `emit`, on a thread of its own, until it returns false. `emit` must not block: while it does,
/// no signal is noticed. The second quit signal ends the program at once, with the terminal restored. With `screen` off
/// (headless), stopping and continuing stay the kernel's business.
///
/// A signal that was ignored when we started stays ignored, as `nohup` and a shell's background jobs want it.
///
/// # Errors
/// Where the handlers or the thread cannot be set up.
pub fn watch_signals(screen: bool, mut emit: impl FnMut(Signal) -> bool + Send + 'static) -> io::Result<()> {
    let ignored = ignored_signals();
    let is_ignored = |number: i32| ignored & (1 << (number - 1)) != 0;
    let mut signals = Signals::new(if screen { &[SIGTSTP, SIGCONT][..] } else { &[] })?;
    for number in QUIT.into_iter().filter(|&number| !is_ignored(number)) {
        signal_hook::flag::register(number, Arc::clone(&QUITTING))?;
        signals.add_signal(number)?;
    }
    for number in of_this_system().filter(|&number| !is_ignored(number)) {
        // The C library keeps some of them to itself, and refuses a handler.
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

/// From here on SIGXFSZ does nothing: the write that went past the limit of file sizes (`ulimit -f`) fails with an error,
/// which whoever wrote can report.
pub fn outlive_file_limits() {
    // Where the system refuses the handler, the signal kills as before.
    _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// The signals whose default kills. Not SIGPIPE, which Rust ignores from the start, so that a write fails instead.
const QUIT: [i32; 15] = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGSYS, SIGTRAP,
    SIGABRT, SIGBUS,
];

/// Linux has more of them: SIGSTKFLT, SIGPWR and the real-time signals.
fn of_this_system() -> impl Iterator<Item = i32> {
    // These two architectures number their signals otherwise.
    let is_known = cfg!(all(target_os = "linux", not(any(target_arch = "mips", target_arch = "sparc64"))));
    [16, 30].into_iter().chain(34..=64).filter(move |_| is_known)
}

/// Whether a quit signal came. Set by the handler itself, so before [`watch_signals`] tells of it.
pub(super) fn quitting() -> bool {
    QUITTING.load(Ordering::SeqCst)
}

/// Stops the whole job, ourselves included, until it is continued. The whole job, since a shell waits until each process
/// of a pipeline, or of `cargo run`, has stopped; by SIGSTOP, since SIGTSTP has a handler here and is dropped where there
/// is no shell; all at once, or a shell could continue the job before the last of it has stopped.
pub(super) fn stop_job() -> io::Result<()> {
    let continued = Arc::new(AtomicBool::new(false));
    let handler = signal_hook::flag::register(SIGCONT, Arc::clone(&continued))?;
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
    // The stop may take effect a moment later, on another thread first.
    while !continued.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
    signal_hook::low_level::unregister(handler);
    // Whoever continued us alone meant all of it.
    _ = rustix::process::kill_current_process_group(rustix::process::Signal::CONT);
    Ok(())
}

static QUITTING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Bit n − 1 is set where signal n is ignored. Only Linux tells without a handler being replaced; elsewhere none is.
fn ignored_signals() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .unwrap_or(0)
}
