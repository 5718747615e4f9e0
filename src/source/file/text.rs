//! Bytes of a file → documents and lines → batches.

use super::super::link::Link;
use super::super::records::Records;
use crate::intake::Overflow;
use crate::wire::Limits;
use crate::wire::otlp::{Document, documents};
use std::borrow::Cow;
use tokio::runtime::Handle;

/// The longest document or line that is waited for.
const MAX_ITEM: usize = 64 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was read and is not complete yet. It blocks while the intake is full: files wait and never drop (ruling G3).
pub(super) struct Reading {
    records: Records,
    handle: Handle,
    pending: Vec<u8>,
    /// The length of `pending` at which looking again is worth while: what is unfinished is not scanned for each piece.
    look_at: usize,
    /// The length of `pending` when it was looked at last.
    looked: usize,
    /// An item passed [`MAX_ITEM`]; the rest of its line is thrown away.
    skipping: bool,
    begun: bool,
}

impl Reading {
    pub fn new(link: Link, handle: Handle) -> Reading {
        let records = Records::new(link, Overflow::Wait);
        Reading { records, handle, pending: Vec::new(), look_at: 0, looked: 0, skipping: false, begun: false }
    }

    /// The next bytes, cut anywhere.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', bytes) else { return };
            bytes = &bytes[end + 1..];
            self.skipping = false;
        }
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= self.look_at {
            self.read(false);
        }
    }

    /// There is nothing more for now: what is complete without a line's end is read too.
    pub fn pause(&mut self) {
        // What is unfinished is looked at again only where there is more of it.
        if self.pending.len() != self.looked {
            self.read(false);
        }
        self.handle.clone().block_on(self.records.deliver());
    }

    /// There will be nothing more: the last line needs no end.
    pub fn end(&mut self) {
        self.read(true);
        self.handle.clone().block_on(self.records.deliver());
        self.pending.clear();
        (self.look_at, self.looked, self.skipping, self.begun) = (0, 0, false, false);
    }

    fn read(&mut self, at_end: bool) {
        let mut pending = std::mem::take(&mut self.pending);
        if !self.begun && pending.len() >= BOM.len() {
            self.begun = true;
            if pending.starts_with(BOM) {
                pending.drain(..BOM.len());
            }
        }
        // A line that is not ended may go on, unless it is a document that is complete.
        let lines = if at_end { pending.len() } else { memchr::memrchr(b'\n', &pending).map_or(0, |at| at + 1) };
        let mut read = self.read_lines(&pending[..lines], at_end);
        if read == lines && read < pending.len() && is_complete_document(&pending[lines..]) {
            read += self.read_lines(&pending[lines..], true);
        }
        pending.drain(..read);
        if pending.len() > MAX_ITEM {
            self.handle.clone().block_on(self.records.too_large(MAX_ITEM));
            self.skipping = !pending.ends_with(b"\n");
            pending = Vec::new();
        }
        self.look_at = (pending.len() * 2).min(MAX_ITEM + 1);
        self.looked = pending.len();
        self.pending = pending;
    }

    /// Reads what is complete; how many bytes that was.
    fn read_lines(&mut self, bytes: &[u8], at_end: bool) -> usize {
        let text = String::from_utf8_lossy(bytes);
        let handle = self.handle.clone();
        for document in documents(&text, &Limits::default()) {
            match document {
                Document::Items(decoded) => handle.block_on(async {
                    self.records.deliver().await;
                    self.records.push(vec![decoded.batch], decoded.rejected).await;
                }),
                Document::Unknown(value) | Document::Broken(value, _) => self.line(value),
                Document::Unfinished(value) if at_end => self.line(value),
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
        let text = text.trim();
        if !text.is_empty() {
            self.handle.clone().block_on(self.records.read("message", "", text));
        }
    }
}

/// How many bytes at the end of `bytes` became `repaired` when invalid UTF-8 was replaced.
fn unrepaired_length(bytes: &[u8], repaired: &str) -> usize {
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

/// Whether bytes are one or more whole JSON objects or arrays.
fn is_complete_document(bytes: &[u8]) -> bool {
    let Ok(text) = simdutf8::basic::from_utf8(bytes) else { return false };
    let text = text.trim();
    if !text.starts_with(['{', '[']) || !text.ends_with(['}', ']']) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.all(|value| value.is_ok())
}
