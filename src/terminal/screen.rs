//! Writes frames to the terminal: only changed cells, and never faster than the terminal accepts them.
//!
//! A frame is composed in memory and written without blocking. While a slow terminal has not taken all of it, no new
//! one is composed: frames are left out, not queued, so what is drawn next is always the present, and at most one frame
//! is held. Nothing here asks the terminal anything, and nothing reads.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal};

use super::clipboard::{self, CopyError};
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
        let terminal = Terminal::new(Composer { bytes: Vec::new(), size, cursor: None })?;
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
        self.terminal.draw(render)?;
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

/// Composes a frame's bytes. Knows what it has told the terminal, so that it never has to ask.
#[derive(Debug)]
struct Composer {
    bytes: Vec<u8>,
    size: Size,
    /// Where the cursor is shown, if it is.
    cursor: Option<Position>,
}

impl Composer {
    fn crossterm(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.bytes)
    }
}

impl Backend for Composer {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        // Writing moves the cursor: hidden meanwhile, and shown at its place again after.
        self.hide_cursor()?;
        self.crossterm().draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor.take().is_some() {
            self.crossterm().hide_cursor()?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        // With the place, which is told next.
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor != Some(position) {
            self.cursor = Some(position);
            self.crossterm().set_cursor_position(position)?;
            self.crossterm().show_cursor()?;
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.crossterm().clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_without_change_is_no_byte() {
        let mut terminal = terminal();
        assert!(!drawn(&mut terminal, "one", None).is_empty());
        assert_eq!(drawn(&mut terminal, "one", None), "");
        assert!(drawn(&mut terminal, "two", None).contains("tw"));
    }

    #[test]
    fn the_cursor_is_hidden_while_cells_are_written_and_shown_where_it_belongs() {
        let mut terminal = terminal();
        let at = Some(Position::new(2, 0));
        assert!(drawn(&mut terminal, "one", at).ends_with("\x1b[1;3H\x1b[?25h"));
        assert_eq!(drawn(&mut terminal, "one", at), "");
        let changed = drawn(&mut terminal, "two", at);
        assert!(changed.starts_with("\x1b[?25l") && changed.ends_with("\x1b[1;3H\x1b[?25h"), "{changed:?}");
        assert_eq!(drawn(&mut terminal, "two", None), "\x1b[?25l");
    }

    #[test]
    fn any_size_is_drawn_in() {
        let mut terminal = terminal();
        for (width, height) in [(1, 1), (500, 200), (0, 0), (u16::MAX, 1), (3, 2)] {
            terminal.backend_mut().size = Size::new(width, height);
            terminal.resize(Rect::new(0, 0, width, height)).unwrap();
            drawn(&mut terminal, "one", None);
        }
        assert_eq!(drawn(&mut terminal, "one", None), "");
    }

    fn terminal() -> Terminal<Composer> {
        Terminal::new(Composer { bytes: Vec::new(), size: Size::new(10, 2), cursor: None }).unwrap()
    }

    fn drawn(terminal: &mut Terminal<Composer>, text: &str, cursor: Option<Position>) -> String {
        let render = |frame: &mut Frame<'_>| {
            frame.render_widget(text, frame.area());
            if let Some(at) = cursor {
                frame.set_cursor_position(at);
            }
        };
        terminal.draw(render).unwrap();
        String::from_utf8(mem::take(&mut terminal.backend_mut().bytes)).unwrap()
    }
}
