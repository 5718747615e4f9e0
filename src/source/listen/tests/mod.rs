//! The receiver, tested over real sockets.

mod admission;
mod grpc;
mod hostile;
mod http;
mod life;
mod rejections;
mod tls;

use crate::columns::Item;
use crate::config;
use crate::intake::{Intake, Limits, Reader};
use crate::model::{Connection, ConnectionState, Counts, Rejection, Signal};
use crate::source::{Provider, Settings, SourceSpec};
use crate::wire::Encoding;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;

/// A receiver on free ports, and the reader of its queue.
struct Listening {
    provider: Provider,
    reader: Reader,
    grpc: String,
    http: String,
}

async fn listening() -> Listening {
    listening_with(config::Listen::default(), Limits::default()).await
}

async fn listening_with(settings: config::Listen, limits: Limits) -> Listening {
    crate::net::install_tls();
    let (intake, reader) = Intake::new(limits);
    let settings = Settings { listen: Arc::new(settings), ..Settings::default() };
    let provider = Provider::new(settings, intake, tokio::runtime::Handle::current());
    provider.connect_to(SourceSpec::listen("127.0.0.1:0", "127.0.0.1:0"), None).unwrap();
    let url = settled(&provider, ConnectionState::Active).await;
    let (grpc, http) = url.split_once(" and ").unwrap();
    Listening { provider, reader, grpc: grpc.replacen("grpc:", "http:", 1), http: http.into() }
}

/// Waits until the first connection has a state; returns its URL.
async fn settled(provider: &Provider, state: ConnectionState) -> String {
    let mut changed = provider.changed();
    loop {
        let connection = provider.list().remove(0);
        if connection.state == state {
            return connection.url;
        }
        changed.changed().await.unwrap();
    }
}

impl Listening {
    /// What arrived since the last call: spans by their names, others by their signal.
    fn came(&mut self) -> Vec<String> {
        let parcels = self.reader.drain(Duration::ZERO);
        let items = parcels.iter().flat_map(|parcel| &parcel.batches).flat_map(|batch| batch.items());
        let name = |item: Item<'_>| match item {
            Item::Span(span) => span.name().to_owned(),
            other => other.signal().word().to_owned(),
        };
        items.map(name).collect()
    }

    fn connection(&self) -> Connection {
        self.provider.list().remove(0)
    }

    /// The connection's rejections.
    fn rejection(&self) -> Rejection {
        self.connection().rejection.unwrap_or_default()
    }

    fn counts(&self) -> Counts {
        self.reader.counts().total
    }

    async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        self.post_with(path, &[("content-type", content_type)], body).await
    }

    async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Response {
        let mut request = client().post(format!("{}{path}", self.http)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().no_gzip().no_zstd().build().unwrap()
}

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// A body with one item, for each signal in each encoding.
pub(super) fn bodies() -> [(Signal, Encoding, Vec<u8>); 6] {
    let json = |text: &str| text.as_bytes().to_vec();
    [
        (Signal::Spans, Encoding::Protobuf, traces(&["a"])),
        (Signal::Metrics, Encoding::Protobuf, http::metrics()),
        (Signal::Logs, Encoding::Protobuf, http::logs()),
        (Signal::Spans, Encoding::Json, json(http::JSON_SPAN)),
        (
            Signal::Metrics,
            Encoding::Json,
            json(
                r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"timeUnixNano":"1","asInt":"2"}]}}]}]}]}"#,
            ),
        ),
        (
            Signal::Logs,
            Encoding::Json,
            json(r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1"}]}]}]}"#),
        ),
    ]
}

pub(super) fn span(name: &str) -> Span {
    let id = fastrand::u64(1..).to_be_bytes().to_vec();
    Span {
        trace_id: [id.clone(), id.clone()].concat(),
        span_id: id,
        name: name.into(),
        start_time_unix_nano: 1,
        end_time_unix_nano: 2,
        ..Span::default()
    }
}

pub(super) fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
}

fn traces(names: &[&str]) -> Vec<u8> {
    request(names.iter().map(|name| span(name)).collect()).encode_to_vec()
}

fn large_traces(bytes: usize) -> Vec<u8> {
    traces(&[&"x".repeat(bytes)])
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
