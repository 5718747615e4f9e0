//! Refused requests are counted and reported with their reason.

use super::*;
use crate::model::{ConnectionEvent, DropReason};
use reqwest::Method;

type Headers<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn a_refusal_reports_request_sender_and_reason() {
    let settings = config::Listen { max_body: 100_000, ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    let large = " ".repeat(100_001);
    let rebound = [("content-type", JSON), ("host", "evil.example")];
    let page = [("content-type", JSON), ("origin", "https://evil.example")];
    let packed = [("content-type", JSON), ("content-encoding", "br")];
    let typed: &[(&str, &str)] = &[("content-type", JSON)];
    let refusals: [(&str, Headers<'_>, &str, u16, &str); 8] = [
        ("/v1/trace", typed, "{}", 404, "no such path; send OTLP to /v1/traces, /v1/metrics or /v1/logs"),
        ("/v1/traces", typed, "{", 400, "not JSON"),
        ("/v1/logs", typed, "[]", 400, "must be a JSON object"),
        ("/v1/traces", &[("content-type", "text/plain")], "x", 415, "unsupported media type"),
        ("/v1/traces", &packed, "{}", 400, "unsupported Content-Encoding"),
        ("/v1/metrics", typed, &large, 413, "larger than 100000 bytes"),
        ("/v1/traces", &rebound, "{}", 403, "`hosts` under [listen]"),
        ("/v1/traces", &page, "{}", 403, "`origins` under [listen]"),
    ];
    for (count, (path, headers, body, status, why)) in (1..).zip(refusals) {
        assert_eq!(listening.post_with(path, headers, body.to_owned()).await.status(), status, "{why}");
        let rejection = listening.rejection();
        let begin = format!("POST {path} from 127.0.0.1:");
        assert!(rejection.reason.starts_with(&begin) && rejection.reason.contains(why), "{}", rejection.reason);
        assert_eq!((rejection.count, listening.counts().rejected), (count, count), "{why}");
        assert!(rejection.at.0 > 0);
    }
    assert_eq!(listening.counts().dropped[DropReason::Overflow as usize], 0);
}

#[tokio::test]
async fn probes_and_icon_requests_are_not_reported() {
    let listening = listening().await;
    for (method, path) in [(Method::GET, "/favicon.ico"), (Method::HEAD, "/"), (Method::OPTIONS, "/v1/traces")] {
        let response = client().request(method, format!("{}{path}", listening.http)).send().await.unwrap();
        assert!(response.status().is_client_error());
    }
    assert_eq!((listening.connection().rejection, listening.counts()), (None, Counts::default()));
}

#[tokio::test]
async fn a_refused_preflight_is_reported() {
    let listening = listening().await;
    let question = client().request(Method::OPTIONS, format!("{}/v1/traces", listening.http));
    let question = question.header("origin", "https://shop.example").header("access-control-request-method", "POST");
    assert_eq!(question.send().await.unwrap().status(), 403);
    let rejection = listening.rejection();
    assert!(rejection.reason.contains("https://shop.example"), "{}", rejection.reason);
    assert_eq!((rejection.count, listening.counts()), (0, Counts::default()));
}

#[tokio::test]
async fn rejected_items_of_a_good_request_are_reported() {
    let listening = listening().await;
    let bad = Span { trace_id: vec![1], ..span("bad") };
    let body = request(vec![span("good"), bad]).encode_to_vec();
    assert_eq!(listening.post("/v1/traces", PROTOBUF, body).await.status(), 200);
    let rejection = listening.rejection();
    assert!(rejection.reason.contains("a span's trace id must be 16 bytes"), "{}", rejection.reason);
    assert_eq!((rejection.count, rejection.refused), (1, 0));
}

#[tokio::test]
async fn a_request_without_room_counts_as_refused() {
    let listening = listening_with(config::Listen::default(), Limits { items: 1, bytes: usize::MAX }).await;
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["first"])).await.status(), 200);
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["a", "b"])).await.status(), 503);
    let rejection = listening.rejection();
    assert!(rejection.reason.contains("the sender must retry: no room"), "{}", rejection.reason);
    assert_eq!((rejection.count, rejection.refused, listening.counts().refused), (0, 2, 2));
}

