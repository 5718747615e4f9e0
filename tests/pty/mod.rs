//! Runs a program in a pseudo-terminal: its screen, its output, the terminal's modes and its end. Linux only.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "it makes a test fail; clippy does not see that these functions belong to tests"
)]

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};

/// The time limit of every wait. No test measures time.
const DEADLINE: Duration = Duration::from_secs(30);

/// The child process, session leader of its own terminal.
pub struct PtyChild {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    /// Held open, so that the modes can be read after the child's end.
    slave: Option<Box<dyn SlavePty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    reader: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
    name: PathBuf,
    modes: String,
}

struct Shared {
    output: Mutex<Output>,
    held: AtomicBool,
    closing: AtomicBool,
}

/// The bytes that the terminal received, and the resulting screen.
pub struct Output {
    pub bytes: Vec<u8>,
    parser: vt100::Parser,
}

/// A command with a plain environment: `PATH`, a terminal with 256 colours, UTF-8, no backtraces.
pub fn command(program: impl AsRef<OsStr>) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("RUST_BACKTRACE", "0")] {
        command.env(name, value);
    }
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

impl PtyChild {
    /// Starts the command at 80×24.
    pub fn spawn(command: CommandBuilder) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let modes = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let parser = vt100::Parser::new(nonzero(24), nonzero(80), 1000);
        let shared = Arc::new(Shared {
            output: Mutex::new(Output { bytes: Vec::new(), parser }),
            held: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        });
        let reader = pair.master.try_clone_reader().expect("a reader");
        Self {
            child,
            keyboard: Some(pair.master.take_writer().expect("a writer")),
            name: pair.master.tty_name().expect("a name"),
            slave: Some(pair.slave),
            master: Some(pair.master),
            reader: Some(thread::spawn({
                let shared = Arc::clone(&shared);
                move || read(reader, &shared)
            })),
            shared,
            modes,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process id")
    }

    /// The path of the terminal's device, to run another program on it.
    pub fn name(&self) -> &std::path::Path {
        &self.name
    }

    /// The terminal modes (`stty -a`) as text.
    pub fn modes(&self) -> String {
        modes(self.master.as_deref().expect("not hung up"))
    }

    /// The modes before the child started.
    pub fn modes_before(&self) -> &str {
        &self.modes
    }

    pub fn type_in(&mut self, bytes: impl AsRef<[u8]>) {
        let keyboard = self.keyboard.as_mut().expect("not hung up");
        keyboard.write_all(bytes.as_ref()).and_then(|()| keyboard.flush()).expect("the terminal takes keys");
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.claim_size(columns, rows);
        self.shared.output.lock().unwrap().parser.set_size(nonzero(rows.max(1)), nonzero(columns.max(1)));
    }

