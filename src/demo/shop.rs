//! The shop itself: it carries out the agenda and exports like the SDKs of its processes.

use super::cast::Role;
use super::language::{Language, Library};
use super::meter::Meter;
use super::scenario::Scenario;
use super::simulation::{Happening, ProcessId, Simulation, later};
use super::stories::Story;
use super::vitals;
use crate::model::Time;
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_proto::tonic::{logs::v1 as logs, metrics::v1 as metrics, trace::v1 as traces};

/// One request of one process.
pub struct Export {
    /// When it is sent.
    pub at: Time,
    /// The `service.name` of the process.
    pub service: &'static str,
    /// The `User-Agent` of its exporter.
    pub user_agent: String,
    /// The protocol of its exporter.
    pub protocol: Protocol,
    /// The telemetry.
    pub request: Request,
}

/// The body of a request.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the names of OTLP's signals")]
pub enum Request {
    Traces(ExportTraceServiceRequest),
    Metrics(ExportMetricsServiceRequest),
    Logs(ExportLogsServiceRequest),
}

/// The export protocol of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// OTLP/HTTP with protobuf.
    Http,
    /// OTLP/HTTP with protobuf, compressed with gzip.
    HttpGzip,
    /// OTLP/gRPC.
    Grpc,
}

/// The shop. Its telemetry depends only on a seed, a scenario and a start time.
pub struct Shop {
    simulation: Simulation,
    outboxes: Vec<Outbox>,
}

/// The telemetry that a process has not exported yet.
struct Outbox {
    spans: Vec<(Library, traces::Span)>,
    records: Vec<logs::LogRecord>,
    meter: Meter,
    collected: Time,
}

/// The largest batch of a batch span processor.
const MAX_BATCH: usize = 512;
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.44.0";

impl Shop {
    /// A shop that opens at `start`, with no telemetry yet.
    pub fn new(seed: u64, scenario: Scenario, start: Time) -> Shop {
        let mut simulation = Simulation::new(seed, scenario, start);
        let outbox = |role: &Role| Outbox {
            spans: Vec::new(),
            records: Vec::new(),
            meter: Meter::new(start, role.temporality),
            collected: start,
        };
        let outboxes = simulation.processes.iter().map(|process| outbox(process.role)).collect();
        simulation.schedule(start, Happening::Visit);
        for (seconds, story) in Story::by_itself() {
            let first = simulation.random.wait(2.0 / seconds as f64);
            simulation.schedule(later(start, first), Happening::Story(story));
        }
        for process in 0..simulation.processes.len() {
            let role = simulation.processes[process].role;
            // Processes start at different times, so they also export at different times.
            let mut within = |ms: u64| later(start, (simulation.random.between(0.3, 1.0) * ms as f64 * 1e6) as u64);
            let every_ms = role.metrics_s * 1_000 * scenario.metrics_slower();
            let (spans, records, points) = (within(role.every_ms), within(role.every_ms * 2), within(every_ms));
            simulation.schedule(spans, Happening::ExportSpans(process));
            simulation.schedule(records, Happening::ExportLogs(process));
            simulation.schedule(points, Happening::ExportMetrics(process));
        }
        Shop { simulation, outboxes }
    }

    /// Carries out the agenda up to `until` and returns the exports in order of time. The size of the steps does not change
    /// the telemetry.
    pub fn advance(&mut self, until: Time) -> Vec<Export> {
        let mut exports = Vec::new();
        while let Some((at, happening)) = self.simulation.next(until) {
            self.happen(at, happening, &mut exports);
        }
        exports
    }

    fn happen(&mut self, at: Time, happening: Happening, exports: &mut Vec<Export>) {
        match happening {
            Happening::Visit => self.visit(at),
            Happening::Story(story) => story.tell(&mut self.simulation, at),
            Happening::Queued(order) => self.simulation.queue.push(order),
            Happening::Ended { process, library, span } => {
                let spans = &mut self.outboxes[process].spans;
                spans.push((library, *span));
                if spans.len() == MAX_BATCH {
                    exports.extend(self.export_spans(at, process));
                }
            }
            Happening::Logged { process, record } => {
                let records = &mut self.outboxes[process].records;
                records.push(*record);
                if records.len() == MAX_BATCH {
                    exports.extend(self.export_logs(at, process));
                }
            }
            Happening::Measured { process, measurement } => self.outboxes[process].meter.record(at, *measurement),
            Happening::ExportSpans(process) => {
                exports.extend(self.export_spans(at, process));
                self.reschedule(at, process, Happening::ExportSpans(process));
            }
            Happening::ExportLogs(process) => {
                exports.extend(self.export_logs(at, process));
                self.reschedule(at, process, Happening::ExportLogs(process));
            }
            Happening::ExportMetrics(process) => {
                exports.extend(self.export_metrics(at, process));
                self.reschedule(at, process, Happening::ExportMetrics(process));
            }
        }
    }

