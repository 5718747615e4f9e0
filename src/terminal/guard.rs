//! What we change on the terminal, and how it is put back on every way out.
//!
//! ```text
//!  Guard::enter ─► raw mode, alternate screen … ─┬─ Guard dropped: return, `?`, unwinding
//!                                                ├─ end(): panic hook, second signal
//!                                                └─ suspend(): Ctrl-Z, SIGTSTP ─► stopped ─► SIGCONT ─► entered again
//! ```
//!
//! All three go through [`restore`]. It takes the one record of what was changed, so it happens once, whoever comes
//! first; and every byte for the terminal goes through [`write()`], so none follows the restoring ones.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::Termios;

use super::{Device, signals};

/// What to ask of the terminal beside raw mode, the alternate screen, a hidden cursor and bracketed paste.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Report clicks, drags and the wheel. The terminal's own selection then needs Shift.
    pub mouse: bool,
    /// The window's title, put back at the end where the terminal keeps a stack of them. Control characters are left out.
    pub title: Option<String>,
}

/// The terminal as a full-screen program needs it; as it was, once this is dropped.
#[derive(Debug)]
pub struct Guard {
    device: Arc<Device>,
    options: Options,
}

impl Guard {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Where there is no terminal ([`Device::open`]), it refuses, or it is taken already. It is then as it was.
    pub fn enter(options: Options) -> io::Result<Self> {
        let device = Arc::new(Device::open()?);
        take(&device, &options)?;
        Ok(Self { device, options })
    }

    /// The terminal taken.
    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// Takes the mouse, or leaves it to the terminal: the bytes to write for it now. It stays so through stops.
    pub(super) fn mouse(&mut self, taken: bool) -> &'static str {
        self.options.mouse = taken;
        if taken { MOUSE_TAKEN } else { MOUSE_LEFT }
    }

    /// Gives the terminal back, stops this job as Ctrl-Z stops any other, and takes the terminal again once continued
    /// in the foreground; in the background the program runs on, while this waits. Everything must be drawn anew after.
    /// Where a quit signal came meanwhile, the terminal is left given back, since the program is about to end.
    ///
    /// # Errors
    /// Where the terminal is gone or refuses.
    pub fn suspend(&self) -> io::Result<()> {
        restore();
        signals::stop_job()?;
        if self.wait_for_foreground() { take(&self.device, &self.options) } else { Ok(()) }
    }

    /// Takes the terminal again after a stop that was none of ours (SIGSTOP from elsewhere): the shell has set its own
    /// modes meanwhile. Everything must be drawn anew after. After [`Guard::suspend`] it does no harm.
    ///
    /// # Errors
    /// Where the terminal is gone or refuses.
    pub fn resume(&self) -> io::Result<()> {
        if !self.wait_for_foreground() {
            return Ok(());
        }
        let entered = lock();
        let Some(entered) = entered.as_ref() else { return Ok(()) };
        apply(entered, &entering(&self.options))
    }

    /// Waits until we are the job that the terminal listens to; false where a quit signal came first. To touch the
    /// terminal earlier would stop us, and between looking for a quit signal and being stopped there is room for one.
    fn wait_for_foreground(&self) -> bool {
        while !signals::quitting() {
            if self.device.is_foreground() {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // While another thread ends the program, nobody else may: its words and its exit code are the ones that count.
        if ENDING.load(Ordering::SeqCst) {
            wait_for_the_end();
        }
        restore();
    }
}

/// Writes what the terminal takes until then: the number of bytes, 0 where it takes none, or was given back because the
/// program is about to end.
pub(super) fn write(bytes: &[u8], until: Instant) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        let entered = lock();
        let Some(Entered { device, .. }) = entered.as_ref() else { break };
        match device.write(&bytes[written..]) {
            Ok(count) => written += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                let device = Arc::clone(device);
                drop(entered);
                if Instant::now() >= until || !device.wait_writable(until)? {
                    break;
                }
            }
            Err(e) => return Err(e),
        }
    }
    Ok(written)
}

