//! Bytes in, frames out, however the bytes are cut into chunks.
//!
//! ```text
//!  push ─► input ──take_line──► line ──read──► data, kind, id ──blank line──► Event
//!          (at most one unfinished line is kept between pushes)
//! ```
//!
//! Bytes are decoded as text only when a frame is made. The result is the same as decoding the stream first: line ends, colon
//! and space are ASCII, so none of them lies inside a character, and a character that one of them cuts short is replaced on
//! its own.

use super::{Frame, Limits};
use memchr::memchr2;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Turns the bytes of a stream of server-sent events into [`Frame`]s.
///
/// [`Framer::push`] a chunk, then call [`Framer::next`] until it returns `None`. Time is linear in the bytes, however they
/// are cut. Between chunks it holds one unfinished line and one unfinished event, each within its limit.
#[derive(Default)]
pub struct Framer {
    limits: Limits,
    /// Pushed bytes; those from `at` on are not read yet.
    input: Vec<u8>,
    /// Where the current line begins.
    at: usize,
    /// How far the current line has been searched for its end.
    searched: usize,
    /// Whether a byte order mark can no longer come.
    begun: bool,
    /// The last line ended in CR: an LF directly after it belongs to the same line end.
    swallow_lf: bool,
    /// The current line exceeded its limit; the rest of it is discarded.
    skipping_line: bool,
    /// The current event exceeded a limit; its fields up to the blank line are discarded.
    skipping_event: bool,
    /// The last call of `next` returned `data` and `kind`.
    delivered: bool,
    /// The standard's data buffer: each line's value and an LF.
    data: Vec<u8>,
    /// The standard's event type buffer.
    kind: String,
    /// The standard's last event ID buffer: becomes `last_event_id` with the next blank line.
    id: String,
    last_event_id: String,
    /// `data` as text, if it had invalid UTF-8.
    repaired: String,
}

/// A line, without its end.
enum Line {
    Whole { start: usize, end: usize },
    TooLong { is_comment: bool },
}

/// A frame before it borrows from the framer.
enum FrameKind {
    Event,
    Comment,
    Retry(u64),
    TooLarge(usize),
}

impl Framer {
    /// A framer for a stream that has not begun.
    pub fn new(limits: Limits) -> Framer {
        Framer { limits, ..Framer::default() }
    }

