//! The exporter against a receiver that counts, and that sometimes refuses.

use super::*;
use crate::demo::{DemoError, Target, run};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::{Router, extract::State};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::collections::HashSet;
use std::io::Read;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The requests that a receiver has received.
#[derive(Default)]
struct Seen {
    requests: usize,
    refused: usize,
    spans: Vec<Vec<u8>>,
    encodings: HashSet<String>,
    paths: HashSet<String>,
}

struct Receiver {
    seen: Mutex<Seen>,
    /// The receiver refuses every n-th request.
    refuses: usize,
    /// The status of a refusal.
    status: StatusCode,
    /// Signals when this many spans have arrived.
    enough: (usize, Mutex<Option<oneshot::Sender<()>>>),
}

async fn receive(State(receiver): State<Arc<Receiver>>, uri: Uri, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let grpc = header("content-type") == "application/grpc";
    let mut seen = receiver.seen.lock().unwrap();
    seen.requests += 1;
    if seen.requests.is_multiple_of(receiver.refuses) {
        seen.refused += 1;
        let answer = Response::builder().header("retry-after", "0");
        let code = if receiver.status == StatusCode::SERVICE_UNAVAILABLE { "14" } else { "3" };
        return if grpc {
            let answer = answer.header("content-type", "application/grpc").header("grpc-message", "no room");
            answer.header("grpc-status", code).body(Body::empty()).unwrap()
        } else {
            answer.status(receiver.status).body(Body::from("no room")).unwrap()
        };
    }
    if header("content-encoding") == "gzip" {
        let mut plain = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        body = plain;
    }
    if grpc {
        body.drain(..5);
    }
    seen.encodings.insert(if grpc { "grpc".to_owned() } else { header("content-encoding") });
    seen.paths.insert(uri.path().to_owned());
    if uri.path().contains("race") {
        let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        seen.spans.extend(scopes.flat_map(|scope| scope.spans).map(|span| span.span_id));
        if seen.spans.len() >= receiver.enough.0 {
            receiver.enough.1.lock().unwrap().take().map(|enough| enough.send(()));
        }
    }
    let answer = Response::builder();
    if grpc {
        let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
        let message = http_body_util::Full::from(&[0_u8; 5][..]).with_trailers(async { Some(Ok(trailers)) });
        return answer.header("content-type", "application/grpc").body(Body::new(message)).unwrap();
    }
    answer.body(Body::empty()).unwrap()
}

/// Runs the shop until a receiver has `enough` spans, or the shop stops.
async fn until(enough: usize, refuses: usize, status: StatusCode) -> (Seen, Result<(), DemoError>) {
    let (done, is_done) = oneshot::channel();
    let receiver =
        Arc::new(Receiver { seen: Mutex::default(), refuses, status, enough: (enough, Mutex::new(Some(done))) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(receive).with_state(receiver.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let target = Target { http: url.clone(), grpc: Some(url) };
    let ended = run(target, 7, Scenario::Shop, async { _ = is_done.await }).await;
    server.abort();
    let seen = std::mem::take(&mut *receiver.seen.lock().unwrap());
    (seen, ended)
}

#[tokio::test]
async fn temporarily_refused_requests_are_sent_again() {
    let (seen, ended) = until(60, 3, StatusCode::SERVICE_UNAVAILABLE).await;
    ended.unwrap();
    let mut expected = Vec::new();
    for export in exports(7, Scenario::Shop, 60) {
        if let Request::Traces(request) = export.request {
            let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            expected.extend(scopes.flat_map(|scope| scope.spans).map(|span| span.span_id));
        }
    }
    assert!(seen.refused > 3, "{} were refused", seen.refused);
    assert_eq!(seen.spans, expected[..seen.spans.len()], "every span once, in order");
}

#[tokio::test]
async fn services_export_plain_compressed_and_over_grpc() {
    let (seen, ended) = until(150, usize::MAX, StatusCode::OK).await;
    ended.unwrap();
    assert_eq!(seen.encodings, ["", "gzip", "grpc"].map(str::to_owned).into());
    assert!(seen.paths.contains("/v1/traces") && seen.paths.contains("/v1/logs"), "{:?}", seen.paths);
}

#[tokio::test]
async fn a_permanent_refusal_ends_the_demo() {
    let (_, ended) = until(1_000_000, 1, StatusCode::BAD_REQUEST).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("refused the data of the demo's") && error.ends_with("no room"), "{error}");
}

#[tokio::test]
async fn an_invalid_address_is_refused_immediately() {
    let target = Target { http: "127.0.0.1:4318".to_owned(), grpc: None };
    let error = run(target, 7, Scenario::Quiet, std::future::pending()).await.unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:4318"), "{error}");
}
