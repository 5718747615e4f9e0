//! Changes the terminal's modes, and restores them on every exit.
//!
//! ```text
//!  Guard::enter ─► raw mode, alternate screen … ─┬─ Guard dropped: return, `?`, unwinding
//!                                                ├─ end(): panic hook, second signal
//!                                                └─ suspend(): Ctrl-Z, SIGTSTP ─► stopped ─► SIGCONT ─► entered again
//! ```
//!
//! All three call [`restore`]. It takes the only record of the changes, so it runs once. All output to the terminal goes
//! through [`write()`], so no byte follows the restoring ones.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::Termios;

use super::{Device, signals};

/// Options besides raw mode, the alternate screen, a hidden cursor and bracketed paste.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Report clicks, drags and the wheel. The terminal's own selection then needs Shift.
    pub mouse: bool,
    /// The window's title, without control characters. Restored at the end if the terminal keeps a stack of titles.
    pub title: Option<String>,
}

/// The terminal in full-screen mode. Dropping this restores the terminal.
#[derive(Debug)]
pub struct Guard {
    device: Arc<Device>,
    options: Options,
}

impl Guard {
    /// Takes over the terminal.
    ///
    /// # Errors
    /// There is no terminal ([`Device::open`]), it refuses a mode, or a guard exists already. The terminal is then unchanged.
    pub fn enter(options: Options) -> io::Result<Self> {
        let device = Arc::new(Device::open()?);
        take(&device, &options)?;
        Ok(Self { device, options })
    }

    /// The terminal's device.
    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// Takes the mouse, or leaves it to the terminal. Returns the bytes to write now; the choice survives a stop.
    pub(super) fn mouse(&mut self, taken: bool) -> &'static str {
        self.options.mouse = taken;
        if taken { MOUSE_TAKEN } else { MOUSE_LEFT }
    }

    /// Restores the terminal, stops this job as Ctrl-Z does, and takes the terminal again when the job continues in the
    /// foreground. In the background this call waits while other threads run on. Draw everything again afterwards. If a quit
    /// signal arrived meanwhile, the terminal stays restored, since the program is about to end.
    ///
    /// # Errors
    /// The terminal is gone or refuses.
    pub fn suspend(&self) -> io::Result<()> {
        restore();
        signals::stop_job()?;
        if self.wait_for_foreground() { take(&self.device, &self.options) } else { Ok(()) }
    }

    /// Takes the terminal again after a stop by another process (SIGSTOP), since the shell has set its own modes meanwhile.
    /// Draw everything again afterwards. A call after [`Guard::suspend`] does no harm.
    ///
    /// # Errors
    /// The terminal is gone or refuses.
    pub fn resume(&self) -> io::Result<()> {
        if !self.wait_for_foreground() {
            return Ok(());
        }
        let entered = lock();
        let Some(entered) = entered.as_ref() else { return Ok(()) };
        apply(entered, &entering(&self.options))
    }

    /// Waits until otail is the terminal's foreground job. False: a quit signal arrived first. Touching the terminal earlier
    /// would stop the job, and a quit signal could arrive between the check for it and the stop.
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
        // Only one thread may end the program: its message and its exit code count.
        if ENDING.load(Ordering::SeqCst) {
            wait_for_the_end();
        }
        restore();
    }
}

/// Writes the bytes that the terminal accepts until then, and returns their number. 0: it accepts none, or it was restored
/// because the program is about to end.
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

/// Ends the program from any thread: restores the terminal, writes the last words to standard error, and exits with the code.
/// A second caller waits for the end.
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
    /// The modes before the change.
    cooked: Termios,
}

static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
static ENDING: AtomicBool = AtomicBool::new(false);

fn lock() -> MutexGuard<'static, Option<Entered>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`lock`] for the exit, which must never hang.
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

/// Restores the terminal, unless that is done already. It takes at most half a second.
fn restore() {
    let Some(mut entered) = try_lock() else { return };
    let Some(Entered { device, cooked }) = entered.take() else { return };
    if !write_within(&device, LEAVING.as_bytes(), Duration::from_millis(250)) {
        // The terminal accepts no output. Its pending output does not matter now, so drop it to make room.
        device.forget_output();
        write_within(&device, LEAVING.as_bytes(), Duration::from_millis(250));
    }
    // In the background the shell has already set its own modes; ours would disturb it.
    if device.is_foreground() {
        device.forget_input();
        _ = device.set_modes(&cooked);
    }
}

fn take(device: &Arc<Device>, options: &Options) -> io::Result<()> {
    let mut entered = lock();
    if entered.is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "this program has already taken the terminal"));
    }
    let record = Entered { device: Arc::clone(device), cooked: device.modes()? };
    // Save the title always, since the restore always pops it.
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
            // The terminal is gone: a retry would not help.
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
        Err(io::Error::new(io::ErrorKind::TimedOut, "the terminal accepts no output"))
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

/// Undoes [`entering`] and the title, for any options. The first two bytes end a sequence that was cut in
/// its middle; then: synchronized update, mouse, paste, attributes, cursor, main screen, title.
const LEAVING: &str =
    "\x1b\\\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l\x1b[23;2t\x1b[?25h";

fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}
