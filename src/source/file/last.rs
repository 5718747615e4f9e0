//! Keeps the last items of input that can only be read forwards: standard input, compressed files, files without safe cuts.

use super::item_count::ItemCount;
use super::text::BOM;
use crate::wire::otlp::Scan;
use std::collections::VecDeque;

/// The limit for kept text, in bytes.
const MOST: usize = 256 << 20;
/// The minimum size of a piece, in bytes. Keeping each line on its own would cost many times its length, in memory and time.
const PIECE: usize = 64 << 10;

/// Keeps the text of the last items and drops earlier text.
pub(super) struct Last {
    wanted: u64,
    /// Documents and lines, each piece with its number of items.
    pieces: VecDeque<(Vec<u8>, u64)>,
    items: u64,
    bytes: usize,
    /// Text that is not counted yet, the length of its complete part, and the scan state.
    pending: Vec<u8>,
    complete: usize,
    scan: Scan,
    /// How long the complete part must be before it is counted.
    due: usize,
    item_count: ItemCount,
    has_begun: bool,
    /// Wanted items that were dropped because of the size limit.
    missing: u64,
    most: usize,
    piece: usize,
}

/// The kept text.
pub(super) struct Kept {
    /// How many items of the first piece are too many.
    pub skip: u64,
    /// The text in order. If `skip` is not zero, the first piece is a single document or line.
    pub pieces: VecDeque<(Vec<u8>, u64)>,
    /// An incomplete item at the end.
    pub pending: Vec<u8>,
    /// Dropped items not yet reported.
    pub forgotten: u64,
    /// Wanted items that were dropped because of the size limit.
    pub missing: u64,
}

impl Last {
    pub fn new(wanted: u64) -> Last {
        Last {
            wanted,
            pieces: VecDeque::new(),
            items: 0,
            bytes: 0,
            pending: Vec::new(),
            complete: 0,
            scan: Scan::default(),
            due: PIECE,
            item_count: ItemCount::default(),
            has_begun: false,
            missing: 0,
            most: MOST,
            piece: PIECE,
        }
    }

    /// The number of wanted items.
    pub fn wanted(&self) -> u64 {
        self.wanted
    }

    /// Takes the next bytes, split anywhere; returns the number of items dropped.
    pub fn push(&mut self, bytes: &[u8]) -> u64 {
        self.pending.extend_from_slice(bytes);
        if !self.has_begun && self.pending.len() >= BOM.len() {
            self.has_begun = true;
            if self.pending.starts_with(BOM) {
                self.pending.drain(..BOM.len());
                self.scan = Scan::default();
                self.complete = 0;
            }
        }
        let Some(complete) = std::iter::from_fn(|| self.scan.advance(&self.pending)).last() else { return 0 };
        self.complete = complete;
        if complete < self.due { 0 } else { self.count() }
    }

    /// The length of the incomplete item at the end, in bytes.
    pub fn pending(&self) -> usize {
        self.pending.len() - self.complete
    }

    /// Drops the incomplete item; returns the number of items dropped before it.
    pub fn forget_pending(&mut self) -> u64 {
        let forgotten = self.count();
        self.pending = Vec::new();
        self.scan = Scan::default();
        self.due = self.piece;
        forgotten
    }

    /// The input has ended, so an incomplete item counts as one. Returns the number of items dropped.
    pub fn end(&mut self) -> u64 {
        let pending = std::mem::take(&mut self.pending);
        self.complete = 0;
        let items = self.item_count.count_end(&pending);
        self.keep(pending, items)
    }

    /// Returns the kept text; no further item may be among the last.
    pub fn finish(mut self) -> Kept {
        let mut forgotten = self.count();
        forgotten += self.split_first();
        let skip = self.items.saturating_sub(self.wanted);
        let Last { pieces, pending, missing, .. } = self;
        Kept { skip, pieces, pending, forgotten, missing }
    }

    /// Counts and keeps the complete part; returns the number of items dropped.
    fn count(&mut self) -> u64 {
        let complete = std::mem::take(&mut self.complete);
        if complete == 0 {
            return 0;
        }
        let counts = self.item_count.count(&self.pending[..complete], None);
        // Avoids counting an unfinished item again for each line that follows.
        self.due = self.piece.max(2 * counts.unfinished);
        let read = complete - counts.unfinished;
        if read == 0 {
            return 0;
        }
        let piece = self.pending[..read].to_vec();
        self.pending.drain(..read);
        self.scan = Scan::default();
        if counts.items > 0 { self.keep(piece, counts.items) } else { 0 }
    }

    fn keep(&mut self, piece: Vec<u8>, items: u64) -> u64 {
        self.items += items;
        self.bytes += piece.len();
        self.pieces.push_back((piece, items));
        self.forget()
    }

    fn forget(&mut self) -> u64 {
        let mut forgotten = 0;
        while let Some((_, items)) = self.pieces.front() {
            let is_enough = self.items - items >= self.wanted;
            if !is_enough && self.bytes <= self.most {
                break;
            }
            let Some((piece, items)) = self.pieces.pop_front() else { break };
            self.items -= items;
            self.bytes -= piece.len();
            forgotten += items;
        }
        self.missing = match self.items < self.wanted && forgotten + self.missing > 0 {
            true => (self.missing + forgotten).min(self.wanted - self.items),
            false => 0,
        };
        forgotten
    }

