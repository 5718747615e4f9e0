//! A line of the detail: a key and a value, and the filter term that they make.

use super::term::Term;
use crate::model::{Value, is_harmless, visible, visible_into};

/// What an entry is, for its looks.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A key and its value.
    #[default]
    Plain,
    /// The title of what follows.
    Heading,
    /// The title of a section of the detail.
    Section,
    /// Something that went wrong.
    Error,
    /// Something to be wary of.
    Warning,
    /// Said by otail, not by the sender.
    Note,
    /// A line of the whole text; it has no key.
    Raw,
}

/// A key and a value as harmless text; a value may have several lines.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// The key.
    pub key: String,
    /// The value; line feeds in it are line ends, everything else is harmless.
    pub value: String,
    /// What the filter can say of it, where it can.
    pub term: Option<Term>,
}

/// Bytes of a key that are shown.
const MAX_KEY: usize = 1 << 10;
/// Bytes of a value that are shown.
const MAX_SHOWN: usize = 16 << 10;

impl Entry {
    /// A key and a value that otail wrote, with the term they make.
    pub fn fact(key: &str, value: impl Into<String>, term: Option<Term>) -> Entry {
        Entry { key: key.to_owned(), value: value.into(), term, ..Entry::default() }
    }

    /// An entry of this kind, without a term.
    pub fn of(kind: EntryKind, key: impl Into<String>, value: impl Into<String>) -> Entry {
        Entry { kind, key: key.into(), value: value.into(), term: None }
    }
}

/// A value for reading: line ends and tabs do what they mean, everything else is harmless; a long one is cut, and says so.
pub fn shown(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => shown_text(text),
        Value::Empty => "(empty)".to_owned(),
        Value::Bytes(bytes) if bytes.len() > MAX_SHOWN / 2 => {
            let shown = Value::Bytes(&bytes[..MAX_SHOWN / 2]).display();
            format!("{shown}… ({} bytes)", bytes.len())
        }
        Value::Nested(nested) => {
            let mut text = String::new();
            if !nested.display_up_to(MAX_SHOWN, &mut text) {
                text.push('…');
            }
            text
        }
        value => value.display(),
    }
}

/// A key for reading, on one line; a long one is cut.
pub fn shown_key(key: &str) -> String {
    let part = &key[..key.floor_char_boundary(MAX_KEY)];
    let cut = if part.len() < key.len() { "…" } else { "" };
    visible(part) + cut
}

/// [`shown`], of text.
pub fn shown_text(text: &str) -> String {
    let end = (0..=text.len().min(MAX_SHOWN)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let mut out = readable(&text[..end]);
    if end < text.len() {
        out.push_str(&format!("… ({} bytes)", text.len()));
    }
    out
}

/// Text made harmless, but for line ends, and with tabs as spaces.
pub fn readable(text: &str) -> String {
    if is_harmless(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        for (index, part) in line.split('\t').enumerate() {
            if index > 0 {
                out.push_str("    ");
            }
            visible_into(part, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_tabs_are_read_and_everything_else_is_visible() {
        assert_eq!(readable("a\r\n\tb\x1b[2J"), "a\n    b␛[2J");
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let text = shown(Value::Text(&"ü".repeat(100_000)));
        assert!(text.len() < MAX_SHOWN + 40 && text.ends_with("… (200000 bytes)"), "{}", text.len());
        assert!(shown(Value::Bytes(&vec![0; 1 << 20])).ends_with("… (1048576 bytes)"));
    }
}