    /// Reports a size to the child; the screen here stays as it is.
    pub fn claim_size(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("not hung up").resize(size).expect("a new size");
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid().try_into().unwrap()).unwrap();
        kill_process(pid, signal).expect("it is there");
    }

    /// Stops reading the child's output, as a stopped terminal does.
    pub fn hold_output(&self) {
        self.shared.held.store(true, Ordering::SeqCst);
        // The reader may still take one more piece.
        thread::sleep(Duration::from_millis(50));
    }

    /// Fills the held terminal until it accepts no more bytes.
    pub fn fill_output(&self) {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let terminal = rustix::fs::open(&self.name, flags, Mode::empty()).expect("the terminal");
        // Several times: the kernel may free a little room when it moves the data.
        for _ in 0..20 {
            while rustix::io::write(&terminal, b" ").is_ok() {}
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn release_output(&self) {
        self.shared.held.store(false, Ordering::SeqCst);
    }

    pub fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.output.lock().unwrap().parser.screen())
    }

    pub fn contents(&self) -> String {
        self.screen(vt100::Screen::contents)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.shared.output.lock().unwrap().bytes.clone()
    }

    /// Waits for a text on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    pub fn wait_until(&self, what: &str, mut condition: impl FnMut(&vt100::Screen) -> bool) {
        let seen = eventually(|| self.screen(&mut condition));
        assert!(seen, "{what} was not seen; the screen:\n{}", self.contents());
    }

    /// Waits until the child is stopped (state T).
    pub fn wait_until_stopped(&self) {
        assert!(eventually(|| state(self.pid()) == Some('T')), "not stopped but {:?}", state(self.pid()));
    }

    /// Closes the terminal, as a dropped ssh connection or a closed window does.
    pub fn hang_up(&mut self) {
        // On drop the writer sends a line feed and ^D. They must not wake the child afterwards.
        self.keyboard = None;
        thread::sleep(Duration::from_millis(100));
        self.shared.closing.store(true, Ordering::SeqCst);
        self.release_output();
        // The reader waits for bytes: send one.
        let mut tty = OpenOptions::new().write(true).open(&self.name).expect("the terminal");
        tty.write_all(b"\0").expect("a byte");
        self.reader.take().expect("hung up once").join().expect("the reader ends");
        (self.master, self.slave) = (None, None);
    }

    /// Waits for the end after [`Self::hang_up`]. Returns the exit code, or the name of the signal that killed the child.
    pub fn wait_for_exit(&mut self) -> Result<u32, String> {
        let mut exit = None;
        let ended = eventually(|| {
            exit = self.child.try_wait().expect("it can be waited for");
            exit.is_some()
        });
        assert!(ended, "still running; the screen:\n{}", self.contents());
        let exit = exit.expect("it ended");
        exit.signal().map_or(Ok(exit.exit_code()), |signal| Err(signal.to_owned()))
    }

    /// Types `q`, and checks the exit code 0 and the restored terminal.
    #[track_caller]
    pub fn quit(mut self) -> Finished {
        self.type_in("q");
        self.ends_with(0)
    }

    /// Waits for the end, and checks the exit code and the restored terminal.
    #[track_caller]
    pub fn ends_with(self, code: u32) -> Finished {
        let finished = self.finish();
        assert_eq!(finished.exit, Ok(code), "{}", finished.contents());
        finished.assert_restored();
        finished
    }

    /// Waits for the end, and returns the final state.
    pub fn finish(mut self) -> Finished {
        let exit = self.wait_for_exit();
        let modes_after = self.modes();
        // When the last descriptor of that side is closed, the reader ends.
        self.slave = None;
        self.reader.take().expect("not hung up").join().expect("the reader ends");
        let output = std::mem::replace(
            &mut *self.shared.output.lock().unwrap(),
            Output { bytes: Vec::new(), parser: vt100::Parser::new(nonzero(1), nonzero(1), 0) },
        );
        Finished { exit, modes_before: std::mem::take(&mut self.modes), modes_after, output }
    }
}

impl Drop for PtyChild {
    fn drop(&mut self) {
        // After a failed test, end all processes of its session.
        if matches!(self.child.try_wait(), Ok(None)) {
            for pid in session(self.pid()) {
                _ = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::KILL));
            }
            _ = self.child.wait();
        }
    }
}

/// A child after its end.
pub struct Finished {
    /// The exit code, or the name of the signal that killed it.
    pub exit: Result<u32, String>,
    pub modes_before: String,
    pub modes_after: String,
    pub output: Output,
}

impl Finished {
    pub fn contents(&self) -> String {
        self.output.parser.screen().contents()
    }

    /// Checks that the terminal was changed and is restored.
    #[track_caller]
    pub fn assert_restored(&self) {
        assert!(find(&self.output.bytes, b"\x1b[?1049h").is_some(), "it never took the terminal:\n{}", self.contents());
        assert_eq!(self.modes_after, self.modes_before, "the line's modes");
        let screen = self.output.parser.screen();
        assert!(!screen.alternate_screen(), "the main screen is back");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is off");
        assert_eq!(
            (screen.fgcolor(), screen.bgcolor(), screen.bold()),
            (vt100::Color::Default, vt100::Color::Default, false)
        );
        let bytes = &self.output.bytes;
        assert_eq!(count(bytes, b"\x1b[22;2t"), count(bytes, b"\x1b[23;2t"), "titles kept and put back");
    }
}

/// The position of `part` in `whole`.
pub fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

/// The number of occurrences of `part` in `whole`.
pub fn count(whole: &[u8], part: &[u8]) -> usize {
    whole.windows(part.len()).filter(|window| *window == part).count()
}

/// Waits until the condition holds. False: the time limit is reached.
pub fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + DEADLINE;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The state of a process as in `ps`. `None`: there is no such process.
pub fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may contain any character; the state follows it.
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The processes whose session this one leads.
fn session(leader: u32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let belongs = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // State, parent, group, session.
        let session = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(3));
        session == Some(leader.to_string().as_str())
    };
    pids.filter(belongs).collect()
}

fn read(mut master: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = [0; 4096];
    loop {
        while shared.held.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        let count = master.read(&mut buffer).unwrap_or(0);
        if count == 0 || shared.closing.load(Ordering::SeqCst) {
            return;
        }
        let mut output = shared.output.lock().unwrap();
        output.bytes.extend_from_slice(&buffer[..count]);
        output.parser.process(&buffer[..count]);
    }
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("modes"))
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("not zero")
}
