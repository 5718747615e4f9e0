//! OTLP over gRPC, tested with tonic's client.

use super::http::{logs, metrics};
use super::*;
use bytes::{Buf, BufMut};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

pub(super) const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// A codec that passes messages as bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; from.remaining()];
        from.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}

pub(super) async fn call(
    place: &str,
    path: &'static str,
    packed: Option<CompressionEncoding>,
    body: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let channel = Channel::from_shared(place.to_owned()).unwrap().connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    if let Some(packed) = packed {
        client = client.send_compressed(packed);
    }
    client.ready().await.unwrap();
    let response = client.unary(Request::new(body), path.parse().unwrap(), Raw).await?;
    Ok(response.into_inner())
}

#[tokio::test]
async fn each_signal_has_its_service() {
    let mut listening = listening().await;
    for (path, body) in [
        (TRACES, traces(&["a", "b"])),
        ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", metrics()),
        ("/opentelemetry.proto.collector.logs.v1.LogsService/Export", logs()),
    ] {
        assert_eq!(call(&listening.grpc, path, None, body).await.unwrap(), b"", "{path}");
    }
    assert_eq!(listening.came(), ["a", "b", "metrics", "logs"]);
}

#[tokio::test]
async fn gzip_and_zstd_are_unpacked() {
    let mut listening = listening().await;
    for packed in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        call(&listening.grpc, TRACES, Some(packed), traces(&["packed"])).await.unwrap();
        assert_eq!(listening.came(), ["packed"]);
    }
}

#[tokio::test]
async fn a_large_message_is_accepted() {
    let mut listening = listening().await;
    call(&listening.grpc, TRACES, None, large_traces(20 << 20)).await.unwrap();
    assert_eq!(listening.came()[0].len(), 20 << 20);
}

#[tokio::test]
async fn the_http_port_accepts_calls_too() {
    let mut listening = listening().await;
    call(&listening.http, TRACES, None, traces(&["there"])).await.unwrap();
    assert_eq!(listening.came(), ["there"]);
}

#[tokio::test]
async fn an_empty_request_is_a_success() {
    let listening = listening().await;
    assert_eq!(call(&listening.grpc, TRACES, None, Vec::new()).await.unwrap(), b"");
}

#[tokio::test]
async fn rejected_items_are_reported_as_partial_success() {
    let mut listening = listening().await;
    let bad = Span { span_id: vec![0; 8], ..span("bad") };
    let response = call(&listening.grpc, TRACES, None, request(vec![bad, span("good")]).encode_to_vec()).await.unwrap();
    let partial = ExportTraceServiceResponse::decode(&response[..]).unwrap().partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert_eq!(listening.came(), ["good"]);
}

#[tokio::test]
async fn an_unreadable_message_is_an_invalid_argument() {
    let listening = listening().await;
    let status = call(&listening.grpc, TRACES, None, vec![1, 2, 3]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(!status.message().is_empty() && !status.details().is_empty());
    assert_eq!(listening.counts().rejected, 1);
}

#[tokio::test]
async fn an_overlong_message_must_not_be_retried() {
    let settings = config::Listen { max_body: 100_000, ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    for packed in [None, Some(CompressionEncoding::Gzip), Some(CompressionEncoding::Zstd)] {
        let status = call(&listening.grpc, TRACES, packed, large_traces(100_001)).await.unwrap_err();
        assert_eq!((status.code(), status.details()), (Code::ResourceExhausted, &b""[..]), "{packed:?}");
    }
    assert_eq!(listening.counts().rejected, 3);
}

#[tokio::test]
async fn without_room_it_is_unavailable_with_a_delay() {
    let mut listening = listening_with(config::Listen::default(), Limits { items: 1, bytes: usize::MAX }).await;
    call(&listening.grpc, TRACES, None, traces(&["first"])).await.unwrap();
    let status = call(&listening.grpc, TRACES, None, traces(&["second"])).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(String::from_utf8_lossy(status.details()).contains("google.rpc.RetryInfo"));
    assert_eq!((listening.came(), listening.counts().refused), (vec!["first".to_owned()], 1));
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let listening = listening().await;
    for path in ["/opentelemetry.proto.collector.trace.v1.TraceService/Import", "/grpc.health.v1.Health/Check"] {
        let status = call(&listening.grpc, path, None, Vec::new()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
}
