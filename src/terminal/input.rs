//! Reads keys, pastes, mouse events and resizes from the terminal.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{KeyEvent, MouseEvent};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::SIGWINCH;

use super::Device;
use super::decode::Decoder;
use super::device::timespec;

/// The longest text of a paste, in bytes. The rest is left out.
pub const MAX_PASTE: usize = 1 << 20;

/// An input from the user or the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed, in crossterm's form: upper-case letters have SHIFT, Ctrl-Z is the letter with CONTROL.
    Key(KeyEvent),
    /// A paste of at most [`MAX_PASTE`] bytes, with line feeds as line ends. It may contain any character.
    Paste(String),
    /// A button, a drag or the wheel; columns and rows count from 0.
    Mouse(MouseEvent),
    /// The window has another size. At most one event in 16 ms, and always one after the last change.
    Resize,
    /// The terminal is gone. No input follows: end the program.
    Closed,
}

/// Starts a thread that passes each input to `emit`, until `emit` returns false or the terminal is gone.
///
/// Reasons not to use crossterm's reader: it reads a closed terminal for ever at full speed, reports the terminal's late
/// answers (OSC, DCS) as keys, reads a sequence in two parts as Esc and letters, and misses resizes while a sequence is
/// incomplete.
///
/// # Errors
/// The handler of SIGWINCH or the thread cannot be set up.
pub fn listen(device: Arc<Device>, emit: impl FnMut(Input) -> bool + Send + 'static) -> io::Result<()> {
    let (resized, handler) = UnixStream::pair()?;
    resized.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGWINCH, handler)?;
    let mut reader = Reader { device, resized, decoder: Decoder::default(), emit, open: true };
    thread::Builder::new().name("input".into()).spawn(move || reader.run())?;
    Ok(())
}

/// The minimum time between two resizes. A screen cannot show more.
const RESIZE_PACE: Duration = Duration::from_millis(16);

struct Reader<F> {
    device: Arc<Device>,
    resized: UnixStream,
    decoder: Decoder,
    emit: F,
    /// Whether `emit` accepts more input and the terminal exists.
    open: bool,
}

impl<F: FnMut(Input) -> bool> Reader<F> {
    fn run(&mut self) {
        let mut buffer = vec![0; 64 << 10];
        // When an unfinished sequence is given up, and when a delayed resize is reported.
        let mut give_up: Option<Instant> = None;
        let mut resize: Option<Instant> = None;
        let mut next_resize = Instant::now();
        while self.open {
            let wake = give_up.into_iter().chain(resize).min();
            let (typed, resized) = match self.wait(wake) {
                Ok(ready) => ready,
                Err(_) => return self.close(),
            };
            if typed && !self.device.is_foreground() {
                // The input is for the shell. Reading it would stop the job, and polling for it would return at once.
                thread::sleep(Duration::from_millis(50));
            } else if typed {
                match self.device.read(&mut buffer) {
                    Ok(0) => return self.close(),
                    Ok(count) => {
                        self.decode(&buffer[..count]);
                        give_up = self.decoder.patience().map(|time| Instant::now() + time);
                    }
                    Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                    Err(_) => return self.close(),
                }
            }
            if resized {
                while matches!(self.resized.read(&mut buffer), Ok(1..)) {}
                resize.get_or_insert(next_resize);
            }
            let now = Instant::now();
            if give_up.is_some_and(|at| at <= now) {
                give_up = None;
                let Self { decoder, emit, open, .. } = self;
                decoder.give_up(&mut |input| *open = *open && emit(input));
            }
            if resize.is_some_and(|at| at <= now) {
                resize = None;
                next_resize = now + RESIZE_PACE;
                self.open = self.open && (self.emit)(Input::Resize);
            }
        }
    }

    /// Waits until then for keys or a resize. Returns whether there are keys, and whether there is a resize.
    fn wait(&self, until: Option<Instant>) -> io::Result<(bool, bool)> {
        let mut sources = [self.device.readable(), PollFd::new(&self.resized, PollFlags::IN)];
        let time = until.map(|at| timespec(at.saturating_duration_since(Instant::now())));
        match poll(&mut sources, time.as_ref()) {
            // A hang-up or an error counts as readable; the read returns it.
            Ok(_) => Ok((!sources[0].revents().is_empty(), !sources[1].revents().is_empty())),
            Err(Errno::INTR) => Ok((false, false)),
            Err(e) => Err(e.into()),
        }
    }

    fn decode(&mut self, bytes: &[u8]) {
        let Self { decoder, emit, open, .. } = self;
        decoder.feed(bytes, &mut |input| *open = *open && emit(input));
    }

    fn close(&mut self) {
        if self.open {
            (self.emit)(Input::Closed);
        }
    }
}
