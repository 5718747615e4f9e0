//! Spans as columns.

use super::attributes::Attributes;
use super::batch::rows_of;
use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder, Mark};
use super::origins::OriginId;
use super::texts::TextId;
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId, Value};

/// The columns of a batch of spans; row `i` is the `i`th entry of each. What few spans have lies in tables apart, each
/// sorted by the row that it belongs to.
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
    /// End times, as they came: before the start where a clock went back.
    pub end: Vec<Time>,
    /// Kind in the low four bits, status in the high four.
    kind_status: Vec<u8>,
    /// OTLP flags: W3C trace flags in bits 0–7, 8 and 9 say whether the parent is remote.
    pub flags: Vec<u32>,
    /// Resource and scope.
    pub origin: Vec<OriginId>,
    /// Attributes.
    pub attributes: Vec<Attributes>,
    rare: Vec<(u32, SpanRare)>,
    events: Vec<(u32, SpanEventRow)>,
    links: Vec<(u32, LinkRow)>,
}

/// What few spans have.
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
    /// What few spans have.
    pub rare: SpanRare,
}

impl Spans {
    /// How many spans.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is none.
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

    /// Kind in the low four bits, status in the high four: one column for queries to run over.
    pub fn kind_status(&self) -> &[u8] {
        &self.kind_status
    }

    /// Each distinct name once, so that what is asked of names is asked few times. Names of rows that were dropped since may
    /// be among them.
    pub fn names(&self) -> &[TextId] {
        &self.names
    }

    /// What few spans have, with their rows, in the order of rows.
    pub fn rare(&self) -> &[(u32, SpanRare)] {
        &self.rare
    }

    /// Events with their spans' rows, in the order of rows.
    pub fn events(&self) -> &[(u32, SpanEventRow)] {
        &self.events
    }

    /// Links with their spans' rows, in the order of rows.
    pub fn links(&self) -> &[(u32, LinkRow)] {
        &self.links
    }

    pub(super) fn bytes(&self) -> usize {
        self.id.capacity() * (16 + 8 + 8 + 4 + 8 + 8 + 1 + 4 + 4 + 8)
            + self.names.capacity() * size_of::<TextId>()
            + self.rare.capacity() * size_of::<(u32, SpanRare)>()
            + self.events.capacity() * size_of::<(u32, SpanEventRow)>()
            + self.links.capacity() * size_of::<(u32, LinkRow)>()
    }

    pub(super) fn shrink(&mut self) {
        self.trace.shrink_to_fit();
        self.id.shrink_to_fit();
        self.parent.shrink_to_fit();
        self.name.shrink_to_fit();
        self.names.shrink_to_fit();
        self.start.shrink_to_fit();
        self.end.shrink_to_fit();
        self.kind_status.shrink_to_fit();
        self.flags.shrink_to_fit();
        self.origin.shrink_to_fit();
        self.attributes.shrink_to_fit();
        self.rare.shrink_to_fit();
        self.events.shrink_to_fit();
        self.links.shrink_to_fit();
    }

    fn reserve(&mut self, rows: usize) {
        self.trace.reserve_exact(rows);
        self.id.reserve_exact(rows);
        self.parent.reserve_exact(rows);
        self.name.reserve_exact(rows);
        self.start.reserve_exact(rows);
        self.end.reserve_exact(rows);
        self.kind_status.reserve_exact(rows);
        self.flags.reserve_exact(rows);
        self.origin.reserve_exact(rows);
        self.attributes.reserve_exact(rows);
    }

    /// Takes over all rows but the list of names.
    fn absorb(&mut self, other: &Spans, ids: &Absorbed<'_>, dictionary: &mut DictionaryBuilder) {
        let base = self.len() as u32;
        self.trace.extend_from_slice(&other.trace);
        self.id.extend_from_slice(&other.id);
        self.parent.extend_from_slice(&other.parent);
        self.name.extend(other.name.iter().map(|id| ids.text(*id)));
        self.start.extend_from_slice(&other.start);
        self.end.extend_from_slice(&other.end);
        self.kind_status.extend_from_slice(&other.kind_status);
        self.flags.extend_from_slice(&other.flags);
        self.origin.extend(other.origin.iter().map(|id| ids.origin(*id)));
        self.attributes.extend(other.attributes.iter().map(|list| dictionary.moved_list(*list, ids)));
        self.rare.extend(other.rare.iter().map(|(row, rare)| {
            let trace_state = ids.text(rare.trace_state);
            (row + base, SpanRare { trace_state, status_message: ids.text(rare.status_message), ..*rare })
        }));
        self.events.extend(other.events.iter().map(|(row, event)| {
            let attributes = dictionary.moved_list(event.attributes, ids);
            (row + base, SpanEventRow { name: ids.text(event.name), attributes, ..*event })
        }));
        self.links.extend(other.links.iter().map(|(row, link)| {
            let attributes = dictionary.moved_list(link.attributes, ids);
            (row + base, LinkRow { trace_state: ids.text(link.trace_state), attributes, ..*link })
        }));
    }

