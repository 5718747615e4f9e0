//! Events that are not spans.

use super::{SPAN, TRACE, json_of, payload, read_bad, with_event};
use crate::columns::Batch;
use crate::model::Signal;
use crate::wire::span_record::{Decoded, Decoder};
use serde_json::{Value as Json, json};

#[test]
fn anything_but_telemetry_is_an_event() {
    with_event("deploy", "17", r#"{"version":"1.2","ok":true,"n":[1,2.5]}"#, |event| {
        assert_eq!((event.kind(), event.id(), event.session()), ("deploy", "17", ""));
        assert!(event.time().is_unknown());
        assert_eq!(json_of(event.payload()), json!({"version": "1.2", "ok": true, "n": [1, 2.5]}));
    });
    for (data, expected) in [
        ("hello world", json!("hello world")),
        ("", json!("")),
        ("{not json", json!("{not json")),
        ("42", json!(42)),
        (r#""text""#, json!("text")),
        ("[1,2]", json!([1, 2])),
        (r#"{"a":"\ud83d"}"#, json!({"a": "\u{fffd}"})),
    ] {
        assert_eq!(payload("message", data), expected, "{data}");
    }
    let deep = "[".repeat(40) + &"]".repeat(40);
    assert_eq!(payload("message", &deep), json!(deep), "too deep for a value: its text");
}

#[test]
fn time_and_session_of_wrapped_events_are_found() {
    let data = r#"{"eventType":"metrics","data":{"sessionId":"s-1","n":1},"timestamp":"2025-08-12T12:00:00Z"}"#;
    with_event("message", "", data, |event| {
        assert_eq!((event.session(), event.time().0), ("s-1", 1_755_000_000_000_000_000));
        assert_eq!(json_of(event.payload()), serde_json::from_str::<Json>(data).unwrap(), "whole");
    });
}

#[test]
fn a_log_record_may_have_span_ids() {
    let log = json!({"traceId": TRACE, "spanId": SPAN, "severityNumber": 9, "body": "hello"});
    assert_eq!(payload("log", &log.to_string()), log);
}

/// Reads an event, either on a stream that has carried a span record or on a new one.
fn on_stream(has_spans: bool, name: &str, data: &str) -> (Decoded, usize) {
    let mut decoder = Decoder::default();
    if has_spans {
        decoder.read("span", "", &json!({"traceId": TRACE, "spanId": SPAN, "name": "n"}).to_string());
        decoder.take();
    }
    (decoder.read(name, "", data), decoder.len())
}

#[test]
fn only_a_bare_heartbeat_is_dropped() {
    let beat = |dropped| (Decoded::Heartbeat { dropped }, 0);
    for (name, data, dropped) in [
        ("heartbeat", r#"{"type":"heartbeat","timestamp":"2026-11-20T10:00:15Z"}"#, None),
        ("heartbeat", r#"{"type":"heartbeat","timestamp":1780000000000,"dropped":3}"#, Some(3)),
    ] {
        assert_eq!(
            (on_stream(false, name, data), on_stream(true, name, data)),
            (beat(dropped), beat(dropped)),
            "{data}"
        );
    }
    for (name, data) in [("heartbeat", ""), ("heartbeat", "{}"), ("message", r#"{"type":"heartbeat","timestamp":1}"#)] {
        assert_eq!(on_stream(true, name, data), beat(None), "{data}: with span records");
        assert_eq!(on_stream(false, name, data), (Decoded::Event, 1), "{data}: without");
    }
}

#[test]
fn other_events_called_heartbeat_are_kept() {
    for (name, data) in [
        ("heartbeat", "plain beat"),
        ("Heartbeat", r#"{"bpm":71}"#),
        ("heartbeat", r#"{"bpm":72,"patient":"p1"}"#),
        ("heartbeat", r#"{"type":"heartbeat","timestamp":1,"bpm":1}"#),
        ("message", r#"{"type":"heartbeat","bpm":73}"#),
        ("message", r#"{"eventType":"heartbeat","data":null}"#),
        ("message", r#"{"timestamp":1}"#),
        ("keepalive", "{}"),
        ("message", r#"{"type":"ping"}"#),
    ] {
        for has_spans in [false, true] {
            assert_eq!(on_stream(has_spans, name, data), (Decoded::Event, 1), "{name}: {data}");
        }
    }
}

#[test]
fn a_line_is_never_a_heartbeat() {
    for data in [r#"{"type":"heartbeat","timestamp":1,"dropped":0}"#, r#"{"type":"connected","connectionId":"x"}"#] {
        let mut decoder = Decoder::of_lines();
        assert_eq!((decoder.read("message", "", data), decoder.len()), (Decoded::Event, 1), "{data}");
    }
}

#[test]
fn connected_counts_only_as_the_first_event() {
    for (name, data) in [
        ("connected", r#"{"id":"c-1"}"#),
        ("message", r#"{"data":{"eventType":"connected","data":{"connectionId":"1a2b3c4d"}},"eventType":null}"#),
    ] {
        assert_eq!(on_stream(false, name, data), (Decoded::Connected, 0), "{data}");
        assert_eq!(on_stream(true, name, data), (Decoded::Event, 1), "{data}: later it is user data");
    }
    assert_eq!(payload("connected", r#"{"peer":"x"}"#), json!({"peer": "x"}), "not the stream's own");
}

#[test]
fn a_reported_gap_is_kept_in_order() {
    with_event("gap", "9", r#"{"dropped":12}"#, |event| {
        assert_eq!((event.kind(), event.gap().map(|gap| gap.dropped)), ("gap", Some(12)));
    });
    with_event("gap", "9", r#"{"dropped":"many"}"#, |event| assert!(event.gap().is_none()));
}

#[test]
fn wrapped_otlp_json_is_read_as_otlp() {
    let span = json!({"traceId": TRACE, "spanId": SPAN, "name": "n"});
    let document = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
    let log = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}, {}]}]}]});
    for (data, spans, logs) in [
        (document.to_string(), 1, 0),
        (serde_json::to_string_pretty(&document).unwrap(), 1, 0),
        (format!("{document}\n{log}"), 1, 2),
        (json!({"a": 1, "resourceSpans": document["resourceSpans"]}).to_string(), 1, 0),
        (json!({"type": "traces", "data": document}).to_string(), 1, 0),
        (json!([document, log, document]).to_string(), 2, 2),
        (json!([document, span]).to_string(), 2, 0),
        (json!({"resourceSpans": []}).to_string(), 0, 0),
    ] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.read("message", "", &data), Decoded::Items(spans + logs), "{data}");
        let taken = decoder.take();
        let count =
            |signal| taken.batches.iter().filter(|batch| batch.signal() == signal).map(Batch::len).sum::<usize>();
        assert_eq!((count(Signal::Spans), count(Signal::Logs), taken.rejected.count), (spans, logs, 0), "{data}");
    }
}

#[test]
fn batches_keep_the_order_that_items_came_in() {
    let span = json!({"traceId": TRACE, "spanId": SPAN, "name": "n"}).to_string();
    let document =
        json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": TRACE, "spanId": SPAN}]}]}]}).to_string();
    let mut decoder = Decoder::default();
    for data in ["a", "b", &span, &span, &document, "c", &span, r#"{"type":"heartbeat"}"#, &span] {
        decoder.read("message", "", data);
    }
    let taken = decoder.take();
    let seen: Vec<_> = taken.batches.iter().map(|batch| (batch.signal().word(), batch.len())).collect();
    assert_eq!(seen, [("events", 2), ("spans", 2), ("spans", 1), ("events", 1), ("spans", 2)]);
}

#[test]
fn a_bad_span_of_otlp_json_is_counted() {
    let document = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "x"}]}]}]});
    for data in [document.to_string(), json!({"type": "traces", "data": document}).to_string()] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.read("message", "", &data), Decoded::Items(0));
        assert!(!decoder.is_empty());
        assert_eq!(decoder.take().rejected.count, 1);
    }
}

#[test]
fn json_that_only_resembles_otlp_is_an_event() {
    let cut = r#"{"resourceSpans":[{"#;
    assert_eq!(payload("message", cut), json!(cut));
    let other = json!({"resourceSpans": 5});
    assert_eq!(payload("message", &other.to_string()), other);
    let wrapped = json!({"type": "x", "data": other});
    assert_eq!(payload("message", &wrapped.to_string()), wrapped);
    assert_eq!(read_bad(&json!([other, {"traceId": TRACE, "spanId": SPAN, "name": "n"}]).to_string()).0, 1);
}
