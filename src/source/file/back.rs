//! Going back through a file from its end, to the place from which it has to be read.
//!
//! A file is cut between two lines that cannot belong to one JSON value: what stands before the cut could only go on with a
//! comma, a colon or a closing bracket, and what stands behind it begins with none of them. Line ends never lie in a
//! string, so wherever that holds, a value begins: documents on one line or on many, and plain text, are told apart without
//! anything being known of what stands before.

use super::super::beginning::WantedItems;
use super::back_parts;
use super::item_count::ItemCount;
use super::text::MAX_ITEM;
use crate::model::Time;
use crate::wire::otlp::Scan;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much is read at first, going back, and how much at most while the cuts are near each other.
const BLOCK: usize = 64 << 10;
const LARGEST_BLOCK: usize = 1 << 20;
/// What is looked at together when ages are asked for.
const AGES: usize = 1 << 20;
/// A file is written in about the order of time: where so much in a row holds nothing that is young enough, what lies
/// before is not looked at.
const OLD_ENOUGH: usize = 16 << 20;

/// Where to begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Begin {
    /// Here, without the first `skip` items, which lie before `until`.
    At { place: u64, skip: u64, until: u64 },
    /// It cannot be cut: it is read from this byte on to know what is last.
    Forward { from: u64 },
}

/// Finds where a file that has `length` bytes is to be read from; it is followed from there.
///
/// # Errors
///
/// Where it cannot be read; `UnexpectedEof` where it is shorter by now.
pub(super) fn begin(file: &File, length: u64, wanted: &WantedItems, stop: &AtomicBool) -> std::io::Result<Begin> {
    let has_parts = back_parts::has_parts(file, length)?;
    if let (Some(count), true) = (wanted.tail, has_parts) {
        return back_parts::of_last(file, length, count, stop);
    }
    let mut back = Back::new(file, length);
    match (wanted.tail, wanted.since) {
        (Some(count), _) => of_last(&mut back, count, stop),
        (None, Some(since)) => of_young(&mut back, since, has_parts, stop),
        (None, None) => Ok(at(0)),
    }
}

fn at(place: u64) -> Begin {
    Begin::At { place, skip: 0, until: place }
}

/// Where the last items begin.
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

/// Where what is not old begins. What is old behind that place is still to be left out.
fn of_young(back: &mut Back<'_>, since: Time, has_parts: bool, stop: &AtomicBool) -> std::io::Result<Begin> {
    let (mut item_count, mut begin, mut old) = (ItemCount::default(), None, 0);
    let mut farthest = back.from;
    while let Some(piece) = back.piece(AGES)?.filter(|_| !stop.load(Ordering::Relaxed)) {
        let Piece::Text(place, text) = piece else { return Ok(at(0)) };
        farthest = place;
        let end = if begin.is_none() { end_of_whole(&text, &mut item_count) } else { text.len() };
        let begin = begin.get_or_insert(place + end as u64);
        let weight = item_count.count(&text[..end], Some(since));
        if weight.old == weight.items {
            old += text.len();
        } else {
            (old, *begin) = (0, place);
        }
        if old >= OLD_ENOUGH {
            break;
        }
    }
    // A line that is young may have its first parts among the old ones.
    Ok(at(if has_parts { farthest } else { begin.unwrap_or(0) }))
}

/// Up to where the last piece of a file is whole: what is still being written counts as new.
fn end_of_whole(text: &[u8], item_count: &mut ItemCount) -> usize {
    let lines = memchr::memrchr(b'\n', text).map_or(0, |end| end + 1);
    let mut scan = Scan::default();
    let values = std::iter::from_fn(|| scan.advance(text)).last().unwrap_or(0);
    let whole = lines.max(values);
    whole - item_count.count(&text[..whole], None).unfinished
}

/// What lies between two cuts, or a cut and an end.
enum Piece {
    /// Where it begins, and what it is.
    Text(u64, Vec<u8>),
    /// More than an item may have, without a cut.
    TooLong,
}

