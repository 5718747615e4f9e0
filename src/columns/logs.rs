//! Log records as columns.

use super::attributes::{Attributes, Word};
use super::batch::{keep_rows, keep_sparse, rows_of};
use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder};
use super::origins::OriginId;
use super::texts::TextId;
use crate::model::{Severity, SpanId, Time, TraceId, Value};

/// The columns of a batch of log records.
#[derive(Debug, Default)]
pub struct Logs {
    /// When it happened; unknown where the sender did not say.
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
    /// Trace ids; none where it belongs to none.
    pub trace: Vec<TraceId>,
    /// Span ids.
    pub span: Vec<SpanId>,
    /// OTLP flags.
    pub flags: Vec<u32>,
    /// Resource and scope.
    pub origin: Vec<OriginId>,
    /// Attributes.
    pub attributes: Vec<Attributes>,
    dropped: Vec<(u32, u32)>,
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
    /// How many records.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.time.capacity() * (8 + 8 + 1 + 4 + 4 + 4 + 16 + 8 + 4 + 4 + 8) + self.dropped.capacity() * 8
    }

    pub(super) fn shrink(&mut self) {
        self.time.shrink_to_fit();
        self.observed.shrink_to_fit();
        self.severity.shrink_to_fit();
        self.severity_text.shrink_to_fit();
        self.body.shrink_to_fit();
        self.event_name.shrink_to_fit();
        self.trace.shrink_to_fit();
        self.span.shrink_to_fit();
        self.flags.shrink_to_fit();
        self.origin.shrink_to_fit();
        self.attributes.shrink_to_fit();
    }

    pub(super) fn absorb(&mut self, other: &Logs, ids: &Absorbed<'_>, dictionary: &mut DictionaryBuilder) {
        let base = self.len() as u32;
        self.time.extend_from_slice(&other.time);
        self.observed.extend_from_slice(&other.observed);
        self.severity.extend_from_slice(&other.severity);
        self.severity_text.extend(other.severity_text.iter().map(|id| ids.text(*id)));
        self.body.extend(other.body.iter().map(|word| dictionary.moved_word(*word, ids)));
        self.event_name.extend(other.event_name.iter().map(|id| ids.text(*id)));
        self.trace.extend_from_slice(&other.trace);
        self.span.extend_from_slice(&other.span);
        self.flags.extend_from_slice(&other.flags);
        self.origin.extend(other.origin.iter().map(|id| ids.origin(*id)));
        self.attributes.extend(other.attributes.iter().map(|list| dictionary.moved_list(*list, ids)));
        self.dropped.extend(other.dropped.iter().map(|(row, count)| (row + base, *count)));
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        keep_rows(&mut self.time, keep);
        keep_rows(&mut self.observed, keep);
        keep_rows(&mut self.severity, keep);
        keep_rows(&mut self.severity_text, keep);
        keep_rows(&mut self.body, keep);
        keep_rows(&mut self.event_name, keep);
        keep_rows(&mut self.trace, keep);
        keep_rows(&mut self.span, keep);
        keep_rows(&mut self.flags, keep);
        keep_rows(&mut self.origin, keep);
        keep_rows(&mut self.attributes, keep);
        keep_sparse(&mut self.dropped, keep);
    }
}

/// Writes a batch of log records.
#[derive(Debug, Default)]
pub struct LogsBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    columns: Logs,
}

impl LogsBuilder {
    /// How many records were pushed.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// A record.
    pub fn push(&mut self, log: LogRow) {
        let columns = &mut self.columns;
        if log.dropped > 0 {
            columns.dropped.push((columns.time.len() as u32, log.dropped));
        }
        columns.time.push(log.time);
        columns.observed.push(log.observed);
        columns.severity.push(log.severity);
        columns.severity_text.push(log.severity_text);
        columns.body.push(log.body);
        columns.event_name.push(log.event_name);
        columns.trace.push(log.trace);
        columns.span.push(log.span);
        columns.flags.push(log.flags);
        columns.origin.push(log.origin);
        columns.attributes.push(log.attributes);
    }

    pub(super) fn with_dictionary(dictionary: DictionaryBuilder) -> LogsBuilder {
        LogsBuilder { dictionary, columns: Logs::default() }
    }

    pub(super) fn columns(&mut self) -> (&mut Logs, &mut DictionaryBuilder) {
        (&mut self.columns, &mut self.dictionary)
    }

    /// Seals it, where records were pushed with the number of a group in the place of their origin: `origins` has what each
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
        super::Batch { columns: super::Columns::Logs(self.columns), dictionary: self.dictionary.finish() }
    }
}

/// One log record of a batch.
#[derive(Clone, Copy, Debug)]
pub struct LogItem<'a> {
    /// The dictionary of its batch.
    pub dictionary: &'a Dictionary,
    /// The columns of its batch.
    pub columns: &'a Logs,
    /// Which row.
    pub row: usize,
}

impl<'a> LogItem<'a> {
    /// When it happened, else when it was observed.
    pub fn time(self) -> Time {
        let time = self.columns.time[self.row];
        if time.is_unknown() { self.columns.observed[self.row] } else { time }
    }

    /// When it was observed.
    pub fn observed(self) -> Time {
        self.columns.observed[self.row]
    }

    /// Severity number.
    pub fn severity(self) -> Severity {
        self.columns.severity[self.row]
    }

    /// Severity in the source's own words.
    pub fn severity_text(self) -> &'a str {
        self.dictionary.text(self.columns.severity_text[self.row])
    }

    /// Body.
    pub fn body(self) -> Value<'a> {
        self.dictionary.value(self.columns.body[self.row])
    }

    /// Event name; empty where the record is no event.
    pub fn event_name(self) -> &'a str {
        self.dictionary.text(self.columns.event_name[self.row])
    }

    /// Trace id.
    pub fn trace(self) -> TraceId {
        self.columns.trace[self.row]
    }

    /// Span id.
    pub fn span(self) -> SpanId {
        self.columns.span[self.row]
    }

    /// OTLP flags.
    pub fn flags(self) -> u32 {
        self.columns.flags[self.row]
    }

    /// Resource and scope.
    pub fn origin(self) -> OriginId {
        self.columns.origin[self.row]
    }

    /// Keys and values, as they came.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.dictionary.attributes(self.columns.attributes[self.row])
    }

    /// Attributes that the sender dropped.
    pub fn dropped(self) -> u32 {
        rows_of(&self.columns.dropped, self.row).first().map_or(0, |(_, count)| *count)
    }
}
