//! Tells the two text formats apart, and both from other content.

use super::family::Families;
use super::line::Cursor;

/// One of the two text formats. They differ in the unit of time and in how a reader knows that the text is complete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Prometheus text 0.0.4: times in milliseconds.
    Text,
    /// OpenMetrics 1.0: times in seconds, `# EOF` at the end.
    OpenMetrics,
}

impl Dialect {
    /// The dialect that a `Content-Type` names; `None` for any other. `text/plain` alone may be anything: then use
    /// [`looks_like_prometheus`].
    pub fn from_content_type(content_type: &str) -> Option<Dialect> {
        let mime = content_type.split(';').next().unwrap_or_default().trim();
        if mime.eq_ignore_ascii_case("application/openmetrics-text") {
            Some(Dialect::OpenMetrics)
        } else if mime.eq_ignore_ascii_case("text/plain") {
            Some(Dialect::Text)
        } else {
            None
        }
    }

    /// The real dialect of a text: only OpenMetrics ends with `# EOF`.
    pub(super) fn corrected(self, text: &str) -> Dialect {
        match text.trim_ascii_end().rsplit('\n').next() {
            Some(last) if is_eof(last.trim_ascii_start()) => Dialect::OpenMetrics,
            _ => self,
        }
    }
}

/// Whether a trimmed line is `# EOF`.
pub(super) fn is_eof(line: &str) -> bool {
    line == "# EOF"
}

/// Whether a body with this beginning is Prometheus text or OpenMetrics: its first line that is not an ordinary comment is
/// metadata or a sample. The sample may be cut short by the end of `head`. A few hundred bytes suffice.
pub fn looks_like_prometheus(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = &head[..head.len().min(64 * 1024)];
    let mut lines = head.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let whole = lines.peek().is_some();
        let line = String::from_utf8_lossy(line.trim_ascii());
        if line.is_empty() {
            continue;
        }
        match line.strip_prefix('#') {
            Some(comment) => {
                let metadata = ["HELP", "TYPE", "UNIT"].contains(&Cursor(comment.trim_ascii_start()).word());
                if is_eof(&line) || metadata && is_metadata(comment) {
                    return true;
                }
            }
            None => return is_sample(&line) || !whole && begins_sample(&line),
        }
    }
    false
}

fn is_metadata(comment: &str) -> bool {
    Families::default().describe(comment).is_ok()
}

fn is_sample(line: &str) -> bool {
    let mut cursor = Cursor(line);
    let mut labels = Vec::new();
    cursor.head(&mut labels).is_ok()
        && cursor.tail(&mut labels).is_ok_and(|tail| super::number::value(tail.value).is_some())
}

/// Whether a line, possibly incomplete, begins with a metric name and a label.
fn begins_sample(line: &str) -> bool {
    let label = line.split_once('{').and_then(|(name, labels)| {
        let (label, value) = labels.split_once('=')?;
        Some((name.trim_ascii(), label.trim_ascii(), value.trim_ascii_start()))
    });
    let is_name = |name: &str| Cursor(name).name().is_ok_and(|read| read == name);
    label.is_some_and(|(name, label, value)| is_name(name) && is_name(label) && value.starts_with('"'))
}
