//! Searches backwards in a container runtime's log file, where the parts of a line may lie between lines of other streams.

use super::back::Begin;
use super::text::MAX_ITEM;
use crate::wire::lines::container_line;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

const BLOCK: usize = 256 << 10;
/// How far to search for the first parts of lines before the point that would otherwise be enough.
const FARTHEST: u64 = 16 << 20;

/// Whether the first line of a file comes from a container runtime.
pub(super) fn has_parts(file: &File, length: u64) -> std::io::Result<bool> {
    let mut begin = vec![0; usize::try_from(length).unwrap_or(BLOCK).min(BLOCK)];
    file.read_exact_at(&mut begin, 0)?;
    let line = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(std::str::from_utf8(line).ok().and_then(container_line).is_some())
}

/// A position after which the last `wanted` lines lie with all of their parts, perhaps after others.
pub(super) fn of_last(file: &File, length: u64, wanted: u64, stop: &AtomicBool) -> std::io::Result<Begin> {
    let mut counted = Counted { wanted, lines: 0, behind_first: HashMap::new(), enough: None };
    // The end of a line whose beginning lies in the block before.
    let mut rest: Vec<u8> = Vec::new();
    let mut from = length;
    while from > 0 && !stop.load(Ordering::Relaxed) {
        let more = usize::try_from(from).unwrap_or(BLOCK).min(BLOCK);
        from -= more as u64;
        let mut block = vec![0; more];
        file.read_exact_at(&mut block, from)?;
        block.append(&mut rest);
        let mut end = block.len();
        while let Some(newline) = memchr::memrchr(b'\n', &block[..end.saturating_sub(1)]) {
            if counted.line(&block[newline + 1..end], from + newline as u64 + 1) {
                return Ok(Begin::Forward { from: from + newline as u64 + 1 });
            }
            end = newline + 1;
        }
        block.truncate(end);
        if block.len() > MAX_ITEM {
            return Ok(Begin::Forward { from: 0 });
        }
        rest = block;
    }
    Ok(Begin::Forward { from: 0 })
}

struct Counted {
    wanted: u64,
    /// Complete lines, and last parts of lines.
    lines: u64,
    /// For each stream: how many counted lines come after the first known end of a line. Parts before that may be missing.
    behind_first: HashMap<String, Option<u64>>,
    /// The position at which there were enough lines.
    enough: Option<u64>,
}

impl Counted {
    /// Counts the line before those counted so far; returns whether its position is early enough.
    fn line(&mut self, line: &[u8], place: u64) -> bool {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return false;
        }
        let Some(part) = std::str::from_utf8(line).ok().and_then(container_line) else {
            self.lines += 1;
            return self.is_enough(place);
        };
        let stream = self.behind_first.entry(part.stream.into_owned()).or_default();
        if !part.is_part {
            *stream = Some(self.lines);
            self.lines += u64::from(!part.text.trim().is_empty());
        }
        self.is_enough(place)
    }

    fn is_enough(&mut self, place: u64) -> bool {
        if self.lines < self.wanted {
            return false;
        }
        let enough = *self.enough.get_or_insert(place);
        let are_whole = self.behind_first.values().all(|behind| behind.is_some_and(|behind| behind >= self.wanted));
        are_whole || enough - place > FARTHEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn rest(text: &str, wanted: u64) -> &str {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert!(has_parts(&file, text.len() as u64).unwrap());
        match of_last(&file, text.len() as u64, wanted, &AtomicBool::new(false)).unwrap() {
            Begin::Forward { from } => &text[from as usize..],
            other => panic!("{other:?}"),
        }
    }

    fn lines(rest: &str) -> String {
        rest.lines().map(|line| &line[21..]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_last_lines_begin_with_their_first_parts() {
        let text: String = ["stdout F a", "stdout P b", "stderr F x", "stdout P b", "stdout F b", "stderr F y"]
            .iter()
            .map(|line| format!("2026-07-03T05:55:54Z {line}\n"))
            .collect();
        // One line is wanted; the line of its stream before it shows that no part is missing.
        assert_eq!(lines(rest(&text, 1)), "stderr F x stdout P b stdout F b stderr F y");
        assert_eq!(lines(rest(&text, 2)), "stdout F a stdout P b stderr F x stdout P b stdout F b stderr F y");
        assert_eq!(rest(&text, 9), text);
    }
}
