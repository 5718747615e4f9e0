//! Span records of streams in three shapes, and the minimal work of serde_json for each: a type for that shape, with the
//! fields that otail keeps, borrowed from the text.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;

/// The names of the shapes, as in the table.
pub const SHAPES: [&str; 3] = ["protocol", "model", "dashboard"];

/// Makes `count` records of a shape with different ids and times, and a few values for everything else.
pub fn records(shape: &str, count: u64) -> Vec<String> {
    (0..count).map(|n| record(shape, n).to_string()).collect()
}

/// Reads a record and drops it. Returns whether it was valid.
pub fn read(shape: &str, record: &str) -> bool {
    match shape {
        "protocol" => is_read::<Protocol<'_>>(record),
        "model" => match serde_json::from_str::<Model<'_>>(record) {
            // The attributes are JSON inside a JSON string, whose escapes must be removed before reading.
            Ok(record) => is_read::<Pairs<'_>>(&std::hint::black_box(record).attributes_json),
            Err(_) => false,
        },
        _ => is_read::<Dashboard<'_>>(record),
    }
}

fn is_read<'a, T: Deserialize<'a>>(text: &'a str) -> bool {
    std::hint::black_box(serde_json::from_str::<T>(text)).is_ok()
}

fn record(shape: &str, n: u64) -> serde_json::Value {
    let start = 1_755_000_000_000_000_000 + n * 1_234_567;
    let rfc3339 = |nanos| otail::model::Time(nanos).rfc3339();
    let method = if n.is_multiple_of(2) { "GET" } else { "POST" };
    let attributes = json!({
        "http.request.method": method, "http.route": format!("/api/v1/items/{}", n % 10),
        "http.response.status_code": (200 + n % 5).to_string(), "server.address": format!("web-{}", n % 4),
        "url.scheme": "https", "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)",
        "client.address": format!("10.0.0.{}", n % 256), "network.protocol.version": "1.1",
        "thread.name": format!("worker-{}", n % 8), "enduser.id": format!("u-{n}"),
    });
    let mut record = json!({
        "traceId": format!("{:032x}", n / 8 + 1), "spanId": format!("{:016x}", n + 1),
        "parentSpanId": format!("{:016x}", n / 2 + 1), "sessionId": format!("s-{}", n % 20),
        "name": format!("GET /api/v1/items/{}", n % 10), "serviceName": format!("service-{}", n % 5),
        "statusMessage": null,
    });
    let more = match shape {
        "protocol" => json!({
            "kind": 2, "startTimeUnixNano": start, "endTimeUnixNano": start + 5_000_000, "durationNs": 5_000_000,
            "statusCode": 0, "attributes": attributes,
            "genAi": {
                "providerName": "openai", "operationName": "chat", "requestModel": "gpt-x", "inputTokens": n % 1000,
                "outputTokens": n % 100,
            },
        }),
        "model" => json!({
            "kind": 2, "startTimeUnixNano": start, "endTimeUnixNano": start + 5_000_000, "durationNs": 5_000_000,
            "statusCode": 0, "genAiProviderName": "openai", "genAiRequestModel": "gpt-x",
            "genAiInputTokens": n % 1000, "genAiOutputTokens": n % 100, "attributesJson": attributes.to_string(),
            "resourceJson":
                json!({"service.name": format!("service-{}", n % 5), "host.name": format!("web-{}", n % 4)}).to_string(),
        }),
        _ => json!({
            "kind": "server", "startTime": rfc3339(start), "endTime": rfc3339(start + 5_000_000), "durationMs": 5.0,
            "status": "ok", "genai": {"providerName": "openai", "requestModel": "gpt-x"}, "attributes": attributes,
            "events": [], "links": [],
        }),
    };
    if let (Some(record), serde_json::Value::Object(more)) = (record.as_object_mut(), more) {
        record.extend(more);
    }
    record
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read by nobody: what is measured is making it")]
struct Protocol<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    parent_span_id: Option<&'a str>,
    session_id: Option<&'a str>,
    name: &'a str,
    service_name: Option<&'a str>,
    status_message: Option<&'a str>,
    kind: u8,
    start_time_unix_nano: u64,
    end_time_unix_nano: u64,
    duration_ns: Option<u64>,
    status_code: u8,
    #[serde(borrow)]
    attributes: Pairs<'a>,
    #[serde(borrow)]
    gen_ai: Option<GenAi<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct Model<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    parent_span_id: Option<&'a str>,
    session_id: Option<&'a str>,
    name: &'a str,
    service_name: Option<&'a str>,
    status_message: Option<&'a str>,
    kind: u8,
    start_time_unix_nano: u64,
    end_time_unix_nano: u64,
    duration_ns: Option<u64>,
    status_code: u8,
    gen_ai_provider_name: Option<&'a str>,
    gen_ai_request_model: Option<&'a str>,
    gen_ai_input_tokens: Option<u64>,
    gen_ai_output_tokens: Option<u64>,
    #[serde(borrow)]
    attributes_json: Cow<'a, str>,
    #[serde(borrow)]
    resource_json: Cow<'a, str>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct Dashboard<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    parent_span_id: Option<&'a str>,
    session_id: Option<&'a str>,
    name: &'a str,
    service_name: Option<&'a str>,
    status_message: Option<&'a str>,
    kind: &'a str,
    start_time: &'a str,
    end_time: &'a str,
    duration_ms: Option<f64>,
    status: &'a str,
    #[serde(borrow)]
    genai: Option<GenAi<'a>>,
    #[serde(borrow)]
    attributes: Pairs<'a>,
    events: Vec<IgnoredAny>,
    links: Vec<IgnoredAny>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct GenAi<'a> {
    provider_name: &'a str,
    operation_name: Option<&'a str>,
    request_model: &'a str,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

/// The entries of an object whose values are strings.
#[expect(dead_code, reason = "as above")]
struct Pairs<'a>(Vec<(&'a str, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'a>, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(&'de str, &'de str)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(16);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                if pairs.is_empty() { Err(A::Error::custom("no attributes")) } else { Ok(pairs) }
            }
        }

        deserializer.deserialize_map(Entries).map(Pairs)
    }
}
