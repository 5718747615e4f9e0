//! Writes frames to the terminal: only changed cells, and never faster than the terminal accepts them.
//!
//! A frame is composed in memory and written without blocking. While a slow terminal has not taken all of it, no new
//! one is composed: frames are left out, not queued, so what is drawn next is always the present, and at most one frame
//! is held. Nothing here asks the terminal anything, and nothing reads.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use super::clipboard::{self, CopyError};
use super::composer::Composer;
use super::{Device, Guard, guard};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Composed, and on its way.
    Yes,
    /// The terminal has not taken the last one yet: nothing was composed. Draw again in some 16 ms.
    Behind,
}

/// The screen of the terminal that a [`Guard`] holds. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Screen {
    guard: Guard,
    terminal: Terminal<Composer>,
    /// Bytes that the terminal has not taken yet, from `taken` on.
    pending: Vec<u8>,
    taken: usize,
    redraw: bool,
}

/// How long a frame may hold its thread. An ordinary terminal takes one in less; a slow one gets the rest later.
const PATIENCE: Duration = Duration::from_millis(8);

impl Screen {
    /// A blank screen.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn new(guard: Guard) -> io::Result<Self> {
        let size = guard.device().size()?;
        let terminal = Terminal::new(Composer::new(size))?;
        Ok(Self { guard, terminal, pending: Vec::new(), taken: 0, redraw: true })
    }

    /// For [`listen`](super::listen).
    pub fn device(&self) -> Arc<Device> {
        Arc::clone(self.guard.device())
    }

    /// Columns and rows as of the last frame.
    pub fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// Composes a frame at the terminal's present size and writes what differs from the last one; where nothing does,
    /// no byte. Where the last one is still on its way, `render` is not called.
    ///
    /// # Errors
    /// Where the terminal is gone or was given back: end the program.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        let until = Instant::now() + PATIENCE;
        if self.push(until)? == Drawn::Behind {
            return Ok(Drawn::Behind);
        }
        let size = self.guard.device().size()?;
        if mem::take(&mut self.redraw) || size != self.size() {
            let composer = self.terminal.backend_mut();
            composer.size = size;
            // Whatever else wrote to the terminal may have left the cursor shown, or colours on.
            composer.bytes.extend_from_slice(b"\x1b[?25l\x1b[0m");
            composer.cursor = None;
            self.terminal.resize(Rect::new(0, 0, size.width, size.height))?;
        }
        let disputed = self.terminal.backend().disputed.clone();
        self.terminal.draw(|frame| {
            render(frame);
            disputed.note(frame.buffer_mut());
        })?;
        let frame = mem::take(&mut self.terminal.backend_mut().bytes);
        if !frame.is_empty() {
            // A synchronized update: a terminal that knows it shows the frame whole, others ignore it.
            self.pending.extend_from_slice(b"\x1b[?2026h");
            self.pending.extend_from_slice(&frame);
            self.pending.extend_from_slice(b"\x1b[?2026l");
            self.push(until)?;
        }
        Ok(Drawn::Yes)
    }

    /// Whether the terminal still has to take what was drawn: then draw again soon, though nothing changed.
    pub fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The next frame is drawn whole (Ctrl-L: another program wrote over ours).
    pub fn redraw(&mut self) {
        self.redraw = true;
    }

    /// Puts text on the user's clipboard, through the terminal (OSC 52). Not every terminal allows it, and none says so.
    ///
    /// # Errors
    /// Where the text is too long, or the terminal is gone.
    pub fn copy(&mut self, text: &str) -> Result<(), CopyError> {
        let sequence = clipboard::sequence(text)?;
        self.pending.extend_from_slice(sequence.as_bytes());
        self.push(Instant::now() + PATIENCE)?;
        Ok(())
    }

    /// Takes the mouse, or leaves it to the terminal and its own selection.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        let sequence = self.guard.mouse(taken);
        self.pending.extend_from_slice(sequence.as_bytes());
        self.push(Instant::now() + PATIENCE).map(drop)
    }

    /// [`Guard::suspend`], then the next frame whole.
    ///
    /// # Errors
    /// Where the terminal is gone or refuses.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.forget();
        self.guard.suspend()
    }

    /// [`Guard::resume`], then the next frame whole.
    ///
    /// # Errors
    /// Where the terminal is gone or refuses.
    pub fn resume(&mut self) -> io::Result<()> {
        self.forget();
        self.guard.resume()
    }

    fn forget(&mut self) {
        self.pending.clear();
        self.taken = 0;
        self.redraw = true;
    }

    fn push(&mut self, until: Instant) -> io::Result<Drawn> {
        self.taken += guard::write(&self.pending[self.taken..], until)?;
        if self.taken < self.pending.len() {
            return Ok(Drawn::Behind);
        }
        self.pending.clear();
        self.taken = 0;
        Ok(Drawn::Yes)
    }
}
