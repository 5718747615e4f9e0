//! Where documents of any signal, or of several, are read into.

use super::Document;
use crate::wire::otlp::json::groups::Reader;
use crate::wire::otlp::json::logs::Logs;
use crate::wire::otlp::json::metrics::Metrics;
use crate::wire::otlp::json::read::{self, Found, Object};
use crate::wire::otlp::json::text::{Json, Syntax};
use crate::wire::otlp::json::traces::Traces;
use crate::wire::{Decoded, Limits};
use std::collections::VecDeque;

/// What a document of any signal is read into.
pub(super) struct Target<'l> {
    limits: &'l Limits,
    traces: Option<Reader<Traces>>,
    metrics: Option<Reader<Metrics>>,
    logs: Option<Reader<Logs>>,
    otlp: bool,
}

impl<'l> Target<'l> {
    pub fn new(limits: &'l Limits) -> Target<'l> {
        Target { limits, traces: None, metrics: None, logs: None, otlp: false }
    }

    /// How many rows were read.
    pub fn rows(&self) -> usize {
        self.traces.as_ref().map_or(0, Reader::rows)
            + self.metrics.as_ref().map_or(0, Reader::rows)
            + self.logs.as_ref().map_or(0, Reader::rows)
    }

    /// Reads the value at the beginning of a text; how long it is, and whether it is OTLP.
    pub fn read(&mut self, text: &str) -> Result<(usize, bool), Syntax> {
        self.otlp = false;
        let mut json = Json::new(text);
        let found = read::object(&mut json, self)?;
        Ok((json.at(), self.otlp && matches!(found, Found::Good(()))))
    }

    /// Tells what was read, a batch a signal.
    pub fn finish<'a>(self, found: &mut VecDeque<Document<'a>>) {
        let all = [self.traces.map(Reader::finish), self.metrics.map(Reader::finish), self.logs.map(Reader::finish)];
        let some = |decoded: &Decoded| !decoded.batch.is_empty() || decoded.rejected.count > 0;
        found.extend(all.into_iter().flatten().filter(some).map(Box::new).map(Document::Items));
    }
}

impl<'a> Object<'a> for Target<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let found = match key {
            "resourceSpans" | "resource_spans" => {
                read::array(json, self.traces.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceMetrics" | "resource_metrics" => {
                read::array(json, self.metrics.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceLogs" | "resource_logs" => {
                read::array(json, self.logs.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            _ => return json.skip(),
        };
        self.otlp |= !matches!(found, Found::Wrong);
        Ok(())
    }
}
