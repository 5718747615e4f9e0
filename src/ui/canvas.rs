//! The canvas: writes clipped text with styles by role into a frame.
//!
//! It expects escaped text. It drops any other control character, so that no mistake elsewhere reaches the terminal.

use super::theme::{Role, Theme};
use crate::app::Area;
use crate::present::{fitting, width};
use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// The cells of a frame.
pub(super) struct Canvas<'a> {
    pub theme: &'a Theme,
    buffer: &'a mut Buffer,
}

impl<'a> Canvas<'a> {
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Canvas<'a> {
        Canvas { theme, buffer }
    }

    /// Writes text into at most `cells` cells from (x, y). Returns the next free column.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, style: impl Into<Look>) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() {
            return x;
        }
        let style = self.style(style);
        if self.theme.ascii && !text.is_ascii() {
            let text: String = text.chars().map(ascii).collect();
            return self.buffer.set_stringn(x, y, text, cells.into(), style).0;
        }
        self.buffer.set_stringn(x, y, text, cells.into(), style).0
    }

    /// Writes text into exactly `cells` cells; cuts the end with `…`.
    pub fn cut(&mut self, x: u16, y: u16, cells: u16, text: &str, style: impl Into<Look>) -> u16 {
        let style = style.into();
        let wanted = usize::from(cells);
        if wanted == 0 {
            return x;
        }
        if text.len() <= wanted || width(text) <= wanted {
            return self.text(x, y, cells, text, style);
        }
        let (part, taken) = fitting(text, wanted.saturating_sub(1));
        self.text(x, y, cells, part, style);
        self.text(x.saturating_add(taken as u16), y, 1, "…", style)
    }

    /// Writes a name into exactly `cells` cells; cuts the middle with `…`, since names often differ at their ends.
    pub fn name(&mut self, x: u16, y: u16, cells: u16, name: &str, style: impl Into<Look>) -> u16 {
        let wanted = usize::from(cells);
        if name.len() <= wanted || width(name) <= wanted || wanted < LEAST_NAME {
            return self.cut(x, y, cells, name, style);
        }
        let end = ending(name, wanted / 3);
        let (start, _) = fitting(name, wanted - 1 - width(end));
        self.text(x, y, cells, &format!("{start}…{end}"), style)
    }

    /// Writes text right-aligned into `cells` cells, cut if too long.
    pub fn right(&mut self, x: u16, y: u16, cells: u16, text: &str, style: impl Into<Look>) -> u16 {
        let taken = (width(text) as u16).min(cells);
        self.cut(x + cells - taken, y, taken, text, style)
    }

    /// Applies a style to an area. Existing text keeps those of its attributes that the style does not set.
    pub fn fill(&mut self, area: Area, style: impl Into<Look>) {
        let style = self.style(style);
        self.buffer.set_style(rect(area), style);
    }

    /// Applies the selection's style to a drawn row, on terminals whose colours are unreadable on its background.
    pub fn cover(&mut self, area: Area, role: Role) {
        if self.theme.covers {
            self.fill(area, role);
        }
    }

    /// Clears an area.
    pub fn clear(&mut self, area: Area) {
        let area = rect(area).intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// Highlights the search text in an area. Case matters only if the text has a capital letter.
    pub fn mark(&mut self, area: Area, wanted: &str) {
        let exact = wanted.chars().any(char::is_uppercase);
        let folded = |c: char| if exact { c } else { c.to_lowercase().next().unwrap_or(c) };
        let wanted: Vec<char> = wanted.chars().map(folded).collect();
        if wanted.is_empty() {
            return;
        }
        let style = self.theme.style(Role::Match);
        let area = rect(area).intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            let chars: Vec<(u16, char)> = (area.left()..area.right())
                .filter_map(|x| Some((x, self.buffer.cell((x, y))?)))
                .flat_map(|(x, cell)| cell.symbol().chars().map(move |c| (x, folded(c))))
                .collect();
            let mut at = 0;
            while at + wanted.len() <= chars.len() {
                if chars[at..at + wanted.len()].iter().map(|(_, c)| c).eq(&wanted) {
                    for (x, _) in &chars[at..at + wanted.len()] {
                        if let Some(cell) = self.buffer.cell_mut((*x, y)) {
                            cell.set_style(style);
                        }
                    }
                    at += wanted.len();
                } else {
                    at += 1;
                }
            }
        }
    }

    fn style(&self, style: impl Into<Look>) -> Style {
        match style.into() {
            Look::Role(role) => self.theme.style(role),
            Look::Style(style) => style,
        }
    }
}

/// A name in fewer cells is cut at its end instead, since its beginning is then more useful.
const LEAST_NAME: usize = 8;

/// The longest end of a text that fits into `cells` cells.
pub(super) fn ending(text: &str, cells: usize) -> &str {
    let mut starts = text.char_indices().map(|(at, _)| at).rev();
    let mut end = "";
    while let Some(at) = starts.next().filter(|at| width(&text[*at..]) <= cells) {
        end = &text[at..];
    }
    end
}

/// A role or an explicit style.
#[derive(Clone, Copy)]
pub(super) enum Look {
    Role(Role),
    Style(Style),
}

impl From<Role> for Look {
    fn from(role: Role) -> Look {
        Look::Role(role)
    }
}

impl From<Style> for Look {
    fn from(style: Style) -> Look {
        Look::Style(style)
    }
}

pub(super) fn rect(area: Area) -> ratatui::layout::Rect {
    ratatui::layout::Rect::new(area.x, area.y, area.width, area.height)
}

/// The ASCII replacement of a character.
fn ascii(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c,
        '…' => '~',
        '│' => '|',
        '─' => '-',
        '·' => '.',
        '•' => '*',
        '▏' | '▎' => '|',
        '▁' => '_',
        '▂' | '▃' => '.',
        '▄' | '▅' => '-',
        '▆' => '=',
        '●' => '*',
        '◌' => '~',
        '‖' => '=',
        '✕' => 'x',
        '○' => '-',
        '▲' => '!',
        '▌' | '→' => '>',
        '←' => '<',
        '↑' | '▴' => '^',
        '↓' | '▾' => 'v',
        '≤' => '<',
        '≥' => '>',
        '×' => 'x',
        'µ' => 'u',
        '█' | '▇' | '▉' | '▊' | '▋' | '▌'..='▍' => '#',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn names_are_cut_in_the_middle() {
        let theme = Theme::legend();
        let drawn = |name: &str, cells: u16| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 1));
            let end = Canvas::new(&mut buffer, &theme).name(0, 0, cells, name, Role::Text);
            assert!(end <= cells);
            buffer.content().iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()
        };
        assert_eq!(drawn("checkout-5d4f9b6c8-7f9c", 14), "checkout-…7f9c");
        assert_eq!(drawn("checkout", 8), "checkout");
        assert_eq!(drawn("checkout-5d4f9b6c8-7f9c", 6), "check…");
        assert_eq!(drawn("日本語日本語日本語", 9).replace(' ', ""), "日本語…語");
    }
}
