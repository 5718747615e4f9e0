//! otail's own numbers as OpenTelemetry metrics, with their names.
//!
//! Names and units follow the semantic conventions: `process.*` comes from there; units are UCUM, with counted things in braces.
//! The sums of a source obey the invariant of [`Counts`]; for the store, `stored = resident + evicted` holds.

use super::process::Usage;
use crate::intake::CountsSnapshot;
use crate::model::{Connection, ConnectionState, Counts, DropReason, Signal, Time};
use crate::store::StoreCounters;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

/// The resource of the metrics, and the start of counting.
#[derive(Debug)]
pub(super) struct Identity {
    /// The start of counting.
    pub start: Time,
    /// `service.instance.id`: a random UUID (version 4) of this run.
    pub instance: String,
}

/// The numbers at one moment.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    pub counts: &'a CountsSnapshot,
    pub connections: &'a [Connection],
    /// `None` without a store.
    pub stored: Option<StoreCounters>,
    pub usage: Usage,
}

type CountOf = fn(&Counts) -> u64;

/// The counters of a source.
const COUNTERS: [(&str, &str, CountOf); 8] = [
    ("otail.source.received", "Received items, except those that senders were asked to retry.", |counts| {
        counts.received
    }),
    ("otail.source.stored", "Items that were stored or printed.", |counts| counts.stored),
    ("otail.source.filtered", "Items that did not match a filter.", |counts| counts.filtered),
    ("otail.source.skipped", "Items that arrived while their connection was paused.", |counts| counts.skipped),
    ("otail.source.duplicate", "Spans that had been received before.", |counts| counts.duplicate),
    ("otail.source.rejected", "Items that were invalid or too large.", |counts| counts.rejected),
    ("otail.source.inconsistent", "Points that were kept although their numbers contradict each other.", |counts| {
        counts.inconsistent
    }),
    ("otail.source.refused", "Items that senders were asked to retry, for lack of room.", |counts| counts.refused),
];

impl Identity {
    pub fn new(start: Time) -> Identity {
        let bits = fastrand::u128(..) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let hex = format!("{bits:032x}");
        let instance = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Identity { start, instance }
    }
}

impl Numbers<'_> {
    /// The export request.
    pub fn request(&self, identity: &Identity, now: Time) -> ExportMetricsServiceRequest {
        let mut metrics = self.of_sources();
        metrics.push(self.of_states());
        metrics.extend(self.of_intake());
        metrics.extend(self.stored.iter().flat_map(of_store));
        metrics.extend(self.of_process());
        for metric in &mut metrics {
            if let Some(Data::Sum(sum)) = &mut metric.data {
                for point in &mut sum.data_points {
                    (point.start_time_unix_nano, point.time_unix_nano) = (identity.start.0, now.0);
                }
            }
        }
        let version = env!("CARGO_PKG_VERSION");
        let scope = InstrumentationScope { name: "otail".into(), version: version.into(), ..Default::default() };
        let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() }];
        let attributes = vec![
            text("service.name", "otail"),
            text("service.version", version),
            text("service.instance.id", &identity.instance),
        ];
        let resource = Some(Resource { attributes, ..Resource::default() });
        let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
        ExportMetricsServiceRequest { resource_metrics }
    }

    fn of_sources(&self) -> Vec<Metric> {
        let each = |value: &dyn Fn(&Connection, &Counts) -> u64| -> Vec<NumberDataPoint> {
            let point = |connection| point(value(connection, &self.counts.of(connection.id)), of_source(connection));
            self.connections.iter().map(point).collect()
        };
        let of_counts = COUNTERS.map(|(name, what, of)| counter(name, what, "{item}", each(&|_, counts| of(counts))));
        let mut metrics = Vec::from(of_counts);
        let size = each(&|_, counts| counts.bytes);
        metrics.push(counter("otail.source.size", "Memory size of the accepted items.", "By", size));
        let dropped = DropReason::ALL.into_iter().flat_map(|reason| {
            let mut points = each(&|_, counts| counts.dropped[reason as usize]);
            points.iter_mut().for_each(|point| point.attributes.push(text("otail.drop.reason", reason.word())));
            points
        });
        metrics.push(counter("otail.source.dropped", "Items that were lost.", "{item}", dropped.collect()));
        let retries = each(&|connection, _| connection.retries);
        metrics.push(counter("otail.source.retries", "Attempts to connect after the first.", "{attempt}", retries));
        metrics
    }

    fn of_states(&self) -> Metric {
        const STATES: [ConnectionState; 5] = [
            ConnectionState::Connecting,
            ConnectionState::Active,
            ConnectionState::Paused,
            ConnectionState::Error,
            ConnectionState::Disconnected,
        ];
        let points = STATES.map(|state| {
            let count = self.connections.iter().filter(|connection| connection.state == state).count();
            point(count as u64, vec![text("otail.connection.state", state.word())])
        });
        level("otail.connection.count", "Connections by their state.", "{connection}", points.into())
    }

    fn of_intake(&self) -> [Metric; 2] {
        let fill = &self.counts.fill;
        [
            level("otail.intake.items", "Items that wait in the queue.", "{item}", vec![point(fill.items, Vec::new())]),
            level(
                "otail.intake.size",
                "Bytes that wait in the queue.",
                "By",
                vec![point(fill.bytes as u64, Vec::new())],
            ),
        ]
    }

    fn of_process(&self) -> Vec<Metric> {
        let Usage { memory, cpu } = self.usage;
        let memory = memory.map(|bytes| {
            level("process.memory.usage", "The amount of physical memory in use.", "By", vec![point(bytes, Vec::new())])
        });
        let cpu = cpu.map(|(user, system)| {
            let points = [("user", user), ("system", system)].map(|(mode, seconds)| NumberDataPoint {
                value: Some(number_data_point::Value::AsDouble(seconds)),
                attributes: vec![text("cpu.mode", mode)],
                ..NumberDataPoint::default()
            });
            counter("process.cpu.time", "Total CPU seconds broken down by different CPU modes.", "s", points.into())
        });
        memory.into_iter().chain(cpu).collect()
    }
}

