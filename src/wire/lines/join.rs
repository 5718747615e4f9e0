//! Joins long lines that a container runtime stored in parts; the result has the runtime's own format.

use super::container::{ContainerLine, container_line, may_be_container};

/// The longest line held to find out whether a container runtime wrote it, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// Joins the parts of container lines, each stream on its own. All other bytes pass unchanged. A joined line appears at the
/// position of its last part, with the time of its first.
#[derive(Debug)]
pub struct Joiner {
    /// The beginning of a line that may be a container runtime's.
    line: Vec<u8>,
    /// The next bytes continue a line that is not a container runtime's.
    is_within_other: bool,
    open: Vec<Open>,
    /// Bytes of text that wait for their last part, over all streams.
    held: usize,
    limit: usize,
    /// Lines discarded because they exceeded the limit, not reported yet.
    too_large: u64,
}

/// A line of which some parts have arrived.
#[derive(Debug)]
struct Open {
    stream: String,
    time: String,
    /// The JSON object of the first part, without the text; `None` for CRI.
    around: Option<serde_json::Map<String, serde_json::Value>>,
    text: String,
    /// It exceeded the limit: its parts are discarded up to the last.
    is_too_large: bool,
}

impl Joiner {
    /// A joiner that holds at most `limit` bytes of unfinished lines.
    pub fn new(limit: usize) -> Joiner {
        Joiner { line: Vec::new(), is_within_other: false, open: Vec::new(), held: 0, limit, too_large: 0 }
    }

    /// Adds the next bytes, cut anywhere; `out` receives the bytes to read, in order.
    pub fn push(&mut self, bytes: &[u8], out: &mut (impl FnMut(&[u8]) + ?Sized)) {
        // The bytes from `from` to `at` pass unchanged.
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[at..]).map(|length| at + length + 1);
            let rest = &bytes[at..end.unwrap_or(bytes.len())];
            if self.is_within_other {
                self.is_within_other = end.is_none();
                at += rest.len();
                continue;
            }
            if !self.line.is_empty() {
                // The line began in earlier bytes.
                self.line.extend_from_slice(rest);
                at += rest.len();
                from = at;
                let is_too_long = self.line.len() > LONGEST_LINE && end.is_none();
                if end.is_some() || is_too_long || !may_be_container(&self.line) {
                    let line = std::mem::take(&mut self.line);
                    self.is_within_other = end.is_none();
                    self.whole(&line, out);
                }
                continue;
            }
            if !may_be_container(rest) {
                self.is_within_other = end.is_none();
                at += rest.len();
                continue;
            }
            match end {
                None => {
                    pass(&bytes[from..at], out);
                    self.line.extend_from_slice(rest);
                    (at, from) = (bytes.len(), bytes.len());
                }
                Some(_) => {
                    let before = &bytes[from..at];
                    at += rest.len();
                    if self.needs_joining(rest) {
                        pass(before, out);
                        self.whole(rest, out);
                        from = at;
                    }
                }
            }
        }
        pass(&bytes[from..], out);
    }

    /// No bytes arrive for now: a complete JSON object needs no line end.
    pub fn pause(&mut self, out: &mut (impl FnMut(&[u8]) + ?Sized)) {
        if self.line.starts_with(b"{") && self.line.trim_ascii_end().ends_with(b"}") {
            self.is_within_other = true;
            pass(&std::mem::take(&mut self.line), out);
        }
    }

    /// This text has ended; another one may continue its unfinished lines.
    pub fn break_off(&mut self, out: &mut (impl FnMut(&[u8]) + ?Sized)) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.whole(&line, out);
        }
        self.is_within_other = false;
    }

    /// All input has ended: passes on lines without their last part.
    pub fn end(&mut self, out: &mut (impl FnMut(&[u8]) + ?Sized)) {
        self.break_off(out);
        self.held = 0;
        for open in std::mem::take(&mut self.open) {
            if !open.is_too_large {
                pass(b"\n", out);
                out(&open.line());
            }
        }
    }

    /// How many lines were too large since the last call.
    pub fn take_too_large(&mut self) -> u64 {
        std::mem::take(&mut self.too_large)
    }

    /// Whether a line is a part of another, or continues one.
    fn needs_joining(&self, line: &[u8]) -> bool {
        told(line).is_some_and(|line| line.is_part || self.open.iter().any(|open| open.stream == line.stream))
    }

    /// Adds a whole line, with or without its line end.
    fn whole(&mut self, line: &[u8], out: &mut (impl FnMut(&[u8]) + ?Sized)) {
        let Some(part) = told(line) else { return pass(line, out) };
        let at = self.open.iter().position(|open| open.stream == part.stream);
        let at = match at {
            None if !part.is_part => return pass(line, out),
            None => {
                self.open.push(Open::new(&part, line));
                self.open.len() - 1
            }
            Some(at) => at,
        };
        let room = self.limit - self.held;
        let open = &mut self.open[at];
        if !open.is_too_large && part.text.len() > room {
            self.held -= open.text.len();
            (open.text, open.is_too_large) = (String::new(), true);
            self.too_large += 1;
        }
        if !open.is_too_large {
            open.text.push_str(&part.text);
            self.held += part.text.len();
        }
        if !part.is_part {
            let open = self.open.swap_remove(at);
            self.held -= open.text.len();
            if !open.is_too_large {
                out(&open.line());
            }
        }
    }
}

