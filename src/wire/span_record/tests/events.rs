//! What is no span.

use super::{SPAN, TRACE, json_of, payload, read_bad, with_event};
use crate::columns::Batch;
use crate::model::Signal;
use crate::wire::span_record::{Decoder, Found};
use serde_json::{Value as Json, json};

#[test]
fn what_is_no_telemetry_is_an_event() {
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
fn an_events_time_and_session_are_found_where_it_is_wrapped() {
    let data = r#"{"eventType":"metrics","data":{"sessionId":"s-1","n":1},"timestamp":"2025-08-12T12:00:00Z"}"#;
    with_event("message", "", data, |event| {
        assert_eq!((event.session(), event.time().0), ("s-1", 1_755_000_000_000_000_000));
        assert_eq!(json_of(event.payload()), serde_json::from_str::<Json>(data).unwrap(), "whole");
    });
}

#[test]
fn a_log_record_with_the_ids_of_a_span_is_no_span() {
    let log = json!({"traceId": TRACE, "spanId": SPAN, "severityNumber": 9, "body": "hello"});
    assert_eq!(payload("log", &log.to_string()), log);
}

#[test]
fn connected_and_heartbeat_are_recognised_and_not_kept() {
    let connected = Found::Connected;
    for (name, data, expected) in [
        ("heartbeat", r#"{"type":"heartbeat","timestamp":"2026-11-20T10:00:15Z"}"#, Found::Heartbeat { dropped: None }),
        ("heartbeat", r#"{"type":"heartbeat","dropped":3}"#, Found::Heartbeat { dropped: Some(3) }),
        ("heartbeat", "", Found::Heartbeat { dropped: None }),
        ("message", r#"{"type":"heartbeat"}"#, Found::Heartbeat { dropped: None }),
        ("message", r#"{"eventType":"heartbeat","data":null}"#, Found::Heartbeat { dropped: None }),
        ("connected", r#"{"id":"c-1"}"#, connected),
        (
            "message",
            r#"{"data":{"eventType":"connected","data":{"connectionId":"1a2b3c4d"}},"eventType":null}"#,
            connected,
        ),
    ] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.read(name, "", data), expected, "{name} {data}");
        assert!(decoder.is_empty());
    }
    assert_eq!(payload("connected", r#"{"peer":"x"}"#), json!({"peer": "x"}), "not the stream's own");
}

#[test]
fn a_gap_that_the_server_tells_is_kept_at_its_place() {
    with_event("gap", "9", r#"{"dropped":12}"#, |event| {
        assert_eq!((event.kind(), event.gap().map(|gap| gap.dropped)), ("gap", Some(12)));
    });
    with_event("gap", "9", r#"{"dropped":"many"}"#, |event| assert!(event.gap().is_none()));
}

#[test]
fn otlp_json_is_read_by_its_own_reader_in_any_wrapping() {
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
        assert_eq!(decoder.read("message", "", &data), Found::Items(spans + logs), "{data}");
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
        assert_eq!(decoder.read("message", "", &data), Found::Items(0));
        assert!(!decoder.is_empty());
        assert_eq!(decoder.take().rejected.count, 1);
    }
}

#[test]
fn what_looks_like_otlp_json_and_is_none_is_an_event() {
    let cut = r#"{"resourceSpans":[{"#;
    assert_eq!(payload("message", cut), json!(cut));
    let other = json!({"resourceSpans": 5});
    assert_eq!(payload("message", &other.to_string()), other);
    let wrapped = json!({"type": "x", "data": other});
    assert_eq!(payload("message", &wrapped.to_string()), wrapped);
    assert_eq!(read_bad(&json!([other, {"traceId": TRACE, "spanId": SPAN, "name": "n"}]).to_string()).0, 1);
}