fn of_store(stored: &StoreCounters) -> [Metric; 4] {
    let StoreCounters { stored, evicted, resident, bytes, back_to: _ } = stored;
    let each = |values: [u64; 4]| {
        let points = Signal::ALL.into_iter().zip(values);
        points.map(|(signal, value)| point(value, vec![text("otail.signal", signal.word())])).collect::<Vec<_>>()
    };
    [
        counter("otail.store.stored", "Rows that were added to the buffer.", "{row}", each(*stored)),
        counter("otail.store.evicted", "Rows that were evicted by newer ones.", "{row}", each(*evicted)),
        level("otail.store.resident", "Rows in the buffer.", "{row}", each(*resident)),
        level(
            "otail.store.size",
            "Memory size of the rows in the buffer.",
            "By",
            each(bytes.map(|bytes| bytes as u64)),
        ),
    ]
}

fn of_source(connection: &Connection) -> Vec<KeyValue> {
    vec![
        // Two sources that ended and restarted may have the same name.
        KeyValue { value: Some(int(connection.id.0.into())), ..text("otail.source.id", "") },
        text("otail.source.name", &connection.label),
        text("otail.source.kind", connection.kind.word()),
    ]
}

/// A monotonic sum.
fn counter(name: &str, description: &str, unit: &str, points: Vec<NumberDataPoint>) -> Metric {
    sum(name, description, unit, points, true)
}

/// A sum that rises and falls (an UpDownCounter).
fn level(name: &str, description: &str, unit: &str, points: Vec<NumberDataPoint>) -> Metric {
    sum(name, description, unit, points, false)
}

fn sum(name: &str, description: &str, unit: &str, data_points: Vec<NumberDataPoint>, is_monotonic: bool) -> Metric {
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    Metric {
        name: name.into(),
        description: description.into(),
        unit: unit.into(),
        data: Some(Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })),
        ..Metric::default()
    }
}

fn point(value: u64, attributes: Vec<KeyValue>) -> NumberDataPoint {
    let value = Some(number_data_point::Value::AsInt(i64::try_from(value).unwrap_or(i64::MAX)));
    NumberDataPoint { value, attributes, ..NumberDataPoint::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(Value::StringValue(value.into())) };
    KeyValue { key: key.into(), value: Some(value), ..KeyValue::default() }
}

fn int(value: i64) -> AnyValue {
    AnyValue { value: Some(Value::IntValue(value)) }
}
