//! What the fields of a record become, and what a bad field costs.

use super::shapes::shapes;
use super::{SPAN, START, TRACE, read_bad, read_span, read_spans, spans_of};
use crate::wire::span_record::{Decoded, Decoder};
use serde_json::{Value as Json, json};

fn minimal(more: Json) -> Json {
    let mut record = json!({"traceId": TRACE, "spanId": SPAN, "name": "n"});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

#[track_caller]
fn check_attributes(more: Json, expected: Json) {
    assert_eq!(read_span(&minimal(more))["attributes"], expected);
}

#[test]
fn unknown_fields_keep_their_names() {
    check_attributes(
        json!({"tenant": "t", "retries": 3, "flags": {"a": [1]}, "absent": null}),
        json!({"tenant": "t", "retries": 3, "flags": {"a": [1]}}),
    );
}

#[test]
fn unreadable_fields_keep_their_names() {
    let odd = json!({
        "parentSpanId": "root", "kind": "strange", "status": 9, "statusMessage": 5, "attributesJson": "{oops", "resourceJson": "[1]",
        "eventsJson": "no", "links": [{"traceId": TRACE}], "durationNs": "long", "genAi": "chat", "serviceVersion": [1],
    });
    let span = read_span(&minimal(odd.clone()));
    let mut kept = odd;
    kept.as_object_mut().unwrap().remove("serviceVersion");
    assert_eq!(span["attributes"], kept);
    assert_eq!(span["resource"], json!({"service.version": [1]}));
    assert_eq!((&span["kind"], &span["status"]), (&json!("unspecified"), &json!("unset")));
}

#[test]
fn one_bad_event_turns_all_into_an_attribute() {
    let events = json!([{"name": "a", "attributes": {"k": "v"}}, 7]);
    let span = read_span(&minimal(json!({"events": events, "attributes": {"x": 1}})));
    assert_eq!(span["events"], json!([]));
    assert_eq!(span["attributes"], json!({"x": 1, "events": events}));
}

#[test]
fn spans_after_one_with_bad_events_keep_theirs() {
    let event = json!({"name": "a", "attributes": {"k": "v", "l": 1, "m": 2, "n": 3, "o": 4}});
    let bad = minimal(json!({"events": [event, 7]}));
    let good = minimal(json!({"events": [event]}));
    let spans = read_spans("spans", &json!([good, bad, good]).to_string());
    assert_eq!(spans[2], spans[0]);
    assert_eq!(spans[2]["events"], json!([[0, "a", event["attributes"]]]));
}

#[test]
fn a_fields_second_value_keeps_its_name() {
    let span = read_span(&minimal(json!({
        "events": [], "eventsJson": "[1]", "resource": {"a": 1}, "resourceJson": r#"{"a":2}"#, "kind": 2,
    })));
    assert_eq!(span["attributes"], json!({"eventsJson": "[1]", "resourceJson": r#"{"a":2}"#}));
    let twice = format!(r#"{{"traceId":"{TRACE}","spanId":"{SPAN}","name":"n","name":"m","kind":2,"kind":2}}"#);
    assert_eq!(read_spans("span", &twice)[0]["attributes"], json!({"name": "m"}));
}

#[test]
fn other_fields_of_events_and_links_become_attributes() {
    let span = read_span(&minimal(json!({
        "events": [{"name": "a", "time": "odd", "attributes": r#"{"k":1}"#, "level": 2}],
        "links": [{"trace_id": TRACE, "span_id": SPAN, "flags": 1}],
    })));
    assert_eq!(span["events"], json!([[0, "a", {"k": 1, "time": "odd", "level": 2}]]));
    assert_eq!(span["links"], json!([[TRACE, SPAN, "", {"flags": 1}]]));
}

#[test]
fn equal_values_are_kept_once_different_ones_twice() {
    check_attributes(
        json!({
            "attributes": {"a": 1, "b": 2, "session.id": "s", "gen_ai.usage.input_tokens": 12, "gen_ai.request.model": "x"},
            "attributesJson": r#"{"a":1,"b":3,"c":4}"#,
            "sessionId": "s", "genAiInputTokens": 12.0, "requestModel": "y", "genAi": {"requestModel": "z"}, "genai": {"requestModel": "y"},
        }),
        json!({
            "a": 1, "b": 2, "b again": 3, "c": 4, "session.id": "s", "gen_ai.usage.input_tokens": 12,
            "gen_ai.request.model": "x", "gen_ai.request.model again": "z", "genai.requestModel": "y", "requestModel": "y",
        }),
    );
}

#[test]
fn an_attribute_may_spell_a_field_differently() {
    let attributes = json!({
        "gen_ai.request.temperature": "0.5", "gen_ai.usage.input_tokens": "12", "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.request.top_k": 4,
    });
    let record = json!({
        "attributes": attributes, "genAiTemperature": 0.5, "genAiInputTokens": 12, "genAiStopReason": "stop", "genAiTopK": 4.0,
    });
    check_attributes(record, attributes);
}

#[test]
fn a_genai_spans_name_begins_with_its_operation() {
    let operation = |more: Json| read_span(&minimal(more))["attributes"]["gen_ai.operation.name"].clone();
    assert_eq!(operation(json!({"name": "execute_tool search", "providerName": "p"})), "execute_tool");
    assert_eq!(operation(json!({"name": "chat", "tokensIn": 1})), "chat");
    assert_eq!(operation(json!({"name": "chat"})), Json::Null, "no GenAI field");
    assert_eq!(operation(json!({"name": "GET /", "providerName": "p"})), Json::Null, "no operation that is known");
}

#[test]
fn an_operation_that_is_given_is_not_guessed() {
    check_attributes(
        json!({"name": "chat", "tokensIn": 1, "attributes": {"gen_ai.operation.name": "a"}}),
        json!({"gen_ai.operation.name": "a", "gen_ai.usage.input_tokens": 1}),
    );
}

#[test]
fn the_duration_gives_a_missing_start_or_end() {
    for (times, start, end) in [
        (json!({"startTimeUnixNano": 1000, "durationNs": "500"}), 1000, 1500),
        (json!({"endTimeUnixNano": 1500, "durationNs": {"value": 500}}), 1000, 1500),
        (json!({"startTimeUnixNano": 1000, "durationMs": 0.5}), 1000, 501_000),
        (json!({"startTimeUnixNano": 1000, "endTimeUnixNano": 0}), 1000, 0),
        (json!({}), 0, 0),
    ] {
        let span = read_span(&minimal(times.clone()));
        assert_eq!(
            (&span["start"], &span["end"], &span["attributes"]),
            (&json!(start), &json!(end), &json!({})),
            "{times}"
        );
    }
}

#[test]
fn contradicting_times_and_durations_are_all_kept() {
    check_attributes(
        json!({"startTimeUnixNano": 1_000_000_000, "endTimeUnixNano": 2_000_000_000, "durationMs": 5, "durationNs": 1_000_000_001}),
        json!({"durationMs": 5}),
    );
    check_attributes(
        json!({"startTimeUnixNano": START, "startTime": "2025-08-12T12:00:00.123Z", "endTimeUnixNano": START, "endTime": "2025-08-12T13:00:00Z"}),
        json!({"endTime": "2025-08-12T13:00:00Z"}),
    );
    check_attributes(json!({"durationNs": 5}), json!({"durationNs": 5}));
    check_attributes(json!({"statusCode": 1, "status": "error"}), json!({"status": "error"}));
    check_attributes(json!({"statusCode": 2, "status": "error"}), json!({}));
}

#[test]
fn a_records_service_overrules_its_resources() {
    let span = read_span(&minimal(json!({"serviceName": "a", "resourceJson": r#"{"service.name":"b"}"#})));
    assert_eq!(span["service"], "a");
    assert_eq!(span["resource"], json!({"service.name": "b", "service.name again": "a"}));
    let span = read_span(&minimal(json!({"resource": {"service.name": "b"}})));
    assert_eq!(span["service"], "b");
}

#[test]
fn an_otlp_status_object_keeps_its_message() {
    let span = read_span(&minimal(json!({"status": {"code": 2, "message": "m"}})));
    assert_eq!((&span["status"], &span["message"], &span["attributes"]), (&json!("error"), &json!("m"), &json!({})));
}

#[test]
fn a_bad_span_costs_that_span() {
    let deep = "[".repeat(40) + &"]".repeat(40);
    let good = minimal(json!({"attributes": {"a": 1}})).to_string();
    for (bad, reason) in [
        (r#"{"spanId":"7f1c20aa93b4e6d1","name":"n"}"#.to_owned(), "trace id"),
        (minimal(json!({"traceId": "9b0c"})).to_string(), "trace id"),
        (minimal(json!({"traceId": "0".repeat(32)})).to_string(), "trace id"),
        (minimal(json!({"spanId": 5})).to_string(), "span id"),
        (minimal(json!({"startTime": "yesterday"})).to_string(), "start time"),
        (minimal(json!({"endTimeUnixNano": -5})).to_string(), "end time"),
        (minimal(json!({"attributes": {"a": "DEEP"}})).to_string().replace("\"DEEP\"", &deep), "nested"),
        (minimal(json!({"events": [{"name": "e", "a": "DEEP"}]})).to_string().replace("\"DEEP\"", &deep), "nested"),
        (minimal(json!({"resource": {"a": "b", "c": "DEEP"}})).to_string().replace("\"DEEP\"", &deep), "nested"),
        ("7".to_owned(), "trace id"),
    ] {
        let (count, text, spans) = read_bad(&format!("[{good},{bad},{good}]"));
        assert_eq!((count, spans), (1, 2), "{bad}");
        assert!(text.contains(reason), "{text} for {bad}");
    }
}

#[test]
fn spans_around_a_bad_one_keep_their_values() {
    let deep = "[".repeat(40) + &"]".repeat(40);
    let full = shapes()[2].1.to_string();
    let bad =
        full.replacen(r#"{"#, &format!(r#"{{"zzz":{deep},"#), 1).replace("retry", "other").replace("/chat", "/other");
    let mut decoder = Decoder::default();
    assert_eq!(decoder.read("spans", "", &format!("[{full},{bad},{full}]")), Decoded::Items(2));
    let taken = decoder.take();
    assert_eq!(taken.rejected.count, 1);
    assert_eq!(spans_of(&taken.batches[0]), [shapes()[2].2.clone(), shapes()[2].2.clone()]);
}

#[test]
fn other_values_in_a_span_list_are_rejected() {
    let good = minimal(json!({}));
    assert_eq!(read_bad(&json!({"spans": [good, {"a": 1}, 7, null]}).to_string()).0, 3);
    assert_eq!(read_spans("message", r#"{"spans":[]}"#).len(), 0);
}
