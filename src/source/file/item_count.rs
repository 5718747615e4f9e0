//! Counts the items in a piece of text: decodes it like the real reader, but keeps nothing.

use super::super::beginning::{is_gap, is_old};
use super::text::unrepaired_length;
use crate::columns::{Batch, Item};
use crate::model::Time;
use crate::wire::Limits;
use crate::wire::lines::{Run, runs};
use crate::wire::otlp::{Document, documents};
use crate::wire::span_record::Decoder;
use std::borrow::Cow;

/// Counts items.
pub(super) struct ItemCount {
    decoder: Decoder,
}

impl Default for ItemCount {
    fn default() -> ItemCount {
        ItemCount { decoder: Decoder::of_lines() }
    }
}

/// The counts of a piece of text.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct PieceCounts {
    /// The number of items.
    pub items: u64,
    /// How many of them are older than the requested time.
    pub old: u64,
    /// The length of the incomplete item at its end, in bytes.
    pub unfinished: usize,
}

impl ItemCount {
    /// Counts the items of a piece that begins at the start of an item. With `since`, earlier items count as old.
    pub fn count(&mut self, piece: &[u8], since: Option<Time>) -> PieceCounts {
        self.count_text(piece, since, false)
    }

    /// Counts the items of the last piece, where an incomplete item counts as one.
    pub fn count_end(&mut self, piece: &[u8]) -> u64 {
        self.count_text(piece, None, true).items
    }

    fn count_text(&mut self, piece: &[u8], since: Option<Time>, ended: bool) -> PieceCounts {
        let text = String::from_utf8_lossy(piece);
        let mut counts = PieceCounts::default();
        let mut runs = runs(&text, ended).peekable();
        while let Some(run) = runs.next() {
            match run {
                // Parts of a line count with the last part.
                Run::Container(line) if line.is_part => {}
                Run::Container(line) => _ = self.decoder.read_container_line(&line),
                Run::Other(lines) => {
                    let is_last = runs.peek().is_none();
                    if let Some(value) = self.count_lines(lines, since, ended || !is_last, &mut counts) {
                        counts.unfinished = match text {
                            Cow::Borrowed(_) => value.len(),
                            Cow::Owned(_) => unrepaired_length(piece, value),
                        };
                    }
                }
            }
        }
        self.decoder.take().batches.iter().for_each(|batch| counts.add(batch, since));
        counts
    }

    /// Counts items in lines that are not from a container runtime; returns an unfinished item at the end.
    fn count_lines<'t>(
        &mut self,
        lines: &'t str,
        since: Option<Time>,
        ended: bool,
        counts: &mut PieceCounts,
    ) -> Option<&'t str> {
        let found = documents(lines, &Limits::default());
        let mut unfinished = None;
        for document in if ended { found.ended() } else { found } {
            match document {
                Document::Items(decoded) => counts.add(&decoded.batch, since),
                Document::Unknown(line) | Document::Broken(line, _) if !line.trim().is_empty() => {
                    self.decoder.read("message", "", line);
                }
                Document::Unknown(_) | Document::Broken(..) => {}
                Document::Unfinished(value) if ended => _ = self.decoder.read("message", "", value),
                Document::Unfinished(value) => unfinished = Some(value),
            }
        }
        unfinished
    }
}

impl PieceCounts {
    fn add(&mut self, batch: &Batch, since: Option<Time>) {
        let items = || batch.items().filter(|item: &Item<'_>| !is_gap(*item));
        self.items += items().count() as u64;
        if let Some(since) = since {
            self.old += items().filter(|item| is_old(*item, since)).count() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(end: u64) -> String {
        let ids = r#""traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708""#;
        format!(r#"{{{ids},"name":"x","startTimeUnixNano":"1","endTimeUnixNano":"{end}"}}"#)
    }

    fn document(ends: &[u64]) -> String {
        let spans: Vec<String> = ends.iter().map(|end| span(*end)).collect();
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(","))
    }

    #[test]
    fn items_of_every_kind_are_counted() {
        let record = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"record"}"#;
        let text = format!("words\n\n{}\n{record}\n{{\"level\":\"info\"}}\n", document(&[5, 6]));
        assert_eq!(ItemCount::default().count(text.as_bytes(), None), PieceCounts { items: 5, old: 0, unfinished: 0 });
    }

    #[test]
    fn an_incomplete_item_is_not_counted() {
        let torn = &document(&[5])[..40];
        let text = [b"caf\xe9\n".as_slice(), document(&[5]).as_bytes(), b"\n", torn.as_bytes()].concat();
        assert_eq!(ItemCount::default().count(&text, None), PieceCounts { items: 2, old: 0, unfinished: torn.len() });
        assert_eq!(ItemCount::default().count_end(&text), 3);
    }

    #[test]
    fn a_spans_end_decides_its_age() {
        let text = format!("{}\nwords\n", document(&[9, 10, 11]));
        assert_eq!(ItemCount::default().count(text.as_bytes(), Some(Time(10))).old, 1);
    }
}
