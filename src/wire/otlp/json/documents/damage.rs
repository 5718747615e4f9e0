//! Broken text: where the broken part ends, and where the next document may begin.

use crate::wire::otlp::json::heads::{begins_line, next_head};
use crate::wire::otlp::json::text::Json;

/// What is known about a text with a broken part, so that no byte of it is searched twice.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Up to here, values were open that turned out broken: text outside their documents is read line by line.
    pub until: usize,
    /// The next head, and the next head that begins a line; valid while they lie ahead.
    head: usize,
    line_head: usize,
}

impl Damage {
    /// The next head after `at`, or the end of the text.
    pub fn head(&mut self, text: &str, at: usize) -> usize {
        if self.head <= at {
            self.head = next_head(text.as_bytes(), at + 1).unwrap_or(text.len());
        }
        self.head
    }

    /// The next head after `at` that begins a line, or the end of the text.
    pub fn line_head(&mut self, text: &str, at: usize) -> usize {
        while self.line_head <= at || !(self.line_head == text.len() || begins_line(text.as_bytes(), self.line_head)) {
            let from = self.line_head.max(at) + 1;
            self.line_head = next_head(text.as_bytes(), from).unwrap_or(text.len());
        }
        self.line_head
    }

    /// Where a value ends that begins at `at` and cannot continue at `until`.
    pub fn end_of_broken(&mut self, text: &str, at: usize, until: usize) -> usize {
        let head = self.head(text, at);
        let text = &text[..head];
        let mut line = next_line(text, at);
        while line < head && line <= until {
            let rest = &text[line..];
            let begins_other = line == until && !rest.starts_with(['}', ']']);
            if begins_other || rest.starts_with('{') && is_value(&text[line..next_line(text, line)]) {
                break;
            }
            line = next_line(text, line);
        }
        // The remaining lines of a multi-line value are indented, except for its closing brackets.
        while next_line(text, at) <= until && text[line..].starts_with([' ', '\t', '}', ']']) {
            line = next_line(text, line);
        }
        line
    }
}

/// Where the line after this index begins.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length + 1)
}

/// Whether a text is one JSON value and nothing else.
pub(super) fn is_value(text: &str) -> bool {
    let mut json = Json::new(text);
    json.skip().and_then(|()| json.end()).is_ok()
}
