//! Searches backwards from the end of a file for the position from which to read.
//!
//! A file is cut between two lines that cannot belong to one JSON value. Inside a value, the text before a newline ends with
//! a comma, a colon or an opening bracket, or the text after it begins with a comma, a colon or a closing bracket. A JSON
//! string never contains a newline. So wherever none of this holds, a new value or line begins, and nothing before it has to
//! be read: this works for documents on one line or many, and for plain text.

use super::super::beginning::WantedItems;
use super::back_parts;
use super::item_count::ItemCount;
use super::text::MAX_ITEM;
use crate::model::Time;
use crate::wire::otlp::Scan;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

/// The size of the first block; it grows up to [`LARGEST_BLOCK`] while no cut is found.
const BLOCK: usize = 64 << 10;
const LARGEST_BLOCK: usize = 1 << 20;
/// The size of the pieces in which ages are checked, in bytes.
const AGES: usize = 1 << 20;
/// A file is roughly in order of time. After this many bytes in a row without a young item, earlier content is not searched.
const ENOUGH_OLD: usize = 16 << 20;

/// Where to begin reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Begin {
    /// At `place`; skip the first `skip` items, which lie before `until`.
    At { place: u64, skip: u64, until: u64 },
    /// The file has no safe cut; read forwards from this byte to find the last items.
    Forward { from: u64 },
}

/// Finds where to begin reading a file of `length` bytes.
///
/// # Errors
///
/// If it cannot be read; `UnexpectedEof` if it is shorter by now.
pub(super) fn begin(file: &File, length: u64, wanted: &WantedItems, stop: &AtomicBool) -> std::io::Result<Begin> {
    let has_parts = back_parts::has_parts(file, length)?;
    if let (Some(count), true) = (wanted.tail, has_parts) {
        return back_parts::of_last(file, length, count, stop);
    }
    let mut back = Back::new(file, length);
    match (wanted.tail, wanted.since) {
        (Some(count), _) => of_last(&mut back, count, stop),
        (None, Some(since)) => of_recent(&mut back, since, has_parts, stop),
        (None, None) => Ok(at(0)),
    }
}

fn at(place: u64) -> Begin {
    Begin::At { place, skip: 0, until: place }
}

/// Finds where the last items begin.
fn of_last(back: &mut Back<'_>, wanted: u64, stop: &AtomicBool) -> std::io::Result<Begin> {
    let (mut item_count, mut items, mut is_last) = (ItemCount::default(), 0, true);
    while let Some(piece) = back.piece(1)?.filter(|_| !stop.load(Ordering::Relaxed)) {
        let Piece::Text(place, text) = piece else { return Ok(Begin::Forward { from: 0 }) };
        let end = if std::mem::take(&mut is_last) { end_of_whole(&text, &mut item_count) } else { text.len() };
        let until = place + end as u64;
        if wanted == 0 {
            return Ok(at(until));
        }
        items += item_count.count(&text[..end], None).items;
        if items >= wanted {
            return Ok(Begin::At { place, skip: items - wanted, until });
        }
    }
    Ok(at(0))
}

/// Finds where the young items begin. Old items after that position must still be dropped.
fn of_recent(back: &mut Back<'_>, since: Time, has_parts: bool, stop: &AtomicBool) -> std::io::Result<Begin> {
    let (mut item_count, mut begin, mut old) = (ItemCount::default(), None, 0);
    let mut farthest = back.from;
    while let Some(piece) = back.piece(AGES)?.filter(|_| !stop.load(Ordering::Relaxed)) {
        let Piece::Text(place, text) = piece else { return Ok(at(0)) };
        farthest = place;
        let end = if begin.is_none() { end_of_whole(&text, &mut item_count) } else { text.len() };
        let begin = begin.get_or_insert(place + end as u64);
        let counts = item_count.count(&text[..end], Some(since));
        if counts.old == counts.items {
            old += text.len();
        } else {
            (old, *begin) = (0, place);
        }
        if old >= ENOUGH_OLD {
            break;
        }
    }
    // A young line may have its first parts among old lines.
    Ok(at(if has_parts { farthest } else { begin.unwrap_or(0) }))
}

/// The end of the last complete item; an item that is still being written counts as new.
fn end_of_whole(text: &[u8], item_count: &mut ItemCount) -> usize {
    let lines = memchr::memrchr(b'\n', text).map_or(0, |end| end + 1);
    let mut scan = Scan::default();
    let values = std::iter::from_fn(|| scan.advance(text)).last().unwrap_or(0);
    let whole = lines.max(values);
    whole - item_count.count(&text[..whole], None).unfinished
}

/// The text between two cuts.
enum Piece {
    /// Its position and its bytes.
    Text(u64, Vec<u8>),
    /// There is no cut within the longest allowed item.
    TooLong,
}

