//! Binds a bare word: searches all texts of the dictionary at once, then marks the rows that refer to a text with a hit.
//!
//! The search covers every text of an item (names, keys, values, events, links, resource, scope), its numbers if the word is
//! digits, and the beginning of its ids if the word is at least eight hex digits. It does not cover times, booleans and
//! bytes.

use super::marks::Marks;
use super::numbers::number;
use super::texts::mark_sparse;
use super::{Bound, each};
use crate::columns::{Batch, Columns, Events, Logs, Points, Spans};
use crate::filter::word::WordTest;

pub(super) fn word<'a>(word: &'a WordTest, batch: &'a Batch) -> Bound<'a> {
    let mut marks = Marks::new(word, &batch.dictionary);
    if marks.is_nothing() {
        return Bound::All(false);
    }
    match &batch.columns {
        Columns::Spans(spans) => marked_spans(marks, spans),
        Columns::Logs(logs) => marked_logs(marks, logs),
        Columns::Points(points) => marked_points(marks, points),
        Columns::Events(Events { kind, id, session, payload, .. }) => each(move |row| {
            [kind[row], id[row], session[row]].iter().any(|text| marks.text(*text)) || marks.word(payload[row])
        }),
    }
}

fn marked_spans<'a>(mut marks: Marks<'a>, spans: &'a Spans) -> Bound<'a> {
    let mut parts = Vec::new();
    for (row, rare) in spans.rare() {
        if marks.text(rare.status_message) || marks.text(rare.trace_state) {
            parts.push(*row as usize);
        }
    }
    for (row, event) in spans.events() {
        if marks.text(event.name) || marks.list(event.attributes) {
            parts.push(*row as usize);
        }
    }
    for (row, link) in spans.links() {
        let ids = marks.trace_id(link.trace) || marks.span_id(link.span);
        if ids || marks.text(link.trace_state) || marks.list(link.attributes) {
            parts.push(*row as usize);
        }
    }
    parts.sort_unstable();
    Bound::Rows(Box::new(move |rows, out| {
        marks.origins_of(&spans.origin[rows.clone()], out);
        marks.texts(&spans.name[rows.clone()], out);
        marks.trace_ids(&spans.trace[rows.clone()], out);
        marks.span_ids(&spans.id[rows.clone()], out);
        marks.span_ids(&spans.parent[rows.clone()], out);
        mark_sparse(&parts, &rows, out);
        marks.lists(&spans.attributes[rows], out);
    }))
}

fn marked_logs<'a>(mut marks: Marks<'a>, logs: &'a Logs) -> Bound<'a> {
    Bound::Rows(Box::new(move |rows, out| {
        marks.origins_of(&logs.origin[rows.clone()], out);
        marks.words(&logs.body[rows.clone()], out);
        marks.texts(&logs.severity_text[rows.clone()], out);
        marks.texts(&logs.event_name[rows.clone()], out);
        marks.trace_ids(&logs.trace[rows.clone()], out);
        marks.span_ids(&logs.span[rows.clone()], out);
        marks.lists(&logs.attributes[rows], out);
    }))
}

fn marked_points<'a>(mut marks: Marks<'a>, points: &'a Points) -> Bound<'a> {
    let mut stream = |stream| {
        let metric = points.metric(stream);
        let texts = [metric.name, metric.description, metric.unit].into_iter().any(|text| marks.text(text));
        texts || marks.origin(stream.origin) || marks.list(stream.attributes) || marks.list(metric.metadata)
    };
    let streams: Vec<bool> = points.streams.iter().map(|one| stream(*one)).collect();
    let mut parts = Vec::new();
    for (row, exemplar) in points.exemplars() {
        if marks.trace_id(exemplar.trace) || marks.span_id(exemplar.span) || marks.list(exemplar.attributes) {
            parts.push(*row as usize);
        }
    }
    Bound::Rows(Box::new(move |rows, out| {
        for (out, series) in out.iter_mut().zip(&points.series[rows.clone()]) {
            *out = streams.get(series.0 as usize).copied().unwrap_or_default();
        }
        if marks.numbers {
            for (out, row) in out.iter_mut().zip(rows.clone()) {
                *out = *out || number(points, row).is_some_and(|number| marks.number(number));
            }
        }
        mark_sparse(&parts, &rows, out);
    }))
}
