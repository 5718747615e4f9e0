//! Documents in lines of text: a logger, or what collects the lines of containers, writes something before each of them
//! (`2026-01-01T10:00:00Z INFO {"resourceSpans":…}`, `shop-1  | {"resourceSpans":…}`).

use super::heads::{holds_groups, next_head};
use super::text::Json;

/// What a text is that stands before a document's head on the same line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Before {
    /// What somebody writes before a document, which is whole: no item of its own.
    Frame,
    /// The same before what is no document, though it begins as one: up to there, or to the line's end, it is a line of text.
    Text(usize),
    /// Before a document whose end is not there yet.
    Unfinished,
    /// Half a value, which the document has nothing to do with; or the document is broken.
    Torn,
}

/// Looks at what lies between two places of a text, of which the second is a document's head, up to the next head.
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

/// Whether it is on one line, and no JSON; `[INFO]` is none.
fn is_frame(text: &str) -> bool {
    let could_be_json = text.starts_with(['{', '"']) || text.starts_with('[') && !text.contains(']');
    !text.contains('\n') && !could_be_json
}
