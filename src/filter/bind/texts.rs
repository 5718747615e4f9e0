//! Binds fields that are one text. Each distinct text is tested once.

use super::ids::Ids;
use super::{Bound, by_origin, by_stream};
use crate::columns::{Batch, Columns, Dictionary, TextId};
use crate::filter::leaf::TextField;
use crate::filter::value_test::ValueTest;
use std::ops::Range;

/// A test's answers by text, computed on first use.
pub(super) struct Answers<'a> {
    dictionary: &'a Dictionary,
    test: &'a ValueTest,
    /// Grows up to the highest id asked for, since the ids of a column are often close together.
    known: Vec<u8>,
}

const UNKNOWN: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;

impl<'a> Answers<'a> {
    pub fn new(dictionary: &'a Dictionary, test: &'a ValueTest) -> Answers<'a> {
        Answers { dictionary, test, known: vec![UNKNOWN] }
    }

    #[inline]
    pub fn of(&mut self, id: TextId) -> bool {
        match self.known.get(id.index()) {
            Some(&YES) => true,
            Some(&NO) => false,
            _ => self.find_out(id),
        }
    }

    /// The answers for a column in which an empty text means a missing field. A first fast pass handles the known answers; a
    /// second pass computes the rest, which is usually empty.
    fn fill(&mut self, column: &[TextId], out: &mut [bool]) {
        let mut unknown = false;
        for (out, id) in out.iter_mut().zip(column) {
            let known = self.known.get(id.index()).copied().unwrap_or(UNKNOWN);
            unknown |= known == UNKNOWN;
            *out = known == YES;
        }
        if unknown {
            for (out, id) in out.iter_mut().zip(column) {
                *out = self.of(*id);
            }
        }
    }

    /// Makes the empty text answer no from now on.
    fn empty_is_missing(mut self) -> Answers<'a> {
        if let Some(known) = self.known.first_mut() {
            *known = NO;
        }
        self
    }

    #[cold]
    fn find_out(&mut self, id: TextId) -> bool {
        if id.index() >= self.dictionary.texts.len() {
            return false;
        }
        let answer = self.test.holds_text(self.dictionary.text(id));
        if id.index() >= self.known.len() {
            self.known.resize((id.index() + 1).next_power_of_two(), UNKNOWN);
        }
        self.known[id.index()] = if answer { YES } else { NO };
        answer
    }
}

/// `source` is missing here, because batches do not contain it.
pub(super) fn field<'a>(field: TextField, test: &'a ValueTest, batch: &'a Batch) -> Bound<'a> {
    let dictionary = &batch.dictionary;
    let text = |id: TextId| id != TextId::EMPTY && test.holds_text(dictionary.text(id));
    match (field, &batch.columns) {
        (TextField::Service, _) => by_origin(batch, |origin| text(dictionary.resource(origin).service)),
        (TextField::Scope, _) => by_origin(batch, |origin| text(dictionary.scope(origin).name)),
        (TextField::ScopeVersion, _) => by_origin(batch, |origin| text(dictionary.scope(origin).version)),
        (TextField::Name, Columns::Spans(spans)) => {
            let (some, others): (Vec<TextId>, Vec<TextId>) = spans.names().iter().partition(|name| text(**name));
            if some.is_empty() || others.is_empty() {
                return Bound::All(others.is_empty());
            }
            let ids = Ids::new(some.iter().map(|id| id.0).collect());
            Bound::Rows(Box::new(move |rows, out| ids.fill(&spans.name[rows], |id| id.0, out)))
        }
        (TextField::Name, Columns::Logs(logs)) => column(&logs.event_name, test, dictionary),
        (TextField::Name, Columns::Points(points)) => by_stream(points, |stream| text(points.metric(*stream).name)),
        (TextField::Name | TextField::Type, Columns::Events(events)) => column(&events.kind, test, dictionary),
        (TextField::Type, Columns::Points(points)) => {
            by_stream(points, |stream| test.holds_text(points.metric(*stream).kind.word()))
        }
        (TextField::Unit, Columns::Points(points)) => by_stream(points, |stream| text(points.metric(*stream).unit)),
        (TextField::StatusMessage, Columns::Spans(spans)) => {
            let mut answers = Answers::new(dictionary, test).empty_is_missing();
            let rare = spans.rare().iter().filter(|(_, rare)| answers.of(rare.status_message));
            sparse(rare.map(|(row, _)| *row as usize).collect())
        }
        _ => Bound::All(false),
    }
}

/// A column of texts; an empty text means a missing field.
pub(super) fn column<'a>(column: &'a [TextId], test: &'a ValueTest, dictionary: &'a Dictionary) -> Bound<'a> {
    if test.is_exists() {
        return Bound::Rows(Box::new(move |rows, out| {
            for (out, id) in out.iter_mut().zip(&column[rows]) {
                *out = *id != TextId::EMPTY;
            }
        }));
    }
    let Some((text, found)) = test.exact_text() else {
        let mut answers = Answers::new(dictionary, test).empty_is_missing();
        return Bound::Rows(Box::new(move |rows, out| answers.fill(&column[rows], out)));
    };
    // If the test accepts one text, or all but one, comparing ids is enough.
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

/// Some rows, in ascending order; a row may appear more than once.
pub(super) fn sparse<'a>(rows: Vec<usize>) -> Bound<'a> {
    if rows.is_empty() {
        return Bound::All(false);
    }
    Bound::Rows(Box::new(move |range, out| {
        out.fill(false);
        mark_sparse(&rows, &range, out);
    }))
}

/// Marks those of the ascending rows that are in the range.
pub(super) fn mark_sparse(rows: &[usize], range: &Range<usize>, out: &mut [bool]) {
    let first = rows.partition_point(|row| *row < range.start);
    for row in rows[first..].iter().take_while(|row| **row < range.end) {
        out[row - range.start] = true;
    }
}
