//! The terminal device of the screen, with a descriptor of its own.

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
/// otail opens it again instead of using the standard streams: standard input may be data, and its own descriptor can be
/// non-blocking without changing the shell's. So a terminal that accepts no output never blocks otail.
#[derive(Debug)]
pub struct Device {
    file: File,
}

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// Standard output is not a terminal, or the terminal cannot be opened by its name or as `/dev/tty`.
    pub fn open() -> io::Result<Self> {
        let stdout = rustix::stdio::stdout();
        if !termios::isatty(stdout) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is not a terminal"));
        }
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        // After `su` the device belongs to another user, and in a container its name may not exist; `/dev/tty` works there.
        let by_name =
            termios::ttyname(stdout, Vec::new()).and_then(|name| rustix::fs::open(name, flags, Mode::empty()));
        let descriptor = by_name
            .or_else(|_| rustix::fs::open(c"/dev/tty", flags, Mode::empty()))
            .map_err(|e| io::Error::new(e.kind(), format!("cannot open the terminal: {}", io::Error::from(e))))?;
        Ok(Self { file: descriptor.into() })
    }

    /// Columns and rows to draw; 80×24 if the terminal does not report a size (a serial line, a pseudo-terminal of size 0×0),
    /// and fewer than it reports if it reports more than [`MOST_COLUMNS`] or [`MOST_CELLS`].
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        let size = termios::tcgetwinsize(&self.file)?;
        Ok(drawn_size(size.ws_col, size.ws_row))
    }

    /// Reads input. `WouldBlock`: there is none; 0 bytes or another error: the terminal is gone.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.file, buffer)?)
    }

    /// Writes as many bytes as the terminal accepts at once. `WouldBlock`: it accepts none.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.file, bytes) {
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            other => Ok(other?),
        }
    }

    /// Waits until the terminal accepts bytes or the time is reached. True: it accepts bytes.
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

    /// The descriptor to poll for keys.
    pub(super) fn readable(&self) -> PollFd<'_> {
        PollFd::new(&self.file, PollFlags::IN)
    }

    /// Whether otail is the terminal's foreground job. The kernel stops a background job that changes the modes.
    pub(super) fn is_foreground(&self) -> bool {
        // It fails if this is not the controlling terminal. Then there is no job control.
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

    /// Drops input that was not read.
    pub(super) fn forget_input(&self) {
        _ = termios::tcflush(&self.file, termios::QueueSelector::IFlush);
    }

    /// Drops output that the terminal has not shown, to make room.
    pub(super) fn forget_output(&self) {
        _ = termios::tcflush(&self.file, termios::QueueSelector::OFlush);
    }
}

/// The maximum of columns that otail draws.
const MOST_COLUMNS: u16 = 2_000;
/// The maximum of cells that otail draws: 1 000 × 400. It bounds the memory and the time of a frame, since a
/// pseudo-terminal may claim 65 535 × 65 535.
const MOST_CELLS: u32 = 400_000;

/// The part to draw of a terminal that reports this size. The rest stays blank.
fn drawn_size(columns: u16, rows: u16) -> Size {
    if columns == 0 || rows == 0 {
        return Size::new(80, 24);
    }
    let columns = columns.min(MOST_COLUMNS);
    let most_rows = MOST_CELLS / u32::from(columns);
    Size::new(columns, u16::try_from(most_rows).unwrap_or(u16::MAX).min(rows))
}

pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), tv_nsec: duration.subsec_nanos().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawn_size_is_bounded() {
        for (claimed, drawn) in [
            ((80, 24), (80, 24)),
            ((0, 0), (80, 24)),
            ((0, 50), (80, 24)),
            ((1, 1), (1, 1)),
            ((500, 200), (500, 200)),
            ((1_280, 300), (1_280, 300)),
            ((u16::MAX, 1), (2_000, 1)),
            ((1, u16::MAX), (1, u16::MAX)),
            ((u16::MAX, u16::MAX), (2_000, 200)),
        ] {
            assert_eq!(drawn_size(claimed.0, claimed.1), Size::new(drawn.0, drawn.1), "{claimed:?}");
        }
    }
}
