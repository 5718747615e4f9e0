//! Texts that hold any number of OTLP documents: one, several in a row, one a line, or an array of them.

use super::super::super::{Decoded, Limits, WireError, json_repair};
use super::groups::Reader;
use super::logs::Logs;
use super::metrics::Metrics;
use super::read::{self, Found, Object};
use super::traces::Traces;
use serde::de::{Deserializer, IgnoredAny};
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
                    self.read_bad(text, error);
                    return;
                }
            }
        }
        target.finish(&mut self.found);
    }

    /// A text that begins with a document that could not be read: repairs it, or passes it over.
    fn read_bad(&mut self, text: &'a str, error: serde_json::Error) {
        match length_of_value(text) {
            Ok(length) => {
                let (document, rest) = text.split_at(length);
                self.rest = rest;
                let mut target = Target::new(&self.limits);
                match json_repair::repair(document).map(|repaired| target.read(&repaired).map(|(_, otlp)| otlp)) {
                    Some(Ok(true)) => target.finish(&mut self.found),
                    Some(Ok(false)) => self.found.push_back(Document::Unknown(document)),
                    Some(Err(error)) => self.found.push_back(Document::Broken(document, broken(&error))),
                    None => self.found.push_back(Document::Broken(document, broken(&error))),
                }
            }
            Err(error) if error.is_eof() => {
                self.rest = "";
                self.found.push_back(Document::Unfinished(text));
            }
            Err(error) => {
                let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
                self.rest = rest;
                self.found.push_back(Document::Broken(line, broken(&error)));
            }
        }
    }
}

fn broken(error: &serde_json::Error) -> WireError {
    WireError::Json(format!("not JSON: {error}"))
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
    fn read(&mut self, text: &str) -> serde_json::Result<(usize, bool)> {
        self.otlp = false;
        let mut json = serde_json::Deserializer::from_str(text);
        let found = read::object(&mut json, self)?;
        let otlp = self.otlp && matches!(found, Found::Good(()));
        Ok((json.into_iter::<IgnoredAny>().byte_offset(), otlp))
    }

    fn finish<'a>(self, found: &mut VecDeque<Document<'a>>) {
        let all = [self.traces.map(Reader::finish), self.metrics.map(Reader::finish), self.logs.map(Reader::finish)];
        let some = |decoded: &Decoded| !decoded.batch.is_empty() || decoded.rejected.count > 0;
        found.extend(all.into_iter().flatten().filter(some).map(Box::new).map(Document::Items));
    }
}

impl<'de> Object<'de> for Target<'_> {
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error> {
        let found = match key {
            "resourceSpans" | "resource_spans" => {
                read::array(value, self.traces.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceMetrics" | "resource_metrics" => {
                read::array(value, self.metrics.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceLogs" | "resource_logs" => {
                read::array(value, self.logs.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            _ => return read::skip(value),
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

fn length_of_value(text: &str) -> serde_json::Result<usize> {
    let mut json = serde_json::Deserializer::from_str(text);
    read::skip(&mut json)?;
    Ok(json.into_iter::<IgnoredAny>().byte_offset())
}
