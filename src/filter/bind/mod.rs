//! Binds the leaves of a checked expression to one batch: what is the same for all rows is looked up once, and the rest
//! becomes a loop over a column. Each distinct text is tested once.
//!
//! Start with [`bind`]. `numbers` has the loops over fixed-size fields, `texts` those over string ids, `attributes` the
//! look-up by shape, `words` and `word_hits` the search for a bare word. Points are tested once per stream.

mod attributes;
mod ids;
mod needle;
mod numbers;
mod severity;
mod texts;
mod word_hits;
mod words;

#[cfg(test)]
pub(super) use attributes::SESSION_KEYS;
#[cfg(test)]
pub(super) use numbers::bound_in;

use super::Sources;
use super::leaf::{Leaf, TextField};
use super::value_test::ValueTest;
use super::vocabulary::{GAP, signal_bit};
use crate::columns::{Batch, Columns, EventItem, OriginId, Points, Series};
use crate::model::Signal;
use ids::Ids;
use std::ops::Range;

/// Writes the answers for a range of rows.
pub(super) type Fill<'a> = Box<dyn FnMut(Range<usize>, &mut [bool]) + 'a>;

/// A leaf's answers for a batch.
pub(super) enum Bound<'a> {
    /// The same answer for every row.
    All(bool),
    /// An answer for each row.
    Rows(Fill<'a>),
}

/// Binds a leaf to a batch.
pub(super) fn bind<'a>(leaf: &'a Leaf, batch: &'a Batch, sources: &'a dyn Sources) -> Bound<'a> {
    match leaf {
        Leaf::Signal(wanted) => signal(*wanted, batch),
        Leaf::Kind(wanted) => numbers::kind_or_status(*wanted, 0, batch),
        Leaf::Status(wanted) => numbers::kind_or_status(*wanted, 4, batch),
        Leaf::Severity(test) => severity::severity(test, batch),
        Leaf::Duration { from, to } => numbers::duration(*from..=*to, batch),
        Leaf::Id(field, test) => numbers::id(*field, *test, batch),
        Leaf::Value(operator, quantity) => numbers::value(*operator, *quantity, batch),
        Leaf::HasValue => numbers::has_value(batch),
        Leaf::Text(TextField::Source, test) => source(test, sources),
        Leaf::Text(field, test) => texts::field(*field, test, batch),
        Leaf::Session(test) => attributes::session(test, batch),
        Leaf::Attribute(place, key, test) => attributes::attribute(*place, key, test, batch),
        Leaf::Word(word) => words::word(word, batch),
    }
}

fn signal<'a>(wanted: u32, batch: &'a Batch) -> Bound<'a> {
    let event = wanted & signal_bit(Signal::Events) != 0;
    let gap = wanted & 1 << GAP != 0;
    match &batch.columns {
        Columns::Events(columns) if event != gap => {
            let dictionary = &batch.dictionary;
            each(move |row| EventItem { dictionary, columns, row }.gap().is_some() == gap)
        }
        _ => Bound::All(wanted & signal_bit(batch.signal()) != 0),
    }
}

fn source<'a>(test: &ValueTest, sources: &dyn Sources) -> Bound<'a> {
    let runs: Vec<(usize, bool)> =
        sources.runs().iter().map(|(first, name)| (*first, !name.is_empty() && test.holds_text(name))).collect();
    each(move |row| {
        let run = runs.partition_point(|(first, _)| *first <= row).checked_sub(1);
        run.is_some_and(|run| runs[run].1)
    })
}

/// Tests each row.
fn each<'a>(mut ask: impl FnMut(usize) -> bool + 'a) -> Bound<'a> {
    Bound::Rows(Box::new(move |rows, out| {
        for (row, out) in rows.zip(out) {
            *out = ask(row);
        }
    }))
}

/// Tests each row by a small number, such as a kind.
fn by_index<'a, T: Copy + 'a>(column: &'a [T], answers: Vec<bool>, index: impl Fn(T) -> u32 + 'a) -> Bound<'a> {
    if let Some(first) = answers.first()
        && answers.iter().all(|answer| answer == first)
    {
        return Bound::All(*first);
    }
    let ids = Ids::new((0..answers.len() as u32).filter(|id| answers[*id as usize]).collect());
    Bound::Rows(Box::new(move |rows, out| ids.fill(&column[rows], &index, out)))
}

/// Rows that take the answer of their origin.
fn by_origin<'a>(batch: &'a Batch, mut ask: impl FnMut(OriginId) -> bool) -> Bound<'a> {
    let mut answers = || (0..batch.dictionary.origins.len() as u32).map(|id| ask(OriginId(id))).collect::<Vec<bool>>();
    match &batch.columns {
        Columns::Spans(spans) => by_index(&spans.origin, answers(), |origin| origin.0),
        Columns::Logs(logs) => by_index(&logs.origin, answers(), |origin| origin.0),
        Columns::Points(points) => by_stream(points, |stream| ask(stream.origin)),
        Columns::Events(_) => Bound::All(false),
    }
}

/// Points that take the answer of their stream.
fn by_stream<'a>(points: &'a Points, ask: impl FnMut(&Series) -> bool) -> Bound<'a> {
    by_index(&points.series, points.streams.iter().map(ask).collect(), |series| series.0)
}
