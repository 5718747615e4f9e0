//! Log records as columns.

mod builder;
mod item;

pub use builder::LogsBuilder;
pub use item::LogItem;

use super::column::Column;
use super::heap;
use super::slice::Used;
use super::sparse::Sparse;
use super::{Attributes, OriginId, TextId, Word};
use crate::model::{Severity, SpanId, Time, TraceId};
use std::ops::Range;

/// The columns of a batch of log records.
#[derive(Debug, Default)]
pub struct Logs {
    /// Times; unknown if the sender gave none.
    pub time: Vec<Time>,
    /// When it was observed.
    pub observed: Vec<Time>,
    /// Severity numbers.
    pub severity: Vec<Severity>,
    /// Severities in the source's own words.
    pub severity_text: Vec<TextId>,
    /// Bodies.
    pub body: Vec<Word>,
    /// Event names; empty where the record is no event.
    pub event_name: Vec<TextId>,
    /// Trace ids; zero if the record has no trace.
    pub trace: Vec<TraceId>,
    /// Span ids.
    pub span: Vec<SpanId>,
    /// OTLP flags.
    pub flags: Vec<u32>,
    /// Resource and scope.
    pub origin: Vec<OriginId>,
    /// Attributes.
    pub attributes: Vec<Attributes>,
    dropped: Sparse<u32>,
}

/// The fields of one log record on its way into a batch.
#[derive(Clone, Copy, Default, Debug)]
pub struct LogRow {
    /// When it happened.
    pub time: Time,
    /// When it was observed.
    pub observed: Time,
    /// Severity number.
    pub severity: Severity,
    /// Severity in the source's own words.
    pub severity_text: TextId,
    /// Body.
    pub body: Word,
    /// Event name.
    pub event_name: TextId,
    /// Trace id.
    pub trace: TraceId,
    /// Span id.
    pub span: SpanId,
    /// OTLP flags.
    pub flags: u32,
    /// Resource and scope.
    pub origin: OriginId,
    /// Attributes.
    pub attributes: Attributes,
    /// Attributes that the sender dropped.
    pub dropped: u32,
}

impl Logs {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Bytes of a record in the columns.
    const ROW: usize = 8 + 8 + 4 + 4 + 4 + 4 + 16 + 8 + 4 + 4 + 8;

    /// Bytes in use, without unused capacity.
    fn written(&self) -> usize {
        self.time.len() * Logs::ROW + self.dropped.written()
    }

    pub(super) fn bytes(&self) -> usize {
        let Logs {
            time,
            observed,
            severity,
            severity_text,
            body,
            event_name,
            trace,
            span,
            flags,
            origin,
            attributes,
            dropped,
        } = self;
        heap::of(time)
            + heap::of(observed)
            + heap::of(severity)
            + heap::of(severity_text)
            + heap::of(body)
            + heap::of(event_name)
            + heap::of(trace)
            + heap::of(span)
            + heap::of(flags)
            + heap::of(origin)
            + heap::of(attributes)
            + dropped.bytes()
    }

    /// Marks the dictionary entries that some rows use.
    pub(super) fn mark(&self, rows: &Range<usize>, used: &mut Used<'_>) {
        for row in rows.clone() {
            used.text(self.severity_text[row]);
            used.word(self.body[row]);
            used.text(self.event_name[row]);
            used.origin(self.origin[row]);
            used.list(self.attributes[row]);
        }
    }

    pub(super) fn shrink(&mut self) {
        self.columns().into_iter().for_each(Column::shrink);
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        self.columns().into_iter().for_each(|column| column.keep(keep));
    }

    /// Every column and every table of rare fields.
    fn columns(&mut self) -> [&mut dyn Column; 12] {
        [
            &mut self.time,
            &mut self.observed,
            &mut self.severity,
            &mut self.severity_text,
            &mut self.body,
            &mut self.event_name,
            &mut self.trace,
            &mut self.span,
            &mut self.flags,
            &mut self.origin,
            &mut self.attributes,
            &mut self.dropped,
        ]
    }
}
