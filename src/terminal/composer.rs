//! Composes the bytes of a frame, and does not rely on the terminal's character widths.
//!
//! Terminals disagree on how many cells some symbols take: spacing marks of Indic scripts and Thai, joined emoji, flags. otail
//! uses `unicode-width`. A terminal with other widths would shift the rest of the row, and keep old cells that otail does not
//! know of. So otail sends a row that has or had such a symbol as a whole whenever it changes.

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use unicode_width::UnicodeWidthStr;

/// Whether terminals disagree on the width of a symbol. One character of these scripts and signs is certain, with nonspacing
/// accents or without.
fn is_disputed(symbol: &str) -> bool {
    if symbol.len() <= 1 {
        return false;
    }
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return false };
    let is_certain = matches!(first,
        // ASCII, Latin, Greek, Cyrillic
        ' '..='~' | '\u{a0}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}'
        // punctuation, arrows, boxes, blocks, Braille
        | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{25ff}' | '\u{2800}'..='\u{28ff}'
        // kana, CJK, Hangul, full width forms
        | '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff01}'..='\u{ff60}');
    !is_certain || !chars.all(|c| matches!(c, '\u{300}'..='\u{36f}'))
}

/// The rows of a frame that hold a disputed symbol, or held one in the frame before. The renderer fills it in; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct DisputedRows(Arc<Mutex<Rows>>);

#[derive(Debug, Default)]
struct Rows {
    /// By row: whether the last frame had a disputed symbol there.
    last: Vec<bool>,
    /// The rows that are sent whole if they change, by their line.
    whole: Vec<(u16, Vec<Cell>)>,
}

impl DisputedRows {
    /// Notes the disputed rows of a rendered frame, before it is sent.
    pub fn note(&self, frame: &Buffer) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Rows { last, whole } = &mut *rows;
        last.resize(frame.area.height.into(), false);
        whole.clear();
        let lines = frame.content.chunks(usize::from(frame.area.width).max(1));
        for ((line, last), y) in lines.zip(last).zip(frame.area.y..) {
            let is_disputed = line.iter().any(|cell| is_disputed(cell.symbol()));
            if std::mem::replace(last, is_disputed) || is_disputed {
                whole.push((y, line.to_vec()));
            }
        }
    }
}

/// Composes a frame's bytes. It remembers what it sent, so it never has to ask the terminal.
#[derive(Debug)]
pub(super) struct Composer {
    pub bytes: Vec<u8>,
    pub size: Size,
    /// The position of the visible cursor.
    pub cursor: Option<Position>,
    /// Filled in by the renderer.
    pub disputed: DisputedRows,
}

impl Composer {
    /// A composer that has sent nothing yet.
    pub fn new(size: Size) -> Composer {
        Composer { bytes: Vec::new(), size, cursor: None, disputed: DisputedRows::default() }
    }

