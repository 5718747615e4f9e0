//! Errors in an expression: the position, the cause, and what was expected.

use crate::model::visible;
use std::fmt;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// The width in cells of an expression drawn on standard error.
const DRAWN_WIDTH: usize = 100;

/// A refused expression. `Display` draws it on three lines, with carets under the error:
///
/// ```text
/// severity>=banana
///           ^^^^^^
/// `banana` is no severity; expected trace, debug, info, warn, error, fatal or a number from 1 to 24
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterError {
    /// The byte range of the error; empty and at the end if something is missing there.
    pub at: Range<usize>,
    /// The cause. It may quote the expression; control characters are escaped.
    pub message: String,
    /// What was expected; empty if the message says so already.
    pub expected: String,
    expression: String,
}

impl FilterError {
    pub(super) fn new(
        expression: &str,
        at: Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> FilterError {
        FilterError { at, message: message.into(), expected: expected.into(), expression: expression.to_owned() }
    }

    /// The cause and what was expected, on one line that is safe to print.
    pub fn explanation(&self) -> String {
        match self.expected.as_str() {
            "" => self.message.clone(),
            expected => format!("{}; expected {expected}", self.message),
        }
    }

    /// The expression as safe text, and the line of carets to print under it. If the expression is wider than `width` cells,
    /// only the part around the error is returned.
    pub fn drawing(&self, width: usize) -> (String, String) {
        let part = |range: Range<usize>| visible(self.expression.get(range).unwrap_or_default());
        let before = part(0..self.at.start);
        let place = part(self.at.clone());
        let after = part(self.at.end..self.expression.len());
        let place_width = place.width().max(1);
        // The text before the error may use the width that the error and a little text after it leave.
        let (before, indent) = cut_left(&before, width.saturating_sub(place_width.min(width / 2) + 8).max(width / 4));
        let (line, _) = cut_right(&format!("{before}{place}{after}"), width);
        let carets = place_width.min(width.saturating_sub(indent).max(1));
        (line, format!("{}{}", " ".repeat(indent), "^".repeat(carets)))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, carets) = self.drawing(DRAWN_WIDTH);
        write!(f, "{line}\n{carets}\n{}", self.explanation())
    }
}

impl std::error::Error for FilterError {}

/// Quotes a part of an expression for a message: safe to print, in backticks, shortened.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", visible(&short))
}

/// The longest suffix of `text` that fits, with `…` for the rest, and its width.
fn cut_left(text: &str, width: usize) -> (String, usize) {
    if text.width() <= width {
        return (text.to_owned(), text.width());
    }
    let start = text.char_indices().map(|(at, _)| at).find(|at| text[*at..].width() < width).unwrap_or(text.len());
    let cut = format!("…{}", &text[start..]);
    let width = cut.width();
    (cut, width)
}

/// The longest prefix of `text` that fits, with `…` for the rest, and its width.
fn cut_right(text: &str, width: usize) -> (String, usize) {
    if text.width() <= width {
        return (text.to_owned(), text.width());
    }
    let end = text.char_indices().map(|(at, _)| at).rfind(|at| text[..*at].width() < width).unwrap_or(0);
    let cut = format!("{}…", &text[..end]);
    let width = cut.width();
    (cut, width)
}
