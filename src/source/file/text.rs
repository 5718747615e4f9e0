//! Bytes of a file → documents and lines → batches.

use super::super::beginning::Gate;
use super::super::link::Link;
use super::super::records::Records;
use super::last::Last;
use crate::wire::otlp::{Document, Scan, begins_document, documents};
use crate::wire::{Limits, Rejected};
use std::borrow::Cow;
use tokio::runtime::Handle;

/// The longest document or line that is waited for.
pub(super) const MAX_ITEM: usize = 64 << 20;
/// Lines in a row that end with a brace, one of which may be the begin of a document's head.
const MOST_BRACES: usize = 16;
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was read and is not complete yet. It blocks while the intake is full: files wait and never drop (ruling G3).
pub(super) struct Reading {
    link: Link,
    records: Records,
    handle: Handle,
    pending: Vec<u8>,
    /// What is known of `pending`: it is read again only where that gives something.
    scan: Scan,
    /// An item passed [`MAX_ITEM`]; the rest of its line is thrown away.
    skipping: bool,
    begun: bool,
    /// While what is last is not known: it is not read before.
    last: Option<Last>,
}

impl Reading {
    pub fn new(link: Link, handle: Handle) -> Reading {
        let records = Records::of_lines(link.clone());
        let (pending, scan) = (Vec::new(), Scan::default());
        Reading { link, records, handle, pending, scan, skipping: false, begun: false, last: None }
    }

    /// Until [`Reading::open`]: leaves out what this says.
    pub fn leave_out(&mut self, gate: Gate) {
        self.records.gate = gate;
    }

    /// Until [`Reading::open`]: keeps the last so many items, and reads them then.
    pub fn keep_last(&mut self, items: u64) {
        self.last = Some(Last::new(items));
    }

    /// From here on everything is wanted.
    pub fn open(&mut self) {
        self.read_last(false);
        self.pause();
        self.records.gate = Gate::default();
    }

