//! Texts that hold any number of OTLP documents: one, several in a row, one a line, or an array of them.

use super::super::super::{Decoded, Limits, WireError};
use super::around::{Before, before};
use super::groups::Reader;
use super::heads::{begins_document, begins_line, next_head};
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

const TORN: &str = "not JSON: a document begins in the middle of it, so its writer did not finish";

/// What was found in a text.
#[derive(Debug)]
pub enum Document<'a> {
    /// Items of one signal, of one document or of several in a row.
    Items(Box<Decoded>),
    /// A JSON value that is no OTLP document.
    Unknown(&'a str),
    /// Not JSON, up to where something else may begin; or JSON that cannot be read as it should.
    Broken(&'a str, WireError),
    /// The beginning of a value whose end is not there: the last that is found, but at the [end](Documents::ended) of all.
    Unfinished(&'a str),
}

/// The documents of a text, in their order.
///
/// An OTLP document is an object with `resourceSpans`, `resourceMetrics` or `resourceLogs`, or with several of them.
/// `[`, `,` and `]` between documents mean nothing, so that an array of documents is as good as a row of them; any other
/// array is a value.
///
/// # Torn values
///
/// A writer that is killed leaves half a document; the next one goes on behind it, on the same line or on a new one, and as
/// JSON the good document may well be a part of the torn one. So a document's head (`{` and the key of a signal) ends what
/// is unfinished before it where it
/// - begins a line, or
/// - lies in a value that begins with a head itself: no OTLP document holds another.
///
/// Anywhere else it belongs to the value around it (an envelope), as long as that can still become whole. Where it cannot,
/// because of what follows or because the text has [ended](Documents::ended), what is broken reaches to the next head, or
/// to the next line that begins with `{` and is a whole value by itself, or to the line that it cannot go on with. What is
/// whole and stands in its place is never doubted: only what is broken or unfinished is looked at for heads.
///
/// # Lines of text
///
/// A line that begins with no JSON is one, with whatever JSON is in it. Where that is a document, the document is what was
/// wanted: the text around it on its line is what a logger writes, and left out.
#[derive(Debug)]
pub struct Documents<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    ended: bool,
    damage: Option<Damage>,
    /// Up to here text stands around a document on its line.
    framed: usize,
    found: VecDeque<Document<'a>>,
}

/// What is known of a text once something in it turned out broken, so that none of it is gone through again and again.
#[derive(Debug, Default)]
struct Damage {
    /// Up to here values were open that were given up: what is none of their heads is read line by line.
    until: usize,
    /// The next head, and the next that begins a line; as long as they lie ahead.
    head: usize,
    line_head: usize,
}

/// Reads what a file, a poll or standard input gave.
pub fn documents<'a>(text: &'a str, limits: &Limits) -> Documents<'a> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Documents { text, at: 0, limits: *limits, ended: false, damage: None, framed: 0, found: VecDeque::new() }
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
    /// There will be no more text: what is unfinished is told as such, and whole documents in it are found.
    pub fn ended(self) -> Documents<'a> {
        Documents { ended: true, ..self }
    }

    /// Reads documents into one batch a signal, until there is enough or something else comes.
    fn read(&mut self) {
        let (begin, limits) = (self.at, self.limits);
        let mut target = Target::new(&limits);
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
                    // Half of a bad document is in the batch already. What came before it is read again, without it.
                    let mut target = Target::new(&limits);
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

    /// Takes a line that is no object and no array: a value if it is nothing else, or text as it is written. What stands before
    /// it on its line, from `gap` on, is a part of it.
    fn line(&mut self, gap: usize, limit: usize) {
        let (text, at) = (self.text, self.at);
        let head = self.damage.get_or_insert_default().head(text, at);
        let is_in_damage = self.damage.as_ref().is_some_and(|damage| at < damage.until);
        // A line may be long, and is not looked through for each of its documents.
        self.at = next_line(&text[..limit.min(head)], at);
        let is_framing = at < self.framed && !text[at..self.at].contains('{');
        if is_framing || !is_in_damage && self.frames(at) {
            return;
        }
        let line = text[at..self.at].trim_ascii_end();
        let from = gap.saturating_sub(1);
        let begin = memchr::memrchr(b'\n', &text.as_bytes()[from..at]).map(|end| from + end + 1);
        let whole = text[begin.unwrap_or(if gap == 0 { 0 } else { at })..self.at].trim_ascii_end();
        self.found.push_back(match is_value(line) {
            true => Document::Unknown(line),
            false => Document::Broken(whole, WireError::Json("not JSON but text".into())),
        });
    }

    /// Whether the text from `at` to the head that comes now is told already: what stands around a document is nothing to tell.
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
                let line = WireError::Json("not JSON but text".into());
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

    /// How far the value may reach that comes next. As long as nothing was broken it tells that itself.
    fn limit(&mut self) -> usize {
        let (at, text) = (self.at, self.text);
        if !text[at..].starts_with(['{', '[']) {
            // What is no object and no array may be the rest of a torn string, whose end is a quote of the next head.
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

    /// Passes over a value that could not be read, and why.
    fn pass(&mut self, value: &'a str, misread: Syntax) {
        let (at, text) = (self.at, self.text);
        let mut json = Json::new(value);
        let Err(error) = json.skip() else {
            // It is JSON, and yet cannot be read: nested too deep.
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

impl Damage {
    /// The next head behind a place, or the end of the text.
    fn head(&mut self, text: &str, at: usize) -> usize {
        if self.head <= at {
            self.head = next_head(text.as_bytes(), at + 1).unwrap_or(text.len());
        }
        self.head
    }

    /// The next head behind a place that begins a line, or the end of the text.
    fn line_head(&mut self, text: &str, at: usize) -> usize {
        while self.line_head <= at || !(self.line_head == text.len() || begins_line(text.as_bytes(), self.line_head)) {
            let from = self.line_head.max(at) + 1;
            self.line_head = next_head(text.as_bytes(), from).unwrap_or(text.len());
        }
        self.line_head
    }

    /// Where a value ends that begins at `at` and cannot go on at `until`.
    fn end_of_broken(&mut self, text: &str, at: usize, until: usize) -> usize {
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
        // The rest of a value on many lines is indented, but for what closes it.
        while next_line(text, at) <= until && text[line..].starts_with([' ', '\t', '}', ']']) {
            line = next_line(text, line);
        }
        line
    }
}

/// Where the line after the one of this place begins.
fn next_line(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length + 1)
}

/// Whether a value that ends there is only the beginning of a line of text.
fn is_followed_by_text(text: &str, length: usize) -> bool {
    let (value, after) = text.split_at(length);
    let rest = skip_between(after);
    let is_on_its_line = !value.contains('\n') && !after[..after.len() - rest.len()].contains('\n');
    is_on_its_line && !rest.is_empty() && !rest.starts_with(['{', '['])
}

fn is_value(text: &str) -> bool {
    let mut json = Json::new(text);
    json.skip().and_then(|()| json.end()).is_ok()
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

#[cfg(test)]
mod tests {
    use super::super::scan::Scan;
    use super::*;
    use crate::columns::Item;
    use proptest::prelude::*;

    /// A document with a span of this name, on one line or many.
    fn document(name: &str, pretty: bool) -> String {
        let span = serde_json::json!({
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": name,
            "attributes": [{"key": "a \" } ] é {\"resourceSpans\":[", "value": {"stringValue": "x\\"}}, {"key": "n", "value": {"intValue": 7}}],
        });
        let document = serde_json::json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
        if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() }
    }

    /// The names of the spans, and in brackets what is none.
    fn told(documents: Documents<'_>) -> Vec<String> {
        let mut told = Vec::new();
        for document in documents {
            match document {
                Document::Items(decoded) => told.extend(decoded.batch.items().map(|item| match item {
                    Item::Span(span) => span.name().to_owned(),
                    other => other.signal().word().to_owned(),
                })),
                Document::Unknown(text) => told.push(format!("({text})")),
                Document::Broken(text, _) => told.push(format!("<{text}>")),
                Document::Unfinished(text) => told.push(format!("<{text}…>")),
            }
        }
        told
    }

    fn read(text: &str) -> Vec<String> {
        told(documents(text, &Limits::default()))
    }

    fn read_to_end(text: &str) -> Vec<String> {
        told(documents(text, &Limits::default()).ended())
    }

    #[test]
    fn a_document_on_a_line_of_its_own_ends_what_is_unfinished_before_it() {
        for torn in [r#"{"resourceSpans":[{"sco"#, r#"{"resourceSpans":["#, "{", r#"{"a":"#, "[1,"] {
            for pretty in [false, true] {
                let text = format!("{torn}\n{}\n", document("good", pretty));
                assert_eq!(read(&text).last().unwrap(), "good", "{text}");
                assert_eq!(read(&text)[0], format!("<{torn}>"), "{text}");
            }
        }
    }

    #[test]
    fn a_document_right_behind_a_torn_one_is_read() {
        let good = document("good", false);
        assert_eq!(read(&format!("{{\"resourceSpans\":[{{\"sco{good}\n")), ["<{\"resourceSpans\":[{\"sco>", "good"]);
        assert_eq!(read(&format!("{{\"resourceSpans\":[{good}\n")), ["<{\"resourceSpans\":[>", "good"]);
        assert_eq!(read(&format!("{{\"resou{good}{good}\n")), ["<{\"resou>", "good", "good"]);
    }

    #[test]
    fn a_whole_value_in_a_line_of_its_own_is_found_behind_a_torn_one_once_that_cannot_go_on() {
        let text = "{\"attributes\":[\n{\"b\":1}\n{\"c\":2}\nwords\n";
        assert_eq!(read(text), ["<{\"attributes\":[>", "({\"b\":1})", "({\"c\":2})", "<words>"]);
    }

    #[test]
    fn a_torn_key_does_not_take_the_next_documents_brace_for_its_text() {
        let good = document("good", false);
        for torn in ["{{\n  \"", "\"", "{\"a\":\"", "words \""] {
            let told = read_to_end(&format!("{torn}{good}\n{good}\n"));
            assert_eq!(names_of(&told), 2, "{told:?}");
        }
    }

    fn names_of(told: &[String]) -> usize {
        told.iter().filter(|told| *told == "good").count()
    }

    #[test]
    fn a_line_of_text_is_one_whatever_it_begins_with() {
        let lines = [
            "127.0.0.1 GET / 200",
            "2026-01-01T10:00:00Z ERROR oh no",
            "12:00:01.5 foo",
            "404 not found",
            "true story",
            "null pointer",
            "\"quoted\" text",
            "1 2 3",
            "{\"a\":1} trailing",
            "[1] 2 3",
            "    at com.example.Main(Main.java:7)",
            ", and so on",
            "] done",
            "[INFO] up",
        ];
        let good = document("good", false);
        let text = lines.join("\n") + "\n" + &good + "\n" + lines[0] + "\n";
        let mut expected: Vec<String> = lines.iter().map(|line| format!("<{line}>")).collect();
        expected.extend(["good".into(), format!("<{}>", lines[0])]);
        assert_eq!(read(&text), expected);
        assert_eq!(read("12\n\"text\"\nnull\n-1.5e3 \n"), ["(12)", "(\"text\")", "(null)", "(-1.5e3)"]);
        assert_eq!(read("{\"a\":1} {\"b\":2}\n"), ["({\"a\":1})", "({\"b\":2})"]);
    }

    #[test]
    fn what_stands_around_a_document_on_a_line_of_text_is_left_out() {
        let good = document("good", false);
        for frame in
            ["2026-01-01T10:00:00Z INFO ", "shop-1  | ", "[2026-01-01 10:00] INFO ", "  [INFO] ", "exported: ", "12 "]
        {
            for after in ["\n", "\r\n", "", " in 3 ms\n"] {
                let text = format!("before\n{frame}{good}{after}");
                assert_eq!(
                    read_to_end(&(text + "\nbehind\n")),
                    ["<before>", "good", "<behind>"],
                    "{frame:?} {after:?}"
                );
            }
        }
        assert_eq!(read(&format!("a {good} b {good} c\nd\n")), ["good", "good", "<d>"]);
        assert_eq!(read(&format!("a {}\nb\n", document("good", true))), ["good", "<b>"]);
    }

    #[test]
    fn a_line_of_text_with_json_that_is_no_telemetry_is_one() {
        for json in ["{\"level\":\"info\"}", "{\"resourceSpans\":\"none\"}", "[{\"a\":1}]", "{\"a\":"] {
            for line in [format!("2026 INFO {json}"), format!("2026 INFO {json} done"), format!("[INFO] {json} done")] {
                assert_eq!(read(&format!("{line}\nnext\n")), [format!("<{line}>"), "<next>".into()]);
            }
        }
    }

    #[test]
    fn half_a_value_before_a_document_is_told_and_so_is_text_before_a_broken_one() {
        let good = document("good", false);
        assert_eq!(read(&format!("{{\"a\":[{good}\n{good}\n"))[0], "<{\"a\":[>");
        let broken = good.replace("\"name\"", "name");
        assert_eq!(read(&format!("INFO {broken}\n{good}\n"))[0], "<INFO>");
    }

    #[test]
    fn a_line_of_text_waits_for_the_end_of_its_document() {
        let text = format!("INFO {}", document("good", false));
        let begin = &text[..text.len() - 9];
        assert_eq!(read(begin), [format!("<{begin}…>")]);
        assert_eq!(read_to_end(begin)[0], "<INFO>");
    }

    #[test]
    fn an_envelope_keeps_its_document_until_it_turns_out_torn() {
        let good = document("good", false);
        let envelope = format!("{{\"type\":\"x\",\"data\":{good}}}");
        assert_eq!(read(&envelope), [format!("({envelope})")]);
        let torn = &envelope[..envelope.len() - 1];
        assert_eq!(read(torn), [format!("<{torn}…>")]);
        assert_eq!(read_to_end(torn), ["<{\"type\":\"x\",\"data\":…>", "good"]);
        assert_eq!(read(&format!("{torn}\n}}}}\n{good}\n")).iter().filter(|told| *told == "good").count(), 1);
    }

    #[test]
    fn whole_values_within_a_value_on_many_lines_are_its_own() {
        let text = "{\"a\":[\n{\"key\":\"a\",\"value\":{}},\n\"x\",\n{}\n]}\n";
        assert_eq!(read(text), [format!("({})", text.trim())]);
        assert_eq!(read(&text[..20]), [format!("<{}…>", &text[..20])]);
    }

    #[test]
    fn what_is_broken_on_many_lines_is_told_in_one_piece() {
        let text = document("bad", true).replace("\"intValue\": 7", "\"intValue\": tru")
            + "\nwords\n"
            + &document("good", true);
        let told = read(&text);
        assert_eq!(told[1..], ["<words>", "good"], "{told:?}");
    }

    #[test]
    fn hostile_text_takes_time_in_proportion_to_its_length() {
        // Were any of it gone through again for each of its lines or heads, this would take hours.
        let size = 20_000;
        for line in [
            "[\n",
            "{\"a\":\n",
            "{\"resourceSpans\":[",
            "{\"resourceSpans\":[\n",
            "{\"a\":{\"resourceSpans\":[",
            "[1,\n{\"resourceSpans\":[]},\n",
            "words\n",
            "{\n",
            "{\"a\":[{},\n",
            "x{\"resourceSpans\":[",
            "x{\"resourceSpans\":[]} {}",
            "{\"a\":1} ",
            "[x] {\"resourceSpans\":[\n",
        ] {
            let text = line.repeat(size);
            for end in ["", "}", "!\n"] {
                let text = format!("{text}{end}");
                assert!(documents(&text, &Limits::default()).count() > 0);
                assert!(documents(&text, &Limits::default()).ended().count() > 0);
            }
        }
    }

    #[derive(Clone, Debug)]
    enum Part {
        Whole { pretty: bool, end: &'static str },
        Torn { pretty: bool, keep: usize, end: &'static str },
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            (any::<bool>(), prop::sample::select(vec!["\n", "\r\n", "", " ", ",\n", "\n\n"]))
                .prop_map(|(pretty, end)| Part::Whole { pretty, end }),
            (any::<bool>(), 1usize..260, prop::sample::select(vec!["\n", "", "\r\n"]))
                .prop_map(|(pretty, keep, end)| Part::Torn { pretty, keep, end }),
        ]
    }

    /// The text of the parts, and the names of the whole documents in it.
    fn assemble(parts: &[Part]) -> (String, Vec<String>) {
        let (mut text, mut names) = (String::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            let name = format!("n{index}");
            match part {
                Part::Whole { pretty, end } => {
                    text += &(document(&name, *pretty) + end);
                    names.push(name);
                }
                Part::Torn { pretty, keep, end } => {
                    let document = document(&name, *pretty);
                    let mut keep = (*keep).min(document.len() - 1);
                    while !document.is_char_boundary(keep) {
                        keep -= 1;
                    }
                    text += &(document[..keep].to_owned() + end);
                }
            }
        }
        (text, names)
    }

    fn names(told: Vec<String>) -> Vec<String> {
        told.into_iter().filter(|told| told.starts_with('n')).collect()
    }

    proptest! {
        #[test]
        fn every_whole_document_is_read_once_whatever_is_torn_around_it(parts in prop::collection::vec(part(), 1..8)) {
            let (text, expected) = assemble(&parts);
            prop_assert_eq!(names(read_to_end(&text)), expected, "{}", text);
        }

        #[test]
        fn every_whole_document_is_read_once_and_at_once_as_the_text_grows(
            parts in prop::collection::vec(part(), 1..6), piece in 1usize..400,
        ) {
            let (text, expected) = assemble(&parts);
            let (mut pending, mut scan, mut told_so_far) = (String::new(), Scan::default(), Vec::new());
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let mut cut = piece.min(rest.len());
                while !rest.is_char_boundary(cut) { cut += 1; }
                pending += &rest[..cut];
                rest = &rest[cut..];
                let complete = std::iter::from_fn(|| scan.advance(pending.as_bytes())).last();
                if let Some(complete) = complete {
                    let mut left = 0;
                    let found: Vec<_> = documents(&pending[..complete], &Limits::default()).collect();
                    if let Some(Document::Unfinished(value)) = found.last() { left = value.len(); }
                    drop(found);
                    told_so_far.extend(read(&pending[..complete - left]));
                    prop_assert!(complete > left, "a look that gave nothing: {:?} of {}", &pending[..complete], text);
                    pending.drain(..complete - left);
                    scan = Scan::default();
                }
                // What has come whole has been told: all but the last part that has begun.
                let seen = text.len() - rest.len();
                let whole = (0..parts.len()).filter(|count| assemble(&parts[..*count]).0.trim_end().len() <= seen)
                    .map(|count| assemble(&parts[..count]).1.len()).max().unwrap_or_default();
                prop_assert!(names(told_so_far.clone()).len() >= whole, "{} of {whole} in {:?}", told_so_far.len(), &text[..seen]);
            }
            told_so_far.extend(read_to_end(&pending));
            prop_assert_eq!(names(told_so_far), expected, "{}", text);
        }
    }
}
