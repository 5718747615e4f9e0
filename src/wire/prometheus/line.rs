//! Parses one sample line.
//!
//! ```text
//! name{label="value",…} value time # {label="value",…} value time
//! {"any name","any label"="value",…} value
//! ```
//!
//! Blanks may separate any two tokens, a comma may follow the last label, and a label with an empty value counts as absent:
//! Prometheus behaves like this in both dialects.

use std::borrow::Cow;

/// The longest name or label value, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Up to this many labels, duplicates are found by comparing each with each.
const FEW: usize = 12;

/// A label's name and its value.
pub(super) type Label<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A syntax error in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    /// The expectation, to follow the word "expected".
    pub what: &'static str,
    /// The rest of the line from the error on.
    pub at: &'a str,
}

/// The numbers after the labels.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Tail<'a> {
    /// The value.
    pub value: &'a str,
    /// The time; empty if there is none.
    pub time: &'a str,
    /// Value and time of the exemplar, if there is one.
    pub exemplar: Option<(&'a str, &'a str)>,
}

/// The rest of a line being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(pub &'a str);

impl<'a> Cursor<'a> {
    /// Reads name and labels; adds the labels whose value is not empty to `labels`.
    pub fn head(&mut self, labels: &mut Vec<Label<'a>>) -> Result<Cow<'a, str>, Expected<'a>> {
        let line = *self;
        let name = self.identifier(true);
        self.blanks();
        let mut quoted = None;
        if self.eat(b'{') {
            self.labels(labels, &mut quoted)?;
        }
        match (name, quoted) {
            ("", Some(name)) => Ok(name),
            ("", None) => Err(line.expected(
                "a metric name (one with other characters than letters, digits, _ and : is quoted inside the braces)",
            )),
            (name, None) => Ok(Cow::Borrowed(name)),
            (_, Some(_)) => Err(line.expected("one metric name, before the braces or inside")),
        }
    }

    /// Reads the rest of the line after its labels; adds those of the exemplar to `labels`.
    pub fn tail(&mut self, labels: &mut Vec<Label<'a>>) -> Result<Tail<'a>, Expected<'a>> {
        let value = self.token("a value")?;
        let time = if matches!(self.peek(), None | Some(b'#')) { "" } else { self.token("a time")? };
        let mut tail = Tail { value, time, exemplar: None };
        if self.eat(b'#') {
            let start = *self;
            self.blanks();
            if !self.eat(b'{') {
                return Err(self.expected("an exemplar's labels in braces"));
            }
            let mut quoted = None;
            self.labels(labels, &mut quoted)?;
            if quoted.is_some() {
                return Err(start.expected("an exemplar without a name"));
            }
            let value = self.token("an exemplar's value")?;
            let time = if self.peek().is_none() { "" } else { self.token("an exemplar's time")? };
            tail.exemplar = Some((value, time));
        }
        match self.peek() {
            None => Ok(tail),
            Some(_) => Err(self.expected("the end of the line")),
        }
    }

    /// Reads a name as `# TYPE` has it, quoted or not.
    pub fn name(&mut self) -> Result<Cow<'a, str>, Expected<'a>> {
        if self.eat(b'"') {
            return self.quoted();
        }
        let start = *self;
        let name = self.identifier(true);
        match self.peek() {
            None | Some(b' ' | b'\t') if !name.is_empty() => Ok(Cow::Borrowed(name)),
            _ => Err(start.expected("a metric name")),
        }
    }

    /// Skips blanks.
    pub fn blanks(&mut self) {
        let blanks = self.0.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.0 = &self.0[blanks..];
    }

