//! OTLP over HTTP.

use super::*;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, number_data_point,
};
use reqwest::{Method, Response};

pub(super) const JSON_SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
    "spanId":"eee19b7ec3c1b174","name":"json","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}"#;

pub(super) fn logs() -> Vec<u8> {
    let log_records = vec![LogRecord { time_unix_nano: 1, ..LogRecord::default() }];
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
        .encode_to_vec()
}

pub(super) fn metrics() -> Vec<u8> {
    let value = Some(number_data_point::Value::AsInt(1));
    let data_points = vec![NumberDataPoint { time_unix_nano: 1, value, ..NumberDataPoint::default() }];
    let metrics =
        vec![Metric { name: "m".into(), data: Some(Data::Gauge(Gauge { data_points })), ..Metric::default() }];
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { scope_metrics, ..ResourceMetrics::default() }];
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The status of a refusal, and its `google.rpc.Status`, which must be JSON.
async fn refusal(response: Response) -> (u16, serde_json::Value) {
    assert_eq!(header(&response, "content-type"), JSON);
    (response.status().as_u16(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn each_signal_has_its_path() {
    let mut listening = listening().await;
    for (path, body) in [("/v1/traces", traces(&["a", "b"])), ("/v1/metrics", metrics()), ("/v1/logs", logs())] {
        let response = listening.post(path, PROTOBUF, body).await;
        assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, PROTOBUF), "{path}");
        assert!(response.bytes().await.unwrap().is_empty(), "partial_success is unset on full success");
    }
    assert_eq!(listening.came(), ["a", "b", "metrics", "logs"]);
}

#[tokio::test]
async fn json_is_answered_in_json() {
    let mut listening = listening().await;
    let response = listening.post("/v1/traces", "Application/JSON; charset=utf-8", JSON_SPAN).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, JSON));
    assert_eq!(response.text().await.unwrap(), "{}");
    assert_eq!(listening.came(), ["json"]);
}

#[tokio::test]
async fn an_empty_request_is_a_success() {
    let listening = listening().await;
    assert_eq!(listening.post("/v1/traces", PROTOBUF, "").await.status(), 200);
    assert_eq!(listening.post("/v1/logs", JSON, "{}").await.status(), 200);
    assert_eq!(listening.counts(), Counts::default());
}

#[tokio::test]
async fn unknown_compressions_are_refused() {
    let mut listening = listening().await;
    let body = traces(&["packed"]);
    for (encoding, body) in [("gzip", gzip(&body)), ("zstd", zstd::encode_all(&traces(&["packed"])[..], 1).unwrap())] {
        let headers = [("content-type", PROTOBUF), ("content-encoding", encoding)];
        assert_eq!(listening.post_with("/v1/traces", &headers, body).await.status(), 200, "{encoding}");
        assert_eq!(listening.came(), ["packed"]);
    }
    let headers = [("content-type", JSON), ("content-encoding", "br")];
    let (status, body) = refusal(listening.post_with("/v1/traces", &headers, "{}").await).await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("gzip"), "{body}");
}

