//! Fields that are one text: a test is put to each distinct text once.

use super::{Bound, by_origin, by_stream};
use crate::columns::{Batch, Columns, Dictionary, TextId};
use crate::filter::check::TextField;
use crate::filter::value_test::ValueTest;

/// A test's answers by text, found when first asked for. The empty text is a missing field.
pub(super) struct Answers<'a> {
    dictionary: &'a Dictionary,
    test: &'a ValueTest,
    known: Vec<u8>,
}

const UNKNOWN: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;

impl<'a> Answers<'a> {
    pub fn new(dictionary: &'a Dictionary, test: &'a ValueTest) -> Answers<'a> {
        Answers { dictionary, test, known: vec![UNKNOWN; dictionary.texts.len()] }
    }

    /// The answer of a field that is missing where it is empty.
    pub fn field(&mut self, id: TextId) -> bool {
        id != TextId::EMPTY && self.value(id)
    }

    /// The answer of a value that may be the empty text.
    #[inline]
    pub fn value(&mut self, id: TextId) -> bool {
        match self.known.get(id.index()) {
            Some(&YES) => true,
            Some(&NO) => false,
            _ => self.find_out(id),
        }
    }

    #[cold]
    fn find_out(&mut self, id: TextId) -> bool {
        let answer = self.test.holds_text(self.dictionary.text(id));
        if let Some(known) = self.known.get_mut(id.index()) {
            *known = if answer { YES } else { NO };
        }
        answer
    }
}

/// `source` is not among them: it is outside of batches.
pub(super) fn field<'a>(field: TextField, test: &'a ValueTest, batch: &'a Batch) -> Bound<'a> {
    let dictionary = &batch.dictionary;
    let text = |id: TextId| id != TextId::EMPTY && test.holds_text(dictionary.text(id));
    match (field, &batch.columns) {
        (TextField::Service, _) => by_origin(batch, |origin| text(dictionary.resource(origin).service)),
        (TextField::Scope, _) => by_origin(batch, |origin| text(dictionary.scope(origin).name)),
        (TextField::ScopeVersion, _) => by_origin(batch, |origin| text(dictionary.scope(origin).version)),
        (TextField::Name, Columns::Spans(spans)) => column(&spans.name, test, dictionary),
        (TextField::Name, Columns::Logs(logs)) => column(&logs.event_name, test, dictionary),
        (TextField::Name, Columns::Points(points)) => by_stream(points, |stream| text(points.metric(*stream).name)),
        (TextField::Name | TextField::Type, Columns::Events(events)) => column(&events.kind, test, dictionary),
        (TextField::Type, Columns::Points(points)) => {
            by_stream(points, |stream| test.holds_text(points.metric(*stream).kind.word()))
        }
        (TextField::Unit, Columns::Points(points)) => by_stream(points, |stream| text(points.metric(*stream).unit)),
        (TextField::StatusMessage, Columns::Spans(spans)) => {
            let mut answers = Answers::new(dictionary, test);
            let rare = spans.rare();
            let rows: Vec<usize> = rare
                .iter()
                .filter(|(_, rare)| answers.field(rare.status_message))
                .map(|(row, _)| *row as usize)
                .collect();
            sparse(rows)
        }
        _ => Bound::All(false),
    }
}

/// A column of texts, missing where empty.
pub(super) fn column<'a>(column: &'a [TextId], test: &'a ValueTest, dictionary: &'a Dictionary) -> Bound<'a> {
    if test.is_exists() {
        return Bound::Rows(Box::new(move |rows, out| {
            for (out, id) in out.iter_mut().zip(&column[rows]) {
                *out = *id != TextId::EMPTY;
            }
        }));
    }
    let Some((text, found)) = test.exact_text() else {
        let mut answers = Answers::new(dictionary, test);
        return Bound::Rows(Box::new(move |rows, out| {
            for (out, id) in out.iter_mut().zip(&column[rows]) {
                *out = answers.field(*id);
            }
        }));
    };
    // One text is meant, or all but one: then its id says everything.
    let wanted = dictionary.texts.find(text).filter(|id| *id != TextId::EMPTY);
    match (wanted, found) {
        (None, true) => Bound::All(false),
        (Some(wanted), true) => Bound::Rows(Box::new(move |rows, out| {
            for (out, id) in out.iter_mut().zip(&column[rows]) {
                *out = *id == wanted;
            }
        })),
        (wanted, false) => {
            let unwanted = wanted.unwrap_or_default();
            Bound::Rows(Box::new(move |rows, out| {
                for (out, id) in out.iter_mut().zip(&column[rows]) {
                    *out = (*id != unwanted) & (*id != TextId::EMPTY);
                }
            }))
        }
    }
}

/// Few rows, in order.
pub(super) fn sparse<'a>(mut rows: Vec<usize>) -> Bound<'a> {
    rows.dedup();
    if rows.is_empty() {
        return Bound::All(false);
    }
    Bound::Rows(Box::new(move |range, out| {
        out.fill(false);
        let first = rows.partition_point(|row| *row < range.start);
        for row in rows[first..].iter().take_while(|row| **row < range.end) {
            out[row - range.start] = true;
        }
    }))
}