    /// Reads up to the next blank.
    pub fn word(&mut self) -> &'a str {
        let end = memchr::memchr2(b' ', b'\t', self.0.as_bytes()).unwrap_or(self.0.len());
        self.cut(end)
    }

    /// An error at this position.
    pub fn expected(self, what: &'static str) -> Expected<'a> {
        Expected { what, at: self.0 }
    }

    fn labels(&mut self, labels: &mut Vec<Label<'a>>, name: &mut Option<Cow<'a, str>>) -> Result<(), Expected<'a>> {
        let all = *self;
        let first = labels.len();
        loop {
            self.blanks();
            if self.eat(b'}') {
                break;
            }
            let start = *self;
            let key = if self.eat(b'"') { self.quoted()? } else { Cow::Borrowed(self.identifier(false)) };
            self.blanks();
            if self.eat(b'=') {
                if key.is_empty() {
                    return Err(start.expected("a label's name"));
                }
                self.blanks();
                if !self.eat(b'"') {
                    return Err(self.expected("a label's value in quotes"));
                }
                let value = self.quoted()?;
                if !value.is_empty() {
                    labels.push((key, value));
                }
            } else if start.peek() == Some(b'"') && name.is_none() && !key.is_empty() {
                *name = Some(key);
            } else if key.is_empty() {
                return Err(start.expected("a label's name"));
            } else {
                return Err(self.expected("= after a label's name"));
            }
            self.blanks();
            if !self.eat(b',') && self.peek() != Some(b'}') {
                return Err(self.expected("a comma or a closing brace"));
            }
        }
        match twice(&labels[first..]) {
            false => Ok(()),
            true => Err(all.expected("each label once")),
        }
    }

    /// Reads up to the closing quote and unescapes `\\`, `\"` and `
    /// `; any other backslash stays.
    fn quoted(&mut self) -> Result<Cow<'a, str>, Expected<'a>> {
        let start = *self;
        let bytes = self.0.as_bytes();
        let mut escapes = false;
        let mut at = 0;
        loop {
            let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else {
                return Err(start.expected("a closing quote"));
            };
            at += found;
            if bytes[at] == b'"' {
                break;
            }
            escapes = true;
            at += 2;
            if at > bytes.len() {
                return Err(start.expected("a closing quote"));
            }
        }
        let text = self.cut(at);
        self.0 = &self.0[1..];
        if text.len() > MAX_TEXT {
            return Err(start.expected("a text of 64 KiB at most"));
        }
        Ok(if escapes { Cow::Owned(unescaped(text)) } else { Cow::Borrowed(text) })
    }

    fn token(&mut self, what: &'static str) -> Result<&'a str, Expected<'a>> {
        self.blanks();
        let token = self.word();
        self.blanks();
        if token.is_empty() { Err(self.expected(what)) } else { Ok(token) }
    }

    fn identifier(&mut self, colons: bool) -> &'a str {
        let bytes = self.0.as_bytes();
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (colons && *byte == b':');
        let length = match bytes.first() {
            Some(b'0'..=b'9') | None => 0,
            Some(_) => bytes.iter().position(|byte| !fits(byte)).unwrap_or(bytes.len()),
        };
        self.cut(length)
    }

    fn peek(self) -> Option<u8> {
        self.0.as_bytes().first().copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        if eaten {
            self.0 = &self.0[1..];
        }
        eaten
    }

    /// Splits at `at`, which is the index of an ASCII character or the end.
    fn cut(&mut self, at: usize) -> &'a str {
        let (cut, rest) = self.0.split_at(at);
        self.0 = rest;
        cut
    }
}

/// Unescapes `\\`, `\"` and `
/// `; any other backslash stays.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let known = match after.as_bytes().first() {
            Some(b'\\') => '\\',
            Some(b'"') => '"',
            Some(b'n') => '\n',
            _ => {
                plain.push('\\');
                rest = after;
                continue;
            }
        };
        plain.push(known);
        rest = &after[1..];
    }
    plain.push_str(rest);
    plain
}

fn twice(labels: &[Label<'_>]) -> bool {
    if labels.len() <= FEW {
        return labels.iter().enumerate().any(|(at, (name, _))| labels[..at].iter().any(|(other, _)| other == name));
    }
    let mut names: Vec<&str> = labels.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
