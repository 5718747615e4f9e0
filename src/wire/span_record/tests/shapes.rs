//! The four shapes of a record, in camel and snake case, in every wrapping.

use super::{SPAN, START, TRACE, read_spans, spans_of};
use crate::wire::span_record::{Decoded, Decoder};
use crate::wire::sse::{Frame, Framer};
use serde_json::{Value as Json, json};

/// A record in each of the four shapes, and the span that it becomes.
pub(super) fn shapes() -> Vec<(&'static str, Json, Json)> {
    let expected = |attributes: Json, more: Json| {
        let mut span = json!({
            "trace": TRACE, "span": SPAN, "parent": "00f067aa0ba902b7", "name": "chat gpt-x", "service": "assistant",
            "kind": "client", "status": "error", "message": "rate limited", "start": START, "end": START + 200_000_000,
            "resource": {"service.name": "assistant"}, "events": [], "links": [],
        });
        span["attributes"] = attributes;
        for (key, value) in more.as_object().unwrap() {
            span[key] = value.clone();
        }
        span
    };
    let record = |more: Json| {
        let mut record = json!({
            "traceId": TRACE, "spanId": SPAN, "parentSpanId": "00F067AA0BA902B7", "sessionId": "s-1",
            "name": "chat gpt-x", "serviceName": "assistant", "statusMessage": "rate limited",
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    vec![
        (
            "protocol model",
            record(json!({
                "kind": 3,
                "startTimeUnixNano": {"value": START}, "endTimeUnixNano": {"value": START + 200_000_000}, "durationNs": 200_000_000,
                "statusCode": 2,
                "genAi": {
                    "providerName": "openai", "operationName": "chat", "requestModel": "gpt-x", "responseModel": "gpt-x-1",
                    "inputTokens": 12, "outputTokens": 34, "totalTokens": 46, "temperature": 0.5, "topP": 0.9, "topK": 40,
                    "maxTokens": 100, "seed": 7, "frequencyPenalty": 0.1, "presencePenalty": 0.2, "choiceCount": 1,
                    "responseId": "r-1", "finishReasons": ["stop", "length"], "agentId": "a-1", "agentName": "planner",
                    "toolName": "search", "toolCallId": "c-1", "toolType": "function", "conversationId": "v-1",
                    "isGenAi": true, "isToolCall": false,
                },
                "attributes": {"http.route": "/chat", "gen_ai.usage.input_tokens": "12"},
            })),
            expected(
                json!({
                    "http.route": "/chat", "gen_ai.usage.input_tokens": "12", "session.id": "s-1",
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-x",
                    "gen_ai.response.model": "gpt-x-1", "gen_ai.usage.output_tokens": 34, "gen_ai.usage.total_tokens": 46,
                    "gen_ai.request.temperature": 0.5, "gen_ai.request.top_p": 0.9, "gen_ai.request.top_k": 40,
                    "gen_ai.request.max_tokens": 100, "gen_ai.request.seed": 7, "gen_ai.request.frequency_penalty": 0.1,
                    "gen_ai.request.presence_penalty": 0.2, "gen_ai.request.choice.count": 1, "gen_ai.response.id": "r-1",
                    "gen_ai.response.finish_reasons": ["stop", "length"], "gen_ai.agent.id": "a-1",
                    "gen_ai.agent.name": "planner", "gen_ai.tool.name": "search", "gen_ai.tool.call.id": "c-1",
                    "gen_ai.tool.type": "function", "gen_ai.conversation.id": "v-1",
                    "GENAI.isGenAi": true, "GENAI.isToolCall": false,
                }),
                json!({}),
            ),
        ),
        (
            "storage row",
            record(json!({
                "kind": "3", "startTime": "2025-08-12T12:00:00.1234567Z", "endTime": "2025-08-12T12:00:00.3234567",
                "statusCode": "2",
                "providerName": "openai", "requestModel": "gpt-x", "tokensIn": 12, "tokensOut": 34, "costUsd": 0.25,
                "evalScore": 0.75, "evalReason": "fair",
                "attributes": r#"{"http.route":"/chat","list":[1,null,{"a":true}]}"#,
                "events": r#"[{"name":"retry","timestamp":"2025-08-12T12:00:00.2Z","attributes":{"n":1}}]"#,
            })),
            expected(
                json!({
                    "http.route": "/chat", "list": [1, null, {"a": true}], "session.id": "s-1",
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-x",
                    "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34, "qyl.cost.usd": 0.25,
                    "gen_ai.evaluation.score.value": 0.75, "gen_ai.evaluation.explanation": "fair",
                }),
                json!({"events": [[1_755_000_000_200_000_000_u64, "retry", {"n": 1}]]}),
            ),
        ),
        (
            "2026 model",
            record(json!({
                "kind": 3, "startTimeUnixNano": START, "endTimeUnixNano": (START + 200_000_000).to_string(),
                "durationNs": 200_000_000, "statusCode": 2,
                "genAiProviderName": "openai", "genAiRequestModel": "gpt-x", "genAiResponseModel": "gpt-x-1",
                "genAiInputTokens": 12, "genAiOutputTokens": 34, "genAiTemperature": 0.5, "genAiStopReason": "stop",
                "genAiToolName": "search", "genAiToolCallId": "c-1", "genAiCostUsd": 0.25, "genAiOperationName": "chat",
                "attributesJson": r#"{"http.route":"/chat"}"#,
                "resourceJson": r#"{"host.name":"web-3","service.name":"assistant"}"#,
                "eventsJson": r#"[{"name":"retry","timeUnixNano":"1755000000200000000","cause":"429"}]"#,
                "linksJson": format!(r#"[{{"traceId":"{TRACE}","spanId":"00f067aa0ba902b7","traceState":"a=b","attributes":{{"n":1}}}}]"#),
            })),
            expected(
                json!({
                    "http.route": "/chat", "session.id": "s-1", "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-x", "gen_ai.response.model": "gpt-x-1",
                    "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34, "gen_ai.request.temperature": 0.5,
                    "gen_ai.response.finish_reasons": ["stop"], "gen_ai.tool.name": "search", "gen_ai.tool.call.id": "c-1",
                    "qyl.cost.usd": 0.25,
                }),
                json!({
                    "resource": {"host.name": "web-3", "service.name": "assistant"},
                    "events": [[1_755_000_000_200_000_000_u64, "retry", {"cause": "429"}]],
                    "links": [[TRACE, "00f067aa0ba902b7", "a=b", {"n": 1}]],
                }),
            ),
        ),
        (
            "dashboard DTO",
            record(json!({
                "serviceVersion": "1.2", "kind": "client", "startTime": "2025-08-12T12:00:00.1234567+00:00",
                "endTime": null, "durationMs": 200.0, "status": "error",
                "genai": {"providerName": "openai", "requestModel": "gpt-x", "costUsd": 0.25, "finishReason": "stop", "toolName": null},
                "attributes": {"http.route": "/chat", "big": 18_446_744_073_709_551_615_u64, "none": null},
                "events": [{"name": "retry", "timestamp": "2025-08-12T12:00:00.2000000Z"}],
                "links": [{"traceId": TRACE, "spanId": "00f067aa0ba902b7"}],
            })),
            expected(
                json!({
                    "http.route": "/chat", "big": "18446744073709551615", "none": null, "session.id": "s-1",
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-x",
                    "gen_ai.response.finish_reasons": ["stop"], "qyl.cost.usd": 0.25,
                }),
                json!({
                    "resource": {"service.version": "1.2", "service.name": "assistant"},
                    "events": [[1_755_000_000_200_000_000_u64, "retry", {}]],
                    "links": [[TRACE, "00f067aa0ba902b7", "", {}]],
                }),
            ),
        ),
    ]
}

/// Every wrapping that servers use: the event's name and its data.
fn wrappings(record: &Json) -> Vec<(&'static str, &'static str, String)> {
    let item = json!({"data": record, "eventType": "span", "eventId": null, "reconnectionInterval": null});
    let nameless = json!({"data": record, "eventType": null, "eventId": null, "reconnectionInterval": null});
    let live = json!({"data": {"eventType": "spans", "data": {"spans": [record]}, "timestamp": "2025-08-12T12:00:00Z"},
        "eventType": "spans", "eventId": null});
    vec![
        ("bare", "span", record.to_string()),
        ("bare, without a name", "message", record.to_string()),
        ("over several lines", "span", serde_json::to_string_pretty(record).unwrap()),
        ("contract", "span", json!({"type": "span", "data": record, "id": SPAN}).to_string()),
        ("item", "span", item.to_string()),
        ("item without a type", "message", nameless.to_string()),
        ("live", "message", live.to_string()),
        ("live spans", "SPANS", json!({"event_type": null, "data": {"spans": [record]}}).to_string()),
        ("list", "spans", json!({"spans": [record]}).to_string()),
        ("array", "message", json!([record]).to_string()),
        ("array of wrapped", "message", json!([nameless]).to_string()),
    ]
}

/// The keys of an object and of the objects that `genAi` holds, in snake case.
fn snake(record: &Json) -> Json {
    let case = |key: &str| {
        let parts = key.chars().map(|c| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.into() });
        parts.collect::<String>()
    };
    let inner = |key: &str, value: &Json| if key.eq_ignore_ascii_case("genai") { snake(value) } else { value.clone() };
    record
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (case(key), inner(key, value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The record's unknown GenAI fields, which keep the name of their object.
fn own_keys(expected: &Json, object: &str, is_snake: bool) -> Json {
    let mut expected = expected.clone();
    let attributes = expected["attributes"].as_object_mut().unwrap();
    for (camel, snake) in [("isGenAi", "is_gen_ai"), ("isToolCall", "is_tool_call")] {
        if let Some(value) = attributes.remove(&format!("GENAI.{camel}")) {
            attributes.insert(format!("{object}.{}", if is_snake { snake } else { camel }), value);
        }
    }
    expected
}

#[test]
fn every_shape_is_read_in_every_wrapping() {
    for (shape, record, expected) in shapes() {
        let camel = own_keys(&expected, "genAi", false);
        for (wrapping, name, data) in wrappings(&record) {
            assert_eq!(read_spans(name, &data), std::slice::from_ref(&camel), "{shape}, {wrapping}");
        }
        let expected = own_keys(&expected, "gen_ai", true);
        for (wrapping, name, data) in wrappings(&snake(&record)) {
            assert_eq!(read_spans(name, &data), std::slice::from_ref(&expected), "{shape}, snake case, {wrapping}");
        }
    }
}

#[test]
fn spans_of_several_events_keep_order_and_values() {
    let mut decoder = Decoder::default();
    for (_, record, _) in shapes().iter().chain(&shapes()) {
        assert_eq!(decoder.read("span", "", &record.to_string()), Decoded::Items(1));
    }
    let taken = decoder.take();
    let expected: Vec<Json> =
        shapes().iter().chain(&shapes()).map(|(.., span)| own_keys(span, "genAi", false)).collect();
    assert_eq!(spans_of(&taken.batches[0]), expected);
    assert!(decoder.is_empty() && decoder.take().batches.is_empty());
}

#[test]
fn ids_suffice_where_spans_are_expected() {
    let ids = json!({"traceId": TRACE, "spanId": SPAN});
    for (name, data) in [
        ("span", ids.clone()),
        ("SPANS", json!([ids])),
        ("message", json!({"spans": [ids]})),
        ("message", json!({"type": "span", "data": ids})),
        ("message", json!({"data": {"eventType": "Spans", "data": [ids]}, "eventType": null})),
    ] {
        assert_eq!(read_spans(name, &data.to_string()).len(), 1, "{name} {data}");
    }
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_spans() {
    let expected: Vec<Json> = shapes().iter().map(|(.., span)| own_keys(span, "genAi", false)).collect();
    for end in ["\n", "\r", "\r\n"] {
        let event = |(_, record, _): &(&str, Json, Json)| {
            let lines = serde_json::to_string_pretty(record).unwrap().replace('\n', &format!("{end}data: "));
            format!(": ping{end}id: 1{end}event: span{end}data: {lines}{end}{end}")
        };
        let stream = format!("\u{feff}{}", shapes().iter().map(event).collect::<String>());
        for size in [1, 7, 64, usize::MAX] {
            let (mut framer, mut decoder) = (Framer::default(), Decoder::default());
            for chunk in stream.as_bytes().chunks(size) {
                framer.push(chunk);
                while let Some(frame) = framer.next() {
                    if let Frame::Event { kind, data, id } = frame {
                        assert_eq!(decoder.read(kind, id, data), Decoded::Items(1));
                    }
                }
            }
            assert_eq!(spans_of(&decoder.take().batches[0]), expected, "{end:?}, chunks of {size}");
        }
    }
}
