//! The load generator (`examples/load`) against a receiver that decodes and counts everything.

#![expect(clippy::unwrap_used, reason = "what the receiver cannot do fails the test")]

#[path = "../examples/load/body.rs"]
mod body;
#[path = "../examples/load/load.rs"]
mod load;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Response};
use axum::{Router, extract::State};
use body::{TRACE, Templates, parent};
use http_body_util::BodyExt;
use load::{Plan, Report, Tally, load};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use otail::model::Signal;
use otail::wire::{Encoding, Limits, otlp};
use prost::Message;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Sink {
    /// Refuses every n-th request; 0 for none.
    refuses: usize,
    /// Rejects this many spans of each request.
    rejects: u8,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: usize,
    spans: Vec<Span>,
}

async fn receive(State(sink): State<Arc<Sink>>, headers: HeaderMap, body: Body) -> Response<Body> {
    let grpc = headers["content-type"] == "application/grpc";
    let body = to_bytes(body, 64 << 20).await.unwrap().slice(if grpc { 5.. } else { 0.. });
    let mut seen = sink.seen.lock().unwrap();
    seen.requests += 1;
    let answer = Response::builder().header("retry-after", "0");
    if sink.refuses > 0 && seen.requests.is_multiple_of(sink.refuses) {
        return if grpc {
            let answer = answer.header("content-type", "application/grpc").header("grpc-status", "14");
            answer.body(Body::empty()).unwrap()
        } else {
            answer.status(503).body(Body::empty()).unwrap()
        };
    }
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    seen.spans.extend(scopes.flat_map(|scope| scope.spans));
    let rejected = [0x0A, 0x02, 0x08, sink.rejects];
    let response = if sink.rejects > 0 { &rejected[..] } else { &[] };
    if !grpc {
        return answer.body(Body::from(response.to_vec())).unwrap();
    }
    let message = [&[0, 0, 0, 0, response.len() as u8][..], response].concat();
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let message = http_body_util::Full::from(message).with_trailers(async { Some(Ok(trailers)) });
    answer.header("content-type", "application/grpc").body(Body::new(message)).unwrap()
}

/// Runs a load; returns the generator's report and the receiver's counts.
async fn loaded(sink: Sink, retry: bool) -> (Report, Tally, Seen) {
    let sink = Arc::new(sink);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(receive).with_state(sink.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let (http, grpc) = (Some(url.clone()), Some(url));
    let lasts = Duration::from_secs(60);
    let report = load(Plan { http, grpc, spans: 5_000, batch: 100, connections: 2, lasts, retry }).await;
    server.abort();
    let total = report.http.plus(report.grpc);
    let seen = std::mem::take(&mut *sink.seen.lock().unwrap());
    (report, total, seen)
}

#[tokio::test]
async fn every_span_is_sent_and_counted_once() {
    let (report, total, seen) = loaded(Sink::default(), true).await;
    assert_eq!(report.failure, None);
    assert_eq!((total.sent, total.accepted, total.failed, total.requests), (5_000, 5_000, 0, 50));
    assert_eq!(seen.spans.len(), 5_000);
    assert!(report.http.accepted > 0 && report.grpc.accepted > 0, "{report:?}");
}

#[tokio::test]
async fn refused_bodies_are_sent_again() {
    let (_, total, seen) = loaded(Sink { refuses: 4, ..Sink::default() }, true).await;
    assert_eq!((total.accepted, total.given_up), (5_000, 0));
    assert!(total.refusals > 5 && total.requests == 50 + total.refusals, "{total:?}");
    let ids: HashSet<&[u8]> = seen.spans.iter().map(|span| &span.span_id[..]).collect();
    assert_eq!((ids.len(), seen.spans.len()), (5_000, 5_000));
}

#[tokio::test]
async fn without_retry_refused_bodies_are_given_up() {
    let (_, total, seen) = loaded(Sink { refuses: 4, ..Sink::default() }, false).await;
    assert_eq!(total.requests, 50);
    assert!(total.given_up > 0 && total.given_up == total.refusals * 100, "{total:?}");
    assert_eq!(total.sent, total.accepted + total.given_up);
    assert_eq!(seen.spans.len() as u64, total.accepted);
}

#[tokio::test]
async fn rejected_spans_do_not_count_as_accepted() {
    let (_, total, _) = loaded(Sink { rejects: 3, ..Sink::default() }, true).await;
    assert_eq!((total.rejected, total.accepted), (150, 4_850));
}

#[tokio::test]
async fn a_missing_receiver_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (lasts, http) = (Duration::from_secs(60), Some(url.clone()));
    let plan = Plan { http, grpc: None, spans: 200, batch: 100, connections: 1, lasts, retry: true };
    let report = load(plan).await;
    assert_eq!((report.http.failed, report.http.accepted), (200, 0));
    assert!(report.failure.is_some_and(|failure| failure.contains(&url)));
}

#[test]
fn bodies_are_realistic_and_ids_are_fresh() {
    const NOW: u64 = 1_780_000_000_000_000_000;
    let (templates, mut ids, mut traces, mut sessions) =
        (Templates::new(512, 42), HashSet::new(), HashSet::new(), HashSet::new());
    for number in 0..40 {
        let request = ExportTraceServiceRequest::decode(&templates.fresh(number, NOW)[..]).unwrap();
        let [resource] = &request.resource_spans[..] else { panic!("one resource a body") };
        assert_eq!(resource.resource.as_ref().unwrap().attributes.len(), 8);
        let spans: Vec<&Span> = resource.scope_spans.iter().flat_map(|scope| &scope.spans).collect();
        assert_eq!(spans.len(), 512);
        let mut of_body = HashSet::new();
        for span in &spans {
            assert_eq!(span.attributes.len(), 10);
            assert!(span.end_time_unix_nano == NOW && span.start_time_unix_nano < NOW);
            assert!(span.start_time_unix_nano > NOW - 60_000_000);
            assert!(ids.insert(span.span_id.clone()), "a span id comes twice");
            of_body.insert((span.trace_id.clone(), span.span_id.clone()));
            traces.insert(span.trace_id.clone());
            let session = span.attributes[9].value.as_ref().map(Message::encode_to_vec);
            sessions.insert(session.unwrap());
        }
        let roots = spans.iter().filter(|span| span.parent_span_id.is_empty()).count();
        assert_eq!(roots, 512 / TRACE);
        for span in spans.iter().filter(|span| !span.parent_span_id.is_empty()) {
            let parent = (span.trace_id.clone(), span.parent_span_id.clone());
            assert!(of_body.contains(&parent), "a parent lies in its trace");
        }
        let text = templates.fresh(number, NOW);
        assert!(memchr::memmem::find(&text, b"~session").is_none(), "a placeholder is left");
        let decoded = otlp::decode(Signal::Spans, Encoding::Protobuf, &text, &Limits::default()).unwrap();
        assert_eq!((decoded.batch.len(), decoded.rejected.count), (512, 0));
    }
    assert_eq!(traces.len(), 40 * 512 / TRACE);
    assert_eq!(sessions.len(), traces.len());
    assert_eq!((parent(0), parent(1), parent(7)), (0, 0, 3));
}

#[test]
fn loads_with_close_start_times_have_different_ids() {
    let ids = |seed| -> HashSet<Vec<u8>> {
        let request = ExportTraceServiceRequest::decode(&Templates::new(64, seed).fresh(0, 1 << 60)[..]).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(|span| span.span_id).collect()
    };
    assert!(ids(1).is_disjoint(&ids(2)));
}
