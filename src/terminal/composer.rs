//! Composes the bytes of a frame, and does not trust terminals about widths.
//!
//! Terminals disagree on how many cells some symbols take: spacing marks of Indic scripts and Thai, joined emoji, flags. otail
//! goes by `unicode-width`; a terminal that goes by another table would shift the rest of the row, and keep cells that otail
//! believes are gone. So a row that holds such a symbol, or held one, is sent whole whenever it changes.

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use std::io;
use unicode_width::UnicodeWidthStr;

/// Whether terminals disagree on the width of a symbol. One character of these scripts and signs is certain, with nonspacing
/// accents or without.
fn is_disputed(symbol: &str) -> bool {
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

/// Composes a frame's bytes. Knows what it has told the terminal, so that it never has to ask.
#[derive(Debug)]
pub(super) struct Composer {
    pub bytes: Vec<u8>,
    pub size: Size,
    /// Where the cursor is shown, if it is.
    pub cursor: Option<Position>,
    /// The cells as they were sent.
    sent: Buffer,
    /// By row: whether it holds a symbol whose width terminals dispute.
    disputed: Vec<bool>,
}

impl Composer {
    /// Has sent nothing yet.
    pub fn new(size: Size) -> Composer {
        Composer { bytes: Vec::new(), size, cursor: None, sent: Buffer::default(), disputed: Vec::new() }
    }

    /// Sends a row whole: erased first, and with the cursor placed anew behind each disputed symbol, so that a terminal which
    /// gives it another width neither shifts the rest of the row nor keeps parts of it.
    fn rewrite(&mut self, y: u16) -> io::Result<()> {
        self.bytes.extend_from_slice(format!("\x1b[{};1H\x1b[0m\x1b[K", y + 1).as_bytes());
        let width = self.sent.area.width;
        let (mut x, mut is_placed) = (0, false);
        let mut runs: Vec<Vec<(u16, u16, Cell)>> = Vec::new();
        while x < width {
            let mut cell = self.sent[(x, y)].clone();
            let taken = u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
            let is_disputed = is_disputed(cell.symbol());
            // No terminal gives a character more than two cells. A symbol beyond the edge would go on in the next row.
            if is_disputed && usize::from(x) + cell.symbol().chars().count() * 2 > usize::from(width) {
                cell.set_symbol("…");
            }
            match runs.last_mut() {
                Some(run) if is_placed && !is_disputed => run.push((x, y, cell)),
                _ => runs.push(vec![(x, y, cell)]),
            }
            is_placed = !is_disputed;
            x += taken;
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
        let changed: Vec<(u16, u16, &Cell)> = content.collect();
        if changed.is_empty() {
            return Ok(());
        }
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        if self.sent.area != area {
            self.sent = Buffer::empty(area);
            self.disputed = vec![false; area.height.into()];
        }
        let mut rewritten = vec![false; area.height.into()];
        for (x, y, cell) in &changed {
            let (Some(sent), row) = (self.sent.cell_mut((*x, *y)), usize::from(*y)) else { continue };
            *sent = (*cell).clone();
            rewritten[row] |= self.disputed[row] || is_disputed(cell.symbol());
        }
        // Writing moves the cursor: hidden meanwhile, and shown at its place again after.
        self.hide_cursor()?;
        let is_plain = |y: u16| rewritten.get(usize::from(y)).is_none_or(|is| !is);
        let plain = changed.into_iter().filter(|(_, y, _)| is_plain(*y));
        self.crossterm().draw(plain)?;
        for y in (0..area.height).filter(|y| rewritten[usize::from(*y)]) {
            self.rewrite(y)?;
            self.disputed[usize::from(y)] = (0..area.width).any(|x| is_disputed(self.sent[(x, y)].symbol()));
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
        // `set_cursor_position` follows and shows it.
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
        if region == ClearType::All {
            self.sent = Buffer::default();
        }
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
    use ratatui::text::Text;
    use ratatui::{Frame, Terminal};
    use std::mem;

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

    /// Rows on a terminal that gives each character a width of its own, as terminals without grapheme clusters do.
    fn seen(rows: &[&[&str]]) -> Vec<String> {
        let size = Size::new(30, 3);
        let mut terminal = Terminal::new(Composer::new(size)).unwrap();
        let mut screen = screen_of(size);
        for lines in rows {
            terminal.draw(|frame| frame.render_widget(Text::from(lines.join("\n")), frame.area())).unwrap();
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
            terminal.draw(|frame| frame.render_widget(&*row, frame.area())).unwrap();
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
