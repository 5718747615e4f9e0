//! Texts with any number of OTLP documents: one, several in a row, one per line, or an array of them.

mod damage;
mod target;
#[cfg(test)]
mod tests;

use super::around::{Before, before};
use super::heads::begins_document;
use super::not_json;
use super::text::{Json, Syntax};
use crate::budget::Meter;
use crate::wire::{Decoded, Limits, WireError};
use damage::{Damage, is_value, next_line};
use std::collections::VecDeque;
use std::rc::Rc;
use target::Target;

/// The most rows, or bytes of text, per batch; only a single document may exceed it.
const ROWS: usize = 4096;
const BYTES: usize = 1 << 20;

const TORN: &str = "not JSON: another document begins inside it; its writer probably stopped early";

/// An element of a text.
#[derive(Debug)]
pub enum Document<'a> {
    /// Items of one signal, from one document or several in a row.
    Items(Box<Decoded>),
    /// A JSON value that is not an OTLP document.
    Unknown(&'a str),
    /// Not JSON, up to where something else may begin; or JSON that could not be read.
    Broken(&'a str, WireError),
    /// The beginning of a value whose end is missing. It is the last element, unless the text has [ended](Documents::ended).
    Unfinished(&'a str),
}

/// The documents of a text, in order.
///
/// An OTLP document is an object with one or more of `resourceSpans`, `resourceMetrics` and `resourceLogs`. `[`, `,` and `]`
/// between documents are ignored, so an array of documents reads like a row of them; any other array is a value.
///
/// # Torn values
///
/// A killed writer leaves half a document; the next writer continues after it, on the same line or on a new one. Then the
/// good document may parse as a part of the torn one. Therefore a document's head (`{` and the key of a signal) ends an
/// unfinished value before it if the head
/// - begins a line, or
/// - lies in a value that itself begins with a head: no OTLP document contains another.
///
/// Anywhere else the head belongs to the value around it (an envelope), as long as that value can still become complete. If
/// it cannot, because of the text after it or because the text has [ended](Documents::ended), the broken part reaches to the
/// next head, to the next line that begins with `{` and is a complete value, or to the first line that cannot continue it.
/// Complete values are always kept: only broken or unfinished text is searched for heads.
///
/// # Lines of text
///
/// A line that does not begin with JSON is text, including any JSON in it. If that JSON is a document, only the document is
/// kept: the text around it is a logger's prefix.
#[derive(Debug)]
pub struct Documents<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    meter: Rc<Meter>,
    ended: bool,
    damage: Option<Damage>,
    /// Up to here, the text on a document's line is its prefix or suffix.
    framed: usize,
    found: VecDeque<Document<'a>>,
}

/// Reads the text of a file, a response or standard input.
pub fn documents<'a>(text: &'a str, limits: &Limits) -> Documents<'a> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let meter = Rc::new(Meter::of_body(text.len()));
    Documents { text, at: 0, limits: *limits, meter, ended: false, damage: None, framed: 0, found: VecDeque::new() }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        while self.found.is_empty() && self.at < self.text.len() {
            self.read();
        }
        self.found.pop_front()
    }
}

