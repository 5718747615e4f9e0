//! The shop's rules, each checked over minutes of its telemetry.

mod exporting;
mod metrics;
mod play;
mod rules;

use super::{Export, Request, Scenario, Shop};
use crate::model::Time;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::{logs::v1::LogRecord, metrics::v1::Metric, trace::v1::Span};
use std::collections::HashMap;
use std::sync::LazyLock;

const START: Time = Time(1_780_000_000_000_000_000);

/// Five minutes of each scenario, generated once for all tests.
static SHOP: LazyLock<Day> = LazyLock::new(|| Day::of(Scenario::Shop, 300));
static INCIDENT: LazyLock<Day> = LazyLock::new(|| Day::of(Scenario::Incident, 300));

/// The exports of a period, without their envelopes.
struct Day {
    exports: Vec<Export>,
    spans: Vec<(&'static str, Span)>,
    logs: Vec<(&'static str, LogRecord)>,
    /// With the export's index, since the exporting process is part of a series' identity.
    metrics: Vec<(String, Metric)>,
    end: Time,
}

fn exports(seed: u64, scenario: Scenario, seconds: u64) -> Vec<Export> {
    Shop::new(seed, scenario, START).advance(after(seconds))
}

fn after(seconds: u64) -> Time {
    Time(START.0 + seconds * 1_000_000_000)
}

impl Day {
    fn of(scenario: Scenario, seconds: u64) -> Day {
        let exports = exports(7, scenario, seconds);
        let mut day =
            Day { spans: Vec::new(), logs: Vec::new(), metrics: Vec::new(), end: after(seconds), exports: Vec::new() };
        for export in &exports {
            let service = export.service;
            match &export.request {
                Request::Traces(request) => {
                    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
                    day.spans.extend(scopes.flat_map(|scope| scope.spans.iter().cloned()).map(|span| (service, span)));
                }
                Request::Logs(request) => {
                    let scopes = request.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
                    day.logs
                        .extend(scopes.flat_map(|scope| scope.log_records.iter().cloned()).map(|log| (service, log)));
                }
                Request::Metrics(request) => {
                    for resource in &request.resource_metrics {
                        let instance = resource
                            .resource
                            .as_ref()
                            .map(|resource| word(&resource.attributes, "service.instance.id"));
                        let metrics = resource.scope_metrics.iter().flat_map(|scope| scope.metrics.iter().cloned());
                        day.metrics.extend(metrics.map(|metric| (instance.clone().unwrap_or_default(), metric)));
                    }
                }
            }
        }
        day.exports = exports;
        day
    }

    fn by_id(&self) -> HashMap<(&[u8], &[u8]), &Span> {
        self.spans.iter().map(|(_, span)| ((&span.trace_id[..], &span.span_id[..]), span)).collect()
    }

    /// Older than the longest trace: all spans of such traces have been exported.
    fn settled(&self) -> u64 {
        self.end.0 - 60_000_000_000
    }
}

/// A text attribute; empty if it is missing.
fn word(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes.iter().find(|attribute| attribute.key == key).and_then(|attribute| attribute.value.as_ref());
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}