    /// Adds the next bytes of the stream, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        // At most one unfinished line remains, and it moves at most once: after this it begins at 0.
        self.input.drain(..self.at);
        self.searched -= self.at;
        self.at = 0;
        self.input.extend_from_slice(bytes);
    }

    /// The next frame; `None` until more bytes are pushed.
    #[expect(clippy::should_implement_trait, reason = "a frame borrows from the framer, which no Iterator can say")]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        if std::mem::take(&mut self.delivered) {
            self.data.clear();
            self.kind.clear();
        }
        let found = loop {
            let line = self.take_line()?;
            if let Some(found) = self.read(line) {
                break found;
            }
        };
        Some(match found {
            FrameKind::Event => self.event(),
            FrameKind::Comment => Frame::Comment,
            FrameKind::Retry(milliseconds) => Frame::Retry(milliseconds),
            FrameKind::TooLarge(limit) => Frame::TooLarge { limit },
        })
    }

    /// The id to resume from (`Last-Event-ID`), of the last complete block. Empty if there is none. It is as long as the
    /// server made it, up to the line limit.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Starts over on a new connection to the same stream: forgets the unfinished event and its id, keeps the last event id.
    pub fn restart(&mut self) {
        *self = Framer {
            id: self.last_event_id.clone(),
            last_event_id: std::mem::take(&mut self.last_event_id),
            ..Framer::new(self.limits)
        };
    }

    fn take_line(&mut self) -> Option<Line> {
        if !self.begun {
            let first = &self.input[..self.input.len().min(BOM.len())];
            if first == BOM {
                self.at = BOM.len();
                self.searched = BOM.len();
            } else if BOM.starts_with(first) {
                return None;
            }
            self.begun = true;
        }
        loop {
            if self.swallow_lf {
                if *self.input.get(self.at)? == b'\n' {
                    self.at += 1;
                    self.searched = self.at;
                }
                self.swallow_lf = false;
            }
            let Some(offset) = memchr2(b'\n', b'\r', &self.input[self.searched..]) else {
                return self.unfinished_line();
            };
            let (start, end) = (self.at, self.searched + offset);
            self.swallow_lf = self.input[end] == b'\r';
            self.at = end + 1;
            self.searched = self.at;
            if !std::mem::take(&mut self.skipping_line) {
                return Some(self.within_limit(start, end));
            }
        }
    }

    /// The input ends inside a line: keeps the line unless it is already too long.
    fn unfinished_line(&mut self) -> Option<Line> {
        let (start, end) = (self.at, self.input.len());
        self.searched = end;
        let mut found = None;
        if !self.skipping_line {
            let line = self.within_limit(start, end);
            if matches!(line, Line::Whole { .. }) {
                return None;
            }
            self.skipping_line = true;
            found = Some(line);
        }
        self.at = end;
        found
    }

    fn within_limit(&self, start: usize, end: usize) -> Line {
        if end - start > self.limits.line {
            Line::TooLong { is_comment: self.input[start] == b':' }
        } else {
            Line::Whole { start, end }
        }
    }

    fn read(&mut self, line: Line) -> Option<FrameKind> {
        let line = match line {
            Line::TooLong { is_comment: true } => return Some(FrameKind::Comment),
            Line::TooLong { is_comment: false } => return self.skip_event(self.limits.line),
            Line::Whole { start, end } => &self.input[start..end],
        };
        if line.is_empty() {
            return self.dispatch();
        }
        // All known names have at most five letters, so a bytewise search is faster than a vectorized one.
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(0) => return Some(FrameKind::Comment),
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        match name {
            b"data" if !self.skipping_event => {
                if self.data.len() + value.len() > self.limits.event {
                    return self.skip_event(self.limits.event);
                }
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"event" => set_text(&mut self.kind, value),
            // A skipped event still moves the position: resuming before it would only send it again.
            b"id" if !value.contains(&0) => set_text(&mut self.id, value),
            b"retry" => return milliseconds(value).map(FrameKind::Retry),
            _ => {}
        }
        None
    }

    fn skip_event(&mut self, limit: usize) -> Option<FrameKind> {
        self.data.clear();
        let first = !std::mem::replace(&mut self.skipping_event, true);
        first.then_some(FrameKind::TooLarge(limit))
    }

    /// Ends an event at a blank line.
    fn dispatch(&mut self) -> Option<FrameKind> {
        if self.id != self.last_event_id {
            self.last_event_id.clone_from(&self.id);
        }
        self.skipping_event = false;
        if self.data.pop().is_none() {
            self.kind.clear();
            return None;
        }
        self.delivered = true;
        Some(FrameKind::Event)
    }

    fn event(&mut self) -> Frame<'_> {
        let data = match simdutf8::basic::from_utf8(&self.data) {
            Ok(text) => text,
            Err(_) => {
                self.repaired = String::from_utf8_lossy(&self.data).into_owned();
                &self.repaired
            }
        };
        let kind = if self.kind.is_empty() { "message" } else { &self.kind };
        Frame::Event { kind, data, id: &self.last_event_id }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.input.capacity() + self.data.capacity() + self.kind.capacity() + self.id.capacity()
    }
}

fn set_text(text: &mut String, value: &[u8]) {
    if text.as_bytes() == value {
        return;
    }
    text.clear();
    match std::str::from_utf8(value) {
        Ok(value) => text.push_str(value),
        Err(_) => text.push_str(&String::from_utf8_lossy(value)),
    }
}

/// Parses ASCII digits, at least one; a number that overflows 64 bits becomes the largest.
fn milliseconds(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    digits.then(|| {
        value.iter().fold(0u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    })
}
