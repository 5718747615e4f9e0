//! Turns the bytes of a file into documents and lines, and those into batches.

use super::super::beginning::Gate;
use super::super::link::Link;
use super::super::records::Records;
use super::form::{DETECTION_BYTES, Form};
use super::frames::{Frames, LastFrames};
use super::last::Last;
use crate::wire::lines::{Cleaner, Joiner, Run, Utf16, runs};
use crate::wire::otlp::{Document, Scan, begins_document, documents};
use crate::wire::{Decoded, Limits, Rejected};
use std::borrow::Cow;
use tokio::runtime::Handle;

/// The longest document or line, in bytes.
pub(super) const MAX_ITEM: usize = 64 << 20;
/// How many consecutive lines ending with a brace to hold back: one of them may be the first line of a document.
const MOST_BRACES: usize = 16;
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes input that arrives in pieces. Blocks while the queue is full: files wait and never drop items.
pub(in crate::source) struct TextDecoder {
    link: Link,
    records: Records,
    handle: Handle,
    pending: Vec<u8>,
    /// The scan state of `pending`, which is parsed only when something is complete.
    scan: Scan,
    /// An item exceeded [`MAX_ITEM`]; the rest of its line is skipped.
    skipping: bool,
    begun: bool,
    /// Collects the last items until it is known which those are.
    last: Option<Last>,
    last_frames: LastFrames,
    /// The format; `None` until enough bytes have arrived, which are in `head`.
    form: Option<Form>,
    head: Vec<u8>,
    utf16: Option<Utf16>,
    frames: Frames,
    stages: Stages,
    has_reported_hole: bool,
    fault: Option<&'static str>,
}

/// Steps before text is parsed: removal of binary data, joining of split lines.
struct Stages {
    cleaner: Cleaner,
    joiner: Joiner,
}

impl Default for Stages {
    fn default() -> Stages {
        Stages { cleaner: Cleaner::default(), joiner: Joiner::new(MAX_ITEM) }
    }
}

impl TextDecoder {
    pub fn new(link: Link, handle: Handle) -> TextDecoder {
        let records = Records::of_lines(link.clone());
        let (pending, scan) = (Vec::new(), Scan::default());
        TextDecoder {
            link,
            records,
            handle,
            pending,
            scan,
            skipping: false,
            begun: false,
            last: None,
            last_frames: LastFrames::default(),
            form: None,
            head: Vec::new(),
            utf16: None,
            frames: Frames::default(),
            stages: Stages::default(),
            has_reported_hole: false,
            fault: None,
        }
    }

    /// Drops items with this gate until [`TextDecoder::open`].
    pub fn leave_out(&mut self, gate: Gate) {
        self.records.gate = gate;
    }

    /// Keeps only the last items until [`TextDecoder::open`].
    pub fn keep_last(&mut self, items: u64) {
        self.last = Some(Last::new(items));
    }

    /// All later items are wanted.
    pub fn open(&mut self) {
        self.read_last(false);
        self.pause();
        self.records.gate = Gate::default();
    }

    /// The kind of the input if otail cannot read it; nothing more is read then.
    pub fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// The next bytes come from the middle of a file that begins with `head`.
    pub fn continue_in(&mut self, head: &[u8]) {
        if self.form.is_none() && self.head.is_empty() {
            self.form = Some(Form::of(head));
            self.utf16 = Utf16::of(head);
        }
    }

