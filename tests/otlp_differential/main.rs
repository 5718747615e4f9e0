//! otail and `prost` read the same OTLP bytes and must agree on every message. The same for JSON, which a writer independent
//! of otail spells in every legal way. Damaged bytes must be refused without a panic.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what is wrong here fails the test")]

mod random;
mod rows;
mod scramble;
mod shown;
mod spelling;

use fastrand::Rng;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogsData;
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, MetricsData, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use otail::columns::{Batch, Item, merge, slice};
use otail::model::{MAX_NESTING, Row, Signal, Time};
use otail::present::item::{self, About, Section, Tab};
use otail::present::{Receipt, json};
use otail::wire::otlp::{Document, decode, documents, write_item, write_items};
use otail::wire::{Decoded, Encoding, Limits};
use proptest::prelude::*;
use prost::Message;
use rows::Rows;

const SIGNALS: [Signal; 3] = [Signal::Spans, Signal::Logs, Signal::Metrics];

/// Encodes a random message.
fn message(signal: Signal, rng: &mut Rng, size: usize) -> Vec<u8> {
    match signal {
        Signal::Spans => random::traces(rng, size).encode_to_vec(),
        Signal::Logs => random::logs(rng, size).encode_to_vec(),
        _ => random::metrics(rng, size).encode_to_vec(),
    }
}

/// The items according to `prost`.
fn expected(signal: Signal, bytes: &[u8]) -> Rows {
    match signal {
        Signal::Spans => Rows::of_traces(TracesData::decode(bytes).unwrap()),
        Signal::Logs => Rows::of_logs(LogsData::decode(bytes).unwrap()),
        _ => Rows::of_metrics(MetricsData::decode(bytes).unwrap()),
    }
}

/// The same message in JSON.
fn spelled(signal: Signal, bytes: &[u8], rng: &mut Rng) -> String {
    match signal {
        Signal::Spans => spelling::traces(TracesData::decode(bytes).unwrap(), rng),
        Signal::Logs => spelling::logs(LogsData::decode(bytes).unwrap(), rng),
        _ => spelling::metrics(MetricsData::decode(bytes).unwrap(), rng),
    }
}