    /// Drops unwanted documents and lines of the first piece, and separates the next one from the rest. Items decoded
    /// together are not in order if they are of several signals.
    fn split_first(&mut self) -> u64 {
        let surplus = self.items.saturating_sub(self.wanted);
        if surplus == 0 {
            return 0;
        }
        let Some((piece, items)) = self.pieces.pop_front() else { return 0 };
        let (mut scan, mut begin, mut forgotten) = (Scan::default(), 0, 0);
        while let Some(complete) = scan.advance(&piece) {
            let counts = self.item_count.count(&piece[begin..complete], None);
            let end = complete - counts.unfinished;
            let is_partly_wanted = forgotten + counts.items > surplus;
            if is_partly_wanted && end < piece.len() {
                let rest = items.saturating_sub(forgotten + counts.items);
                self.pieces.push_front((piece[end..].to_vec(), rest));
            }
            if is_partly_wanted {
                self.pieces.push_front((piece[begin..end].to_vec(), counts.items));
                self.items -= forgotten;
                return forgotten;
            }
            forgotten += counts.items;
            begin = end;
        }
        self.pieces.push_front((piece[begin..].to_vec(), items.saturating_sub(forgotten)));
        self.items -= forgotten;
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text {
        text: String,
        pending: String,
        skip: u64,
        forgotten: u64,
    }

    fn kept(last: Last) -> Text {
        let Kept { skip, pieces, pending, forgotten, .. } = last.finish();
        let text = pieces.iter().flat_map(|(piece, _)| piece.clone()).collect();
        Text { text: String::from_utf8(text).unwrap(), pending: String::from_utf8(pending).unwrap(), skip, forgotten }
    }

    #[test]
    fn the_last_items_do_not_depend_on_piece_sizes() {
        let text = "one\ntwo\n{\n  \"three\": 3\n}\nfour\nfi";
        for size in 1..text.len() {
            let mut last = Last::new(2);
            last.piece = size / 2;
            last.due = size / 2;
            let forgotten: u64 = text.as_bytes().chunks(size).map(|bytes| last.push(bytes)).sum();
            let kept = kept(last);
            assert_eq!((kept.text.trim_start(), kept.skip), ("{\n  \"three\": 3\n}\nfour\n", 0), "by {size}");
            assert_eq!((forgotten + kept.forgotten, kept.pending.as_str()), (2, "fi"));
        }
    }

    #[test]
    fn the_last_documents_on_one_line_are_kept() {
        let document = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"x"},{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"y"}]}]}]}"#;
        let mut last = Last::new(3);
        last.push(format!("\u{feff}[{document},{document},{document}]").as_bytes());
        let kept = kept(last);
        assert_eq!((kept.text.matches("resourceSpans").count(), kept.skip, kept.forgotten), (2, 1, 2));
    }

    #[test]
    fn surplus_items_are_in_a_single_first_document() {
        let record = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}},{}]}]}]}"#;
        let mut last = Last::new(3);
        last.push(format!("words\n{record}\nwords\n{record}\n").as_bytes());
        let kept = last.finish();
        assert_eq!((kept.skip, kept.forgotten, kept.pieces.len()), (0, 3, 2));
        let mut last = Last::new(4);
        last.push(format!("words\n{record}\nwords\n{record}\n").as_bytes());
        let kept = last.finish();
        assert_eq!((kept.skip, kept.forgotten), (1, 1));
        assert_eq!(kept.pieces[0], (record.as_bytes().to_vec(), 2));
        assert_eq!(kept.pieces[1].1, 3);
    }

    #[test]
    fn an_incomplete_item_at_the_end_is_the_last() {
        for (text, expected, skipped) in [("a\nb\nc", "c", 2), ("a\nb\n", "b\n", 1)] {
            let mut last = Last::new(1);
            assert_eq!((last.push(text.as_bytes()), last.end()), (0, 0));
            let kept = kept(last);
            assert_eq!((kept.text.as_str(), kept.forgotten, kept.pending.as_str()), (expected, skipped, ""));
        }
    }

    #[test]
    fn zero_wanted_items_keep_nothing() {
        let mut last = Last::new(0);
        last.push(b"a\nb\nc");
        let kept = kept(last);
        assert_eq!((kept.text.as_str(), kept.forgotten, kept.pending.as_str()), ("", 2, "c"));
    }

    #[test]
    fn the_size_limit_reports_missing_items() {
        for (wanted, missing) in [(5, 1), (2, 0)] {
            let mut last = Last { most: 6, piece: 1, due: 1, ..Last::new(wanted) };
            let forgotten: Vec<u64> = ["aa\n", "bb\n", "cc\n"].iter().map(|line| last.push(line.as_bytes())).collect();
            assert_eq!(forgotten, [0, 0, 1]);
            let kept = last.finish();
            assert_eq!((kept.pieces.len(), kept.missing), (2, missing));
        }
    }

    #[test]
    fn short_lines_need_only_their_text() {
        let mut last = Last::new(u64::MAX);
        let lines = PIECE;
        (0..lines).for_each(|_| _ = last.push(b"a\n"));
        let room: usize = last.pieces.iter().map(|(piece, _)| piece.capacity() + size_of::<(Vec<u8>, u64)>()).sum();
        assert!(last.items > 0 && room + last.pending.capacity() < 2 * lines * 2, "{room}");
        assert!(last.pieces.len() <= 2);
        let kept = kept(last);
        assert_eq!((kept.text.len(), kept.skip), (2 * lines, 0));
    }

    #[test]
    fn forgetting_an_incomplete_item_keeps_complete_ones() {
        let mut last = Last::new(5);
        last.push(b"a\nb\nccc");
        assert_eq!(last.pending(), 3);
        last.forget_pending();
        last.push(b"d\n");
        let kept = kept(last);
        assert_eq!((kept.text.as_str(), kept.pending.as_str()), ("a\nb\nd\n", ""));
    }
}