    /// Takes the next bytes, split anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        match self.form {
            Some(form) => self.push_as(form, bytes),
            None => {
                self.head.extend_from_slice(bytes);
                if self.head.len() >= DETECTION_BYTES {
                    self.detect_form();
                }
            }
        }
    }

    /// Detects the format from the bytes so far, and reads them.
    fn detect_form(&mut self) {
        let head = std::mem::take(&mut self.head);
        let form = Form::of(&head);
        self.form = Some(form);
        self.utf16 = Utf16::of(&head);
        self.push_as(form, head.strip_prefix(BOM).unwrap_or(&head));
    }

    fn push_as(&mut self, form: Form, bytes: &[u8]) {
        match form {
            Form::Text => self.push_utf8(bytes),
            Form::Utf16 => {
                let text = self.utf16.as_mut().map(|decoder| decoder.push(bytes)).unwrap_or_default();
                self.push_utf8(text.as_bytes());
            }
            Form::Frames => {
                let found = self.frames.push(bytes);
                found.into_iter().for_each(|(decoded, length)| self.take_message(decoded, length));
            }
            Form::Binary(what) => self.fault = Some(what),
        }
    }

    fn take_message(&mut self, decoded: Decoded, length: usize) {
        let Decoded { batch, rejected } = decoded;
        let batches = match &self.last {
            Some(last) => {
                let forgotten = self.last_frames.keep(batch, length, last.wanted());
                if forgotten > 0 {
                    self.link.leave_out(forgotten);
                }
                Vec::new()
            }
            None => vec![batch],
        };
        if self.last.is_none() || rejected.count > 0 {
            self.handle.block_on(self.records.push(batches, rejected));
        }
    }

    fn push_utf8(&mut self, bytes: &[u8]) {
        self.staged(|stages, out| {
            let Stages { cleaner, joiner } = stages;
            cleaner.push(bytes, &mut |clean| joiner.push(clean, out));
        });
    }

    /// Runs a step and reads the text it produces.
    fn staged(&mut self, work: impl FnOnce(&mut Stages, &mut dyn FnMut(&[u8]))) {
        let mut stages = std::mem::take(&mut self.stages);
        work(&mut stages, &mut |text| self.push_text(text));
        let (found, too_large) = (stages.cleaner.take_found(), stages.joiner.take_too_large());
        self.stages = stages;
        if found.runs > 0 {
            let bytes = found.binary;
            self.handle.block_on(self.records.deliver());
            self.link.reject(found.runs, format!("skipped binary data inside text ({bytes} bytes so far)"));
        } else if found.hole > 0 && !std::mem::replace(&mut self.has_reported_hole, true) {
            let bytes = found.hole;
            self.link
                .trouble(format!("skipped {bytes} NUL bytes: the file was truncated while its writer had it open"));
        }
        for _ in 0..too_large {
            self.handle.block_on(self.records.too_large(MAX_ITEM));
        }
    }

    /// Takes the next bytes of text, split anywhere.
    fn push_text(&mut self, mut bytes: &[u8]) {
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
                // A document may begin there. If nothing follows soon, `pause` reads it.
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

    /// There is no more input for now: also reads items that are complete without a newline.
    pub fn pause(&mut self) {
        // Bytes that no text begins with may be the beginning of another format.
        if self.head.first().is_some_and(|byte| (9..0x80).contains(byte)) {
            self.detect_form();
        }
        self.staged(|stages, out| stages.joiner.pause(out));
        if let Some(complete) = self.complete() {
            self.read(complete.max(self.lines()));
        }
        self.handle.block_on(self.records.deliver());
    }

    /// This file has ended, but another may follow: a container's line in parts may continue there.
    pub fn end_file(&mut self) {
        self.end_text(false);
    }

    /// The input has ended: the last line needs no newline, and an unfinished item is reported.
    pub fn end(&mut self) {
        self.end_text(true);
    }

    fn end_text(&mut self, is_last: bool) {
        if !self.head.is_empty() {
            self.detect_form();
        }
        self.staged(|stages, out| {
            stages.cleaner.end();
            match is_last {
                true => stages.joiner.end(out),
                false => stages.joiner.break_off(out),
            }
        });
        let left = self.frames.end();
        if left > 0 {
            let message = format!("the input ended inside a message, after {left} bytes of it");
            self.link.reject(1, message.clone());
            self.link.trouble(message);
        }
        self.read_last(true);
        self.form = None;
        let pending = std::mem::take(&mut self.pending);
        self.read_text(&pending, true);
        self.handle.block_on(self.records.deliver());
        self.scan = Scan::default();
        (self.skipping, self.begun) = (false, false);
        self.records.gate = Gate::default();
    }

    /// Reads the items that were kept as the last ones.
    fn read_last(&mut self, ended: bool) {
        let Some(mut last) = self.last.take() else { return };
        if self.form == Some(Form::Frames) {
            let (skip, batches) = self.last_frames.take(last.wanted());
            self.records.gate.skip = skip;
            self.handle.block_on(self.records.push(batches, Rejected::default()));
            return;
        }
        let forgotten = if ended { last.end() } else { 0 };
        let kept = last.finish();
        if forgotten + kept.forgotten > 0 {
            self.link.leave_out(forgotten + kept.forgotten);
        }
        if kept.missing > 0 {
            let missing = kept.missing;
            self.link
                .trouble(format!("--tail: {missing} items are missing because the limit on kept text was reached"));
        }
        self.records.gate.skip = kept.skip;
        let skipping = std::mem::take(&mut self.skipping);
        let has_surplus = kept.skip > 0;
        for (number, (piece, _)) in kept.pieces.into_iter().enumerate() {
            self.push_text(&piece);
            // Unwanted items are all in the first piece, which must not be read together with others.
            if number == 0 && has_surplus {
                self.pause();
            }
        }
        self.push_text(&kept.pending);
        self.skipping |= skipping;
    }

    fn too_large(&mut self, is_ended: bool) {
        self.handle.block_on(self.records.too_large(MAX_ITEM));
        self.skipping = !is_ended;
    }

    /// The length of all complete lines, without trailing lines that end with a brace: a document may begin there and
    /// continue on the next line. With many such lines, the scan has already found the document.
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

    /// The end of the complete values or lines that were not yet seen.
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

    /// Reads complete items; returns the number of bytes consumed.
    fn read_text(&mut self, bytes: &[u8], ended: bool) -> usize {
        let text = String::from_utf8_lossy(bytes);
        let mut runs = runs(&text, ended).peekable();
        while let Some(run) = runs.next() {
            match run {
                Run::Container(line) => self.handle.block_on(self.records.read_container_line(&line)),
                Run::Other(lines) => {
                    // A container's line ends any unfinished item before it.
                    let ended = ended || runs.peek().is_some();
                    if let Some(value) = self.read_lines(lines, ended) {
                        // Invalid UTF-8 was replaced, so lengths differ; count the bytes from the end.
                        return match text {
                            Cow::Borrowed(_) => bytes.len() - value.len(),
                            Cow::Owned(_) => bytes.len() - unrepaired_length(bytes, value),
                        };
                    }
                }
            }
        }
        bytes.len()
    }

    /// Reads lines that are not from a container runtime; returns an unfinished item at the end, if it may continue.
    fn read_lines<'t>(&mut self, lines: &'t str, ended: bool) -> Option<&'t str> {
        let mut documents = documents(lines, &Limits::default());
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
                Document::Unfinished(value) => return Some(value),
            }
        }
        None
    }

    fn line(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.handle.block_on(self.records.read("message", "", text));
        }
    }

    /// Reports text that looks like a document but is invalid. The text is kept and counted as an event; the number of lost
    /// items is unknown.
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

/// How many bytes at the end of `bytes` produced `repaired`, in which invalid UTF-8 was replaced.
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
