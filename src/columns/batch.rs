//! A batch: columns of one signal and their dictionary.

use super::{Dictionary, EventItem, Events, LogItem, Logs, PointItem, Points, SpanItem, Spans};
use crate::model::{Signal, Time};

/// Rows of one signal with the dictionary that they refer to. Immutable once a builder has finished it.
#[derive(Debug)]
pub struct Batch {
    /// The columns.
    pub columns: Columns,
    /// The dictionary of the rows.
    pub dictionary: Dictionary,
}

/// The columns of one of the four signals.
#[derive(Debug)]
pub enum Columns {
    /// Spans.
    Spans(Spans),
    /// Log records.
    Logs(Logs),
    /// Metric data points.
    Points(Points),
    /// Events and gap rows.
    Events(Events),
}

/// One row of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A span.
    Span(SpanItem<'a>),
    /// A log record.
    Log(LogItem<'a>),
    /// A metric data point.
    Point(PointItem<'a>),
    /// An event or a gap.
    Event(EventItem<'a>),
}

impl Batch {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match &self.columns {
            Columns::Spans(columns) => columns.len(),
            Columns::Logs(columns) => columns.len(),
            Columns::Points(columns) => columns.len(),
            Columns::Events(columns) => columns.len(),
        }
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The signal of its rows.
    pub fn signal(&self) -> Signal {
        match &self.columns {
            Columns::Spans(_) => Signal::Spans,
            Columns::Logs(_) => Signal::Logs,
            Columns::Points(_) => Signal::Metrics,
            Columns::Events(_) => Signal::Events,
        }
    }

    /// A row; the index must be below [`Batch::len`].
    pub fn item(&self, row: usize) -> Item<'_> {
        let dictionary = &self.dictionary;
        match &self.columns {
            Columns::Spans(columns) => Item::Span(SpanItem { dictionary, columns, row }),
            Columns::Logs(columns) => Item::Log(LogItem { dictionary, columns, row }),
            Columns::Points(columns) => Item::Point(PointItem { dictionary, columns, row }),
            Columns::Events(columns) => Item::Event(EventItem { dictionary, columns, row }),
        }
    }

    /// Every row.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        (0..self.len()).map(|row| self.item(row))
    }

    /// Resident bytes, with the dictionary and unused capacity.
    pub fn bytes(&self) -> usize {
        let columns = match &self.columns {
            Columns::Spans(columns) => columns.bytes(),
            Columns::Logs(columns) => columns.bytes(),
            Columns::Points(columns) => columns.bytes(),
            Columns::Events(columns) => columns.bytes(),
        };
        columns + self.dictionary.bytes() + size_of::<Batch>()
    }

    /// Drops the rows for which `keep`, with one entry per row, is false. The dictionary is kept: the dropped rows are
    /// duplicates, and the kept rows use the same strings.
    pub fn keep(&mut self, keep: &[bool]) {
        match &mut self.columns {
            Columns::Spans(columns) => columns.keep(keep),
            Columns::Logs(columns) => columns.keep(keep),
            Columns::Points(columns) => columns.keep(keep),
            Columns::Events(columns) => columns.keep(keep),
        }
    }

    pub(super) fn shrink(&mut self) {
        match &mut self.columns {
            Columns::Spans(columns) => columns.shrink(),
            Columns::Logs(columns) => columns.shrink(),
            Columns::Points(columns) => columns.shrink(),
            Columns::Events(columns) => columns.shrink(),
        }
        self.dictionary.shrink();
    }
}

impl<'a> Item<'a> {
    /// The signal of the columns.
    pub fn signal(self) -> Signal {
        match self {
            Item::Span(_) => Signal::Spans,
            Item::Log(_) => Signal::Logs,
            Item::Point(_) => Signal::Metrics,
            Item::Event(_) => Signal::Events,
        }
    }

    /// The dictionary of its batch.
    pub fn dictionary(self) -> &'a Dictionary {
        match self {
            Item::Span(item) => item.dictionary,
            Item::Log(item) => item.dictionary,
            Item::Point(item) => item.dictionary,
            Item::Event(item) => item.dictionary,
        }
    }

    /// The time by its sender's clock: a span's start, a log's or point's time; unknown if the sender gave none.
    pub fn time(self) -> Time {
        match self {
            Item::Span(item) => item.start(),
            Item::Log(item) => item.time(),
            Item::Point(item) => item.time(),
            Item::Event(item) => item.time(),
        }
    }

    /// Its resource's `service.name`; empty if missing.
    pub fn service(self) -> &'a str {
        let dictionary = self.dictionary();
        match self {
            Item::Span(item) => dictionary.text(dictionary.resource(item.origin()).service),
            Item::Log(item) => dictionary.text(dictionary.resource(item.origin()).service),
            Item::Point(item) => dictionary.text(dictionary.resource(item.origin()).service),
            Item::Event(_) => "",
        }
    }
}
