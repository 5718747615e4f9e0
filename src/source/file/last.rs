//! The last items of what can only be read forwards: standard input, compressed files, files that cannot be cut.

use super::scales::Scales;
use super::text::BOM;
use crate::wire::otlp::Scan;
use std::collections::VecDeque;

/// How much text is kept for it at most, in bytes.
const MOST: usize = 256 << 20;

/// Keeps the text of the last items, and forgets what lies before.
pub(super) struct Last {
    wanted: u64,
    /// The text of documents and lines, each with its number of items.
    pieces: VecDeque<(Vec<u8>, u64)>,
    items: u64,
    bytes: usize,
    /// What is not whole yet, and what is known of it.
    pending: Vec<u8>,
    scan: Scan,
    scales: Scales,
    has_begun: bool,
    /// Items of the wanted ones that were forgotten, for want of room.
    missing: u64,
    most: usize,
}

/// What was kept.
pub(super) struct Kept {
    /// Items in the first piece that are too many.
    pub skip: u64,
    /// The text, in order.
    pub pieces: VecDeque<(Vec<u8>, u64)>,
    /// The beginning of what is not whole.
    pub pending: Vec<u8>,
    /// Items that were wanted and forgotten: there was more text to them than is kept.
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
            scan: Scan::default(),
            scales: Scales::default(),
            has_begun: false,
            missing: 0,
            most: MOST,
        }
    }

    /// The next bytes, cut anywhere. How many items are forgotten by it.
    pub fn push(&mut self, bytes: &[u8]) -> u64 {
        self.pending.extend_from_slice(bytes);
        if !self.has_begun && self.pending.len() >= BOM.len() {
            self.has_begun = true;
            if self.pending.starts_with(BOM) {
                self.pending.drain(..BOM.len());
                self.scan = Scan::default();
            }
        }
        let (mut read, mut forgotten) = (0, 0);
        while let Some(complete) = self.scan.advance(&self.pending) {
            let piece = &self.pending[read..complete];
            let weight = self.scales.weigh(piece, None);
            let piece = &piece[..piece.len() - weight.unfinished];
            read += piece.len();
            if weight.items > 0 {
                let piece = piece.to_vec();
                forgotten += self.keep(piece, weight.items);
            }
        }
        if read > 0 {
            self.pending.drain(..read);
            self.scan = Scan::default();
        }
        forgotten
    }

    /// How much is not whole yet, in bytes.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Forgets what is not whole.
    pub fn forget_pending(&mut self) {
        self.pending = Vec::new();
        self.scan = Scan::default();
    }

    /// The input has ended: what is not whole will not become so. How many items are forgotten by it.
    pub fn end(&mut self) -> u64 {
        let pending = std::mem::take(&mut self.pending);
        let items = self.scales.weigh_end(&pending);
        self.keep(pending, items)
    }

    /// There is nothing more that could be among the last.
    pub fn finish(self) -> Kept {
        let skip = self.items.saturating_sub(self.wanted);
        Kept { skip, pieces: self.pieces, pending: self.pending, missing: self.missing }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(last: Last) -> (String, u64, String) {
        let Kept { skip, pieces, pending, .. } = last.finish();
        let text = pieces.iter().flat_map(|(piece, _)| piece.clone()).collect();
        (String::from_utf8(text).unwrap(), skip, String::from_utf8(pending).unwrap())
    }

    #[test]
    fn the_last_items_are_kept_however_the_text_is_cut() {
        let text = "one\ntwo\n{\n  \"three\": 3\n}\nfour\nfi";
        for size in 1..text.len() {
            let mut last = Last::new(2);
            let forgotten: u64 = text.as_bytes().chunks(size).map(|bytes| last.push(bytes)).sum();
            let (kept, skip, pending) = kept(last);
            assert_eq!((kept.trim_start(), skip, forgotten), ("{\n  \"three\": 3\n}\nfour\n", 0, 2), "by {size}");
            assert_eq!(pending, "fi");
        }
    }

    #[test]
    fn of_documents_without_lines_the_last_ones_are_kept() {
        let document = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"x"},{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"y"}]}]}]}"#;
        let mut last = Last::new(3);
        assert_eq!(last.push(format!("\u{feff}[{document},{document},{document}]").as_bytes()), 2);
        let (kept, skip, _) = kept(last);
        assert_eq!((kept.matches("resourceSpans").count(), skip), (2, 1));
    }

    #[test]
    fn at_the_end_what_is_not_whole_is_the_last_item() {
        let mut last = Last::new(1);
        assert_eq!((last.push(b"a\nb\nc"), last.end()), (1, 1));
        assert_eq!(kept(last), ("c".into(), 0, String::new()));
        let mut last = Last::new(1);
        assert_eq!((last.push(b"a\nb\n"), last.end()), (1, 0));
        assert_eq!(kept(last), ("b\n".into(), 0, String::new()));
    }

    #[test]
    fn none_wanted_is_nothing_kept() {
        let mut last = Last::new(0);
        assert_eq!(last.push(b"a\nb\nc"), 2);
        assert_eq!(kept(last), (String::new(), 0, "c".into()));
    }

    #[test]
    fn there_is_a_limit_to_what_is_kept_and_what_is_missing_is_told() {
        let mut last = Last { most: 6, ..Last::new(5) };
        assert_eq!(last.push(b"aa\nbb\ncc\n"), 1);
        let Kept { pieces, missing, .. } = last.finish();
        assert_eq!((pieces.len(), missing), (2, 1));
        let mut last = Last { most: 6, ..Last::new(2) };
        assert_eq!(last.push(b"aa\nbb\ncc\n"), 1);
        assert_eq!(last.finish().missing, 0);
    }
}
