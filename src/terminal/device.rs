//! The terminal that the screen is on, opened for ourselves.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{self, Termios};

/// The terminal behind standard output, for drawing and for keys.
///
/// It is opened anew rather than used through the standard streams: standard input may be data, and a descriptor of
/// our own can be non-blocking without making the shell's so. A terminal that takes nothing can then never hold us.
#[derive(Debug)]
pub struct Device {
    file: File,
}

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// Where standard output is no terminal, or it cannot be opened by its name nor as `/dev/tty`.
    pub fn open() -> io::Result<Self> {
        let stdout = rustix::stdio::stdout();
        if !termios::isatty(stdout) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is no terminal"));
        }
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        // After `su` the device belongs to someone else, in a container its name may not exist; `/dev/tty` does.
        let by_name =
            termios::ttyname(stdout, Vec::new()).and_then(|name| rustix::fs::open(name, flags, Mode::empty()));
        let descriptor = by_name
            .or_else(|_| rustix::fs::open(c"/dev/tty", flags, Mode::empty()))
            .map_err(|e| io::Error::new(e.kind(), format!("cannot open the terminal: {}", io::Error::from(e))))?;
        Ok(Self { file: descriptor.into() })
    }

    /// Columns and rows; 80×24 where the terminal does not say (a serial line, a pseudo-terminal of size 0×0).
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        let size = termios::tcgetwinsize(&self.file)?;
        Ok(if size.ws_col == 0 || size.ws_row == 0 { Size::new(80, 24) } else { Size::new(size.ws_col, size.ws_row) })
    }

    /// What was typed; `WouldBlock` where nothing was, 0 bytes or another error where the terminal is gone.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.file, buffer)?)
    }

    /// Writes what the terminal takes at once: `WouldBlock` where that is nothing.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.file, bytes) {
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            other => Ok(other?),
        }
    }

    /// Waits until the terminal takes bytes again, or until then; whether it does.
    pub(super) fn wait_writable(&self, until: Instant) -> io::Result<bool> {
        loop {
            let left = timespec(until.saturating_duration_since(Instant::now()));
            match poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], Some(&left)) {
                Ok(ready) => return Ok(ready > 0),
                Err(Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// For waiting on keys.
    pub(super) fn readable(&self) -> PollFd<'_> {
        PollFd::new(&self.file, PollFlags::IN)
    }

    /// Whether we are the job that the terminal listens to. One that is not is stopped when it changes modes.
    pub(super) fn is_foreground(&self) -> bool {
        // It fails where this is not our controlling terminal: then there is no job control to mind.
        termios::tcgetpgrp(&self.file).map_or(true, |group| group == rustix::process::getpgrp())
    }

    pub(super) fn modes(&self) -> io::Result<Termios> {
        Ok(termios::tcgetattr(&self.file)?)
    }

    pub(super) fn set_modes(&self, modes: &Termios) -> io::Result<()> {
        loop {
            match termios::tcsetattr(&self.file, termios::OptionalActions::Now, modes) {
                Err(Errno::INTR) => {}
                other => return Ok(other?),
            }
        }
    }

    /// Drops what was typed and not read.
    pub(super) fn forget_input(&self) {
        _ = termios::tcflush(&self.file, termios::QueueSelector::IFlush);
    }

    /// Drops what was written and not shown, so that there is room again.
    pub(super) fn forget_output(&self) {
        _ = termios::tcflush(&self.file, termios::QueueSelector::OFlush);
    }
}

pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), tv_nsec: duration.subsec_nanos().into() }
}
