//! Documents inside lines of text: a logger or a log collector writes a prefix before each of them (`2026-01-01T10:00:00Z
//! INFO {"resourceSpans":…}`, `shop-1  | {"resourceSpans":…}`).

use super::heads::{holds_groups, next_head};
use super::text::Json;

/// The role of a text before a document's head on the same line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Before {
    /// A prefix of a complete document: not an item of its own.
    Frame,
    /// A prefix of something that only begins like a document: a line of text up to this index, or to the line's end.
    Text(usize),
    /// A prefix of a document whose end has not arrived.
    Unfinished,
    /// Half a value that does not belong to the document; or the document is broken.
    Torn,
}

/// Examines the text from `at` to the document's head at `head`, and the document itself up to the next head.
pub(super) fn before(text: &str, at: usize, head: usize) -> Before {
    if !is_frame(&text[at..head]) {
        return Before::Torn;
    }
    let limit = next_head(text.as_bytes(), head + 1).unwrap_or(text.len());
    let mut json = Json::new(&text[head..limit]);
    match json.skip() {
        Ok(()) if holds_groups(&text[head..limit]) => Before::Frame,
        Ok(()) => Before::Text(limit),
        Err(error) if error.is_end() && limit == text.len() => Before::Unfinished,
        Err(_) => Before::Torn,
    }
}

/// Whether it is on one line and not JSON; `[INFO]` is not JSON.
fn is_frame(text: &str) -> bool {
    let could_be_json = text.starts_with(['{', '"']) || text.starts_with('[') && !text.contains(']');
    !text.contains('\n') && !could_be_json
}
