//! Finds the signal of a protobuf body that does not name it: `TracesData`, `MetricsData` and `LogsData` (and the export
//! requests, which have the same bytes) differ only in their items.

use super::super::protobuf::{Field, Fields, Malformed};
use crate::model::Signal;

/// At most this many items are examined if the first ones are undecided.
const LOOKED_INTO: usize = 32;

/// The signal of a protobuf body, from the first item that decides it. `None` if no item does, or if the bytes are not such
/// protobuf.
pub fn sniff_protobuf(bytes: &[u8]) -> Option<Signal> {
    let mut left = LOOKED_INTO;
    let mut found = None;
    let mut fields = Fields::new(bytes);
    // Reads all of this level: other data breaks the structure somewhere.
    while let Some((number, field)) = fields.next().ok()? {
        if number == 1 {
            let group = field.bytes(number).ok()?;
            if found.is_none() {
                found = children(group, &mut |scope| children(scope, &mut |item| told(item, &mut left))).ok()?;
            }
        }
    }
    found
}

/// The signal from the first child that decides it: a resource's and a scope's children are field 2.
fn children<'a>(
    message: &'a [u8],
    look: &mut dyn FnMut(&'a [u8]) -> Result<Option<Signal>, Malformed>,
) -> Result<Option<Signal>, Malformed> {
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        if let 1..=3 = number {
            let child = field.bytes(number)?;
            if number == 2
                && let Some(signal) = look(child)?
            {
                return Ok(Some(signal));
            }
        }
    }
    Ok(None)
}

fn told(item: &[u8], left: &mut usize) -> Result<Option<Signal>, Malformed> {
    if *left == 0 || item.is_empty() {
        return Ok(None);
    }
    *left -= 1;
    Seen::read(item)?.signal()
}

/// The signal of an item, if it is certain; an error if it fits none.
pub(super) fn item_signal(item: &[u8]) -> Result<Option<Signal>, Malformed> {
    if item.is_empty() { Ok(None) } else { Seen::read(item)?.signal() }
}

/// Wire types by field number, from 1; `-` is a number that the message will never have.
const SPAN: &[u8] = b"2222201120202025";
const METRIC: &[u8] = b"222-2-2-2222";
const LOG: &[u8] = b"102-22052212";

/// What the fields of an item exclude, and what they support.
#[derive(Default)]
struct Seen<'a> {
    no_span: bool,
    no_metric: bool,
    no_log: bool,
    /// Fields 1 and 2 if they are bytes: a span's ids, or a metric's name and description.
    first: &'a [u8],
    second: &'a [u8],
    /// Whether it has a field of log records.
    some_log: bool,
}