#[tokio::test]
async fn a_large_body_is_decoded_the_same() {
    let mut listening = listening().await;
    let names: Vec<String> = (0..20_000).map(|n| format!("span {n}")).collect();
    let body = traces(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(body.len() > 512 << 10);
    assert_eq!(listening.post("/v1/traces", PROTOBUF, body).await.status(), 200);
    assert_eq!(listening.came(), names);
}

#[tokio::test]
async fn rejected_items_are_reported_as_partial_success() {
    let mut listening = listening().await;
    let bad = Span { trace_id: vec![1], ..span("bad") };
    let body = request(vec![span("good"), bad]).encode_to_vec();
    let response = listening.post("/v1/traces", PROTOBUF, body).await;
    assert_eq!(response.status(), 200);
    let partial = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap().partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("trace id"), "{}", partial.error_message);
    assert_eq!(listening.came(), ["good"]);
    assert_eq!((listening.counts().received, listening.counts().rejected), (2, 1));
    let bad = JSON_SPAN.replace("5b8efff798038103d269b633813fc60c", "");
    let text = listening.post("/v1/traces", JSON, bad).await.text().await.unwrap();
    assert!(text.contains(r#""rejectedSpans":"1""#), "{text}");
}

#[tokio::test]
async fn an_unreadable_body_is_400_in_its_encoding() {
    let mut listening = listening().await;
    let (status, body) = refusal(listening.post("/v1/traces", JSON, "{\"resourceSpans\":").await).await;
    assert_eq!((status, &body["code"]), (400, &3.into()));
    assert!(body["details"][0]["@type"].as_str().unwrap().ends_with("BadRequest"), "{body}");
    let response = listening.post("/v1/traces", PROTOBUF, "\u{1}\u{2}\u{3}").await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (400, PROTOBUF));
    assert!(response.bytes().await.unwrap().starts_with(&[1 << 3, 3, 2 << 3 | 2]));
    assert!(listening.came().is_empty());
    assert_eq!((listening.counts().received, listening.counts().rejected), (2, 2));
}

#[tokio::test]
async fn other_paths_methods_and_types_are_refused() {
    let listening = listening().await;
    let (status, _) = refusal(listening.post("/v1/profiles", JSON, "{}").await).await;
    assert_eq!(status, 404);
    let response = listening.post("/v1/traces", "text/plain", JSON_SPAN).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (415, "text/plain; charset=utf-8"));
    assert!(response.text().await.unwrap().contains("application/json"));
    assert_eq!(listening.post_with("/v1/traces", &[], JSON_SPAN).await.status(), 415);
    for method in [Method::GET, Method::PUT, Method::OPTIONS] {
        let response = client().request(method, format!("{}/v1/traces", listening.http)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "POST"));
        assert!(response.text().await.unwrap().contains("[POST]"));
    }
}

#[tokio::test]
async fn without_room_it_is_503_with_retry_after() {
    let mut listening = listening_with(config::Listen::default(), Limits { items: 1, bytes: usize::MAX }).await;
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["first"])).await.status(), 200);
    let response = listening.post("/v1/traces", JSON, JSON_SPAN).await;
    assert_eq!(header(&response, "retry-after"), "1");
    let (status, body) = refusal(response).await;
    assert_eq!((status, &body["code"]), (503, &14.into()));
    assert_eq!((listening.counts().received, listening.counts().refused), (1, 1));
    assert_eq!(listening.came(), ["first"]);
    assert_eq!(listening.post("/v1/traces", JSON, JSON_SPAN).await.status(), 200);
    assert_eq!(listening.came(), ["json"]);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let settings = config::Listen { max_body: 100_000, ..config::Listen::default() };
    let mut listening = listening_with(settings, Limits::default()).await;
    let (status, _) = refusal(listening.post("/v1/traces", JSON, " ".repeat(100_001)).await).await;
    assert_eq!(status, 413);
    let headers = [("content-type", JSON), ("content-encoding", "gzip")];
    let (status, body) = refusal(listening.post_with("/v1/traces", &headers, gzip(&[b' '; 100_001])).await).await;
    assert_eq!((status, &body["code"]), (413, &8.into()));
    assert_eq!(body["details"], serde_json::json!([]), "must not be retried");
    assert_eq!(listening.counts().rejected, 2);
    assert_eq!(listening.post("/v1/traces", PROTOBUF, large_traces(99_900)).await.status(), 200);
    assert_eq!(listening.came().len(), 1);
}

#[tokio::test]
async fn every_port_speaks_http_2() {
    let mut listening = listening().await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for place in [&listening.http, &listening.grpc] {
        let post = client.post(format!("{place}/v1/traces")).header("content-type", PROTOBUF).body(traces(&["h2"]));
        assert_eq!(post.send().await.unwrap().status(), 200);
    }
    assert_eq!(listening.came(), ["h2", "h2"]);
}