impl<'a> Documents<'a> {
    /// Says that no more text follows: the unfinished value is reported as such, and complete documents in it are found.
    pub fn ended(self) -> Documents<'a> {
        Documents { ended: true, ..self }
    }

    /// Counts the batches against this meter, which must allow for a body as long as the text.
    pub fn within(self, meter: Meter) -> Documents<'a> {
        Documents { meter: Rc::new(meter), ..self }
    }

    /// Reads documents into one batch per signal, until a batch is full or another element follows.
    fn read(&mut self) {
        let (begin, limits, meter) = (self.at, self.limits, self.meter.clone());
        let mut target = Target::new(&limits, &meter);
        loop {
            let gap = self.at;
            self.at = self.text.len() - skip_between(&self.text[self.at..]).len();
            let read = self.at - begin;
            if self.at == self.text.len() || read >= BYTES || target.rows() >= ROWS {
                break;
            }
            let limit = self.limit();
            let value = &self.text[self.at..limit];
            if !value.starts_with(['{', '[']) {
                target.finish(&mut self.found);
                return self.line(gap, limit);
            }
            match target.read(value) {
                Ok((length, true)) => self.at += length,
                Ok((length, false)) => {
                    target.finish(&mut self.found);
                    if is_followed_by_text(value, length) {
                        return self.line(gap, limit);
                    }
                    self.at += length;
                    self.found.push_back(Document::Unknown(&value[..length]));
                    return;
                }
                Err(error) => {
                    // The batch already has half of a bad document. The text before that document is read again, without it.
                    let mut target = Target::new(&limits, &meter);
                    let mut good = &self.text[begin..self.at];
                    while !skip_between(good).is_empty() {
                        good = skip_between(good);
                        let Ok((length, _)) = target.read(good) else { break };
                        good = &good[length..];
                    }
                    target.finish(&mut self.found);
                    self.pass(value, error);
                    return;
                }
            }
        }
        target.finish(&mut self.found);
    }

    /// Reads a line that is neither an object nor an array: a value if it is nothing else, otherwise text. Its part before
    /// `at`, from `gap` on, belongs to it.
    fn line(&mut self, gap: usize, limit: usize) {
        let (text, at) = (self.text, self.at);
        let head = self.damage.get_or_insert_default().head(text, at);
        let is_in_damage = self.damage.as_ref().is_some_and(|damage| at < damage.until);
        // A line may be long, so it is not searched again for each of its documents.
        self.at = next_line(&text[..limit.min(head)], at);
        let is_framing = at < self.framed && !text[at..self.at].contains('{');
        if is_framing || !is_in_damage && self.frames(at) {
            return;
        }
        let line = text[at..self.at].trim_ascii_end();
        let from = gap.saturating_sub(1);
        let begin = memchr::memrchr(b'\n', &text.as_bytes()[from..at]).map(|end| from + end + 1);
        let whole = text[begin.unwrap_or(if gap == 0 { 0 } else { at })..self.at].trim_ascii_end();
        if self.framed_resource(line) {
            return;
        }
        self.found.push_back(match is_value(line) {
            true => Document::Unknown(line),
            false => Document::Broken(whole, WireError::Json("plain text instead of JSON".into())),
        });
    }

    /// Reads a ResourceSpans, ResourceMetrics or ResourceLogs at the end of a line of text, as the Java agent logs it;
    /// returns whether there is one.
    fn framed_resource(&mut self, line: &str) -> bool {
        let Some(at) = memchr::memmem::find(line.as_bytes(), b"{\"resource\"") else { return false };
        let mut target = Target::new(&self.limits, &self.meter);
        let is_whole = matches!(target.read(&line[at..]), Ok((length, true)) if at + length == line.len());
        if is_whole {
            target.finish(&mut self.found);
        }
        is_whole
    }

    /// Whether the text from `at` to the next head is handled already: text around a document is not reported.
    fn frames(&mut self, at: usize) -> bool {
        let (text, head) = (self.text, self.at);
        if !begins_document(&text[head..]) {
            return false;
        }
        match before(text, at, head) {
            Before::Frame if head < self.framed => {}
            Before::Frame => self.framed = next_line(text, head),
            Before::Text(limit) => {
                self.at = next_line(&text[..limit], head);
                let line = WireError::Json("plain text instead of JSON".into());
                self.found.push_back(Document::Broken(text[at..self.at].trim_ascii_end(), line));
            }
            Before::Unfinished if !self.ended => {
                self.at = text.len();
                self.found.push_back(Document::Unfinished(&text[at..]));
            }
            Before::Unfinished | Before::Torn => return false,
        }
        true
    }

    /// How far the next value may reach. Until something is broken, the value itself decides.
    fn limit(&mut self) -> usize {
        let (at, text) = (self.at, self.text);
        if !text[at..].starts_with(['{', '[']) {
            // Text that is neither object nor array may be the rest of a torn string, which ends at a quote of the next head.
            let damage = self.damage.get_or_insert_default();
            let line = if at < damage.until { next_line(text, at) } else { text.len() };
            return damage.head(text, at).min(line);
        }
        let Some(damage) = &mut self.damage else { return text.len() };
        if begins_document(&text[at..]) {
            damage.head(text, at)
        } else if at < damage.until {
            next_line(text, at).min(damage.line_head(text, at))
        } else {
            damage.line_head(text, at)
        }
    }

    /// Skips a value that could not be read, and reports the reason.
    fn pass(&mut self, value: &'a str, misread: Syntax) {
        let (at, text) = (self.at, self.text);
        let mut json = Json::new(value);
        let Err(error) = json.skip() else {
            // It is JSON but nested too deeply to be read.
            let value = &value[..json.at()];
            self.at += value.len();
            return self.found.push_back(Document::Broken(value, not_json(misread, value)));
        };
        let damage = self.damage.get_or_insert_default();
        let head = if begins_document(value) { damage.head(text, at) } else { damage.line_head(text, at) };
        let is_unfinished = error.is_end() && at + value.len() == text.len() && head == text.len();
        if is_unfinished && !self.ended {
            self.at = text.len();
            return self.found.push_back(Document::Unfinished(value));
        }
        let until = if error.is_end() { at + value.len() } else { at + json.at() }.min(head);
        let is_in_damage = at < damage.until;
        damage.until = damage.until.max(until);
        self.at = damage.end_of_broken(text, at, until);
        if !is_in_damage && self.frames(at) {
            return;
        }
        let broken = text[at..self.at].trim_ascii_end();
        self.found.push_back(match is_unfinished {
            true => Document::Unfinished(broken),
            false if until == head => Document::Broken(broken, WireError::Json(TORN.into())),
            false => Document::Broken(broken, not_json(error, value)),
        });
    }
}

/// Whether a value that ends there is only the beginning of a line of text.
fn is_followed_by_text(text: &str, length: usize) -> bool {
    let (value, after) = text.split_at(length);
    let rest = skip_between(after);
    let is_on_its_line = !value.contains('\n') && !after[..after.len() - rest.len()].contains('\n');
    is_on_its_line && !rest.is_empty() && !rest.starts_with(['{', '['])
}

/// The text between two documents: white space, commas, the brackets of an array of documents.
fn skip_between(text: &str) -> &str {
    let mut rest = text.trim_ascii_start();
    loop {
        let after = match rest.as_bytes() {
            [b',' | b']', ..] => &rest[1..],
            [b'[', ..] if rest[1..].trim_ascii_start().starts_with(['{', ']']) => &rest[1..],
            _ => return rest,
        };
        rest = after.trim_ascii_start();
    }
}