impl Open {
    fn new(part: &ContainerLine<'_>, line: &[u8]) -> Open {
        let around = part.rest.and_then(|_| serde_json::from_slice::<serde_json::Map<_, _>>(line).ok());
        Open {
            stream: part.stream.clone().into_owned(),
            time: part.time.rfc3339(),
            around,
            text: String::new(),
            is_too_large: false,
        }
    }

    /// The line as its runtime would have stored it in one piece.
    fn line(&self) -> Vec<u8> {
        match &self.around {
            None => format!("{} {} F {}\n", self.time, self.stream, self.text).into_bytes(),
            Some(around) => {
                let mut object = serde_json::Map::new();
                object.insert("log".into(), format!("{}\n", self.text).into());
                let rest = around.iter().filter(|(key, _)| !matches!(key.as_str(), "log" | "logtag" | "_p"));
                object.extend(rest.map(|(key, value)| (key.clone(), value.clone())));
                let mut line = serde_json::to_vec(&object).unwrap_or_default();
                line.push(b'\n');
                line
            }
        }
    }
}

fn told(line: &[u8]) -> Option<ContainerLine<'_>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    container_line(std::str::from_utf8(line).ok()?)
}

fn pass(bytes: &[u8], out: &mut (impl FnMut(&[u8]) + ?Sized)) {
    if !bytes.is_empty() {
        out(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The output for a text that arrives in pieces of `cut` bytes.
    fn joined(text: &str, cut: usize) -> String {
        let (mut joiner, mut read) = (Joiner::new(1 << 20), Vec::new());
        let mut out = |bytes: &[u8]| read.extend_from_slice(bytes);
        text.as_bytes().chunks(cut).for_each(|bytes| joiner.push(bytes, &mut out));
        joiner.end(&mut out);
        String::from_utf8(read).unwrap()
    }

    const T: &str = "2026-07-03T05:55:54";

    #[test]
    fn parts_are_joined_per_stream() {
        let text =
            format!("{T}.1Z stdout P a\n{T}.2Z stderr P x\n{T}.3Z stdout P b\n{T}.4Z stderr F y\n{T}.5Z stdout F c\n");
        let expected = format!("{T}.200000000Z stderr F xy\n{T}.100000000Z stdout F abc\n");
        for cut in [1, 7, 1_000] {
            assert_eq!(joined(&text, cut), expected, "cut after every {cut}");
        }
    }

    #[test]
    fn docker_parts_are_joined_until_a_newline() {
        let part = |log: &str| format!(r#"{{"log":"{log}","stream":"stdout","attrs":{{"n":1}},"time":"{T}Z"}}"#) + "\n";
        let text = part("a\\\"") + &part("b") + &part("c\\n") + &part("d\\n");
        let expected = part("a\\\"bc\\n");
        let lines: Vec<serde_json::Value> =
            joined(&text, 5).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        assert_eq!(lines, [value(&expected), value(&part("d\\n"))]);
    }

    #[test]
    fn an_unfinished_line_is_passed_at_the_end() {
        assert_eq!(joined(&format!("{T}Z stdout P a"), 100), format!("\n{T}.000000000Z stdout F a\n"));
    }

    #[test]
    fn parts_over_the_limit_are_discarded_and_counted() {
        let mut joiner = Joiner::new(100);
        let mut read = Vec::new();
        let mut push =
            |joiner: &mut Joiner, text: &str| joiner.push(text.as_bytes(), &mut |bytes| read.extend_from_slice(bytes));
        for _ in 0..1_000 {
            push(&mut joiner, &format!("{T}Z stdout P 0123456789\n"));
            assert!(joiner.held <= 100);
        }
        assert_eq!(joiner.take_too_large(), 1);
        push(&mut joiner, &format!("{T}Z stdout F end\n{T}Z stdout F next\n"));
        assert_eq!(String::from_utf8(read).unwrap(), format!("{T}Z stdout F next\n"));
        assert_eq!((joiner.held, joiner.take_too_large()), (0, 0));
    }

    #[test]
    fn parts_go_on_in_another_text() {
        let (mut joiner, mut read) = (Joiner::new(100), Vec::new());
        let mut out = |bytes: &[u8]| read.extend_from_slice(bytes);
        joiner.push(format!("{T}Z stdout P a\n").as_bytes(), &mut out);
        joiner.break_off(&mut out);
        joiner.push(format!("{T}Z stdout F b\n").as_bytes(), &mut out);
        assert_eq!(String::from_utf8(read).unwrap(), format!("{T}.000000000Z stdout F ab\n"));
    }

    proptest! {
        #[test]
        fn all_other_bytes_pass_however_they_are_cut(
            lines in prop::collection::vec(prop::sample::select(vec![
                "{\"resourceSpans\":[]}", "2026-07-03 words", "{", "", "{\"log\":\"x\"}", "{\"time\":1}", "42", "\r", "x",
                "2026-07-03T05:55:54Z stdout F whole", "2026-07-03T05:55:54Z other",
            ]), 0..20),
            cut in 1..40usize,
        ) {
            let text = lines.join("\n");
            prop_assert_eq!(joined(&text, cut), text);
        }
    }
}
