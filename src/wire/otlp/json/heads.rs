//! Finds where documents begin, without reading the text before them.
//!
//! A document's **head** is `{` and the key of a signal (`{"resourceSpans"`, with or without white space in between). These
//! bytes cannot lie inside a JSON string, where quotes are escaped: an object always begins there.

const KEYS: [&[u8]; 6] =
    [b"resourceSpans", b"resource_spans", b"resourceMetrics", b"resource_metrics", b"resourceLogs", b"resource_logs"];

/// Whether a text begins with a document's head.
pub fn begins_document(text: &str) -> bool {
    let rest = text.as_bytes().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    rest.and_then(|rest| rest.strip_prefix(b"\"")).is_some_and(|rest| key(rest).is_some())
}

/// Whether a text begins with a document's head followed by an array.
pub(super) fn holds_groups(text: &str) -> bool {
    let rest = text.as_bytes().strip_prefix(b"{").and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\""));
    let after_key = rest.and_then(|rest| rest.get(key(rest)?.len() + 1..));
    let value = after_key.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
    value.is_some_and(|value| value.trim_ascii_start().starts_with(b"["))
}

/// The first head that begins at `from` or later.
pub(super) fn next_head(text: &[u8], from: usize) -> Option<usize> {
    let after = text.get(from..)?;
    memchr::memmem::find_iter(after, b"\"resource")
        .filter_map(|quote| head_with(after, quote))
        .map(|head| from + head)
        .next()
}

/// The head that ends with the quote at this index.
pub(super) fn head_ending_at(text: &[u8], quote: usize) -> Option<usize> {
    let before = text.get(..quote)?;
    let key = KEYS.iter().find(|key| before.ends_with(key))?;
    head_with(text, (quote - key.len()).checked_sub(1)?)
}

/// Whether an index is the first of its line.
pub(super) fn begins_line(text: &[u8], at: usize) -> bool {
    at == 0 || text.get(at - 1) == Some(&b'\n')
}

/// The head whose key begins with the quote at this index.
fn head_with(text: &[u8], quote: usize) -> Option<usize> {
    key(text.get(quote..)?.strip_prefix(b"\"")?)?;
    text[..quote].trim_ascii_end().strip_suffix(b"{").map(<[u8]>::len)
}

fn key(text: &[u8]) -> Option<&'static [u8]> {
    KEYS.into_iter().find(|key| text.strip_prefix(*key).is_some_and(|rest| rest.starts_with(b"\"")))
}
