//! A line editor and its history.

use super::Action;
use tui_input::{Input, InputRequest};

/// Maximum bytes of a line; longer pastes are cut.
const MAX_BYTES: usize = 4 << 10;
/// Maximum lines in the history.
const MAX_HISTORY: usize = 100;

/// Lines typed before, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    lines: Vec<String>,
}

/// A text line with a cursor.
#[derive(Clone, Debug)]
pub struct Line {
    input: Input,
    /// Position in the history, in lines back; 0 is the current draft.
    back: usize,
    draft: String,
}

impl History {
    /// Remembers a line as the newest. Removes an earlier copy of it; ignores an empty line.
    pub fn remember(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        self.lines.retain(|known| known != line);
        self.lines.push(line.to_owned());
        let surplus = self.lines.len().saturating_sub(MAX_HISTORY);
        self.lines.drain(..surplus);
    }
}

impl Line {
    /// A line with this text and the cursor at its end.
    pub fn new(text: &str) -> Line {
        Line { input: Input::new(text.to_owned()), back: 0, draft: String::new() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The cursor's position in bytes.
    pub fn cursor(&self) -> usize {
        let text = self.input.value();
        text.char_indices().nth(self.input.cursor()).map_or(text.len(), |(at, _)| at)
    }

    /// Replaces the text and moves the cursor to its end.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Inserts text at the cursor. Line ends and tabs become spaces; text beyond the maximum is cut.
    pub fn insert(&mut self, text: &str) {
        let cursor = self.cursor();
        let (before, after) = self.input.value().split_at(cursor);
        let room = MAX_BYTES.saturating_sub(before.len() + after.len());
        let end = (0..=text.len().min(room)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let fitting: String = text[..end].chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let chars = self.input.cursor() + fitting.chars().count();
        let whole = format!("{before}{fitting}{after}");
        self.input = Input::new(whole).with_cursor(chars);
    }

    /// Applies an editing or cursor action; returns false for any other action.
    pub fn edit(&mut self, action: Action, history: &History) -> bool {
        let request = match action {
            Action::Left => InputRequest::GoToPrevChar,
            Action::Right => InputRequest::GoToNextChar,
            Action::WordLeft => InputRequest::GoToPrevWord,
            Action::WordRight => InputRequest::GoToNextWord,
            Action::LineStart => InputRequest::GoToStart,
            Action::LineEnd => InputRequest::GoToEnd,
            Action::DeleteBack => InputRequest::DeletePrevChar,
            Action::DeleteForward => InputRequest::DeleteNextChar,
            Action::DeleteWord => InputRequest::DeletePrevWord,
            Action::DeleteToStart => InputRequest::DeleteFromStart,
            Action::DeleteToEnd => InputRequest::DeleteTillEnd,
            Action::Earlier => {
                self.recall(self.back + 1, history);
                return true;
            }
            Action::Later => {
                self.recall(self.back.saturating_sub(1), history);
                return true;
            }
            _ => return false,
        };
        _ = self.input.handle(request);
        true
    }

    fn recall(&mut self, back: usize, history: &History) {
        if back > history.lines.len() || back == self.back {
            return;
        }
        if self.back == 0 {
            self.draft = self.text().to_owned();
        }
        self.back = back;
        let text = if back == 0 { self.draft.clone() } else { history.lines[history.lines.len() - back].clone() };
        self.set(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_one_bounded_line() {
        let mut line = Line::new("ad");
        line.edit(Action::Left, &History::default());
        line.insert("b\r\nc\t");
        assert_eq!((line.text(), line.cursor()), ("ab  c d", 6));
        line.insert(&"ü".repeat(1 << 20));
        assert!(line.text().len() <= MAX_BYTES);
    }

    #[test]
    fn the_history_keeps_the_draft() {
        let mut history = History::default();
        ["one", "two", "", "one"].iter().for_each(|line| history.remember(line));
        let mut line = Line::new("dra");
        for (action, text) in [
            (Action::Earlier, "one"),
            (Action::Earlier, "two"),
            (Action::Earlier, "two"),
            (Action::Later, "one"),
            (Action::Later, "dra"),
            (Action::Later, "dra"),
        ] {
            line.edit(action, &history);
            assert_eq!(line.text(), text);
        }
    }
}
