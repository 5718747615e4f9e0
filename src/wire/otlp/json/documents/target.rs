//! The batches that documents are read into, one per signal.

use super::Document;
use crate::budget::Meter;
use crate::columns::EventsBuilder;
use crate::model::Signal;
use crate::wire::otlp::json::groups::Reader;
use crate::wire::otlp::json::logs::Logs;
use crate::wire::otlp::json::metrics::Metrics;
use crate::wire::otlp::json::read::{self, Array, Object, ReadValue};
use crate::wire::otlp::json::text::{Json, Kind, Syntax};
use crate::wire::otlp::json::traces::Traces;
use crate::wire::otlp::json::unknown::unknown_json;
use crate::wire::{Decoded, Limits, Rejected};
use std::collections::VecDeque;

/// Collects documents of any signal.
pub(super) struct Target<'l> {
    limits: &'l Limits,
    meter: &'l Meter,
    traces: Option<Reader<Traces>>,
    metrics: Option<Reader<Metrics>>,
    logs: Option<Reader<Logs>>,
    otlp: bool,
    /// The signals whose resources the value has.
    has: Bare,
    /// Documents with no known key.
    unknown: Rejected,
    /// The signals whose scopes stand directly in the value, as in a ResourceSpans.
    bare: Bare,
}

// The indexes of the signals in `Target::written`.
const TRACES: usize = 0;
const METRICS: usize = 1;
const LOGS: usize = 2;

#[derive(Clone, Copy, Default)]
struct Bare {
    spans: bool,
    metrics: bool,
    logs: bool,
}

impl<'l> Target<'l> {
    pub fn new(limits: &'l Limits, meter: &'l Meter) -> Target<'l> {
        Target {
            limits,
            meter,
            traces: None,
            metrics: None,
            logs: None,
            otlp: false,
            has: Bare::default(),
            unknown: Rejected::default(),
            bare: Bare::default(),
        }
    }

    /// How many rows were read.
    pub fn rows(&self) -> usize {
        self.traces.as_ref().map_or(0, Reader::rows)
            + self.metrics.as_ref().map_or(0, Reader::rows)
            + self.logs.as_ref().map_or(0, Reader::rows)
    }

    /// Reads the value at the beginning of a text; returns its length, and whether it is OTLP.
    pub fn read(&mut self, text: &str) -> Result<(usize, bool), Syntax> {
        (self.otlp, self.bare, self.has) = (false, Bare::default(), Bare::default());
        let before = (self.rows(), self.rejections());
        let mut json = Json::metered(text, self.meter);
        let found = read::object(&mut json, self)?;
        if !self.otlp {
            self.read_bare(&text[..json.at()])?;
        }
        let is_document = self.otlp && matches!(found, ReadValue::Good(()));
        if is_document && (self.rows(), self.rejections()) == before {
            self.note_unknown(&text.as_bytes()[..json.at()]);
        }
        Ok((json.at(), is_document))
    }

    /// Notes why a document that is not empty gave no items.
    fn note_unknown(&mut self, text: &[u8]) {
        let Bare { spans, metrics, logs } = self.has;
        let signals = [(spans, Signal::Spans), (metrics, Signal::Metrics), (logs, Signal::Logs)];
        let mut reasons = signals.into_iter().filter_map(|(has, signal)| has.then(|| unknown_json(signal, text))?);
        if let Some(reason) = reasons.next() {
            self.unknown.one(reason);
        }
    }

    fn rejections(&self) -> u64 {
        self.traces.as_ref().map_or(0, Reader::rejections)
            + self.metrics.as_ref().map_or(0, Reader::rejections)
            + self.logs.as_ref().map_or(0, Reader::rejections)
    }

    /// Bytes written, by signal.
    fn written(&self) -> [usize; 3] {
        [
            self.traces.as_ref().map_or(0, Reader::written),
            self.metrics.as_ref().map_or(0, Reader::written),
            self.logs.as_ref().map_or(0, Reader::written),
        ]
    }

    /// From now on only one signal is read; reports the size of the other batches to the meter.
    fn only(&self, signal: usize) {
        let written = self.written();
        self.meter.beside(written.iter().sum::<usize>() - written[signal]);
    }

    /// Reads a ResourceSpans, ResourceMetrics or ResourceLogs on its own, as the Java agent logs it.
    fn read_bare(&mut self, text: &str) -> Result<(), Syntax> {
        let Bare { spans, metrics, logs } = self.bare;
        if spans {
            self.only(TRACES);
            let mut json = Json::metered(text, self.meter);
            self.traces.get_or_insert_with(|| Reader::new(self.limits)).element(&mut json)?;
        }
        if metrics {
            self.only(METRICS);
            let mut json = Json::metered(text, self.meter);
            self.metrics.get_or_insert_with(|| Reader::new(self.limits)).element(&mut json)?;
        }
        if logs {
            self.only(LOGS);
            let mut json = Json::metered(text, self.meter);
            self.logs.get_or_insert_with(|| Reader::new(self.limits)).element(&mut json)?;
        }
        self.otlp = spans || metrics || logs;
        Ok(())
    }

    /// Hands over the batches, one per signal.
    pub fn finish<'a>(self, found: &mut VecDeque<Document<'a>>) {
        self.meter.next_batch(self.written().into_iter().sum());
        let all = [self.traces.map(Reader::finish), self.metrics.map(Reader::finish), self.logs.map(Reader::finish)];
        if self.unknown.count > 0 {
            let batch = EventsBuilder::default().finish();
            found.push_back(Document::Items(Box::new(Decoded { batch, rejected: self.unknown })));
        }
        let some = |decoded: &Decoded| !decoded.batch.is_empty() || decoded.rejected.count > 0;
        found.extend(all.into_iter().flatten().filter(some).map(Box::new).map(Document::Items));
    }
}

impl<'a> Object<'a> for Target<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let found = match key {
            "resourceSpans" | "resource_spans" => {
                self.has.spans = true;
                self.only(TRACES);
                read::array(json, self.traces.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceMetrics" | "resource_metrics" => {
                self.has.metrics = true;
                self.only(METRICS);
                read::array(json, self.metrics.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "resourceLogs" | "resource_logs" => {
                self.has.logs = true;
                self.only(LOGS);
                read::array(json, self.logs.get_or_insert_with(|| Reader::new(self.limits)))?
            }
            "scopeSpans" | "scope_spans" => {
                self.bare.spans |= json.kind()? == Kind::Array;
                return json.skip();
            }
            "scopeMetrics" | "scope_metrics" => {
                self.bare.metrics |= json.kind()? == Kind::Array;
                return json.skip();
            }
            "scopeLogs" | "scope_logs" => {
                self.bare.logs |= json.kind()? == Kind::Array;
                return json.skip();
            }
            _ => return json.skip(),
        };
        self.otlp |= !matches!(found, ReadValue::Wrong);
        Ok(())
    }
}
