//! Takes apart the lines that container runtimes write around a program's output.
//!
//! ```text
//! CRI       2026-07-03T05:55:54.936088091Z stdout P the line, or a part of it      F: the line, or its last part
//! Docker    {"log":"the line, or a part of it\n","stream":"stdout","time":"…"}      no line end: a part
//! ```

use crate::model::Time;
use serde::Deserialize;
use std::borrow::Cow;

/// A program's line, or a part of one, as a container runtime stores it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerLine<'a> {
    /// When the runtime received it.
    pub time: Time,
    /// `stdout` or `stderr`.
    pub stream: Cow<'a, str>,
    /// Whether the next line of the same stream continues it.
    pub is_part: bool,
    /// The program's output, without its line end.
    pub text: Cow<'a, str>,
    /// The JSON object around the line, if there is one; it may have more keys.
    pub rest: Option<&'a str>,
}

/// Takes a line without its line end apart; `None` if no container runtime wrote it.
pub fn container_line(line: &str) -> Option<ContainerLine<'_>> {
    match line.as_bytes().first()? {
        b'0'..=b'9' => cri(line),
        b'{' => docker(line),
        _ => None,
    }
}

/// Whether a line with this beginning may be a container runtime's once it is complete.
pub(super) fn may_be_container(begin: &[u8]) -> bool {
    match begin {
        [] => true,
        [b'0'..=b'9', ..] => {
            // `2026-07-03T05:55:54`
            let shape = b"dddd-dd-ddTdd:dd:dd";
            shape.iter().zip(begin).all(|(shape, byte)| match shape {
                b'd' => byte.is_ascii_digit(),
                _ => shape == byte,
            })
        }
        [b'{', rest @ ..] => {
            let rest = rest.trim_ascii_start();
            let Some(key) = rest.strip_prefix(b"\"") else { return rest.is_empty() };
            let end = memchr::memchr(b'"', key);
            KEYS.iter().any(|known| match end {
                Some(end) => known.as_bytes() == &key[..end],
                None => known.as_bytes().starts_with(key),
            })
        }
        _ => false,
    }
}

/// The keys that Docker, and tools that read its files, write.
const KEYS: [&str; 6] = ["log", "stream", "time", "attrs", "logtag", "_p"];

/// Whether a key of the JSON object belongs to the line itself.
pub(super) fn is_of_line(key: &str) -> bool {
    matches!(key, "log" | "stream" | "time" | "logtag" | "_p")
}

fn cri(line: &str) -> Option<ContainerLine<'_>> {
    let mut words = line.splitn(4, ' ');
    let (time, stream, tags) = (words.next()?, words.next()?, words.next()?);
    if !matches!(stream, "stdout" | "stderr") {
        return None;
    }
    let is_part = match tags.split(':').next()? {
        "P" => true,
        "F" => false,
        _ => return None,
    };
    let text = words.next().unwrap_or_default();
    let time = Time::from_rfc3339(time)?;
    Some(ContainerLine { time, stream: stream.into(), is_part, text: text.into(), rest: None })
}

#[derive(Deserialize)]
struct Docker<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    /// Fluent Bit's name for CRI's tag.
    #[serde(borrow, default, alias = "_p")]
    logtag: Option<Cow<'a, str>>,
}

fn docker(line: &str) -> Option<ContainerLine<'_>> {
    let has = |key: &str| memchr::memmem::find(line.as_bytes(), key.as_bytes()).is_some();
    if !may_be_container(line.as_bytes()) || !has("\"log\"") || !has("\"stream\"") {
        return None;
    }
    let Docker { log, stream, time, logtag } = serde_json::from_str(line).ok()?;
    if !matches!(&*stream, "stdout" | "stderr") {
        return None;
    }
    let is_part = match logtag.as_deref() {
        Some("P") => true,
        Some("F") => false,
        _ => !log.ends_with('\n'),
    };
    let time = Time::from_rfc3339(&time)?;
    let text = match log {
        Cow::Borrowed(text) => Cow::Borrowed(without_end(text)),
        Cow::Owned(mut text) => {
            text.truncate(without_end(&text).len());
            Cow::Owned(text)
        }
    };
    Some(ContainerLine { time, stream, is_part, text, rest: Some(line) })
}

fn without_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Option<(u64, String, bool, String)> {
        container_line(line).map(|line| (line.time.0, line.stream.into(), line.is_part, line.text.into()))
    }

    #[test]
    fn lines_of_cri_are_taken_apart() {
        let line =
            |stream: &str, is_part, text: &str| Some((1_783_058_154_936_088_091, stream.into(), is_part, text.into()));
        let time = "2026-07-03T05:55:54.936088091Z";
        for (rest, expected) in [
            ("stdout F hello  world ", line("stdout", false, "hello  world ")),
            ("stderr P half", line("stderr", true, "half")),
            ("stderr P:extra half", line("stderr", true, "half")),
            ("stdout F ", line("stdout", false, "")),
            ("stdout F", line("stdout", false, "")),
            ("stdin F x", None),
            ("stdout X x", None),
        ] {
            assert_eq!(told(&format!("{time} {rest}")), expected, "{rest}");
        }
        assert_eq!(told("2026-07-03T07:55:54.936088091+02:00 stdout F a"), line("stdout", false, "a"));
        assert_eq!(told("2026 stdout F a"), None);
    }

    #[test]
    fn docker_lines_are_taken_apart_in_any_order() {
        let line = |is_part, text: &str| Some((1_783_058_155_000_000_000, "stdout".into(), is_part, text.into()));
        let time = r#""time":"2026-07-03T05:55:55Z""#;
        for (object, expected) in [
            (format!(r#"{{"log":"a\n","stream":"stdout",{time}}}"#), line(false, "a")),
            (format!(r#"{{ {time}, "stream": "stdout", "log": "a \"b\"\r\n" }}"#), line(false, "a \"b\"")),
            (format!(r#"{{"log":"half","stream":"stdout","attrs":{{"tag":"x"}},{time}}}"#), line(true, "half")),
            (format!(r#"{{{time},"stream":"stdout","_p":"F","log":"a"}}"#), line(false, "a")),
            (format!(r#"{{"log":"a\n",{time}}}"#), None),
            (format!(r#"{{"log":7,"stream":"stdout",{time}}}"#), None),
            (r#"{"log":"a\n","stream":"stdout","time":"soon"}"#.into(), None),
        ] {
            assert_eq!(told(&object), expected, "{object}");
        }
    }

    #[test]
    fn the_beginning_of_a_line_rules_formats_out() {
        for begin in ["", "2", "2026-07-03T", "{", "{ \"lo", "{\"log\":", "{\"time\" :"] {
            assert!(may_be_container(begin.as_bytes()), "{begin}");
        }
        for begin in ["x", "{\"resourceSpans", "{\"logger\":", "{}", "2026 ", "42\n", "[", "{\"l\""] {
            assert!(!may_be_container(begin.as_bytes()), "{begin}");
        }
    }
}
