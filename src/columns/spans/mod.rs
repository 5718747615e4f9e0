//! Spans as columns.

mod builder;
mod item;

pub use builder::SpansBuilder;
pub use item::SpanItem;

use super::column::Column;
use super::heap;
use super::slice::Used;
use super::sparse::Sparse;
use super::{Attributes, OriginId, TextId};
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId};
use std::ops::Range;

/// The columns of a batch of spans; row `i` is the `i`th entry of each. Rare fields are in separate tables, each sorted by
/// row.
#[derive(Debug, Default)]
pub struct Spans {
    /// Trace ids.
    pub trace: Vec<TraceId>,
    /// Span ids.
    pub id: Vec<SpanId>,
    /// Parents' span ids; none for roots.
    pub parent: Vec<SpanId>,
    /// Names.
    pub name: Vec<TextId>,
    names: Vec<TextId>,
    /// Start times.
    pub start: Vec<Time>,
    /// End times as received; before the start if a clock was set back.
    pub end: Vec<Time>,
    /// Kind in the low four bits, status in the high four.
    kind_status: Vec<u8>,
    /// OTLP flags: W3C trace flags in bits 0–7, 8 and 9 say whether the parent is remote.
    pub flags: Vec<u32>,
    /// Resource and scope.
    pub origin: Vec<OriginId>,
    /// Attributes.
    pub attributes: Vec<Attributes>,
    rare: Sparse<SpanRare>,
    events: Sparse<SpanEventRow>,
    links: Sparse<LinkRow>,
}

/// The rare fields of a span.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct SpanRare {
    /// W3C tracestate.
    pub trace_state: TextId,
    /// What went wrong.
    pub status_message: TextId,
    /// Attributes that the sender dropped.
    pub dropped_attributes: u32,
    /// Events that the sender dropped.
    pub dropped_events: u32,
    /// Links that the sender dropped.
    pub dropped_links: u32,
}

/// Something that happened during a span.
#[derive(Clone, Copy, Default, Debug)]
pub struct SpanEventRow {
    /// When.
    pub time: Time,
    /// What.
    pub name: TextId,
    /// Its attributes.
    pub attributes: Attributes,
    /// Attributes that the sender dropped.
    pub dropped: u32,
}

/// A link to another span.
#[derive(Clone, Copy, Default, Debug)]
pub struct LinkRow {
    /// That span's trace.
    pub trace: TraceId,
    /// That span.
    pub span: SpanId,
    /// W3C tracestate.
    pub trace_state: TextId,
    /// OTLP flags.
    pub flags: u32,
    /// Its attributes.
    pub attributes: Attributes,
    /// Attributes that the sender dropped.
    pub dropped: u32,
}

/// The fields of one span on its way into a batch.
#[derive(Clone, Copy, Default, Debug)]
pub struct SpanRow {
    /// Trace id.
    pub trace: TraceId,
    /// Span id.
    pub id: SpanId,
    /// Parent's span id.
    pub parent: SpanId,
    /// Name.
    pub name: TextId,
    /// Kind.
    pub kind: SpanKind,
    /// Status.
    pub status: StatusCode,
    /// Start time.
    pub start: Time,
    /// End time.
    pub end: Time,
    /// OTLP flags.
    pub flags: u32,
    /// Resource and scope.
    pub origin: OriginId,
    /// Attributes.
    pub attributes: Attributes,
    /// Rare fields.
    pub rare: SpanRare,
}

impl Spans {
    /// The number of spans.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// A span's kind.
    pub fn kind(&self, row: usize) -> SpanKind {
        SpanKind::from_code(i64::from(self.kind_status[row] & 15)).unwrap_or_default()
    }

    /// A span's status.
    pub fn status(&self, row: usize) -> StatusCode {
        StatusCode::from_code(i64::from(self.kind_status[row] >> 4)).unwrap_or_default()
    }

    /// Kind in the low four bits, status in the high four, as one column for queries.
    pub fn kind_status(&self) -> &[u8] {
        &self.kind_status
    }

    /// Each distinct name once, so that queries test it once. May contain names of rows that were dropped.
    pub fn names(&self) -> &[TextId] {
        &self.names
    }

    /// Rare fields with their rows, in the order of rows.
    pub fn rare(&self) -> &[(u32, SpanRare)] {
        self.rare.all()
    }

    /// Events with their spans' rows, in the order of rows.
    pub fn events(&self) -> &[(u32, SpanEventRow)] {
        self.events.all()
    }

    /// Links with their spans' rows, in the order of rows.
    pub fn links(&self) -> &[(u32, LinkRow)] {
        self.links.all()
    }

    /// Bytes of a span in the columns.
    const ROW: usize = 16 + 8 + 8 + 4 + 8 + 8 + 1 + 4 + 4 + 8;

    /// Bytes in use, without unused capacity.
    fn written(&self) -> usize {
        self.id.len() * Spans::ROW
            + self.names.len() * size_of::<TextId>()
            + self.rare.written()
            + self.events.written()
            + self.links.written()
    }

    pub(super) fn bytes(&self) -> usize {
        let Spans {
            trace,
            id,
            parent,
            name,
            names,
            start,
            end,
            kind_status,
            flags,
            origin,
            attributes,
            rare,
            events,
            links,
        } = self;
        heap::of(trace)
            + heap::of(id)
            + heap::of(parent)
            + heap::of(name)
            + heap::of(names)
            + heap::of(start)
            + heap::of(end)
            + heap::of(kind_status)
            + heap::of(flags)
            + heap::of(origin)
            + heap::of(attributes)
            + rare.bytes()
            + events.bytes()
            + links.bytes()
    }

    /// Marks the dictionary entries that some rows use.
    pub(super) fn mark(&self, rows: &Range<usize>, used: &mut Used<'_>) {
        for row in rows.clone() {
            used.text(self.name[row]);
            used.origin(self.origin[row]);
            used.list(self.attributes[row]);
        }
        for (_, rare) in self.rare.within(rows) {
            used.text(rare.trace_state);
            used.text(rare.status_message);
        }
        for (_, event) in self.events.within(rows) {
            used.text(event.name);
            used.list(event.attributes);
        }
        for (_, link) in self.links.within(rows) {
            used.text(link.trace_state);
            used.list(link.attributes);
        }
    }

    fn reserve(&mut self, rows: usize) {
        self.columns().into_iter().for_each(|column| column.reserve(rows));
    }

    pub(super) fn shrink(&mut self) {
        self.columns().into_iter().for_each(Column::shrink);
        self.names.shrink_to_fit();
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        self.columns().into_iter().for_each(|column| column.keep(keep));
    }

    /// Every column and every table of rare fields.
    fn columns(&mut self) -> [&mut dyn Column; 13] {
        [
            &mut self.trace,
            &mut self.id,
            &mut self.parent,
            &mut self.name,
            &mut self.start,
            &mut self.end,
            &mut self.kind_status,
            &mut self.flags,
            &mut self.origin,
            &mut self.attributes,
            &mut self.rare,
            &mut self.events,
            &mut self.links,
        ]
    }
}
