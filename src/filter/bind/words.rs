//! Binds a bare word: searches all texts of the dictionary at once, then marks the rows that refer to a text with a hit.
//!
//! The search covers every text of an item (names, keys, values, events, links, resource, scope), its numbers if the word is
//! digits, and the beginning of its ids if the word is at least eight hex digits. It does not cover times, booleans and
//! bytes.

use super::numbers::number;
use super::texts::mark_sparse;
use super::word_hits::WordHits;
use super::{Bound, each};
use crate::columns::{Batch, Columns, Events, Logs, Points, Spans};
use crate::filter::word::WordTest;

pub(super) fn word<'a>(word: &'a WordTest, batch: &'a Batch) -> Bound<'a> {
    let mut hits = WordHits::new(word, &batch.dictionary);
    if hits.is_nothing() {
        return Bound::All(false);
    }
    match &batch.columns {
        Columns::Spans(spans) => marked_spans(hits, spans),
        Columns::Logs(logs) => marked_logs(hits, logs),
        Columns::Points(points) => marked_points(hits, points),
        Columns::Events(Events { kind, id, session, payload, .. }) => each(move |row| {
            [kind[row], id[row], session[row]].iter().any(|text| hits.text(*text)) || hits.word(payload[row])
        }),
    }
}

fn marked_spans<'a>(mut hits: WordHits<'a>, spans: &'a Spans) -> Bound<'a> {
    let mut parts = Vec::new();
    for (row, rare) in spans.rare() {
        if hits.text(rare.status_message) || hits.text(rare.trace_state) {
            parts.push(*row as usize);
        }
    }
    for (row, event) in spans.events() {
        if hits.text(event.name) || hits.list(event.attributes) {
            parts.push(*row as usize);
        }
    }
    for (row, link) in spans.links() {
        let ids = hits.trace_id(link.trace) || hits.span_id(link.span);
        if ids || hits.text(link.trace_state) || hits.list(link.attributes) {
            parts.push(*row as usize);
        }
    }
    parts.sort_unstable();
    Bound::Rows(Box::new(move |rows, out| {
        hits.origins_of(&spans.origin[rows.clone()], out);
        hits.texts(&spans.name[rows.clone()], out);
        hits.trace_ids(&spans.trace[rows.clone()], out);
        hits.span_ids(&spans.id[rows.clone()], out);
        hits.span_ids(&spans.parent[rows.clone()], out);
        mark_sparse(&parts, &rows, out);
        hits.lists(&spans.attributes[rows], out);
    }))
}

fn marked_logs<'a>(mut hits: WordHits<'a>, logs: &'a Logs) -> Bound<'a> {
    Bound::Rows(Box::new(move |rows, out| {
        hits.origins_of(&logs.origin[rows.clone()], out);
        hits.words(&logs.body[rows.clone()], out);
        hits.texts(&logs.severity_text[rows.clone()], out);
        hits.texts(&logs.event_name[rows.clone()], out);
        hits.trace_ids(&logs.trace[rows.clone()], out);
        hits.span_ids(&logs.span[rows.clone()], out);
        hits.lists(&logs.attributes[rows], out);
    }))
}

fn marked_points<'a>(mut hits: WordHits<'a>, points: &'a Points) -> Bound<'a> {
    let mut stream = |stream| {
        let metric = points.metric(stream);
        let texts = [metric.name, metric.description, metric.unit].into_iter().any(|text| hits.text(text));
        texts || hits.origin(stream.origin) || hits.list(stream.attributes) || hits.list(metric.metadata)
    };
    let streams: Vec<bool> = points.streams.iter().map(|one| stream(*one)).collect();
    let mut parts = Vec::new();
    for (row, exemplar) in points.exemplars() {
        if hits.trace_id(exemplar.trace) || hits.span_id(exemplar.span) || hits.list(exemplar.attributes) {
            parts.push(*row as usize);
        }
    }
    Bound::Rows(Box::new(move |rows, out| {
        for (out, series) in out.iter_mut().zip(&points.series[rows.clone()]) {
            *out = streams.get(series.0 as usize).copied().unwrap_or_default();
        }
        if hits.numbers {
            for (out, row) in out.iter_mut().zip(rows.clone()) {
                *out = *out || number(points, row).is_some_and(|number| hits.number(number));
            }
        }
        mark_sparse(&parts, &rows, out);
    }))
}
