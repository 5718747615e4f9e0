//! Bytes of a file → documents and lines → batches.

use super::super::beginning::Gate;
use super::super::link::Link;
use super::super::records::Records;
use super::form::{Form, TELLING};
use super::frames::{Frames, LastFrames};
use super::last::Last;
use crate::wire::lines::{Cleaner, Joiner, Run, Utf16, runs};
use crate::wire::otlp::{Document, Scan, begins_document, documents};
use crate::wire::{Decoded, Limits, Rejected};
use std::borrow::Cow;
use tokio::runtime::Handle;

/// The longest document or line that is waited for.
pub(super) const MAX_ITEM: usize = 64 << 20;
/// Lines in a row that end with a brace, one of which may be the begin of a document's head.
const MOST_BRACES: usize = 16;
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was read and is not complete yet. It blocks while the intake is full: files wait and never drop.
pub(in crate::source) struct Reading {
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
    last_frames: LastFrames,
    /// What the bytes are, once enough of them have come to tell; until then they are in `head`.
    form: Option<Form>,
    head: Vec<u8>,
    utf16: Option<Utf16>,
    frames: Frames,
    stages: Stages,
    has_told_hole: bool,
    fault: Option<&'static str>,
}

/// What text goes through before it is read.
struct Stages {
    cleaner: Cleaner,
    joiner: Joiner,
}

impl Default for Stages {
    fn default() -> Stages {
        Stages { cleaner: Cleaner::default(), joiner: Joiner::new(MAX_ITEM) }
    }
}

impl Reading {
    pub fn new(link: Link, handle: Handle) -> Reading {
        let records = Records::of_lines(link.clone());
        let (pending, scan) = (Vec::new(), Scan::default());
        Reading {
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
            has_told_hole: false,
            fault: None,
        }
    }

    /// Until [`Reading::open`]: leaves out what this says.
    pub fn leave_out(&mut self, gate: Gate) {
        self.records.gate = gate;
    }

    /// Until [`Reading::open`]: keeps the last items, and reads them then.
    pub fn keep_last(&mut self, items: u64) {
        self.last = Some(Last::new(items));
    }

    /// From here on everything is wanted.
    pub fn open(&mut self) {
        self.read_last(false);
        self.pause();
        self.records.gate = Gate::default();
    }

    /// What the input turned out to be, where it cannot be read; nothing more is read of it then.
    pub fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// What comes next is from the middle of a file that begins with `head`.
    pub fn goes_on_in(&mut self, head: &[u8]) {
        if self.form.is_none() && self.head.is_empty() {
            self.form = Some(Form::of(head));
            self.utf16 = Utf16::of(head);
        }
    }

    /// The next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        match self.form {
            Some(form) => self.push_as(form, bytes),
            None => {
                self.head.extend_from_slice(bytes);
                if self.head.len() >= TELLING {
                    self.tell_form();
                }
            }
        }
    }

    /// Tells by what has come what it is, and reads it.
    fn tell_form(&mut self) {
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

    /// Does something with the stages; what comes out of them is read.
    fn staged(&mut self, work: impl FnOnce(&mut Stages, &mut dyn FnMut(&[u8]))) {
        let mut stages = std::mem::take(&mut self.stages);
        work(&mut stages, &mut |text| self.push_text(text));
        let (found, too_large) = (stages.cleaner.take_found(), stages.joiner.take_too_large());
        self.stages = stages;
        if found.runs > 0 {
            let bytes = found.binary;
            self.handle.block_on(self.records.deliver());
            self.link
                .reject(found.runs, format!("binary data in the middle of a text: left out ({bytes} bytes so far)"));
        } else if found.hole > 0 && !std::mem::replace(&mut self.has_told_hole, true) {
            let bytes = found.hole;
            self.link.trouble(format!(
                "a hole of {bytes} NUL bytes was skipped: the file was cut while its writer had it open"
            ));
        }
        for _ in 0..too_large {
            self.handle.block_on(self.records.too_large(MAX_ITEM));
        }
    }

    /// The next bytes of a text, cut anywhere.
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
        // What no text begins with may be the begin of something else.
        if self.head.first().is_some_and(|byte| (9..0x80).contains(byte)) {
            self.tell_form();
        }
        self.staged(|stages, out| stages.joiner.pause(out));
        if let Some(complete) = self.complete() {
            self.read(complete.max(self.lines()));
        }
        self.handle.block_on(self.records.deliver());
    }

    /// There will be nothing more of this file, but perhaps of another: a line whose parts came here may go on there.
    pub fn end_file(&mut self) {
        self.end_text(false);
    }

    /// There will be nothing more: the last line needs no end, and what is unfinished is told.
    pub fn end(&mut self) {
        self.end_text(true);
    }

    fn end_text(&mut self, is_last: bool) {
        if !self.head.is_empty() {
            self.tell_form();
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

    /// Reads what was kept because it is last.
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
            self.link.trouble(format!("--tail: {missing} of the items are missing, for which there was no room"));
        }
        self.records.gate.skip = kept.skip;
        let skipping = std::mem::take(&mut self.skipping);
        let has_surplus = kept.skip > 0;
        for (number, (piece, _)) in kept.pieces.into_iter().enumerate() {
            self.push_text(&piece);
            // What is too many lies in the first piece, which is not to be mixed with others.
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
        let mut runs = runs(&text, ended).peekable();
        while let Some(run) = runs.next() {
            match run {
                Run::Container(line) => self.handle.block_on(self.records.read_container_line(&line)),
                Run::Other(lines) => {
                    // A container's line ends what is unfinished before it.
                    let ended = ended || runs.peek().is_some();
                    if let Some(value) = self.read_lines(lines, ended) {
                        // Lengths agree only where nothing was repaired; then the rest is found by its first line.
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

    /// Reads lines that no container runtime wrote; what is unfinished of them, where they may go on.
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