fn read(signal: Signal, encoding: Encoding, bytes: &[u8]) -> Decoded {
    decode(signal, encoding, bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

fn got(decoded: &Decoded) -> Rows {
    Rows { rows: rows::of_batch(&decoded.batch), rejected: decoded.rejected.count }
}

fn written(batch: &Batch) -> Vec<u8> {
    let mut text = Vec::new();
    batch.items().for_each(|item| assert!(write_item(item, &mut text)));
    text
}

fn of_documents(text: &str) -> Rows {
    let mut rows = Rows::default();
    for document in documents(text, &Limits::default()) {
        match document {
            Document::Items(decoded) => {
                let Rows { rows: more, rejected } = got(&decoded);
                rows.rows.extend(more);
                rows.rejected += rejected;
            }
            other => panic!("{other:?}"),
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn protobuf_is_read_as_prost_reads_it(seed: u64, size in 0usize..8) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let bytes = message(signal, &mut rng, size);
            assert_eq!(got(&read(signal, Encoding::Protobuf, &bytes)), expected(signal, &bytes));
        }
    }

    #[test]
    fn protobuf_may_have_any_order_and_packing(seed: u64, size in 0usize..6) {
        let mut rng = Rng::with_seed(seed);
        for (signal, schema) in SIGNALS.into_iter().zip([scramble::traces, scramble::logs, scramble::metrics]) {
            let bytes = scramble::scramble(&message(signal, &mut rng, size), schema, &mut rng);
            assert_eq!(got(&read(signal, Encoding::Protobuf, &bytes)), expected(signal, &bytes));
        }
    }

    #[test]
    fn json_in_any_spelling_equals_protobuf(seed: u64, size in 0usize..6) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let bytes = message(signal, &mut rng, size);
            let text = spelled(signal, &bytes, &mut rng);
            assert_eq!(got(&read(signal, Encoding::Json, text.as_bytes())), expected(signal, &bytes), "{text}");
        }
    }

    #[test]
    fn written_items_read_back_unchanged(seed: u64, size in 0usize..6) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let batch = read(signal, Encoding::Protobuf, &message(signal, &mut rng, size)).batch;
            let text = String::from_utf8(written(&batch)).unwrap();
            assert_eq!(text.lines().count(), batch.len(), "a line an item");
            let rows = Rows { rows: rows::of_batch(&batch), rejected: 0 };
            assert_eq!(of_documents(&text), rows, "{text}");
            text.lines().for_each(only_canonical);
        }
    }

    #[test]
    fn prost_reads_written_requests_unchanged(seed: u64, size in 0usize..6, parts in 1usize..4) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let requests: Vec<Vec<u8>> = (0..parts).map(|_| message(signal, &mut rng, size)).collect();
            let batches: Vec<Batch> =
                requests.iter().map(|bytes| read(signal, Encoding::Protobuf, bytes).batch).collect();
            let batch = merge(&batches.iter().collect::<Vec<_>>()).unwrap();
            let rows = rows::of_batch(&batch);
            let start = rng.usize(0..=rows.len());
            let range = start..rng.usize(start..=rows.len());
            let part = slice(&batch, range.clone());
            assert_eq!(rows::of_batch(&part), rows[range.clone()], "a slice is its rows as they were");
            for (batch, rows) in [(&batch, &rows[..]), (&part, &rows[range])] {
                let items: Vec<Item<'_>> = batch.items().collect();
                let mut bytes = Vec::new();
                assert!(write_items(&items, Encoding::Protobuf, &mut bytes));
                let kept = Rows { rows: rows.to_vec(), rejected: 0 };
                assert_eq!(expected(signal, &bytes), kept);
                assert_eq!(got(&read(signal, Encoding::Protobuf, &bytes)), kept);
                let mut text = Vec::new();
                assert!(write_items(&items, Encoding::Json, &mut text));
                assert_eq!(got(&read(signal, Encoding::Json, &text)), kept);
                only_canonical(std::str::from_utf8(&text).unwrap());
            }
        }
    }

    #[test]
    fn raw_pane_and_json_show_the_message(seed: u64, size in 0usize..6) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let bytes = message(signal, &mut rng, size);
            let expected = match signal {
                Signal::Spans => shown::of_traces(TracesData::decode(&bytes[..]).unwrap()),
                Signal::Logs => shown::of_logs(LogsData::decode(&bytes[..]).unwrap()),
                _ => shown::of_metrics(MetricsData::decode(&bytes[..]).unwrap()),
            };
            let batch = read(signal, Encoding::Protobuf, &bytes).batch;
            assert_eq!(batch.len(), expected.len());
            let zone = jiff::tz::TimeZone::UTC;
            let about =
                About { row: Row(1), received: Time(7), source: "somewhere", from_file: false, zone: &zone };
            for (item, expected) in batch.items().zip(expected) {
                let mut line = Vec::new();
                json::write_item(item, Receipt { source: "somewhere", received: Time(7) }, &mut line);
                assert_eq!(shown::read(&line), expected);
                let raw = item::json(item, &about);
                assert_eq!(shown::read(raw.as_bytes()), expected, "{raw}");
                let section = Section::new(item, Tab::Raw, &about);
                let lines = section.entries(item, &about, 0..usize::MAX);
                assert_eq!(lines.iter().map(|entry| entry.value.as_str()).collect::<Vec<_>>().join("\n"), raw);
            }
        }
    }

    #[test]
    fn a_slice_of_a_section_equals_its_lines(seed: u64, size in 0usize..6) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let batch = read(signal, Encoding::Protobuf, &message(signal, &mut rng, size)).batch;
            let zone = jiff::tz::TimeZone::UTC;
            let about = About { row: Row(1), received: Time(7), source: "x", from_file: false, zone: &zone };
            for item in batch.items() {
                for title in item::tabs(item) {
                    let section = Section::new(item, title.tab, &about);
                    let whole = section.entries(item, &about, 0..usize::MAX);
                    assert_eq!(whole.len(), section.len(), "{:?}", title.tab);
                    let start = rng.usize(0..=whole.len());
                    let end = rng.usize(start..=whole.len());
                    assert_eq!(section.entries(item, &about, start..end), whole[start..end], "{:?}", title.tab);
                }
            }
        }
    }

    #[test]
    fn a_merge_equals_its_parts_in_order(seed: u64, size in 0usize..5, parts in 1usize..5) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let batches: Vec<Batch> = (0..parts)
                .map(|_| {
                    let bytes = message(signal, &mut rng, size);
                    match rng.bool() {
                        true => read(signal, Encoding::Protobuf, &bytes).batch,
                        false => read(signal, Encoding::Json, spelled(signal, &bytes, &mut rng).as_bytes()).batch,
                    }
                })
                .collect();
            let rows: Vec<String> = batches.iter().flat_map(rows::of_batch).collect();
            let mut merged = merge(&batches.iter().collect::<Vec<_>>()).unwrap();
            assert_eq!(rows::of_batch(&merged), rows);
            let twice = merge(&[&merged, &batches[0]]).unwrap();
            assert_eq!(rows::of_batch(&twice)[..rows.len()], rows);
            let keep: Vec<bool> = rows.iter().map(|_| rng.bool()).collect();
            merged.keep(&keep);
            let kept = rows.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(row, _)| row);
            assert_eq!(rows::of_batch(&merged), kept.collect::<Vec<_>>());
        }
    }

    #[test]
    fn damaged_protobuf_never_panics(seed: u64, size in 0usize..4) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let mut bytes = message(signal, &mut rng, size);
            for _ in 0..4 {
                damage(&mut bytes, &mut rng);
                if let Ok(decoded) = decode(signal, Encoding::Protobuf, &bytes, &Limits::default()) {
                    is_sound(&decoded);
                }
            }
        }
    }

    #[test]
    fn damaged_json_never_panics(seed: u64, size in 0usize..4) {
        let mut rng = Rng::with_seed(seed);
        for signal in SIGNALS {
            let bytes = message(signal, &mut rng, size);
            let mut text = spelled(signal, &bytes, &mut rng).into_bytes();
            for _ in 0..4 {
                damage(&mut text, &mut rng);
                if let Ok(decoded) = decode(signal, Encoding::Json, &text, &Limits::default()) {
                    is_sound(&decoded);
                }
                for document in documents(&String::from_utf8_lossy(&text), &Limits::default()) {
                    if let Document::Items(decoded) = document {
                        is_sound(&decoded);
                    }
                }
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for signal in SIGNALS {
            for encoding in [Encoding::Protobuf, Encoding::Json] {
                if let Ok(decoded) = decode(signal, encoding, &bytes, &Limits::default()) {
                    is_sound(&decoded);
                }
            }
        }
    }
}

/// Checks that a result from damaged bytes is usable: every value can be read, merged and written.
fn is_sound(decoded: &Decoded) {
    let rows = rows::of_batch(&decoded.batch);
    assert_eq!(rows::of_batch(&merge(&[&decoded.batch]).unwrap()), rows);
    written(&decoded.batch);
}

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.usize(0..bytes.len());
    match rng.u8(0..6) {
        0 => bytes.truncate(at),
        1 => bytes[at] = rng.u8(..),
        2 => bytes[at] ^= 1 << rng.u8(0..8),
        3 => bytes.insert(at, rng.u8(..)),
        4 => drop(bytes.remove(at)),
        _ => {
            let length = rng.usize(0..=(bytes.len() - at).min(30));
            let piece = bytes[at..at + length].to_vec();
            let to = rng.usize(0..=bytes.len());
            bytes.splice(to..to, piece);
        }
    }
}

