//! One log record, read.

use super::Logs;
use crate::columns::{Dictionary, OriginId};
use crate::model::{Severity, SpanId, Time, TraceId, Value};
use std::borrow::Cow;

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
    /// Its time, else when it was observed.
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

    /// Its severity: the number if known, else the number of its text, else 0.
    pub fn rank(self) -> Severity {
        self.severity().or_word(self.severity_text())
    }

    /// The displayed severity: the source's own word, else OTLP's word for the number, else the digits of an unknown number.
    /// Empty if it has none.
    pub fn severity_shown(self) -> Cow<'a, str> {
        match (self.severity(), self.severity_text()) {
            (Severity(0), "") => Cow::Borrowed(""),
            (number, "") if number.is_known() => Cow::Borrowed(number.word()),
            (Severity(number), "") => Cow::Owned(number.to_string()),
            (_, text) => Cow::Borrowed(text),
        }
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
        self.columns.dropped.one(self.row).copied().unwrap_or_default()
    }
}
