//! Terms of the filter language, written so that they take exactly one value.

use crate::model::{Value, is_harmless};
use std::fmt::Write;

/// `field=value`; none for values that no term can name.
pub fn equals(field: &str, value: Value<'_>) -> Option<String> {
    Some(match value {
        Value::Text(text) if text.len() > 1_024 => return None,
        Value::Text(text) => format!("{field}={}", quote(text)),
        Value::Bool(value) => format!("{field}={value}"),
        Value::Int(value) => format!("{field}={value}"),
        Value::Double(value) if value.is_finite() => format!("{field}={value}"),
        Value::Double(_) | Value::Empty | Value::Bytes(_) | Value::Nested(_) => format!("{field}:*"),
    })
}

/// `field="text"`, quoted where it must be; none for an empty text.
pub fn text(field: &str, text: &str) -> Option<String> {
    (!text.is_empty()).then(|| equals(field, Value::Text(text))).flatten()
}

/// The field that an attribute of the item is read by.
pub fn attribute(key: &str) -> Option<String> {
    name("attributes", key)
}

/// The field that an attribute of the resource is read by.
pub fn resource(key: &str) -> Option<String> {
    name("resource", key)
}

/// The field that a place in an event's payload is read by.
pub fn payload(path: &str) -> Option<String> {
    name("payload", path)
}

fn name(prefix: &str, key: &str) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    Some(match (plain, prefix) {
        // A dotted key is no well-known name, so it needs no prefix.
        (true, "attributes") if key.contains('.') && !is_prefixed(key) => key.to_owned(),
        (true, _) => format!("{prefix}.{key}"),
        (false, _) => format!("{prefix}.{}", quote(key)),
    })
}

fn is_prefixed(key: &str) -> bool {
    ["attributes.", "resource.", "payload.", "span.", "scope.", "event.", "link."].iter().any(|p| key.starts_with(p))
        || key.starts_with('.')
}

/// `text` in double quotes, with every character escaped that would end them, vanish or move a terminal.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmless(c.encode_utf8(&mut [0; 4])) => out.push(c),
            c => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
        }
    }
    out.push('"');
    out
}
