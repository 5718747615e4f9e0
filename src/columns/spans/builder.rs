//! Writes batches of spans.

use super::{LinkRow, SpanEventRow, SpanRare, SpanRow, Spans};
use crate::columns::origins::regroup;
use crate::columns::slice::Used;
use crate::columns::{Batch, Columns, Dictionary, DictionaryBuilder, Mark, OriginId, TextId};
use std::ops::Range;

/// Writes a batch of spans: events and links first, then [`SpansBuilder::push`] the span that they belong to.
#[derive(Debug, Default)]
pub struct SpansBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    columns: Spans,
    /// By text: whether it is already in the list of names.
    named: Vec<bool>,
}

impl SpansBuilder {
    /// Reserves room for the spans in `bytes` bytes of OTLP protobuf, at most a few thousand spans.
    pub fn for_protobuf(bytes: usize) -> SpansBuilder {
        let bytes = bytes.min(1 << 21);
        let dictionary = DictionaryBuilder::with_capacity(bytes / 1_024, bytes / 32, bytes / 40, 0);
        let mut builder = SpansBuilder::with_dictionary(dictionary);
        builder.reserve(bytes / 400);
        builder
    }

    /// The number of spans so far.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The number of events and links so far, for limits.
    pub fn parts(&self) -> usize {
        self.columns.events.all().len() + self.columns.links.all().len()
    }

    /// Bytes of the columns so far, without unused capacity and without the dictionary.
    pub fn written(&self) -> usize {
        self.columns.written()
    }

    /// Adds an event to the span that is pushed next.
    pub fn push_event(&mut self, event: SpanEventRow) {
        self.columns.events.push(self.columns.len(), event);
    }

    /// Adds a link to the span that is pushed next.
    pub fn push_link(&mut self, link: LinkRow) {
        self.columns.links.push(self.columns.len(), link);
    }

    /// Adds a span.
    pub fn push(&mut self, span: SpanRow) {
        self.add_name(span.name);
        let columns = &mut self.columns;
        if span.rare != SpanRare::default() {
            columns.rare.push(columns.id.len(), span.rare);
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

    /// Removes the events, links and values of a span that turned out to be invalid.
    pub fn discard(&mut self, mark: Mark) {
        self.dictionary.rollback(mark);
        self.columns.events.discard(self.columns.len());
        self.columns.links.discard(self.columns.len());
    }

    pub(in crate::columns) fn with_dictionary(dictionary: DictionaryBuilder) -> SpansBuilder {
        SpansBuilder { dictionary, columns: Spans::default(), named: Vec::new() }
    }

    pub(in crate::columns) fn reserve(&mut self, rows: usize) {
        self.columns.reserve(rows);
    }

    /// Copies rows of another batch, and the parts of its dictionary that they use.
    pub(in crate::columns) fn absorb(
        &mut self,
        other: &Spans,
        dictionary: &Dictionary,
        rows: Range<usize>,
        used: Option<&Used<'_>>,
    ) {
        let ids = &self.dictionary.absorb(dictionary, used);
        let names = if rows.len() == other.len() { &other.names } else { &other.name[rows.clone()] };
        names.iter().for_each(|name| self.add_name(ids.text(*name)));
        let SpansBuilder { dictionary, columns, .. } = self;
        let base = columns.len();
        columns.trace.extend_from_slice(&other.trace[rows.clone()]);
        columns.id.extend_from_slice(&other.id[rows.clone()]);
        columns.parent.extend_from_slice(&other.parent[rows.clone()]);
        columns.name.extend(other.name[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.start.extend_from_slice(&other.start[rows.clone()]);
        columns.end.extend_from_slice(&other.end[rows.clone()]);
        columns.kind_status.extend_from_slice(&other.kind_status[rows.clone()]);
        columns.flags.extend_from_slice(&other.flags[rows.clone()]);
        columns.origin.extend(other.origin[rows.clone()].iter().map(|id| ids.origin(*id)));
        let lists = other.attributes[rows.clone()].iter();
        columns.attributes.extend(lists.map(|list| dictionary.moved_list(*list, ids)));
        columns.rare.absorb(&other.rare, &rows, base, |rare| {
            let (trace_state, status_message) = (ids.text(rare.trace_state), ids.text(rare.status_message));
            SpanRare { trace_state, status_message, ..*rare }
        });
        columns.events.absorb(&other.events, &rows, base, |event| {
            let attributes = dictionary.moved_list(event.attributes, ids);
            SpanEventRow { name: ids.text(event.name), attributes, ..*event }
        });
        columns.links.absorb(&other.links, &rows, base, |link| {
            let attributes = dictionary.moved_list(link.attributes, ids);
            LinkRow { trace_state: ids.text(link.trace_state), attributes, ..*link }
        });
    }

    /// Finishes a batch whose spans were pushed with group numbers instead of origins; `origins` has the origin of each
    /// group.
    pub fn finish_groups(mut self, origins: &[OriginId]) -> Batch {
        regroup(&mut self.columns.origin, origins);
        self.finish()
    }

    /// Finishes the batch.
    pub fn finish(self) -> Batch {
        Batch { columns: Columns::Spans(self.columns), dictionary: self.dictionary.finish() }
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
}