    /// Visitors come independently of each other. The next time is drawn for the maximum rate and kept with a probability of
    /// the current rate over the maximum (thinning, Lewis and Shedler 1979).
    fn visit(&mut self, at: Time) {
        let simulation = &mut self.simulation;
        if simulation.random.chance(simulation.scenario.visits(simulation.seconds(at)) / Scenario::BUSIEST) {
            Story::of_a_visitor(&mut simulation.random).tell(simulation, at);
        }
        let next = simulation.random.wait(Scenario::BUSIEST);
        simulation.schedule(later(at, next), Happening::Visit);
    }

    fn reschedule(&mut self, at: Time, process: ProcessId, happening: Happening) {
        let role = self.simulation.processes[process].role;
        let ms = match happening {
            Happening::ExportLogs(_) => role.every_ms * 2,
            Happening::ExportMetrics(_) => role.metrics_s * 1_000 * self.simulation.scenario.metrics_slower(),
            _ => role.every_ms,
        };
        self.simulation.schedule(later(at, ms * 1_000_000), happening);
    }

    fn export_spans(&mut self, at: Time, process: ProcessId) -> Option<Export> {
        let from = &self.simulation.processes[process];
        let mut scopes: Vec<(Library, Vec<traces::Span>)> = Vec::new();
        for (library, span) in self.outboxes[process].spans.drain(..) {
            match scopes.iter_mut().find(|(other, _)| *other == library) {
                Some((_, spans)) => spans.push(span),
                None => scopes.push((library, vec![span])),
            }
        }
        let scope = |(library, spans)| traces::ScopeSpans {
            scope: Some(from.scope(library)),
            spans,
            schema_url: SCHEMA.to_owned(),
        };
        let resource_spans = traces::ResourceSpans {
            resource: Some(from.resource.clone()),
            scope_spans: scopes.into_iter().map(scope).collect(),
            schema_url: SCHEMA.to_owned(),
        };
        let any = !resource_spans.scope_spans.is_empty();
        let request = ExportTraceServiceRequest { resource_spans: vec![resource_spans] };
        any.then(|| self.export(at, process, Request::Traces(request)))
    }

    fn export_logs(&mut self, at: Time, process: ProcessId) -> Option<Export> {
        let from = &self.simulation.processes[process];
        let log_records = std::mem::take(&mut self.outboxes[process].records);
        let any = !log_records.is_empty();
        let scope_logs =
            vec![logs::ScopeLogs { scope: Some(from.scope(Library::App)), log_records, schema_url: String::new() }];
        let resource = Some(from.resource.clone());
        let resource_logs = vec![logs::ResourceLogs { resource, scope_logs, schema_url: SCHEMA.to_owned() }];
        any.then(|| self.export(at, process, Request::Logs(ExportLogsServiceRequest { resource_logs })))
    }

    fn export_metrics(&mut self, at: Time, process: ProcessId) -> Option<Export> {
        let outbox = &mut self.outboxes[process];
        let seconds = at.since(std::mem::replace(&mut outbox.collected, at)) as f64 / 1e9;
        for observation in vitals::observe(&mut self.simulation, process, at, seconds) {
            outbox.meter.record(at, observation);
        }
        let from = &self.simulation.processes[process];
        let scope_metrics = outbox.meter.collect(at, from);
        let any = !scope_metrics.is_empty();
        let resource = Some(from.resource.clone());
        let resource_metrics =
            vec![metrics::ResourceMetrics { resource, scope_metrics, schema_url: SCHEMA.to_owned() }];
        any.then(|| self.export(at, process, Request::Metrics(ExportMetricsServiceRequest { resource_metrics })))
    }

    fn export(&self, at: Time, process: ProcessId, request: Request) -> Export {
        let role = self.simulation.processes[process].role;
        let language: Language = role.language;
        Export { at, service: role.name, user_agent: language.user_agent(), protocol: role.protocol, request }
    }
}