/// The part of a file not yet searched, from its end.
struct Back<'f> {
    file: &'f File,
    /// The position of `text` in the file; it ends where the last piece began.
    from: u64,
    text: Vec<u8>,
    block: usize,
    /// Give up if there is no cut within this many bytes.
    longest: usize,
}

impl Back<'_> {
    fn new(file: &File, length: u64) -> Back<'_> {
        Back { file, from: length, text: Vec::new(), block: BLOCK, longest: MAX_ITEM }
    }

    /// The next piece backwards, of at least `least` bytes except at the beginning of the file; `None` when the whole file
    /// was searched.
    fn piece(&mut self, least: usize) -> std::io::Result<Option<Piece>> {
        loop {
            let cut = self.text.len().checked_sub(least).and_then(|before| last_cut(&self.text, before));
            let cut = match cut {
                Some(cut) => cut,
                None if self.from == 0 => 0,
                None if self.text.len() > self.longest + least => return Ok(Some(Piece::TooLong)),
                None => {
                    self.extend(least)?;
                    continue;
                }
            };
            let text = self.text.split_off(cut);
            return Ok((!text.is_empty()).then(|| Piece::Text(self.from + cut as u64, text)));
        }
    }

    /// Reads an earlier block. At least doubles the text, so that text without a cut is not scanned too often.
    fn extend(&mut self, least: usize) -> std::io::Result<()> {
        let more = self.block.max(self.text.len()).max(least);
        let more = usize::try_from(self.from).unwrap_or(usize::MAX).min(more);
        self.block = (self.block * 2).min(LARGEST_BLOCK);
        let mut text = Vec::with_capacity(more + self.text.len());
        text.resize(more, 0);
        let from = self.from - more as u64;
        self.file.read_exact_at(&mut text, from)?;
        text.append(&mut self.text);
        (self.from, self.text) = (from, text);
        Ok(())
    }
}

/// The last position up to `before` where the text can be cut: the start of a line, with text on both sides.
fn last_cut(text: &[u8], before: usize) -> Option<usize> {
    let (mut before, mut end) = (before, text.len());
    loop {
        let newline = memchr::memrchr(b'\n', &text[..before])?;
        let next = text[newline + 1..end].trim_ascii_start().first();
        let previous = text[..newline].trim_ascii_end();
        if let Some(next) = next
            && separates(*previous.last()?, *next)
        {
            return Some(newline + 1);
        }
        (before, end) = (previous.len(), previous.len());
    }
}

