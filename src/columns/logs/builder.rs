//! Writes batches of log records.

use super::{LogRow, Logs};
use crate::columns::origins::regroup;
use crate::columns::slice::Used;
use crate::columns::{Batch, Columns, Dictionary, DictionaryBuilder, OriginId};
use std::ops::Range;

/// Writes a batch of log records.
#[derive(Debug, Default)]
pub struct LogsBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    columns: Logs,
}

impl LogsBuilder {
    /// The number of records so far.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Bytes of the columns so far, without unused capacity and without the dictionary.
    pub fn written(&self) -> usize {
        self.columns.written()
    }

    /// Adds a record.
    pub fn push(&mut self, log: LogRow) {
        let columns = &mut self.columns;
        if log.dropped > 0 {
            columns.dropped.push(columns.time.len(), log.dropped);
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

    pub(in crate::columns) fn with_dictionary(dictionary: DictionaryBuilder) -> LogsBuilder {
        LogsBuilder { dictionary, columns: Logs::default() }
    }

    /// Copies rows of another batch, and the parts of its dictionary that they use.
    pub(in crate::columns) fn absorb(
        &mut self,
        other: &Logs,
        dictionary: &Dictionary,
        rows: Range<usize>,
        used: Option<&Used<'_>>,
    ) {
        let ids = &self.dictionary.absorb(dictionary, used);
        let LogsBuilder { dictionary, columns } = self;
        let base = columns.len();
        columns.time.extend_from_slice(&other.time[rows.clone()]);
        columns.observed.extend_from_slice(&other.observed[rows.clone()]);
        columns.severity.extend_from_slice(&other.severity[rows.clone()]);
        columns.severity_text.extend(other.severity_text[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.body.extend(other.body[rows.clone()].iter().map(|word| dictionary.moved_word(*word, ids)));
        columns.event_name.extend(other.event_name[rows.clone()].iter().map(|id| ids.text(*id)));
        columns.trace.extend_from_slice(&other.trace[rows.clone()]);
        columns.span.extend_from_slice(&other.span[rows.clone()]);
        columns.flags.extend_from_slice(&other.flags[rows.clone()]);
        columns.origin.extend(other.origin[rows.clone()].iter().map(|id| ids.origin(*id)));
        let lists = other.attributes[rows.clone()].iter();
        columns.attributes.extend(lists.map(|list| dictionary.moved_list(*list, ids)));
        columns.dropped.absorb(&other.dropped, &rows, base, |count| *count);
    }

    /// Finishes a batch whose records were pushed with group numbers instead of origins; `origins` has the origin of each
    /// group.
    pub fn finish_groups(mut self, origins: &[OriginId]) -> Batch {
        regroup(&mut self.columns.origin, origins);
        self.finish()
    }

    /// Finishes the batch.
    pub fn finish(self) -> Batch {
        Batch { columns: Columns::Logs(self.columns), dictionary: self.dictionary.finish() }
    }
}
