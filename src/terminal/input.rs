//! Keys, pastes, the mouse and resizes, as they come.

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

/// The longest text that one paste gives, in bytes; the rest of it is left out.
pub const MAX_PASTE: usize = 1 << 20;

/// What the user, or the window, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key went down. Upper-case letters carry SHIFT, Ctrl-Z is the letter with CONTROL, as crossterm has them.
    Key(KeyEvent),
    /// A paste, with line feeds for line ends, at most [`MAX_PASTE`] bytes. It may hold anything.
    Paste(String),
    /// Button, drag or wheel; columns and rows count from 0.
    Mouse(MouseEvent),
    /// The window has another size. At most one in 16 ms, and always one after the last change.
    Resize,
    /// The terminal is gone. Nothing follows: end the program.
    Closed,
}

/// Hands each input to `emit`, on a thread of its own, until it returns false or the terminal is gone.
///
/// Why not crossterm's reader: it reads a closed terminal forever at full speed, gives the terminal's late answers
/// (OSC, DCS) as keys, takes a sequence that arrives in two parts for Esc and letters, and misses resizes while a
/// sequence is incomplete.
///
/// # Errors
/// Where the handler of SIGWINCH or the thread cannot be set up.
pub fn listen(device: Arc<Device>, emit: impl FnMut(Input) -> bool + Send + 'static) -> io::Result<()> {
    let (resized, handler) = UnixStream::pair()?;
    resized.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGWINCH, handler)?;
    let mut reader = Reader { device, resized, decoder: Decoder::default(), emit, open: true };
    thread::Builder::new().name("input".into()).spawn(move || reader.run())?;
    Ok(())
}

/// The least time between two resizes: more than a screen can show is no use.
const RESIZE_PACE: Duration = Duration::from_millis(16);

struct Reader<F> {
    device: Arc<Device>,
    resized: UnixStream,
    decoder: Decoder,
    emit: F,
    /// Whether `emit` wants more and the terminal is there.
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
                // What is typed is for the shell. To read it would stop the job; to wait for it would not wait.
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

    /// Waits for keys or a resize until then: which of them there are.
    fn wait(&self, until: Option<Instant>) -> io::Result<(bool, bool)> {
        let mut sources = [self.device.readable(), PollFd::new(&self.resized, PollFlags::IN)];
        let time = until.map(|at| timespec(at.saturating_duration_since(Instant::now())));
        match poll(&mut sources, time.as_ref()) {
            // Hang-up and error count as readable: the read tells which.
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