#[tokio::test]
async fn only_loopback_and_listed_origins_may_send() {
    let settings = config::Listen { origins: vec!["https://app.example".into()], ..config::Listen::default() };
    let mut listening = listening_with(settings, Limits::default()).await;
    for origin in ["https://app.example", "http://localhost:3000"] {
        let response =
            listening.post_with("/v1/traces", &[("content-type", JSON), ("origin", origin)], JSON_SPAN).await;
        assert_eq!((response.status().as_u16(), header(&response, "access-control-allow-origin")), (200, origin));
        assert_eq!(header(&response, "vary"), "origin");
        listening.came();
    }
    for origin in ["https://evil.example", "null"] {
        let response =
            listening.post_with("/v1/traces", &[("content-type", JSON), ("origin", origin)], JSON_SPAN).await;
        assert_eq!((response.status().as_u16(), header(&response, "access-control-allow-origin")), (403, ""));
    }
    assert!(listening.came().is_empty());
}

#[tokio::test]
async fn only_permitted_origins_get_a_preflight_answer() {
    let listening = listening().await;
    let preflight = async |origin: &str| {
        let request = client().request(Method::OPTIONS, format!("{}/v1/traces", listening.http));
        let request = request.header("origin", origin).header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type,x-key").send().await.unwrap()
    };
    let response = preflight("http://localhost:3000").await;
    assert_eq!(response.status(), 204);
    assert_eq!(header(&response, "access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(header(&response, "access-control-allow-methods"), "POST");
    assert_eq!(header(&response, "access-control-allow-headers"), "content-type,x-key");
    let response = preflight("https://evil.example").await;
    assert_eq!((response.status().as_u16(), header(&response, "access-control-allow-origin")), (403, ""));
    assert_eq!(header(&response, "access-control-allow-credentials"), "");
}

#[tokio::test]
async fn beacons_of_a_permitted_page_may_carry_credentials() {
    let listening = listening().await;
    let headers = [("content-type", JSON), ("origin", "http://localhost:3000"), ("cookie", "a=b")];
    let preflight = client()
        .request(Method::OPTIONS, format!("{}/v1/traces", listening.http))
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "POST");
    for response in [preflight.send().await.unwrap(), listening.post_with("/v1/traces", &headers, JSON_SPAN).await] {
        assert_eq!(header(&response, "access-control-allow-credentials"), "true");
        assert_eq!(header(&response, "access-control-allow-origin"), "http://localhost:3000");
    }
}

#[tokio::test]
async fn a_non_ascii_origin_is_foreign() {
    let mut listening = listening().await;
    let origin = reqwest::header::HeaderValue::from_bytes("http://löcalhost".as_bytes()).unwrap();
    let request = client().post(format!("{}/v1/traces", listening.http)).header("content-type", JSON);
    let response = request.header("origin", origin).body(JSON_SPAN).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(listening.came().is_empty());
}

#[tokio::test]
async fn extra_slashes_in_the_path_are_ignored() {
    let mut listening = listening().await;
    for path in ["//v1/traces", "/v1/traces/", "/v1//traces"] {
        assert_eq!(listening.post(path, JSON, JSON_SPAN).await.status(), 200, "{path}");
    }
    for path in ["/v1/traces/x", "/v1", "/traces", "/"] {
        assert_eq!(listening.post(path, JSON, JSON_SPAN).await.status(), 404, "{path}");
    }
    assert_eq!(listening.came(), ["json"], "the others are duplicates");
    assert_eq!(listening.counts().duplicate, 2);
}

#[tokio::test]
async fn the_registered_protobuf_media_type_is_accepted() {
    let mut listening = listening().await;
    assert_eq!(listening.post("/v1/traces", "application/protobuf", traces(&["a"])).await.status(), 200);
    assert_eq!(listening.came(), ["a"]);
}

#[tokio::test]
async fn a_rebound_name_is_refused() {
    let mut listening = listening().await;
    for (host, status) in [("evil.example", 403), ("evil.example:4318", 403), ("localhost:4318", 200)] {
        let headers = [("content-type", JSON), ("host", host)];
        assert_eq!(listening.post_with("/v1/traces", &headers, JSON_SPAN).await.status(), status, "{host}");
    }
    assert_eq!(listening.came(), ["json"]);
}
