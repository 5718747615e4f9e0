//! A trace that is being recorded: its own clock and its open spans, the innermost last.
//!
//! A span lasts as long as the closure that fills it, so children always lie inside their parents. Ended spans, log records
//! and measurements go to the agenda at their own times; therefore an exporter sees children before their parents.

use super::attribute::{Attributes, text, text_value};
use super::cast::Process;
use super::instrument::Instrument;
use super::language::Library;
use super::simulation::{Context, Happening, Measurement, ProcessId, Simulation, later};
use crate::model::{Severity, SpanId, SpanKind, StatusCode, Time, TraceId};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::{Span, Status, span};

/// A trace that is being recorded.
pub(super) struct Trace<'s> {
    pub(super) simulation: &'s mut Simulation,
    pub(super) now: Time,
    id: TraceId,
    open: Vec<Open>,
    /// The visitor's attributes; exemplars keep them.
    pub(super) visitor: Attributes,
}

struct Open {
    process: ProcessId,
    library: Library,
    span: Span,
}

/// The properties of a span at its start.
pub(super) struct Opening {
    pub(super) process: ProcessId,
    pub(super) library: Library,
    pub(super) kind: SpanKind,
    pub(super) name: String,
}

/// W3C's sampled flag.
const SAMPLED: u32 = 1;
/// OTLP's flag for "is_remote is known", for a parent and for a link.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

