//! Span records of an SSE stream → sealed batch, against `serde_json::from_str` of the same records alone.
//!
//! `cargo bench --bench span_records`. The budget is 2 × `borrowed`, the least that can be asked: a type made for that
//! shape, which opens the JSON text that attributes come in and keeps nothing. `owned` is `serde_json::Value`, which takes
//! any shape.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use otail::wire::span_record::Decoder;
use otail::wire::sse::{Frame, Framer};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use std::collections::HashMap;

const RECORDS: usize = 1_000;
const SHAPES: [&str; 3] = ["protocol", "model", "dashboard"];

fn main() {
    divan::main();
}

#[divan::bench(args = SHAPES)]
fn otail(bencher: Bencher<'_, '_>, shape: &str) {
    let stream: String =
        records(shape).iter().map(|record| format!("id: 1\nevent: span\ndata: {record}\n\n")).collect();
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        let (mut framer, mut decoder) = (Framer::default(), Decoder::default());
        for chunk in stream.as_bytes().chunks(16_384) {
            framer.push(chunk);
            while let Some(frame) = framer.next() {
                if let Frame::Event { kind, data, id } = frame {
                    black_box(decoder.read(kind, id, data));
                }
            }
        }
        let taken = decoder.take();
        assert_eq!((taken.batches[0].len(), taken.rejected.count), (RECORDS, 0));
        taken
    });
}

#[divan::bench(args = SHAPES)]
fn owned(bencher: Bencher<'_, '_>, shape: &str) {
    let records = records(shape);
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        let read = |record: &String| serde_json::from_str::<serde_json::Value>(record).ok();
        records.iter().map(read).collect::<Vec<_>>()
    });
}

#[divan::bench(args = SHAPES)]
fn borrowed(bencher: Bencher<'_, '_>, shape: &str) {
    let records = records(shape);
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        for record in &records {
            let record = serde_json::from_str::<Record<'_>>(record);
            let text = record.as_ref().ok().and_then(|record| record.attributes_json.as_deref());
            let opened = text.map(serde_json::from_str::<HashMap<&str, &str>>);
            assert!(record.is_ok() && !matches!(opened, Some(Err(_))));
            black_box((&record, opened));
        }
    });
}

/// Records as streams carry them: ids and times that differ, everything else from a few values.
fn records(shape: &str) -> Vec<String> {
    (0..RECORDS as u64).map(|n| record(shape, n).to_string()).collect()
}

fn record(shape: &str, n: u64) -> serde_json::Value {
    let start = 1_755_000_000_000_000_000 + n * 1_234_567;
    let attributes = json!({
        "http.request.method": if n.is_multiple_of(2) { "GET" } else { "POST" }, "http.route": format!("/api/v1/items/{}", n % 10),
        "http.response.status_code": (200 + n % 5).to_string(), "server.address": format!("web-{}", n % 4),
        "url.scheme": "https", "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)", "client.address": format!("10.0.0.{}", n % 256),
        "network.protocol.version": "1.1", "thread.name": format!("worker-{}", n % 8), "enduser.id": format!("u-{n}"),
    });
    let mut record = json!({
        "traceId": format!("{:032x}", n / 8 + 1), "spanId": format!("{:016x}", n + 1), "parentSpanId": format!("{:016x}", n / 2 + 1),
        "sessionId": format!("s-{}", n % 20), "name": format!("GET /api/v1/items/{}", n % 10), "serviceName": format!("service-{}", n % 5),
        "statusMessage": null,
    });
    let more = match shape {
        "protocol" => json!({
            "kind": 2, "startTimeUnixNano": start, "endTimeUnixNano": start + 5_000_000, "durationNs": 5_000_000, "statusCode": 0,
            "genAi": {"providerName": "openai", "operationName": "chat", "requestModel": "gpt-x", "inputTokens": n % 1000, "outputTokens": n % 100},
            "attributes": attributes,
        }),
        "model" => json!({
            "kind": 2, "startTimeUnixNano": start, "endTimeUnixNano": start + 5_000_000, "durationNs": 5_000_000, "statusCode": 0,
            "genAiProviderName": "openai", "genAiRequestModel": "gpt-x", "genAiInputTokens": n % 1000, "genAiOutputTokens": n % 100,
            "attributesJson": attributes.to_string(),
            "resourceJson": json!({"service.name": format!("service-{}", n % 5), "host.name": format!("web-{}", n % 4)}).to_string(),
        }),
        _ => json!({
            "kind": "server", "startTime": rfc3339(start), "endTime": rfc3339(start + 5_000_000), "durationMs": 5.0, "status": "ok",
            "genai": {"providerName": "openai", "requestModel": "gpt-x"}, "attributes": attributes, "events": [], "links": [],
        }),
    };
    if let (Some(record), serde_json::Value::Object(more)) = (record.as_object_mut(), more) {
        record.extend(more);
    }
    record
}

fn rfc3339(nanos: u64) -> String {
    otail::model::Time(nanos).rfc3339()
}

/// The fields of the three shapes above.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read by nobody: what is measured is making it")]
struct Record<'a> {
    #[serde(borrow)]
    trace_id: Cow<'a, str>,
    #[serde(borrow)]
    span_id: Cow<'a, str>,
    #[serde(borrow)]
    parent_span_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    service_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status_message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kind: Scalar<'a>,
    start_time_unix_nano: Option<u64>,
    end_time_unix_nano: Option<u64>,
    duration_ns: Option<u64>,
    duration_ms: Option<f64>,
    #[serde(borrow)]
    start_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    end_time: Option<Cow<'a, str>>,
    status_code: Option<u8>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "genai")]
    gen_ai: Option<GenAi<'a>>,
    #[serde(borrow)]
    gen_ai_provider_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    gen_ai_request_model: Option<Cow<'a, str>>,
    gen_ai_input_tokens: Option<u64>,
    gen_ai_output_tokens: Option<u64>,
    #[serde(borrow)]
    attributes: Option<HashMap<&'a str, &'a str>>,
    #[serde(borrow)]
    attributes_json: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_json: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct GenAi<'a> {
    provider_name: &'a str,
    operation_name: Option<&'a str>,
    request_model: &'a str,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "as above")]
enum Scalar<'a> {
    Int(i64),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}