/// Checks for the specification's own spelling: no nulls, no snake_case, 64-bit integers and ids as strings, enums as
/// numbers.
fn only_canonical(line: &str) {
    fn check(key: &str, value: &serde_json::Value) {
        use serde_json::Value;
        assert!(!key.contains('_'), "{key}");
        let large = ["UnixNano", "count", "Count", "bucketCounts", "intValue", "asInt"];
        let large = large.iter().any(|end| key.ends_with(end)) && !key.starts_with("dropped");
        match value {
            Value::Null => panic!("{key} is null"),
            Value::Object(members) => members.iter().for_each(|(key, value)| check(key, value)),
            Value::Array(items) => items.iter().for_each(|item| check(key, item)),
            Value::String(text) if key.ends_with("Id") => {
                assert!(
                    matches!(text.len(), 16 | 32) && text.chars().all(|c| "0123456789abcdef".contains(c)),
                    "{text}"
                );
            }
            Value::String(text) if large => assert!(text.parse::<i128>().is_ok(), "{key}: {text}"),
            Value::Number(number) => assert!(!large, "{key}: {number}"),
            _ => {
                assert!(!["kind", "code", "severityNumber", "aggregationTemporality"].contains(&key), "{key}: {value}")
            }
        }
    }
    check("", &serde_json::from_str(line).unwrap());
}

