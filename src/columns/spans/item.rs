//! One span, read.

use super::{LinkRow, SpanEventRow, SpanRare, Spans};
use crate::columns::{Dictionary, OriginId};
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId, Value};

/// One span of a batch.
#[derive(Clone, Copy, Debug)]
pub struct SpanItem<'a> {
    /// The dictionary of its batch.
    pub dictionary: &'a Dictionary,
    /// The columns of its batch.
    pub columns: &'a Spans,
    /// Which row.
    pub row: usize,
}

impl<'a> SpanItem<'a> {
    /// Trace id.
    pub fn trace(self) -> TraceId {
        self.columns.trace[self.row]
    }

    /// Span id.
    pub fn id(self) -> SpanId {
        self.columns.id[self.row]
    }

    /// Parent's span id; none for a root.
    pub fn parent(self) -> SpanId {
        self.columns.parent[self.row]
    }

    /// Name.
    pub fn name(self) -> &'a str {
        self.dictionary.text(self.columns.name[self.row])
    }

    /// Kind.
    pub fn kind(self) -> SpanKind {
        self.columns.kind(self.row)
    }

    /// Status.
    pub fn status(self) -> StatusCode {
        self.columns.status(self.row)
    }

    /// Start time.
    pub fn start(self) -> Time {
        self.columns.start[self.row]
    }

    /// End time.
    pub fn end(self) -> Time {
        self.columns.end[self.row]
    }

    /// Nanoseconds from start to end; 0 where the end lies before the start.
    pub fn duration(self) -> u64 {
        self.end().since(self.start())
    }

    /// OTLP flags.
    pub fn flags(self) -> u32 {
        self.columns.flags[self.row]
    }

    /// Resource and scope.
    pub fn origin(self) -> OriginId {
        self.columns.origin[self.row]
    }

    /// What few spans have.
    pub fn rare(self) -> SpanRare {
        self.columns.rare.one(self.row).copied().unwrap_or_default()
    }

    /// Keys and values, as they came.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.dictionary.attributes(self.columns.attributes[self.row])
    }

    /// Events, as they came.
    pub fn events(self) -> impl ExactSizeIterator<Item = &'a SpanEventRow> {
        self.columns.events.values(self.row)
    }

    /// The events from the one with this index on.
    pub fn events_from(self, index: usize) -> impl ExactSizeIterator<Item = &'a SpanEventRow> {
        self.columns.events.values_from(self.row, index)
    }

    /// The links from the one with this index on.
    pub fn links_from(self, index: usize) -> impl ExactSizeIterator<Item = &'a LinkRow> {
        self.columns.links.values_from(self.row, index)
    }

    /// Links, as they came.
    pub fn links(self) -> impl ExactSizeIterator<Item = &'a LinkRow> {
        self.columns.links.values(self.row)
    }
}