    /// Sends a whole row: it erases the row first, and places the cursor again behind each disputed symbol. So a terminal that
    /// gives the symbol another width neither shifts the rest of the row nor keeps parts of it.
    fn send_whole(&mut self, y: u16, row: Vec<Cell>) -> io::Result<()> {
        self.bytes.extend_from_slice(format!("\x1b[{};1H\x1b[0m\x1b[K", y + 1).as_bytes());
        let (width, mut next, mut is_placed) = (row.len(), 0, false);
        let mut runs: Vec<Vec<(u16, u16, Cell)>> = Vec::new();
        for (at, mut cell) in row.into_iter().enumerate() {
            // The cells behind a wide symbol are its own.
            if at < next {
                continue;
            }
            next = at + cell.symbol().width().max(1);
            let is_disputed = is_disputed(cell.symbol());
            // A character takes at most two cells on any terminal. A symbol beyond the edge would continue in the next row.
            if is_disputed && at + cell.symbol().chars().count() * 2 > width {
                cell.set_symbol("…");
            }
            match runs.last_mut() {
                Some(run) if is_placed && !is_disputed => run.push((at as u16, y, cell)),
                _ => runs.push(vec![(at as u16, y, cell)]),
            }
            is_placed = !is_disputed;
        }
        for run in &runs {
            self.crossterm().draw(run.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
        }
        Ok(())
    }

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
        // Writing moves the cursor, so it is hidden meanwhile.
        self.hide_cursor()?;
        let disputed = self.disputed.clone();
        let whole = std::mem::take(&mut disputed.0.lock().unwrap_or_else(PoisonError::into_inner).whole);
        if whole.is_empty() {
            return self.crossterm().draw(content);
        }
        let mut changed = vec![false; whole.len()];
        self.crossterm().draw(content.filter(|(_, y, _)| match whole.binary_search_by_key(y, |(line, _)| *line) {
            Ok(at) => {
                changed[at] = true;
                false
            }
            Err(_) => true,
        }))?;
        for ((y, row), _) in whole.into_iter().zip(changed).filter(|(_, changed)| *changed) {
            self.send_whole(y, row)?;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor.take().is_some() {
            self.crossterm().hide_cursor()?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        // The following `set_cursor_position` shows the cursor.
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
    use ratatui::layout::Rect;
    use ratatui::text::Text;
    use ratatui::{Frame, Terminal};
    use std::mem;

    #[test]
    fn an_unchanged_frame_sends_nothing() {
        let mut terminal = terminal();
        assert!(!drawn(&mut terminal, "one", None).is_empty());
        assert_eq!(drawn(&mut terminal, "one", None), "");
        assert!(drawn(&mut terminal, "two", None).contains("tw"));
    }

    #[test]
    fn the_cursor_is_hidden_while_cells_are_written() {
        let mut terminal = terminal();
        let at = Some(Position::new(2, 0));
        assert!(drawn(&mut terminal, "one", at).ends_with("\x1b[1;3H\x1b[?25h"));
        assert_eq!(drawn(&mut terminal, "one", at), "");
        let changed = drawn(&mut terminal, "two", at);
        assert!(changed.starts_with("\x1b[?25l") && changed.ends_with("\x1b[1;3H\x1b[?25h"), "{changed:?}");
        assert_eq!(drawn(&mut terminal, "two", None), "\x1b[?25l");
    }

    #[test]
    fn any_size_can_be_drawn() {
        let mut terminal = terminal();
        for (width, height) in [(1, 1), (500, 200), (0, 0), (u16::MAX, 1), (3, 2)] {
            terminal.backend_mut().size = Size::new(width, height);
            terminal.resize(Rect::new(0, 0, width, height)).unwrap();
            drawn(&mut terminal, "one", None);
        }
        assert_eq!(drawn(&mut terminal, "one", None), "");
    }

    fn terminal() -> Terminal<Composer> {
        Terminal::new(Composer::new(Size::new(10, 2))).unwrap()
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

    fn screen_of(size: Size) -> vt100::Parser {
        let cells = |cells: u16| std::num::NonZero::new(cells).unwrap();
        vt100::Parser::new(cells(size.height), cells(size.width), 0)
    }

    /// The rows as a terminal without grapheme clusters shows them: each character has its own width.
    fn seen(rows: &[&[&str]]) -> Vec<String> {
        let size = Size::new(30, 3);
        let mut terminal = Terminal::new(Composer::new(size)).unwrap();
        let mut screen = screen_of(size);
        for lines in rows {
            let disputed = terminal.backend().disputed.clone();
            let render = |frame: &mut Frame<'_>| {
                frame.render_widget(Text::from(lines.join("\n")), frame.area());
                disputed.note(frame.buffer_mut());
            };
            terminal.draw(render).unwrap();
            screen.process(&mem::take(&mut terminal.backend_mut().bytes));
        }
        screen.screen().rows(0, size.width).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn a_symbol_of_disputed_width_leaves_nothing_behind() {
        for strange in
            ["उत्पादों की सूची क्षि", "กำลังทำงาน น้ำ", "👨‍👩‍👧‍👦 ok 👍🏽 x", "ำำำำำำำำำำำำำำำำำำำำำำำำำำำำำำ", "🇩🇪🇫🇷 é e\u{301}"]
        {
            let after = seen(&[&["above", strange, "below"], &["above", "ab   cd", "below"]]);
            assert_eq!(after, ["above", "ab   cd", "below"], "{strange}");
        }
    }

    #[test]
    fn a_symbol_of_disputed_width_shifts_no_other() {
        for strange in ["की", "น้ำ", "ำ", "👨‍👩‍👧‍👦", "👍🏽"] {
            let row = format!("{strange}|{strange}|end");
            let after = seen(&[&["above", &row, "below"]]);
            assert_eq!((&*after[0], &*after[2]), ("above", "below"), "{strange}");
            let at = strange.width();
            let mut plain = screen_of(Size::new(30, 3));
            let mut terminal = Terminal::new(Composer::new(Size::new(30, 3))).unwrap();
            let disputed = terminal.backend().disputed.clone();
            let render = |frame: &mut Frame<'_>| {
                frame.render_widget(&*row, frame.area());
                disputed.note(frame.buffer_mut());
            };
            terminal.draw(render).unwrap();
            plain.process(&terminal.backend().bytes);
            for (place, wanted) in [(at, "|"), (2 * at + 1, "|"), (2 * at + 2, "e")] {
                let cell = plain.screen().cell(0, place as u16).unwrap();
                assert_eq!(cell.contents(), wanted, "{strange} at {place}");
            }
        }
    }

    #[test]
    fn ordinary_text_is_not_disputed() {
        for text in ["GET /api", "größer", "日本語", "한국어", "…▲●│█⣿▴", "жук", "λόγος", "e\u{301}"]
        {
            let mut symbols = text.chars().map(|c| c.to_string());
            let alone = !symbols.any(|symbol| symbol != "\u{301}" && is_disputed(&symbol));
            assert!(alone, "{text}");
        }
        assert!(!is_disputed("e\u{301}"));
        assert!(is_disputed("की") && is_disputed("ำ") && is_disputed("👍🏽"));
    }
}
