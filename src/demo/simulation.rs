//! The state that the stories share: the processes, the random numbers, and the agenda of coming events in order of time.

use super::attribute::Attributes;
use super::cast::{Process, Service, processes};
use super::instrument::Instrument;
use super::language::Library;
use super::random::Random;
use super::scenario::{Scenario, Weather};
use super::stories::Story;
use crate::model::{DurationNs, SpanId, Time, TraceId};
use opentelemetry_proto::tonic::{logs::v1::LogRecord, trace::v1::Span};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A process: its index in [`Simulation::processes`].
pub(super) type ProcessId = usize;

/// A span context that came over the network, or the target of a link.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
}

/// A paid order that waits in Kafka.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) offset: i64,
    pub(super) sent: Context,
}

/// An event on the agenda.
pub(super) enum Happening {
    /// The next visitor comes.
    Visit,
    /// A story begins.
    Story(Story),
    /// A paid order is in Kafka.
    Queued(Order),
    /// A span has ended.
    Ended { process: ProcessId, library: Library, span: Box<Span> },
    /// A log record was written.
    Logged { process: ProcessId, record: Box<LogRecord> },
    /// Something was measured.
    Measured { process: ProcessId, measurement: Box<Measurement> },
    /// A process exports its spans.
    ExportSpans(ProcessId),
    /// A process exports its log records.
    ExportLogs(ProcessId),
    /// A process collects and exports its metrics.
    ExportMetrics(ProcessId),
}

/// One measurement on an instrument, with the span around it.
pub(super) struct Measurement {
    pub(super) instrument: Instrument,
    pub(super) value: f64,
    pub(super) attributes: Attributes,
    pub(super) context: Option<Context>,
    /// Attributes that only the exemplar keeps.
    pub(super) filtered: Attributes,
}

/// The processes, the random numbers and the agenda. Stories add telemetry of the near future to the agenda.
pub(super) struct Simulation {
    pub(super) random: Random,
    pub(super) scenario: Scenario,
    pub(super) start: Time,
    pub(super) processes: Vec<Process>,
    /// Paid orders in Kafka that were not fetched yet.
    pub(super) queue: Vec<Order>,
    /// The number of the next order; also its offset in Kafka.
    pub(super) orders: i64,
    agenda: BinaryHeap<Entry>,
    sequence: u64,
}

/// Entries of the same time keep the order of their creation, so that children come before their parents.
struct Entry {
    at: Time,
    sequence: u64,
    happening: Happening,
}

impl Simulation {
    pub(super) fn new(seed: u64, scenario: Scenario, start: Time) -> Simulation {
        let mut random = Random::new(seed);
        let processes = processes(&mut random);
        let orders = random.whole(48_000, 52_000);
        Simulation {
            random,
            scenario,
            start,
            processes,
            queue: Vec::new(),
            orders,
            agenda: BinaryHeap::new(),
            sequence: 0,
        }
    }

    pub(super) fn schedule(&mut self, at: Time, happening: Happening) {
        self.sequence += 1;
        self.agenda.push(Entry { at, sequence: self.sequence, happening });
    }

    /// Removes the next event, if it happens by `until`.
    pub(super) fn next(&mut self, until: Time) -> Option<(Time, Happening)> {
        if self.agenda.peek()?.at > until {
            return None;
        }
        self.agenda.pop().map(|entry| (entry.at, entry.happening))
    }

    /// A random process of a service.
    pub(super) fn process_of(&mut self, service: Service) -> ProcessId {
        let first = self.processes.iter().position(|process| process.role.service == service).unwrap_or_default();
        first + self.random.whole(0, service.role().replicas as i64 - 1) as usize
    }

    pub(super) fn weather(&self, at: Time) -> Weather {
        self.scenario.weather(self.seconds(at))
    }

    /// Seconds since the shop opened.
    pub(super) fn seconds(&self, at: Time) -> f64 {
        at.since(self.start) as f64 / 1e9
    }
}

/// The time `by` nanoseconds after `at`.
pub(super) fn later(at: Time, by: DurationNs) -> Time {
    Time(at.0.saturating_add(by))
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
