//! Where in a file each setting stands, by the spans of TOML's own parser, which reads on behind what it does not understand.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A file's text and what stands where in it.
pub(super) struct Places<'a> {
    text: &'a str,
    /// In the order of the text.
    entries: Vec<Entry>,
}

/// A key with its value, or a table's header.
pub(super) struct Entry {
    /// `["source", "1", "url"]`
    pub path: Vec<String>,
    /// Where the key is, in bytes.
    pub key: Range<usize>,
    /// Where the value is. A header has the whole of itself there.
    pub value: Range<usize>,
}

impl<'a> Places<'a> {
    /// Of a text that may have faults.
    pub fn of(text: &'a str) -> Places<'a> {
        let (table, _) = DeTable::parse_recoverable(text);
        let mut entries = Vec::new();
        gather(table.get_ref(), &[], &mut entries);
        entries.sort_by_key(|entry| entry.key.start);
        Places { text, entries }
    }

    /// Every setting with its line, from 1. Those of the sources are called `["source", "0", "url"]`; a part of a path is a header.
    pub fn lines(&self) -> impl Iterator<Item = (&[String], usize)> {
        self.entries.iter().map(|entry| (&entry.path[..], self.line(entry.key.start)))
    }

    /// The last that begins at or before an offset.
    pub fn before(&self, offset: usize) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.key.start <= offset)
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// Whether a value that began before an offset is not over there.
    pub fn is_inside_value(&self, offset: usize) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.value.start < offset && offset <= entry.value.end && !self.is_header(entry))
    }

    /// Whether an entry is a table's header: all of it is keys.
    fn is_header(&self, entry: &Entry) -> bool {
        entry.value.start <= entry.key.start
            && self.text.get(entry.value.clone()).is_some_and(|header| header.starts_with('['))
    }
}

fn gather(table: &DeTable<'_>, path: &[String], entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let path = [path, &[key.get_ref().to_string()]].concat();
        entries.push(Entry { path: path.clone(), key: key.span(), value: value.span() });
        match value.get_ref() {
            DeValue::Table(table) => gather(table, &path, entries),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let DeValue::Table(table) = item.get_ref() else { continue };
                    let path = [&path[..], &[index.to_string()]].concat();
                    entries.push(Entry { path: path.clone(), key: item.span(), value: item.span() });
                    gather(table, &path, entries);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_however_it_is_written_and_nothing_in_a_text_is_taken_for_one() {
        let text = "ui.theme = 'x'\n[listen]\ngrpc = \"\"\"\n[log]\nlevel = 1\n\"\"\"\n\n[[source]]\nurl = 'a'\n\n[[source]]\n\
                    headers = { a = 'b' }\nurl = 'b'\n";
        let places = Places::of(text);
        for (path, line) in [
            (&["ui", "theme"][..], Some(1)),
            (&["listen", "grpc"], Some(3)),
            (&["log", "level"], None),
            (&["source", "0", "url"], Some(9)),
            (&["source", "1"], Some(11)),
            (&["source", "1", "headers", "a"], Some(12)),
            (&["source", "1", "url"], Some(13)),
            (&["source", "2", "url"], None),
        ] {
            let found = places.lines().find(|(of, _)| of.iter().eq(path)).map(|(_, line)| line);
            assert_eq!(found, line, "{path:?}");
        }
    }
}
