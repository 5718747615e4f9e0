//! A bare word: all texts of the dictionary are searched at once, then the rows are marked that refer to one it is in.
//!
//! It is looked for in every text of an item (names, keys, values, events, links, resource, scope), in the numbers where
//! it looks like one, and at the beginning of ids where it is eight hex digits or more. Not in times, booleans and bytes.

use super::numbers::number;
use super::{Bound, each};
use crate::columns::{
    Attributes, Batch, BlobId, Columns, Dictionary, Events, Logs, OriginId, Points, ShapeId, Spans, TextId, Word,
    WordView,
};
use crate::filter::quantity::Number;
use crate::filter::word::WordTest;
use crate::model::{Nested, SpanId, TraceId, Value};
use hashbrown::HashMap;
use std::ops::Range;

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
        marks.rows(&spans.attributes[rows.clone()], &spans.origin[rows.clone()], out);
        marks.texts(&spans.name[rows.clone()], out);
        marks.trace_ids(&spans.trace[rows.clone()], out);
        marks.span_ids(&spans.id[rows.clone()], out);
        marks.span_ids(&spans.parent[rows.clone()], out);
        mark_sparse(&parts, &rows, out);
    }))
}

fn marked_logs<'a>(mut marks: Marks<'a>, logs: &'a Logs) -> Bound<'a> {
    Bound::Rows(Box::new(move |rows, out| {
        marks.rows(&logs.attributes[rows.clone()], &logs.origin[rows.clone()], out);
        marks.words(&logs.body[rows.clone()], out);
        marks.texts(&logs.severity_text[rows.clone()], out);
        marks.texts(&logs.event_name[rows.clone()], out);
        marks.trace_ids(&logs.trace[rows.clone()], out);
        marks.span_ids(&logs.span[rows], out);
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

fn mark_sparse(parts: &[usize], rows: &Range<usize>, out: &mut [bool]) {
    let first = parts.partition_point(|row| *row < rows.start);
    for row in parts[first..].iter().take_while(|row| **row < rows.end) {
        out[row - rows.start] = true;
    }
}

/// What of a dictionary a word is in.
struct Marks<'a> {
    word: &'a WordTest,
    dictionary: &'a Dictionary,
    /// By text; empty where it is in none.
    texts: Vec<bool>,
    /// The words of those texts, while they are few enough to compare with each.
    few: Vec<Word>,
    /// By shape: whether it is in a key.
    shapes: Vec<bool>,
    /// By origin.
    origins: Vec<bool>,
    /// Arrays and maps, as they are met; none where there are no such values.
    blobs: Option<HashMap<BlobId, bool, foldhash::fast::RandomState>>,
    /// Whether numbers are looked at.
    numbers: bool,
    id: Option<IdPrefix>,
}

/// How many texts are compared with a word one by one before a table is quicker.
const FEW: usize = 4;

impl<'a> Marks<'a> {
    fn new(word: &'a WordTest, dictionary: &'a Dictionary) -> Marks<'a> {
        let found = word.find_in(&dictionary.texts);
        let mut texts = Vec::new();
        if !found.is_empty() {
            texts.resize(dictionary.texts.len(), false);
            found.iter().for_each(|id| texts[id.index()] = true);
        }
        let few = found.iter().take(FEW).map(|id| Word::of_text(*id)).collect();
        let blobs = (!dictionary.blobs.is_empty()).then(HashMap::default);
        let id = word.id_prefix().map(IdPrefix::new);
        let numbers = word.may_be_number();
        let (shapes, origins) = (Vec::new(), Vec::new());
        let mut marks = Marks { word, dictionary, texts, few, shapes, origins, blobs, numbers, id };
        let key_found = |shape| dictionary.shapes.keys(ShapeId(shape)).iter().any(|key| marks.text(*key));
        let shapes: Vec<bool> = (0..dictionary.shapes.len() as u32).map(key_found).collect();
        marks.shapes = shapes;
        let origins = (0..dictionary.origins.len() as u32).map(|id| marks.look_at_origin(OriginId(id))).collect();
        marks.origins = origins;
        marks
    }

    /// Whether no row can have it.
    fn is_nothing(&self) -> bool {
        self.texts.is_empty() && !self.numbers && self.id.is_none() && self.blobs.is_none()
    }

    #[inline]
    fn text(&self, id: TextId) -> bool {
        self.texts.get(id.index()).copied().unwrap_or_default()
    }

    fn origin(&self, id: OriginId) -> bool {
        self.origins.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn look_at_origin(&mut self, id: OriginId) -> bool {
        let (resource, scope) = (self.dictionary.resource(id), self.dictionary.scope(id));
        let texts = self.text(scope.name) || self.text(scope.version);
        texts || self.list(resource.attributes) || self.list(scope.attributes)
    }

    fn list(&mut self, list: Attributes) -> bool {
        let key = self.shapes.get(list.shape.0 as usize).copied().unwrap_or_default();
        key || self.dictionary.words(list).iter().any(|word| self.word(*word))
    }

    #[inline]
    fn word(&mut self, word: Word) -> bool {
        match word.text() {
            Some(id) => self.text(id),
            None if word.is_number() => self.numbers && self.number_word(word),
            None => word.is_nested() && self.blobs.is_some() && self.blob(word),
        }
    }

    fn number_word(&self, word: Word) -> bool {
        match self.dictionary.word(word) {
            WordView::Int(value) => self.number(Number::Int(value)),
            WordView::Double(value) => self.number(Number::Double(value)),
            _ => false,
        }
    }

    fn number(&self, number: Number) -> bool {
        match number {
            Number::Int(value) => self.word.is_in(&value.to_string()),
            Number::Double(value) => self.word.is_in(&value.to_string()),
        }
    }

    fn blob(&mut self, word: Word) -> bool {
        let (WordView::Nested(id), Some(known)) = (self.dictionary.word(word), &self.blobs) else { return false };
        if let Some(answer) = known.get(&id) {
            return *answer;
        }
        let answer = self.nested(Nested::from_bytes(self.dictionary.blobs.get(id)));
        if let Some(known) = &mut self.blobs {
            known.insert(id, answer);
        }
        answer
    }

    fn nested(&self, nested: Nested<'_>) -> bool {
        nested.entries().any(|(key, value)| {
            self.word.is_in(key)
                || match value {
                    Value::Text(text) => self.word.is_in(text),
                    Value::Int(value) => self.numbers && self.number(Number::Int(value)),
                    Value::Double(value) => self.numbers && self.number(Number::Double(value)),
                    Value::Nested(inner) => self.nested(inner),
                    Value::Empty | Value::Bool(_) | Value::Bytes(_) => false,
                }
        })
    }

    fn trace_id(&self, id: TraceId) -> bool {
        self.id.is_some_and(|prefix| prefix.begins_trace(id))
    }

    fn span_id(&self, id: SpanId) -> bool {
        self.id.is_some_and(|prefix| prefix.begins_span(id))
    }

    /// Marks by attributes and origin; the first to write.
    fn rows(&mut self, lists: &[Attributes], origins: &[OriginId], out: &mut [bool]) {
        for (out, (list, origin)) in out.iter_mut().zip(lists.iter().zip(origins)) {
            let key = self.shapes.get(list.shape.0 as usize).copied().unwrap_or_default();
            *out = key || self.origin(*origin);
        }
        if self.texts.is_empty() && !self.numbers && self.blobs.is_none() {
            return;
        }
        for (lists, out) in lists.chunks(RUN).zip(out.chunks_mut(RUN)) {
            if self.may_be_in_run(lists) {
                for (out, list) in out.iter_mut().zip(lists) {
                    *out = *out || self.dictionary.words(*list).iter().any(|word| self.word(*word));
                }
            }
        }
    }

    /// Looks at the words of neighbouring rows in one go, which is much quicker than row by row and mostly says no.
    fn may_be_in_run(&self, lists: &[Attributes]) -> bool {
        let (Some(first), Some(last)) = (lists.first(), lists.last()) else { return false };
        let in_order = lists.windows(2).all(|pair| pair[0].start <= pair[1].start);
        let end = last.start as usize + self.dictionary.shapes.keys(last.shape).len();
        let Some(words) = self.dictionary.all_words().get(first.start as usize..end).filter(|_| in_order) else {
            return true;
        };
        let others = self.numbers || self.blobs.is_some();
        if others && words.iter().any(|word| self.numbers && word.is_number() || word.is_nested()) {
            return true;
        }
        match self.few.len() {
            0 => false,
            FEW => words.iter().any(|word| word.text().is_some_and(|id| self.text(id))),
            _ => self.few.iter().any(|wanted| words.iter().fold(false, |found, word| found | (word == wanted))),
        }
    }

    fn words(&mut self, column: &[Word], out: &mut [bool]) {
        for (out, word) in out.iter_mut().zip(column) {
            *out = *out || self.word(*word);
        }
    }

    fn texts(&self, column: &[TextId], out: &mut [bool]) {
        match &self.few[..] {
            [] => {}
            few if few.len() < FEW => {
                for wanted in few.iter().filter_map(|word| word.text()) {
                    out.iter_mut().zip(column).for_each(|(out, id)| *out |= *id == wanted);
                }
            }
            _ => out.iter_mut().zip(column).for_each(|(out, id)| *out |= self.text(*id)),
        }
    }

    fn trace_ids(&self, column: &[TraceId], out: &mut [bool]) {
        if let Some(prefix) = self.id {
            out.iter_mut().zip(column).for_each(|(out, id)| *out |= prefix.begins_trace(*id));
        }
    }

    fn span_ids(&self, column: &[SpanId], out: &mut [bool]) {
        if let Some(prefix) = self.id {
            out.iter_mut().zip(column).for_each(|(out, id)| *out |= prefix.begins_span(*id));
        }
    }
}

/// Rows whose words are looked at in one go.
const RUN: usize = 128;

/// The first hex digits of an id.
#[derive(Clone, Copy)]
struct IdPrefix {
    digits: usize,
    bits: u128,
}

impl IdPrefix {
    /// Up to 32 hex digits; more begin no id.
    fn new(text: &str) -> IdPrefix {
        let digits = text.len();
        let bits = if digits <= 32 { u128::from_str_radix(text, 16).unwrap_or_default() } else { 0 };
        IdPrefix { digits, bits }
    }

    fn begins_trace(self, id: TraceId) -> bool {
        self.digits <= 32 && !id.is_none() && u128::from_be_bytes(id.0) >> (128 - 4 * self.digits) == self.bits
    }

    fn begins_span(self, id: SpanId) -> bool {
        self.digits <= 16
            && !id.is_none()
            && u128::from(u64::from_be_bytes(id.0) >> (64 - 4 * self.digits)) == self.bits
    }
}