/// The part of a file that is still to be gone through, from its end.
struct Back<'f> {
    file: &'f File,
    /// Where `text` begins in the file; it ends where the last piece began.
    from: u64,
    text: Vec<u8>,
    block: usize,
    /// What has no cut for longer than this is not gone through.
    longest: usize,
}

impl Back<'_> {
    fn new(file: &File, length: u64) -> Back<'_> {
        Back { file, from: length, text: Vec::new(), block: BLOCK, longest: MAX_ITEM }
    }

    /// The next piece, of so many bytes at least but for the first of the file; `None` once all was gone through.
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

    /// Reads what lies before, as much again at least as it has: what has no cut is not gone through too often.
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

/// The last place up to `before` where a text can be cut: the begin of a line with something on both sides.
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

/// Whether a value cannot go on like this over a line's end.
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

    /// The text from the place on, and how many of its items are too many.
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
    fn none_of_them_is_the_end_and_more_than_there_are_the_beginning() {
        assert_eq!(rest("a\nb\n", 0), ("", 0));
        assert_eq!(rest("a\nb\n", 3), ("a\nb\n", 0));
        assert_eq!(rest("", 1), ("", 0));
    }

    #[test]
    fn what_is_still_being_written_is_new() {
        assert_eq!(rest("a\nb\nhal", 0), ("hal", 0));
        assert_eq!(rest("a\nb\nhal", 1), ("b\nhal", 0));
        let pretty = document(1, true);
        let torn = &pretty[..pretty.len() / 2];
        let text = format!("a\n{torn}");
        assert_eq!(rest(&text, 0), (torn, 0));
        assert_eq!(rest(&text, 1), (text.as_str(), 0));
    }

    #[test]
    fn a_document_without_a_lines_end_is_whole() {
        let text = document(1, false) + "\n" + &document(1, false);
        assert_eq!(rest(&text, 1), (document(1, false).as_str(), 0));
        assert_eq!(rest(&text, 0), ("", 0));
    }

    #[test]
    fn a_document_on_many_lines_is_never_torn() {
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
    fn items_are_counted_over_the_edges_of_blocks_whatever_characters_lie_there() {
        let line = |n: usize| format!("{n} é漢😀 {}\n", "ß".repeat(n % 90));
        let text: String = (0..9_000).map(line).collect();
        assert!(text.len() > BLOCK * 8);
        for tail in [1, 2, 500, 5_000, 8_999, 9_000] {
            let expected: String = (9_000 - tail..9_000).map(line).collect();
            assert_eq!(rest(&text, tail as u64), (expected.as_str(), 0));
        }
    }

    #[test]
    fn a_line_longer_than_an_item_may_be_is_not_gone_through_backwards() {
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
    fn a_file_that_is_shorter_by_now_is_an_error() {
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
    fn going_back_for_what_is_young_ends_where_all_has_been_old_for_long() {
        let long_ago: String = (0..20).map(|_| dated(1, 1 << 20)).collect();
        let text = dated(50, 9) + &long_ago + &dated(30, 9) + &dated(10, 9);
        // The young line before so much that is old is not found; the one among a few old ones is.
        let found = young(&text, 20);
        assert!(found.len() < 2 << 20 && found.ends_with(&(dated(30, 9) + &dated(10, 9))), "{}", found.len());
        assert_eq!(young(&text, 55), "");
        assert_eq!(young(&(dated(50, 9) + &dated(1, 9)), 20).len(), dated(50, 9).len() * 2);
    }

    /// Items in the order of a text read forwards, as one would tell them apart.
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
        fn the_place_leaves_as_many_items_as_reading_forwards_would_leave(
            parts in prop::collection::vec((part(), prop::sample::select(vec!["\n", "\r\n", "\n\n"])), 1..12), tail in 0u64..20,
        ) {
            let text: String = parts.iter().map(|(part, end)| part.clone() + end).collect();
            let (rest, skip) = rest(&text, tail);
            prop_assert_eq!(items(rest) - skip, tail.min(items(&text)), "{:?} of {}", rest, text);
        }
    }
}