/// Ends the program from any thread: the terminal first, then the last words on standard error, then the exit code.
/// Who comes second waits for the end.
pub(super) fn end(code: i32, last_words: impl FnOnce() -> String) -> ! {
    if ENDING.swap(true, Ordering::SeqCst) {
        wait_for_the_end();
    }
    restore();
    _ = io::stderr().lock().write_all(last_words().as_bytes());
    std::process::exit(code)
}

struct Entered {
    device: Arc<Device>,
    /// The modes as they were found.
    cooked: Termios,
}

static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
static ENDING: AtomicBool = AtomicBool::new(false);

fn lock() -> MutexGuard<'static, Option<Entered>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`lock`] for the way out, which must never hang.
fn try_lock() -> Option<MutexGuard<'static, Option<Entered>>> {
    for _ in 0..100 {
        match ENTERED.try_lock() {
            Ok(entered) => return Some(entered),
            Err(TryLockError::Poisoned(entered)) => return Some(entered.into_inner()),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

/// Puts everything back, if it was changed and was not put back yet. Takes at most half a second.
fn restore() {
    let Some(mut entered) = try_lock() else { return };
    let Some(Entered { device, cooked }) = entered.take() else { return };
    if !write_within(&device, LEAVING.as_bytes(), Duration::from_millis(250)) {
        // A terminal that shows nothing more. What it has not shown yet is of no worth now: make room for these.
        device.forget_output();
        write_within(&device, LEAVING.as_bytes(), Duration::from_millis(250));
    }
    // In the background the shell has set its own modes already, and would find ours in its way.
    if device.is_foreground() {
        device.forget_input();
        _ = device.set_modes(&cooked);
    }
}

fn take(device: &Arc<Device>, options: &Options) -> io::Result<()> {
    let mut entered = lock();
    if entered.is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the terminal is taken already"));
    }
    let record = Entered { device: Arc::clone(device), cooked: device.modes()? };
    // The title is kept in any case, since it is put back in any case.
    let mut bytes = String::from("\x1b[22;2t");
    if let Some(title) = &options.title {
        let clean: String = title.chars().filter(|c| !c.is_control()).collect();
        _ = write!(bytes, "\x1b]2;{clean}\x07");
    }
    bytes.push_str(&entering(options));
    let applied = apply(entered.insert(record), &bytes);
    drop(entered);
    if applied.is_err() {
        restore();
    }
    applied
}

fn write_within(device: &Device, mut bytes: &[u8], time: Duration) -> bool {
    let until = Instant::now() + time;
    while !bytes.is_empty() {
        match device.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                if Instant::now() >= until || !device.wait_writable(until).unwrap_or(false) {
                    return false;
                }
            }
            // Gone for good: trying again would not help.
            Err(_) => return true,
        }
    }
    true
}

fn apply(entered: &Entered, bytes: &str) -> io::Result<()> {
    let mut raw = entered.cooked.clone();
    raw.make_raw();
    entered.device.set_modes(&raw)?;
    if write_within(&entered.device, bytes.as_bytes(), Duration::from_secs(1)) {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::TimedOut, "the terminal takes no output"))
    }
}

/// Buttons, drags, in decimal. Not 1003, which reports every move.
const MOUSE_TAKEN: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_LEFT: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

fn entering(options: &Options) -> String {
    // Alternate screen, cursor hidden, bracketed paste, attributes and screen cleared.
    let mut bytes = String::from("\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[0m\x1b[2J");
    if options.mouse {
        bytes.push_str(MOUSE_TAKEN);
    }
    bytes
}

/// Undoes [`entering`] and the title, whatever of it was asked for. The first two bytes end a sequence that was cut in
/// its middle; then: synchronized update, mouse, paste, attributes, cursor, main screen, title.
const LEAVING: &str =
    "\x1b\\\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l\x1b[23;2t\x1b[?25h";

fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}
