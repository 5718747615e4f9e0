//! Splits a text into the lines of container runtimes and the text between them.

use super::container::{ContainerLine, container_line};

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Run<'t> {
    /// Whole lines that no container runtime wrote; the last one may be incomplete.
    Other(&'t str),
    /// A line of a container runtime.
    Container(ContainerLine<'t>),
}

/// Splits a text. Its last line may lack a line end; unless the text has `ended`, it then counts only if it is a whole JSON
/// object.
pub fn runs(text: &str, ended: bool) -> impl Iterator<Item = Run<'_>> {
    let mut at = 0;
    let mut next = None;
    std::iter::from_fn(move || {
        if let Some(line) = next.take() {
            return Some(Run::Container(line));
        }
        let begin = at;
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map(|length| at + length);
            let line = &text[at..end.unwrap_or(text.len())];
            let line = line.strip_suffix('\r').unwrap_or(line);
            let before = at;
            at = end.map_or(text.len(), |end| end + 1);
            let is_whole = end.is_some() || ended || line.starts_with('{');
            if let Some(line) = container_line(line).filter(|_| is_whole) {
                if before == begin {
                    return Some(Run::Container(line));
                }
                next = Some(line);
                return Some(Run::Other(&text[begin..before]));
            }
        }
        (begin < text.len()).then(|| Run::Other(&text[begin..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn container_lines_are_split_from_others() {
        let (cri, other) = ("2026-07-03T05:55:54Z stdout F a", "{\n \"b\": 1\n}\n");
        let container = || Run::Container(container_line(cri).unwrap());
        let text = format!("{other}{cri}\n{cri}\r\n{other}{cri}");
        let found = |ended| runs(&text, ended).collect::<Vec<_>>();
        assert_eq!(found(true), [Run::Other(other), container(), container(), Run::Other(other), container()]);
        let last = format!("{other}{cri}");
        assert_eq!(found(false), [Run::Other(other), container(), container(), Run::Other(&last)]);
    }
}