impl<'s> Trace<'s> {
    /// A new trace that starts at `now`.
    pub(super) fn begin(simulation: &'s mut Simulation, now: Time) -> Trace<'s> {
        let id = simulation.random.trace_id();
        Trace { simulation, now, id, open: Vec::new(), visitor: Attributes::new() }
    }

    /// Records a span and what `tell` does in it. The parent is the innermost open span; without one, `parent`.
    pub(super) fn within<T>(
        &mut self,
        opening: Opening,
        parent: Option<Context>,
        tell: impl FnOnce(&mut Trace<'s>) -> T,
    ) -> T {
        let Opening { process, library, kind, name } = opening;
        let local = self.open.last().map(|open| (open.span.span_id.clone(), open.process == process));
        let (parent_span_id, remote) = match (local, parent) {
            (Some((id, same_process)), _) => (id, !same_process),
            (None, Some(context)) => {
                self.id = context.trace;
                (context.span.0.to_vec(), true)
            }
            (None, None) => (Vec::new(), false),
        };
        let span = Span {
            trace_id: self.id.0.to_vec(),
            span_id: self.simulation.random.span_id().0.to_vec(),
            parent_span_id,
            flags: SAMPLED | HAS_IS_REMOTE | if remote { IS_REMOTE } else { 0 },
            name,
            kind: i32::from(kind.code()),
            start_time_unix_nano: self.now.0,
            ..Span::default()
        };
        self.open.push(Open { process, library, span });
        let told = tell(self);
        if let Some(Open { process, library, mut span }) = self.open.pop() {
            span.end_time_unix_nano = self.now.0;
            self.simulation.schedule(self.now, Happening::Ended { process, library, span: Box::new(span) });
        }
        told
    }

    /// Records a span for a step inside the process.
    pub(super) fn step<T>(&mut self, name: &str, tell: impl FnOnce(&mut Trace<'s>) -> T) -> T {
        let function = name.replace(' ', "_");
        self.inside(Library::App, SpanKind::Internal, name.to_owned(), |t| {
            t.set([text("code.function.name", function)]);
            tell(t)
        })
    }

    /// Records a span in the process of the innermost open span.
    pub(super) fn inside<T>(
        &mut self,
        library: Library,
        kind: SpanKind,
        name: String,
        tell: impl FnOnce(&mut Trace<'s>) -> T,
    ) -> T {
        let process = self.process_id();
        self.within(Opening { process, library, kind, name }, None, tell)
    }

    /// Records two things that happen at the same time; continues after the slower one.
    pub(super) fn together<A, B>(
        &mut self,
        one: impl FnOnce(&mut Trace<'s>) -> A,
        other: impl FnOnce(&mut Trace<'s>) -> B,
    ) -> (A, B) {
        let fork = self.now;
        let a = one(self);
        let joined = std::mem::replace(&mut self.now, fork);
        let b = other(self);
        self.now = self.now.max(joined);
        (a, b)
    }

    /// Lets about `ms` milliseconds pass.
    pub(super) fn work(&mut self, ms: f64) {
        self.spend(ms, 0.35);
    }

    /// Lets a log-normal time pass, with a median of `ms` milliseconds.
    pub(super) fn spend(&mut self, ms: f64, sigma: f64) {
        let ms = self.simulation.random.around(ms, sigma);
        self.now = later(self.now, (ms * 1e6) as u64);
    }

    pub(super) fn set(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span(|span| span.attributes.extend(attributes));
    }

    /// Marks the innermost span as failed. The first failure is kept.
    pub(super) fn fail(&mut self, error_type: &str, message: &str) {
        self.span(|span| {
            if span.status.is_none() {
                span.attributes.push(text("error.type", error_type));
                span.status = Some(Status { code: i32::from(StatusCode::Error.code()), message: message.to_owned() });
            }
        });
    }

    /// Marks the innermost span as failed by an exception, and records it as this language's SDK does.
    pub(super) fn exception(&mut self, exception: &str, message: &str, frames: &[&str]) {
        self.fail(exception, message);
        let trace =
            frames.iter().fold(format!("{exception}: {message}"), |all, frame| format!("{all}\n    at {frame}"));
        let attributes = vec![
            text("exception.type", exception),
            text("exception.message", message),
            text("exception.stacktrace", trace),
        ];
        if self.process().is_some_and(|process| process.role.language.logs_exceptions()) {
            self.write("exception", Severity(17), text_value(message), attributes);
        } else {
            self.event("exception", attributes);
        }
    }

    /// Adds an event to the innermost span.
    pub(super) fn event(&mut self, name: &str, attributes: Attributes) {
        let event = span::Event { time_unix_nano: self.now.0, name: name.to_owned(), attributes, ..Default::default() };
        self.span(|span| span.events.push(event));
    }

    /// Adds a link to the innermost span.
    pub(super) fn link(&mut self, to: Context, attributes: Attributes) {
        let link = span::Link {
            trace_id: to.trace.0.to_vec(),
            span_id: to.span.0.to_vec(),
            attributes,
            flags: SAMPLED | HAS_IS_REMOTE | IS_REMOTE,
            ..Default::default()
        };
        self.span(|span| span.links.push(link));
    }

    /// Writes a log line of the process, in the innermost span.
    pub(super) fn log(&mut self, severity: Severity, body: impl Into<String>, attributes: Attributes) {
        self.write("", severity, text_value(body), attributes);
    }

    /// Writes a log record with all its fields; with an event name it is an event.
    pub(super) fn write(&mut self, event: &str, severity: Severity, body: AnyValue, attributes: Attributes) {
        let process = self.process_id();
        let (observed, spelled) = (later(self.now, 40_000), self.process().map(|process| process.role.language));
        let context = self.context();
        let record = LogRecord {
            time_unix_nano: self.now.0,
            observed_time_unix_nano: observed.0,
            severity_number: severity.0,
            severity_text: spelled.map(|language| language.severity_text(severity.0)).unwrap_or_default().to_owned(),
            body: Some(body),
            attributes,
            flags: SAMPLED,
            trace_id: context.trace.0.to_vec(),
            span_id: context.span.0.to_vec(),
            event_name: event.to_owned(),
            ..LogRecord::default()
        };
        self.simulation.schedule(self.now, Happening::Logged { process, record: Box::new(record) });
    }

    /// Records a measurement in the innermost span.
    pub(super) fn measure(&mut self, instrument: Instrument, value: f64, attributes: Attributes) {
        let (process, filtered) = (self.process_id(), self.visitor.clone());
        let measurement = Measurement { instrument, value, attributes, context: Some(self.context()), filtered };
        self.simulation.schedule(self.now, Happening::Measured { process, measurement: Box::new(measurement) });
    }

    /// The context that the innermost span propagates.
    pub(super) fn context(&self) -> Context {
        let id = self.open.last().and_then(|open| open.span.span_id.as_slice().try_into().ok());
        Context { trace: self.id, span: SpanId(id.unwrap_or_default()) }
    }

    /// The process of the innermost open span.
    pub(super) fn process(&self) -> Option<&Process> {
        self.simulation.processes.get(self.process_id())
    }

    /// True with probability `p`, for failures.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.simulation.random.chance(p)
    }

    fn process_id(&self) -> ProcessId {
        self.open.last().map(|open| open.process).unwrap_or_default()
    }

    fn span(&mut self, change: impl FnOnce(&mut Span)) {
        if let Some(open) = self.open.last_mut() {
            change(&mut open.span);
        }
    }
}
