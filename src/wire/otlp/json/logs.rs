//! Log records.

use super::groups::{Items, Sink};
use super::read::{self, Object};
use super::text::{Json, Syntax};
use super::values::{Values, text};
use crate::columns::{Attributes, Batch, DictionaryBuilder, LogRow, LogsBuilder, OriginId};

#[derive(Default)]
pub(super) struct Logs {
    builder: LogsBuilder,
    last: Attributes,
}

impl Items for Logs {
    const SCOPES: [&'static str; 2] = ["scopeLogs", "scope_logs"];
    const ITEMS: [&'static str; 2] = ["logRecords", "log_records"];

    fn dictionary(&mut self) -> &mut DictionaryBuilder {
        &mut self.builder.dictionary
    }

    fn rows(&self) -> usize {
        self.builder.len()
    }

    fn written(&self) -> [usize; 2] {
        [self.builder.written(), self.builder.dictionary.written()]
    }

    fn item(&mut self, json: &mut Json<'_>, group: OriginId, to: &mut Sink) -> Result<(), Syntax> {
        if !to.has_room(json, self.builder.len(), "log records") {
            return json.skip();
        }
        let mark = self.builder.dictionary.mark();
        let row = LogRow { origin: group, ..LogRow::default() };
        let dictionary = &mut self.builder.dictionary;
        let mut log = Log { dictionary, values: &mut to.values, row, like: self.last };
        let found = read::object(json, &mut log)?;
        let row = log.row;
        found.or_default(&mut to.values.problem, "logRecords");
        match to.values.problem.take() {
            Ok(()) => {
                self.last = row.attributes;
                self.builder.push(row);
            }
            Err(error) => {
                self.builder.dictionary.rollback(mark);
                to.rejected.one(error);
            }
        }
        Ok(())
    }

    fn finish(self, origins: &[OriginId]) -> Batch {
        self.builder.finish_groups(origins)
    }
}

/// A log record being read.
struct Log<'r> {
    dictionary: &'r mut DictionaryBuilder,
    values: &'r mut Values,
    row: LogRow,
    like: Attributes,
}

impl<'a> Object<'a> for Log<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Log { dictionary, values, row, like } = self;
        let problem = &mut values.problem;
        match key {
            "timeUnixNano" | "time_unix_nano" => row.time = read::leaf(json)?.or_default(problem, "timeUnixNano"),
            "observedTimeUnixNano" | "observed_time_unix_nano" => {
                row.observed = read::leaf(json)?.or_default(problem, "observedTimeUnixNano");
            }
            "severityNumber" | "severity_number" => {
                row.severity = read::leaf(json)?.or_default(problem, "severityNumber");
            }
            "severityText" | "severity_text" => row.severity_text = text(json, dictionary, problem, "severityText")?,
            "body" => row.body = values.word(json, dictionary, "body")?,
            "attributes" => row.attributes = values.list(json, dictionary, *like, 0, "attributes")?,
            "flags" => row.flags = read::leaf(json)?.or_default(problem, "flags"),
            "traceId" | "trace_id" => row.trace = read::leaf(json)?.or_default(problem, "traceId"),
            "spanId" | "span_id" => row.span = read::leaf(json)?.or_default(problem, "spanId"),
            "eventName" | "event_name" => row.event_name = text(json, dictionary, problem, "eventName")?,
            "droppedAttributesCount" | "dropped_attributes_count" => {
                row.dropped = read::leaf(json)?.or_default(problem, "droppedAttributesCount");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}
