//! Texts that hold any number of OTLP documents: one, several in a row, one a line, or an array of them.

use super::super::super::{Decoded, Limits, WireError};
use super::groups::Reader;
use super::logs::Logs;
use super::metrics::Metrics;
use super::not_json;
use super::read::{self, Found, Object};
use super::text::{Json, Syntax};
use super::traces::Traces;
use std::collections::VecDeque;

/// How many rows, or bytes of text, become one batch at most (but for what a single document holds).
const ROWS: usize = 4096;
const BYTES: usize = 1 << 20;

/// What was found in a text.
#[derive(Debug)]
pub enum Document<'a> {
    /// Items of one signal, of one document or of several in a row.
    Items(Box<Decoded>),
    /// A JSON value that is no OTLP document.
    Unknown(&'a str),
    /// Not JSON, up to the end of its line; or JSON that cannot be read as it should.
    Broken(&'a str, WireError),
    /// The beginning of a value whose end is not there: the last that is found.
    Unfinished(&'a str),
}

/// The documents of a text, in their order.
///
/// An OTLP document is an object with `resourceSpans`, `resourceMetrics` or `resourceLogs`, or with several of them.
/// `[`, `,` and `]` between documents mean nothing, so that an array of documents is as good as a row of them; any other
/// array is a value.
#[derive(Debug)]
pub struct Documents<'a> {
    rest: &'a str,
    limits: Limits,
    found: VecDeque<Document<'a>>,
}

/// Reads what a file, a poll or standard input gave.
pub fn documents<'a>(text: &'a str, limits: &Limits) -> Documents<'a> {
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    Documents { rest, limits: *limits, found: VecDeque::new() }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        while self.found.is_empty() && !self.rest.is_empty() {
            self.read();
        }
        self.found.pop_front()
    }
}

impl<'a> Documents<'a> {
    /// Reads documents into one batch a signal, until there is enough or something else comes.
    fn read(&mut self) {
        let begin = self.rest;
        let mut target = Target::new(&self.limits);
        loop {
            let text = skip_between(self.rest);
            self.rest = text;
            let read = begin.len() - text.len();
            if text.is_empty() || read >= BYTES || target.rows() >= ROWS {
                break;
            }
            match target.read(text) {
                Ok((length, true)) => self.rest = &text[length..],
                Ok((length, false)) => {
                    target.finish(&mut self.found);
                    self.rest = &text[length..];
                    self.found.push_back(Document::Unknown(&text[..length]));
                    return;
                }
                Err(error) => {
                    // Half of a bad document is in the batch already. What came before it is read again, without it.
                    let mut target = Target::new(&self.limits);
                    let mut good = &begin[..read];
                    while !skip_between(good).is_empty() {
                        good = skip_between(good);
                        let Ok((length, _)) = target.read(good) else { break };
                        good = &good[length..];
                    }
                    target.finish(&mut self.found);
                    self.pass(text, error);
                    return;
                }
            }
        }
        target.finish(&mut self.found);
    }

    /// A text that begins with a document that could not be read: passes it over.
    fn pass(&mut self, text: &'a str, error: Syntax) {
        let mut json = Json::new(text);
        let (broken, rest) = match json.skip() {
            Ok(()) => text.split_at(json.at()),
            Err(error) if error.is_end() => {
                self.rest = "";
                self.found.push_back(Document::Unfinished(text));
                return;
            }
            Err(_) => text.split_once('\n').unwrap_or((text, "")),
        };
        self.rest = rest;
        self.found.push_back(Document::Broken(broken, not_json(error, text)));
    }
}

/// What a document of any signal is read into.
struct Target<'l> {
    limits: &'l Limits,
    traces: Option<Reader<Traces>>,
    metrics: Option<Reader<Metrics>>,
    logs: Option<Reader<Logs>>,
    otlp: bool,
}

impl<'l> Target<'l> {
    fn new(limits: &'l Limits) -> Target<'l> {
        Target { limits, traces: None, metrics: None, logs: None, otlp: false }
    }

    fn rows(&self) -> usize {
        self.traces.as_ref().map_or(0, Reader::rows)
            + self.metrics.as_ref().map_or(0, Reader::rows)
            + self.logs.as_ref().map_or(0, Reader::rows)
    }

    /// Reads the value at the beginning of a text; how long it is, and whether it is OTLP.
    fn read(&mut self, text: &str) -> Result<(usize, bool), Syntax> {
        self.otlp = false;
        let mut json = Json::new(text);
        let found = read::object(&mut json, self)?;
        Ok((json.at(), self.otlp && matches!(found, Found::Good(()))))
    }

    fn finish<'a>(self, found: &mut VecDeque<Document<'a>>) {
        let all = [self.traces.map(Reader::finish), self.metrics.map(Reader::finish), self.logs.map(Reader::finish)];
        let some = |decoded: &Decoded| !decoded.batch.is_empty() || decoded.rejected.count > 0;
        found.extend(all.into_iter().flatten().filter(some).map(Box::new).map(Document::Items));
    }
}

impl<'a> Object<'a> for Target<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let found = match key {
            "resourceSpans" | "resource_spans" => {
                read::array(json, self.traces.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceMetrics" | "resource_metrics" => {
                read::array(json, self.metrics.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceLogs" | "resource_logs" => {
                read::array(json, self.logs.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            _ => return json.skip(),
        };
        self.otlp |= !matches!(found, Found::Wrong);
        Ok(())
    }
}

/// What lies between two documents: white space, a comma, the ends of an array of documents.
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