impl<'a> Seen<'a> {
    fn read(item: &'a [u8]) -> Result<Seen<'a>, Malformed> {
        let mut seen = Seen::default();
        let mut fields = Fields::new(item);
        while let Some((number, field)) = fields.next()? {
            let wire_type = match field {
                Field::Varint(_) => b'0',
                Field::Fixed64(_) => b'1',
                Field::Bytes(_) => b'2',
                Field::Fixed32(_) => b'5',
            };
            // A field number that no message has yet excludes nothing.
            let other = |types: &[u8]| types.get(number as usize - 1).is_some_and(|known| *known != wire_type);
            seen.no_span |= other(SPAN);
            seen.no_metric |= other(METRIC);
            seen.no_log |= other(LOG);
            match (number, field) {
                (1, Field::Bytes(bytes)) => seen.first = bytes,
                (2, Field::Bytes(bytes)) => seen.second = bytes,
                (4, Field::Bytes(parent)) => seen.no_span |= !matches!(parent.len(), 0 | 8),
                (9, Field::Bytes(trace)) => seen.no_log |= !matches!(trace.len(), 0 | 16),
                (10, Field::Bytes(span)) => seen.no_log |= !matches!(span.len(), 0 | 8),
                _ => {}
            }
            seen.some_log |= matches!(number, 1 | 2 | 5 | 11);
        }
        Ok(seen)
    }

    fn signal(&self) -> Result<Option<Signal>, Malformed> {
        let span = !self.no_span && self.first.len() == 16 && self.second.len() == 8;
        let name = std::str::from_utf8(self.first).unwrap_or_default();
        let metric = !self.no_metric && !name.is_empty() && std::str::from_utf8(self.second).is_ok();
        let log = !self.no_log && self.some_log;
        match (span, metric, log) {
            (true, false, false) => Ok(Some(Signal::Spans)),
            (false, true, false) => Ok(Some(Signal::Metrics)),
            (false, false, true) => Ok(Some(Signal::Logs)),
            // A span without times, or a metric whose name and description happen to be as long as ids.
            (true, true, _) => {
                let readable = name.chars().all(|c| !c.is_control());
                Ok(Some(if readable { Signal::Metrics } else { Signal::Spans }))
            }
            (false, false, false) if self.no_span && self.no_metric && self.no_log => Err(Malformed::WireType(2)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
    use opentelemetry_proto::tonic::logs::v1::{LogRecord, LogsData, ResourceLogs, ScopeLogs};
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    use opentelemetry_proto::tonic::metrics::v1::{
        ExponentialHistogram, Gauge, Histogram, Metric, MetricsData, NumberDataPoint, ResourceMetrics, ScopeMetrics,
        Sum, Summary,
    };
    use opentelemetry_proto::tonic::resource::v1::Resource;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData};
    use proptest::prelude::*;
    use prost::Message;

    fn text(text: &str) -> AnyValue {
        AnyValue { value: Some(Value::StringValue(text.into())) }
    }

    fn attributes() -> Vec<KeyValue> {
        vec![KeyValue { key: "service.name".into(), value: Some(text("shop")), ..KeyValue::default() }]
    }

    fn resource() -> Option<Resource> {
        Some(Resource { attributes: attributes(), ..Resource::default() })
    }

    fn scope() -> Option<InstrumentationScope> {
        Some(InstrumentationScope { name: "scope".into(), version: "1".into(), ..InstrumentationScope::default() })
    }

    fn traces(spans: Vec<Span>) -> Vec<u8> {
        let scope_spans = vec![ScopeSpans { scope: scope(), spans, schema_url: "u".into() }];
        let resource_spans = vec![ResourceSpans { resource: resource(), scope_spans, schema_url: "u".into() }];
        TracesData { resource_spans }.encode_to_vec()
    }

    fn metrics(metrics: Vec<Metric>) -> Vec<u8> {
        let scope_metrics = vec![ScopeMetrics { scope: scope(), metrics, schema_url: "u".into() }];
        let resource_metrics = vec![ResourceMetrics { resource: resource(), scope_metrics, schema_url: "u".into() }];
        MetricsData { resource_metrics }.encode_to_vec()
    }

    fn logs(log_records: Vec<LogRecord>) -> Vec<u8> {
        let scope_logs = vec![ScopeLogs { scope: scope(), log_records, schema_url: "u".into() }];
        let resource_logs = vec![ResourceLogs { resource: resource(), scope_logs, schema_url: "u".into() }];
        LogsData { resource_logs }.encode_to_vec()
    }

    fn span() -> Span {
        Span { trace_id: vec![1; 16], span_id: vec![2; 8], ..Span::default() }
    }

    fn metric(data: Data) -> Metric {
        Metric { name: "a".into(), data: Some(data), ..Metric::default() }
    }

    proptest! {
        #[test]
        fn spans_are_recognized(
            ids in any::<([u8; 16], [u8; 8])>(),
            parent in prop_oneof![Just(vec![]), Just(vec![3; 8])],
            name in ".{0,20}",
            times in any::<(u64, u64)>(),
            kind in 0..6i32,
            flags in any::<u32>(),
            with_attributes in any::<bool>(),
        ) {
            let span = Span {
                trace_id: ids.0.into(),
                span_id: ids.1.into(),
                parent_span_id: parent,
                name,
                start_time_unix_nano: times.0.max(1),
                end_time_unix_nano: times.1,
                kind,
                flags,
                attributes: if with_attributes { attributes() } else { Vec::new() },
                ..Span::default()
            };
            prop_assert_eq!(sniff_protobuf(&traces(vec![span])), Some(Signal::Spans));
        }

        #[test]
        fn metrics_are_recognized(name in "[a-z.]{1,20}", description in ".{0,12}", unit in "[a-z]{0,8}", which in 0..5) {
            let data = match which {
                0 => Data::Gauge(Gauge { data_points: vec![NumberDataPoint::default()] }),
                1 => Data::Sum(Sum { is_monotonic: true, ..Sum::default() }),
                2 => Data::Histogram(Histogram::default()),
                3 => Data::ExponentialHistogram(ExponentialHistogram::default()),
                _ => Data::Summary(Summary::default()),
            };
            let metric = Metric { name, description, unit, data: Some(data), metadata: attributes() };
            prop_assert_eq!(sniff_protobuf(&metrics(vec![metric])), Some(Signal::Metrics));
        }

        #[test]
        fn log_records_are_recognized(
            times in any::<(u64, u64)>(),
            severity in 0..24i32,
            body in ".{0,30}",
            traced in any::<bool>(),
            flags in any::<u32>(),
            event_name in "[a-z]{0,5}",
        ) {
            let record = LogRecord {
                time_unix_nano: times.0,
                observed_time_unix_nano: times.1,
                severity_number: severity,
                body: Some(text(&body)),
                trace_id: if traced { vec![1; 16] } else { Vec::new() },
                span_id: if traced { vec![1; 8] } else { Vec::new() },
                flags,
                event_name,
                attributes: attributes(),
                ..LogRecord::default()
            };
            prop_assert_eq!(sniff_protobuf(&logs(vec![record])), Some(Signal::Logs));
        }

        #[test]
        fn any_bytes_are_looked_at_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>()) {
            sniff_protobuf(&bytes);
            let mut good = traces(vec![span()]);
            good.truncate(cut.index(good.len()));
            prop_assert_eq!(sniff_protobuf(&good), None, "cut short");
        }
    }

    #[test]
    fn a_metric_may_have_id_sized_texts() {
        for data in [Data::Gauge(Gauge::default()), Data::Histogram(Histogram::default())] {
            let metric = Metric { name: "a.name.of.sixtee".into(), description: "of eight".into(), ..metric(data) };
            assert_eq!((metric.name.len(), metric.description.len()), (16, 8));
            assert_eq!(sniff_protobuf(&metrics(vec![metric])), Some(Signal::Metrics));
        }
        assert_eq!(sniff_protobuf(&traces(vec![Span { name: "timeless".into(), ..span() }])), Some(Signal::Spans));
    }

    #[test]
    fn undecided_items_are_skipped() {
        let nothing = LogRecord { severity_text: "INFO".into(), ..LogRecord::default() };
        let telling = LogRecord { observed_time_unix_nano: 5, ..LogRecord::default() };
        assert_eq!(sniff_protobuf(&logs(vec![LogRecord::default(), nothing.clone()])), None);
        assert_eq!(
            sniff_protobuf(&logs(vec![LogRecord::default(), nothing.clone(), telling.clone()])),
            Some(Signal::Logs)
        );
        let endless = [vec![nothing; 1_000], vec![telling.clone()]].concat();
        assert_eq!(sniff_protobuf(&logs(endless)), None, "at some point it is enough");
        let two = [logs(Vec::new()), logs(vec![telling])].concat();
        assert_eq!(sniff_protobuf(&two), Some(Signal::Logs), "in the second resource");
    }

    #[test]
    fn other_bytes_have_no_signal() {
        for bytes in [
            &b""[..],
            b"{\"resourceSpans\":[]}",
            b"<!doctype html><html></html>",
            b"# HELP a b\n# TYPE a counter\na 1\n",
            b"\n",
            &[0x0a, 0],
            &[0x08, 1],
            &[0x1f, 0x8b, 8, 0],
        ] {
            assert_eq!(sniff_protobuf(bytes), None, "{bytes:?}");
        }
        let mut broken = traces(vec![span()]);
        broken.push(0xff);
        assert_eq!(sniff_protobuf(&broken), None, "the frame must hold to its end");
        assert_eq!(sniff_protobuf(&text("a string").encode_to_vec()), None);
        assert_eq!(sniff_protobuf(&resource().unwrap_or_default().encode_to_vec()), None);
    }
}
