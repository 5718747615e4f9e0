//! An entry of the detail: a key, a value, and the filter term for them.

use super::term::Term;
use crate::model::{Value, is_harmless, visible, visible_into};

/// The kind of an entry, which decides its style.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A key and its value.
    #[default]
    Plain,
    /// The title of the entries that follow.
    Heading,
    /// The title of a section of the detail.
    Section,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// A remark by otail, not from the sender.
    Note,
    /// A line of the raw text; it has no key.
    Raw,
}

/// A key and a value that are safe to print; a value may have several lines.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Entry {
    /// Its kind.
    pub kind: EntryKind,
    /// The key.
    pub key: String,
    /// The value. Its line feeds are line ends.
    pub value: String,
    /// The filter term, if the filter language can express one.
    pub term: Option<Term>,
}

/// The maximum displayed bytes of a key.
const MAX_KEY: usize = 1 << 10;
/// The maximum displayed bytes of a value.
const MAX_SHOWN: usize = 16 << 10;

impl Entry {
    /// A key and a value that otail wrote, with their filter term.
    pub fn fact(key: &str, value: impl Into<String>, term: Option<Term>) -> Entry {
        Entry { key: key.to_owned(), value: value.into(), term, ..Entry::default() }
    }

    /// An entry of this kind, without a term.
    pub fn of(kind: EntryKind, key: impl Into<String>, value: impl Into<String>) -> Entry {
        Entry { kind, key: key.into(), value: value.into(), term: None }
    }
}

/// A value for display: line ends and tabs are kept, everything else is made safe; a long value is cut and marked as cut.
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

/// A key for display, on one line; a long key is cut.
pub fn shown_key(key: &str) -> String {
    let part = &key[..key.floor_char_boundary(MAX_KEY)];
    let cut = if part.len() < key.len() { "…" } else { "" };
    visible(part) + cut
}

/// [`shown`] for a text.
pub fn shown_text(text: &str) -> String {
    let end = (0..=text.len().min(MAX_SHOWN)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let mut out = readable(&text[..end]);
    if end < text.len() {
        out.push_str(&format!("… ({} bytes)", text.len()));
    }
    out
}

/// Makes text safe, but keeps line ends and replaces tabs by spaces.
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
