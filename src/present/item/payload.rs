//! An event's payload, flattened: one line a leaf, named by its path.

use super::Term;
use super::entry::{Entry, EntryKind, shown};
use crate::model::{Nested, Value, visible};

/// The leaves of a payload, in its order.
pub(super) fn entries(payload: Value<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    match payload {
        Value::Empty => {}
        Value::Nested(nested) => walk(nested, "", &mut entries),
        value => entries.push(Entry::fact("payload", shown(value), None)),
    }
    entries
}

fn walk(nested: Nested<'_>, path: &str, entries: &mut Vec<Entry>) {
    let mut empty = true;
    for (index, (key, value)) in nested.entries().enumerate() {
        empty = false;
        let key = if nested.is_map() { key.to_owned() } else { index.to_string() };
        let path = if path.is_empty() { key } else { format!("{path}.{key}") };
        match value {
            Value::Nested(nested) => walk(nested, &path, entries),
            value => {
                entries.push(Entry {
                    term: Term::payload(&path, value),
                    ..Entry::of(EntryKind::Plain, visible(&path), shown(value))
                });
            }
        }
    }
    if empty {
        let brackets = if nested.is_map() { "{}" } else { "[]" };
        entries.push(Entry::of(EntryKind::Plain, visible(path), brackets));
    }
}