    /// The next bytes, cut anywhere.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', bytes) else { return };
            bytes = &bytes[end + 1..];
            self.skipping = false;
        }
        if let Some(last) = &mut self.last {
            let mut forgotten = last.push(bytes);
            let is_too_large = last.pending() > MAX_ITEM;
            if is_too_large {
                forgotten += last.forget_pending();
            }
            if forgotten > 0 {
                self.link.leave_out(forgotten);
            }
            if is_too_large {
                self.too_large(bytes.ends_with(b"\n"));
            }
            return;
        }
        let is_first = self.pending.is_empty();
        self.pending.extend_from_slice(bytes);
        if !self.begun && self.pending.len() >= BOM.len() {
            self.begun = true;
            if self.pending.starts_with(BOM) {
                self.pending.drain(..BOM.len());
                self.scan = Scan::default();
            }
        }
        if is_first {
            self.read(self.lines());
        } else if let Some(first) = self.scan.advance(&self.pending) {
            let lines = self.lines();
            let mut complete = if lines < first { self.complete().unwrap_or(first) } else { lines };
            if self.pending[..complete].trim_ascii_end().ends_with(b"{") {
                // A document may begin there. Where nothing follows for now, it is looked at again.
                complete = lines;
                self.scan = Scan::default();
            }
            self.read(complete);
        }
        if self.pending.len() > MAX_ITEM {
            self.too_large(self.pending.ends_with(b"\n"));
            self.pending = Vec::new();
            self.scan = Scan::default();
        }
    }

    /// There is nothing more for now: what is complete without a line's end is read too.
    pub fn pause(&mut self) {
        if let Some(complete) = self.complete() {
            self.read(complete.max(self.lines()));
        }
        self.handle.block_on(self.records.deliver());
    }

    /// There will be nothing more: the last line needs no end, and what is unfinished is told.
    pub fn end(&mut self) {
        self.read_last(true);
        let pending = std::mem::take(&mut self.pending);
        self.read_text(&pending, true);
        self.handle.block_on(self.records.deliver());
        self.scan = Scan::default();
        (self.skipping, self.begun) = (false, false);
        self.records.gate = Gate::default();
    }

    /// Reads what was kept because it is last.
    fn read_last(&mut self, ended: bool) {
        let Some(mut last) = self.last.take() else { return };
        let forgotten = if ended { last.end() } else { 0 };
        let kept = last.finish();
        if forgotten + kept.forgotten > 0 {
            self.link.leave_out(forgotten + kept.forgotten);
        }
        if kept.missing > 0 {
            let missing = kept.missing;
            self.link.trouble(format!("--tail: {missing} of the items are missing, for which there was no room"));
        }
        self.records.gate.skip = kept.skip;
        let skipping = std::mem::take(&mut self.skipping);
        let has_surplus = kept.skip > 0;
        for (number, (piece, _)) in kept.pieces.into_iter().enumerate() {
            self.push(&piece);
            // What is too many lies in the first piece, which is not to be mixed with others.
            if number == 0 && has_surplus {
                self.pause();
            }
        }
        self.push(&kept.pending);
        self.skipping |= skipping;
    }

    fn too_large(&mut self, is_ended: bool) {
        self.handle.block_on(self.records.too_large(MAX_ITEM));
        self.skipping = !is_ended;
    }

    /// How much is whole lines, but for last ones that end with a brace: the head of a document may begin there, and goes on in
    /// the next line. Where there are many of those, the head among them can be seen already.
    fn lines(&self) -> usize {
        let whole = |bytes| memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let lines = whole(&self.pending);
        let mut held = lines;
        for _ in 0..MOST_BRACES {
            let text = self.pending[..held].trim_ascii_end();
            if !text.ends_with(b"{") {
                return held;
            }
            held = whole(text);
        }
        lines
    }

    /// Up to where there are whole values or lines that were not seen before.
    fn complete(&mut self) -> Option<usize> {
        std::iter::from_fn(|| self.scan.advance(&self.pending)).last()
    }

    fn read(&mut self, length: usize) {
        let mut pending = std::mem::take(&mut self.pending);
        let read = self.read_text(&pending[..length], false);
        if read > 0 {
            pending.drain(..read);
            self.scan = Scan::default();
        }
        self.pending = pending;
    }

    /// Reads what is complete; how many bytes that was.
    fn read_text(&mut self, bytes: &[u8], ended: bool) -> usize {
        let text = String::from_utf8_lossy(bytes);
        let mut documents = documents(&text, &Limits::default());
        if ended {
            documents = documents.ended();
        }
        for document in documents {
            match document {
                Document::Items(decoded) => self.handle.block_on(async {
                    self.records.deliver().await;
                    self.records.push(vec![decoded.batch], decoded.rejected).await;
                }),
                Document::Unknown(value) => self.line(value),
                Document::Broken(value, reason) => {
                    self.line(value);
                    self.reject(value, &reason);
                }
                Document::Unfinished(value) if ended => {
                    self.line(value);
                    let message = format!("the input ended inside an item, after {} bytes of it", value.len());
                    self.reject(value, &message);
                    self.link.trouble(message);
                }
                Document::Unfinished(value) => {
                    // Lengths agree only where nothing was repaired; then the rest is found by its first line.
                    return match text {
                        Cow::Borrowed(_) => bytes.len() - value.len(),
                        Cow::Owned(_) => bytes.len() - unrepaired_length(bytes, value),
                    };
                }
            }
        }
        bytes.len()
    }

    fn line(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.handle.block_on(self.records.read("message", "", text));
        }
    }

    /// The text of what could not be read is an event, and counted as that; where it was to be a document, items are missing
    /// that nobody can count, which is told.
    fn reject(&mut self, text: &str, reason: &impl ToString) {
        if begins_document(text) {
            let rejected = Rejected { count: 0, reason: Some(reason.to_string()) };
            self.handle.block_on(async {
                self.records.deliver().await;
                self.records.push(Vec::new(), rejected).await;
            });
        }
    }
}

/// How many bytes at the end of `bytes` became `repaired` when invalid UTF-8 was replaced.
pub(super) fn unrepaired_length(bytes: &[u8], repaired: &str) -> usize {
    let mut left = repaired.len();
    let mut length = 0;
    for chunk in bytes.utf8_chunks().collect::<Vec<_>>().into_iter().rev() {
        let parts = [
            ('\u{fffd}'.len_utf8() * usize::from(!chunk.invalid().is_empty()), chunk.invalid().len()),
            (chunk.valid().len(), chunk.valid().len()),
        ];
        for (shown, real) in parts {
            if left <= shown {
                return length + if shown == real { left } else { real };
            }
            left -= shown;
            length += real;
        }
    }
    length
}