#[tokio::test]
async fn rejection_events_come_at_once_then_summed() {
    let listening = listening().await;
    let mut events = listening.provider.events();
    for _ in 0..20 {
        assert_eq!(listening.post("/nowhere", JSON, "{}").await.status(), 404);
    }
    let mut sums = Vec::new();
    while sums.iter().sum::<u64>() < 20 {
        let event = events.recv().await.unwrap();
        assert_eq!(event.name(), "connection.error");
        let ConnectionEvent::Rejected(_, rejection) = event else { panic!("{event:?}") };
        sums.push(rejection.count);
    }
    assert!(sums.len() < 10, "{sums:?}");
    assert_eq!(listening.connection().state, ConnectionState::Active);
    assert_eq!(listening.connection().error, None);
}

#[tokio::test]
async fn a_quoted_reason_is_short_and_escaped() {
    let listening = listening().await;
    listening.post("/v1/traces", JSON, "{\u{1b}[2J\u{202e}").await;
    assert!(crate::model::is_harmless(&listening.rejection().reason));
    let origin = format!("https://{}", "y".repeat(5_000));
    listening.post_with("/v1/traces", &[("content-type", JSON), ("origin", &origin)], "{}").await;
    let reason = listening.rejection().reason;
    assert!(reason.chars().count() <= 300 && crate::model::is_harmless(&reason), "{reason}");
}

#[tokio::test]
async fn a_misdirected_signal_is_answered_with_its_path() {
    for (signal, encoding, body) in bodies() {
        let (content_type, is_json) = match encoding {
            Encoding::Json => (JSON, true),
            Encoding::Protobuf => (PROTOBUF, false),
        };
        let (wrong, right, what) = match signal {
            Signal::Metrics => ("/v1/logs", "/v1/metrics", "metrics"),
            Signal::Logs => ("/v1/traces", "/v1/logs", "logs"),
            _ => ("/v1/metrics", "/v1/traces", "traces"),
        };
        let mut listening = listening().await;
        let response = listening.post(wrong, content_type, body).await;
        assert_eq!(response.status(), 200);
        let answer = response.bytes().await.unwrap();
        let why = format!("send {what} to {right}");
        assert!(String::from_utf8_lossy(&answer).contains(&why), "{answer:?}");
        assert_eq!(answer.starts_with(b"{\"partialSuccess\""), is_json);
        assert!(listening.came().is_empty());
        assert_eq!((listening.rejection().count, listening.counts().rejected), (1, 1));
        assert!(listening.rejection().reason.contains(&why), "{}", listening.rejection().reason);
    }
}

#[tokio::test]
async fn a_refused_call_reports_sender_and_reason() {
    let settings = config::Listen { max_body: 100_000, ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    let calls: [(&'static str, Vec<u8>, &str, &str); 4] = [
        (
            "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
            Vec::new(),
            "TraceService/Import",
            "no such call",
        ),
        (grpc::TRACES, vec![1, 2, 3], "TraceService/Export", "check that the body is protobuf"),
        (grpc::TRACES, large_traces(100_001), "TraceService/Export", "larger than 100000 bytes"),
        (grpc::TRACES, http::metrics(), "TraceService/Export", "send metrics to MetricsService/Export"),
    ];
    for (count, (path, body, name, why)) in (1..).zip(calls) {
        // The last call is answered as a partial success.
        let _ = grpc::call(&listening.grpc, path, None, body).await;
        let rejection = listening.rejection();
        let begin = format!("gRPC {name} from 127.0.0.1:");
        assert!(rejection.reason.starts_with(&begin) && rejection.reason.contains(why), "{}", rejection.reason);
        assert_eq!((rejection.count, listening.counts().rejected), (count, count), "{why}");
    }
}

#[tokio::test]
async fn a_health_check_is_not_reported() {
    let listening = listening().await;
    assert!(grpc::call(&listening.grpc, "/grpc.health.v1.Health/Check", None, Vec::new()).await.is_err());
    assert_eq!((listening.connection().rejection, listening.counts()), (None, Counts::default()));
}
