//! Names for sources that the user did not name: the shortest that tell them apart.

use super::entries::{Entries, Entry};
use super::spec::Source;
use std::collections::HashMap;

/// Returns a name for each source, in order. A source that the user did not name gets the shortest of its possible names
/// that no other source or listed connection has. If all are in use, a number is added to the longest.
pub(super) fn names(sources: &[Source], entries: &Entries) -> Vec<String> {
    let others: Vec<&Entry> = entries.iter().filter(|entry| !entry.forgotten).collect();
    let is_taken = |name: &str| others.iter().any(|entry| entry.connection.label == name);
    let of_each = sources.iter().map(|source| match &source.name {
        Some(name) => Names { all: vec![name.clone()], is_given: true },
        None => Names { all: source.spec.labels(), is_given: false },
    });
    tell_apart(&of_each.collect::<Vec<_>>(), &is_taken)
}

/// The names that a source may have, the shortest first.
struct Names {
    all: Vec<String>,
    /// Whether the user chose the name; it is then not changed.
    is_given: bool,
}

/// Gives sources that share a name their next longer one, until all names differ or none is left to try.
fn tell_apart(sources: &[Names], is_taken: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut level = vec![0; sources.len()];
    let name = |level: &[usize], at: usize| sources[at].all.get(level[at]).cloned().unwrap_or_default();
    loop {
        let mut uses: HashMap<String, usize> = HashMap::new();
        (0..sources.len()).for_each(|at| *uses.entry(name(&level, at)).or_default() += 1);
        let mut next = level.clone();
        for (at, next) in next.iter_mut().enumerate() {
            let name = name(&level, at);
            let is_shared = uses.get(&name).is_some_and(|uses| *uses > 1) || is_taken(&name);
            *next += usize::from(is_shared && !sources[at].is_given && *next + 1 < sources[at].all.len());
        }
        if next == level {
            break;
        }
        level = next;
    }
    let mut given: Vec<String> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let name = name(&level, at);
        let is_free = |name: &String| !is_taken(name) && !given.contains(name);
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| source.is_given || is_free(name));
        given.push(free.unwrap_or(name));
    }
    given
}

#[cfg(test)]
mod tests {
    use super::super::SourceSpec;
    use super::*;

    fn names_of(sources: &[&str], taken: &[&str]) -> Vec<String> {
        let names = sources.iter().map(|text| match text.strip_prefix("named ") {
            Some(name) => Names { all: vec![name.to_owned()], is_given: true },
            None => Names { all: SourceSpec::parse(text).unwrap().labels(), is_given: false },
        });
        tell_apart(&names.collect::<Vec<_>>(), &|name| taken.contains(&name))
    }

    #[test]
    fn the_shortest_names_tell_sources_apart() {
        let names = |sources: &[&str]| names_of(sources, &[]);
        assert_eq!(names(&["http://localhost:9464/a"]), ["localhost:9464"]);
        assert_eq!(
            names(&["http://localhost:9464/a", "http://localhost:9464/b"]),
            ["localhost:9464/a", "localhost:9464/b"]
        );
        assert_eq!(names(&["http://web-1:9464/m", "http://web-2:9464/m"]), ["web-1:9464", "web-2:9464"]);
        assert_eq!(names(&["http://h/m?job=a", "http://h/m?job=b"]), ["h/m?job=a", "h/m?job=b"]);
        assert_eq!(names(&["sse+http://h/m", "poll+http://h/m"]), ["sse+http://h/m", "poll+http://h/m"]);
        assert_eq!(
            names(&["/var/a/x.jsonl", "/var/b/x.jsonl", "/var/b/y.jsonl"]),
            ["a/x.jsonl", "b/x.jsonl", "y.jsonl"]
        );
        assert_eq!(names(&["/a/log/x", "/b/log/x"]), ["a/log/x", "b/log/x"]);
        assert_eq!(names(&["listen://", "listen://127.0.0.1:9"]), ["otlp:4318", "otlp:9"]);
        assert_eq!(names(&["listen://127.0.0.1:9", "listen://127.0.0.2:9"]), ["otlp 127.0.0.1:9", "otlp 127.0.0.2:9"]);
    }

    #[test]
    fn a_given_name_stays() {
        assert_eq!(names_of(&["named h", "http://h/b", "named h"], &[]), ["h", "h/b", "h"]);
    }

    #[test]
    fn a_name_in_use_is_given_to_no_other() {
        assert_eq!(names_of(&["http://h/b"], &["h"]), ["h/b"]);
        assert_eq!(names_of(&["http://h/b"], &["h", "h/b", "http://h/b"]), ["http://h/b 2"]);
    }
}