#[test]
fn invalid_utf8_becomes_replacement_characters() {
    let mut data = TracesData::decode(&message(Signal::Spans, &mut Rng::with_seed(1), 0)[..]).unwrap();
    let span = opentelemetry_proto::tonic::trace::v1::Span {
        trace_id: vec![1; 16],
        span_id: vec![1; 8],
        name: "XXXX".into(),
        ..Default::default()
    };
    let scope_spans = opentelemetry_proto::tonic::trace::v1::ScopeSpans { spans: vec![span], ..Default::default() };
    data.resource_spans = vec![opentelemetry_proto::tonic::trace::v1::ResourceSpans {
        scope_spans: vec![scope_spans],
        ..Default::default()
    }];
    let mut bytes = data.encode_to_vec();
    let at = bytes.windows(4).position(|four| four == b"XXXX").unwrap();
    bytes[at..at + 4].copy_from_slice(b"a\xff\xc3b");
    assert!(TracesData::decode(&bytes[..]).is_err(), "prost refuses it");
    let decoded = read(Signal::Spans, Encoding::Protobuf, &bytes);
    assert!(rows::of_batch(&decoded.batch)[0].contains("name: \"a\u{fffd}\u{fffd}b\""));
}

/// A value inside this many nested arrays.
fn nested(levels: usize) -> KeyValue {
    let mut value = AnyValue::default();
    for _ in 0..levels {
        value = AnyValue { value: Some(any_value::Value::ArrayValue(ArrayValue { values: vec![value] })) };
    }
    KeyValue { key: "deep".into(), value: Some(value), key_strindex: 0 }
}

#[test]
fn a_value_nested_too_deep_costs_its_item() {
    let deep = || vec![nested(MAX_NESTING + 1)];
    let value = Some(number_data_point::Value::AsInt(1));
    let point = |attributes| NumberDataPoint { time_unix_nano: 1, attributes, value, ..NumberDataPoint::default() };
    let metric = |metadata, data_points| Metric {
        metadata,
        data: Some(metric::Data::Gauge(Gauge { data_points })),
        ..Metric::default()
    };
    let scoped = |attributes, metrics| ScopeMetrics {
        scope: Some(InstrumentationScope { attributes, ..InstrumentationScope::default() }),
        metrics,
        ..ScopeMetrics::default()
    };
    let group = |attributes, scope_metrics| ResourceMetrics {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_metrics,
        ..ResourceMetrics::default()
    };
    let good = || metric(vec![], vec![point(vec![nested(MAX_NESTING)])]);
    let two = || metric(vec![], vec![point(vec![]), point(vec![])]);
    let bad_point = metric(vec![], vec![point(deep()), point(vec![])]);
    let bad_metric = metric(deep(), vec![point(vec![]), point(vec![])]);
    let data = MetricsData {
        resource_metrics: vec![
            group(
                vec![],
                vec![scoped(vec![], vec![good(), bad_point, bad_metric]), scoped(deep(), vec![two(), two()])],
            ),
            group(deep(), vec![scoped(vec![], vec![two()]), scoped(vec![], vec![two()])]),
        ],
    };
    let bytes = data.encode_to_vec();
    for decoded in [
        read(Signal::Metrics, Encoding::Protobuf, &bytes),
        read(Signal::Metrics, Encoding::Json, spelling::metrics(data, &mut Rng::with_seed(3)).as_bytes()),
    ] {
        assert_eq!((decoded.batch.len(), decoded.rejected.count), (2, 1 + 2 + 4 + 4));
        assert!(decoded.rejected.reason.as_ref().is_some_and(|reason| reason.contains("nested deeper")));
        is_sound(&decoded);
    }
}

#[test]
fn no_encoding_has_events() {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        assert!(decode(Signal::Events, encoding, b"", &Limits::default()).is_err());
    }
}