/// Whether a JSON value cannot continue across the newline between these two bytes.
fn separates(last: u8, next: u8) -> bool {
    !matches!(last, b'{' | b'[' | b',' | b':') && !matches!(next, b',' | b'}' | b']' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Limits;
    use crate::wire::otlp::{Document, documents};
    use proptest::prelude::*;
    use std::io::Write;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file
    }

    fn place_of(text: &[u8], tail: u64) -> Begin {
        let wanted = WantedItems { tail: Some(tail), since: None };
        begin(&file(text), text.len() as u64, &wanted, &AtomicBool::new(false)).unwrap()
    }

    /// The text from the position on, and how many of its items are too many.
    fn rest(text: &str, tail: u64) -> (&str, u64) {
        match place_of(text.as_bytes(), tail) {
            Begin::At { place, skip, .. } => (&text[place as usize..], skip),
            Begin::Forward { .. } => panic!("no place in {} bytes", text.len()),
        }
    }

    fn document(spans: usize, pretty: bool) -> String {
        let span = serde_json::json!({"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7",
            "name": "x", "attributes": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": 7}, {"intValue": 8}]}}}]});
        let document = serde_json::json!({"resourceSpans": [{"scopeSpans": [{"spans": vec![span; spans]}]}]});
        if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() }
    }

    #[test]
    fn the_last_lines_are_found() {
        assert_eq!(rest("a\nb\nc\n", 2), ("b\nc\n", 0));
        assert_eq!(rest("a\r\nb\r\n\r\nc\r\n", 2), ("b\r\n\r\nc\r\n", 0));
    }

    #[test]
    fn zero_items_begin_at_the_end() {
        assert_eq!(rest("a\nb\n", 0), ("", 0));
        assert_eq!(rest("a\nb\n", 3), ("a\nb\n", 0));
        assert_eq!(rest("", 1), ("", 0));
    }

    #[test]
    fn an_unfinished_line_counts_as_new() {
        assert_eq!(rest("a\nb\nhal", 0), ("hal", 0));
        assert_eq!(rest("a\nb\nhal", 1), ("b\nhal", 0));
        let pretty = document(1, true);
        let torn = &pretty[..pretty.len() / 2];
        let text = format!("a\n{torn}");
        assert_eq!(rest(&text, 0), (torn, 0));
        assert_eq!(rest(&text, 1), (text.as_str(), 0));
    }

    #[test]
    fn a_document_without_a_newline_is_complete() {
        let text = document(1, false) + "\n" + &document(1, false);
        assert_eq!(rest(&text, 1), (document(1, false).as_str(), 0));
        assert_eq!(rest(&text, 0), ("", 0));
    }

    #[test]
    fn a_multiline_document_is_never_cut() {
        let text = format!("{0}\n{0}\n{0}\n", document(2, true));
        assert_eq!(rest(&text, 2), (&text[text.len() / 3 * 2..], 0));
        assert_eq!(rest(&text, 3), (&text[text.len() / 3..], 1));
    }

    #[test]
    fn an_array_of_documents_is_read_from_its_beginning() {
        let text = format!("[\n{0},\n{0},\n{0}\n]\n", document(1, false));
        assert_eq!(rest(&text, 1), (text.as_str(), 2));
    }

    #[test]
    fn items_are_counted_across_block_edges() {
        let line = |n: usize| format!("{n} é漢😀 {}\n", "ß".repeat(n % 90));
        let text: String = (0..9_000).map(line).collect();
        assert!(text.len() > BLOCK * 8);
        for tail in [1, 2, 500, 5_000, 8_999, 9_000] {
            let expected: String = (9_000 - tail..9_000).map(line).collect();
            assert_eq!(rest(&text, tail as u64), (expected.as_str(), 0));
        }
    }

    #[test]
    fn an_overlong_line_is_read_forwards() {
        let text = "a\n".to_owned() + &"x".repeat(BLOCK * 8) + "\nb\n";
        let file = file(text.as_bytes());
        let place = |tail| {
            let mut back = Back { longest: BLOCK, ..Back::new(&file, text.len() as u64) };
            of_last(&mut back, tail, &AtomicBool::new(false)).unwrap()
        };
        assert_eq!(place(2), Begin::Forward { from: 0 });
        assert!(matches!(place(1), Begin::At { skip: 0, .. }));
    }

    #[test]
    fn a_truncated_file_is_an_error() {
        let wanted = WantedItems { tail: Some(1), since: None };
        let error = begin(&file(b"a\n"), 10, &wanted, &AtomicBool::new(false)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }

    fn dated(time: u64, length: usize) -> String {
        format!("{{\"timestamp\":\"2026-01-01T00:00:{time:02}Z\",\"x\":\"{}\"}}\n", "x".repeat(length))
    }

    fn young(text: &str, second: u64) -> &str {
        // 2026-01-01T00:00:00Z
        let since = Some(Time((1_767_225_600 + second) * 1_000_000_000));
        let wanted = WantedItems { tail: None, since };
        match begin(&file(text.as_bytes()), text.len() as u64, &wanted, &AtomicBool::new(false)).unwrap() {
            Begin::At { place, skip: 0, .. } => &text[place as usize..],
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_search_for_young_items_ends_after_many_old() {
        let long_ago: String = (0..20).map(|_| dated(1, 1 << 20)).collect();
        let text = dated(50, 9) + &long_ago + &dated(30, 9) + &dated(10, 9);
        // A young line before so many old ones is not found; a young line among a few old ones is.
        let found = young(&text, 20);
        assert!(found.len() < 2 << 20 && found.ends_with(&(dated(30, 9) + &dated(10, 9))), "{}", found.len());
        assert_eq!(young(&text, 55), "");
        assert_eq!(young(&(dated(50, 9) + &dated(1, 9)), 20).len(), dated(50, 9).len() * 2);
    }

    /// The number of items when the text is read forwards.
    fn items(text: &str) -> u64 {
        documents(text, &Limits::default())
            .map(|document| match document {
                Document::Items(decoded) => decoded.batch.len() as u64,
                Document::Unfinished(_) => 0,
                _ => 1,
            })
            .sum()
    }

    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            (1usize..4, any::<bool>()).prop_map(|(spans, pretty)| document(spans, pretty)),
            Just("{\"level\":\"info\"}".to_owned()),
            Just("{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n{},\n    2\n  ]\n}".to_owned()),
            Just("[\n1,\n2\n]".to_owned()),
            prop::sample::select(vec!["words: é", "foo {", "] done", "  at com.example", "12", ", and", "x,"])
                .prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn searching_backwards_agrees_with_reading_forwards(
            parts in prop::collection::vec((part(), prop::sample::select(vec!["\n", "\r\n", "\n\n"])), 1..12), tail in 0u64..20,
        ) {
            let text: String = parts.iter().map(|(part, end)| part.clone() + end).collect();
            let (rest, skip) = rest(&text, tail);
            prop_assert_eq!(items(rest) - skip, tail.min(items(&text)), "{:?} of {}", rest, text);
        }
    }
}
