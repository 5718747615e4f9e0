//! Writes frames to the terminal: only changed cells, and never faster than the terminal accepts them.
//!
//! A frame is composed in memory and written without blocking. While a slow terminal has not accepted all of it, otail composes
//! no new one: frames are skipped, not queued, so the next frame shows the current state, and at most one frame is in memory.
//! This module never reads from the terminal.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use super::clipboard::{self, CopyError};
use super::composer::Composer;
use super::{Device, Guard, guard};

/// Whether a frame was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// It was composed, and is being written.
    Yes,
    /// The terminal has not accepted all of the last frame: nothing was composed. Draw again in about 16 ms.
    Behind,
}

/// The screen of the terminal that a [`Guard`] holds. Dropping it restores the terminal.
#[derive(Debug)]
pub struct Screen {
    guard: Guard,
    terminal: Terminal<Composer>,
    /// The last frame. The terminal has not accepted the bytes from `taken` on.
    pending: Vec<u8>,
    taken: usize,
    redraw: bool,
}

/// How long a frame may block its thread. An ordinary terminal needs less; a slow one gets the rest later.
const PATIENCE: Duration = Duration::from_millis(8);

impl Screen {
    /// A blank screen.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn new(guard: Guard) -> io::Result<Self> {
        let size = guard.device().size()?;
        let terminal = Terminal::new(Composer::new(size))?;
        Ok(Self { guard, terminal, pending: Vec::new(), taken: 0, redraw: true })
    }

    /// The terminal's device, for [`listen`](super::listen).
    pub fn device(&self) -> Arc<Device> {
        Arc::clone(self.guard.device())
    }

    /// Columns and rows as of the last frame.
    pub fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// Composes a frame at the terminal's current size, and writes the difference from the last frame; no byte if they are equal.
    /// While the last frame is still being written, it does not call `render`.
    ///
    /// # Errors
    /// The terminal is gone or was restored: end the program.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        let until = Instant::now() + PATIENCE;
        if self.push(until)? == Drawn::Behind {
            return Ok(Drawn::Behind);
        }
        let size = self.guard.device().size()?;
        if mem::take(&mut self.redraw) || size != self.size() {
            let composer = self.terminal.backend_mut();
            composer.size = size;
            // Another program may have left the cursor visible, or colours on.
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
            // A synchronized update: the terminal shows the frame at once, or ignores this sequence.
            self.pending.extend_from_slice(b"\x1b[?2026h");
            self.pending.extend_from_slice(&frame);
            self.pending.extend_from_slice(b"\x1b[?2026l");
            self.push(until)?;
        }
        Ok(Drawn::Yes)
    }

    /// Whether the last frame is still being written. Then draw again soon, even without a change.
    pub fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Draws the next frame whole, for example because another program wrote to the terminal (Ctrl-L).
    pub fn redraw(&mut self) {
        self.redraw = true;
    }

    /// Copies text to the user's clipboard through the terminal (OSC 52). Some terminals ignore it, and none reports a failure.
    ///
    /// # Errors
    /// The text is too long, or the terminal is gone.
    pub fn copy(&mut self, text: &str) -> Result<(), CopyError> {
        let sequence = clipboard::sequence(text)?;
        self.pending.extend_from_slice(sequence.as_bytes());
        self.push(Instant::now() + PATIENCE)?;
        Ok(())
    }

    /// Takes the mouse, or leaves it to the terminal and its own selection.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        let sequence = self.guard.mouse(taken);
        self.pending.extend_from_slice(sequence.as_bytes());
        self.push(Instant::now() + PATIENCE).map(drop)
    }

    /// Calls [`Guard::suspend`], and draws the next frame whole.
    ///
    /// # Errors
    /// The terminal is gone or refuses.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.forget();
        self.guard.suspend()
    }

    /// Calls [`Guard::resume`], and draws the next frame whole.
    ///
    /// # Errors
    /// The terminal is gone or refuses.
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