    /// The rows for which `keep` says so, with everything that belongs to them.
    pub(super) fn keep(&mut self, keep: &[bool]) {
        super::batch::keep_rows(&mut self.trace, keep);
        super::batch::keep_rows(&mut self.id, keep);
        super::batch::keep_rows(&mut self.parent, keep);
        super::batch::keep_rows(&mut self.name, keep);
        super::batch::keep_rows(&mut self.start, keep);
        super::batch::keep_rows(&mut self.end, keep);
        super::batch::keep_rows(&mut self.kind_status, keep);
        super::batch::keep_rows(&mut self.flags, keep);
        super::batch::keep_rows(&mut self.origin, keep);
        super::batch::keep_rows(&mut self.attributes, keep);
        super::batch::keep_sparse(&mut self.rare, keep);
        super::batch::keep_sparse(&mut self.events, keep);
        super::batch::keep_sparse(&mut self.links, keep);
    }
}

/// Writes a batch of spans: events and links first, then [`SpansBuilder::push`] the span that they belong to.
#[derive(Debug, Default)]
pub struct SpansBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    columns: Spans,
    /// By text: whether it is in the list of names.
    named: Vec<bool>,
}

impl SpansBuilder {
    /// With room for what so many bytes of OTLP protobuf usually hold, so that nothing has to grow on the way. Bodies of
    /// more than a few thousand spans get room for those.
    pub fn for_protobuf(bytes: usize) -> SpansBuilder {
        let bytes = bytes.min(1 << 21);
        let dictionary = DictionaryBuilder::with_capacity(bytes / 1_024, bytes / 32, bytes / 40, 0);
        let mut builder = SpansBuilder::with_dictionary(dictionary);
        builder.reserve(bytes / 400);
        builder
    }

    /// How many spans were pushed.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// How many events and links were pushed, for limits.
    pub fn parts(&self) -> usize {
        self.columns.events.len() + self.columns.links.len()
    }

    /// An event of the span that is pushed next.
    pub fn push_event(&mut self, event: SpanEventRow) {
        let row = self.len() as u32;
        self.columns.events.push((row, event));
    }

    /// A link of the span that is pushed next.
    pub fn push_link(&mut self, link: LinkRow) {
        let row = self.len() as u32;
        self.columns.links.push((row, link));
    }

    /// A span.
    pub fn push(&mut self, span: SpanRow) {
        self.add_name(span.name);
        let columns = &mut self.columns;
        if span.rare != SpanRare::default() {
            columns.rare.push((columns.id.len() as u32, span.rare));
        }
        columns.trace.push(span.trace);
        columns.id.push(span.id);
        columns.parent.push(span.parent);
        columns.name.push(span.name);
        columns.start.push(span.start);
        columns.end.push(span.end);
        columns.kind_status.push(span.kind.code() | span.status.code() << 4);
        columns.flags.push(span.flags);
        columns.origin.push(span.origin);
        columns.attributes.push(span.attributes);
    }

    /// Takes back events, links and values written for a span that turned out bad.
    pub fn discard(&mut self, mark: Mark) {
        let row = self.len() as u32;
        self.dictionary.rollback(mark);
        while self.columns.events.last().is_some_and(|(at, _)| *at == row) {
            self.columns.events.pop();
        }
        while self.columns.links.last().is_some_and(|(at, _)| *at == row) {
            self.columns.links.pop();
        }
    }

    pub(super) fn with_dictionary(dictionary: DictionaryBuilder) -> SpansBuilder {
        SpansBuilder { dictionary, columns: Spans::default(), named: Vec::new() }
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.columns.reserve(rows);
    }

    /// Takes over another batch.
    pub(super) fn absorb(&mut self, other: &Spans, dictionary: &Dictionary) {
        let ids = self.dictionary.absorb(dictionary);
        other.names.iter().for_each(|name| self.add_name(ids.text(*name)));
        self.columns.absorb(other, &ids, &mut self.dictionary);
    }

    #[inline]
    fn add_name(&mut self, name: TextId) {
        if !self.named.get(name.index()).copied().unwrap_or_default() {
            self.add_new_name(name);
        }
    }

    #[cold]
    fn add_new_name(&mut self, name: TextId) {
        if self.named.len() <= name.index() {
            self.named.resize((name.index() + 1).next_power_of_two(), false);
        }
        self.named[name.index()] = true;
        self.columns.names.push(name);
    }

    /// Seals it, where spans were pushed with the number of a group in the place of their origin: `origins` has what each
    /// group turned out to be.
    pub fn finish_groups(mut self, origins: &[OriginId]) -> super::Batch {
        if origins.iter().enumerate().any(|(group, origin)| group != origin.0 as usize) {
            let known = |group: OriginId| origins.get(group.0 as usize).copied().unwrap_or_default();
            self.columns.origin.iter_mut().for_each(|origin| *origin = known(*origin));
        }
        self.finish()
    }

    /// Seals it.
    pub fn finish(self) -> super::Batch {
        super::Batch { columns: super::Columns::Spans(self.columns), dictionary: self.dictionary.finish() }
    }
}

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
        rows_of(&self.columns.rare, self.row).first().map(|(_, rare)| *rare).unwrap_or_default()
    }

    /// Keys and values, as they came.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.dictionary.attributes(self.columns.attributes[self.row])
    }

    /// Events, as they came.
    pub fn events(self) -> impl ExactSizeIterator<Item = &'a SpanEventRow> {
        rows_of(&self.columns.events, self.row).iter().map(|(_, event)| event)
    }

    /// Links, as they came.
    pub fn links(self) -> impl ExactSizeIterator<Item = &'a LinkRow> {
        rows_of(&self.columns.links, self.row).iter().map(|(_, link)| link)
    }
}
