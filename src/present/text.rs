//! Cuts and wraps text by its width in terminal cells.

use std::ops::Range;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of safe text, in cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The longest prefix of `text` that fits into `cells` cells, and its width.
pub fn fitting(text: &str, cells: usize) -> (&str, usize) {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        let width = c.width().unwrap_or_default();
        if taken + width > cells {
            return (&text[..at], taken);
        }
        taken += width;
    }
    (text, taken)
}

/// Wraps `text` into lines of at most `cells` cells: at its own line ends, else after the last space, comma or slash of a
/// line, else anywhere. Returns at least one line, which may be empty.
pub fn wrap(text: &str, cells: usize) -> Vec<Range<usize>> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        let mut from = start;
        loop {
            let (part, _) = fitting(&text[from..end], cells);
            if from + part.len() >= end {
                lines.push(from..end);
                break;
            }
            let part = if part.is_empty() { first_char(&text[from..end]) } else { part };
            let soft = part.rfind([' ', ',', '/', ';', '&']).map(|at| at + 1).filter(|at| *at > part.len() / 2);
            let until = from + soft.unwrap_or(part.len());
            lines.push(from..until);
            from = until;
        }
        start = end + 1;
    }
    lines
}

fn first_char(text: &str) -> &str {
    text.chars().next().map_or("", |c| &text[..c.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_behind_a_space_where_there_is_one() {
        let text = "payment declined by the bank\nsecond";
        let lines: Vec<&str> = wrap(text, 12).into_iter().map(|range| &text[range]).collect();
        assert_eq!(lines, ["payment ", "declined by ", "the bank", "second"]);
        assert_eq!((wrap("", 10).len(), wrap("", 10)[0].clone()), (1, 0..0));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_wider_than_asked(text in "[a z日́\n/]{0,60}", cells in 2usize..20) {
            let lines = wrap(&text, cells);
            let joined: String = lines.iter().map(|range| &text[range.clone()]).collect();
            prop_assert_eq!(joined, text.replace('\n', ""));
            prop_assert!(lines.iter().all(|range| width(&text[range.clone()]) <= cells));
        }

        #[test]
        fn what_fits_is_measured_in_cells(text in "[a日é́]{0,20}", cells in 0usize..20) {
            let (part, taken) = fitting(&text, cells);
            prop_assert!(taken <= cells && text.starts_with(part));
        }
    }
}
