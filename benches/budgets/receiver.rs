//! otail's receiver with its engine, compared with a minimal receiver of axum, tonic and prost, which stores nothing. The same
//! load generator sends to both in turn, in this process, on the same cores.

use crate::load::{Plan, load};
use crate::table::{Limit, Spread, Table, cpu};
use axum::body::{Body, Bytes};
use axum::http::{self, StatusCode};
use axum::serve::ListenerExt;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use otail::config;
use otail::engine::Engine;
use otail::intake::{Intake, Limits};
use otail::model::ConnectionState;
use otail::source::{Provider, Settings, SourceSpec};
use otail::store::{Retention, View};
use prost::Message;
use rustix::time::ClockId;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Response, Status};

const SPANS: u64 = 256 * 512;
const ROUNDS: usize = 9;
const MAX_BODY: usize = 64 << 20;

/// The addresses of the two receivers.
struct Doors {
    http: String,
    grpc: String,
}

/// The throughput of a load.
struct Throughput {
    /// Spans per second.
    spans: f64,
    /// Spans per second of processor time, which is independent of other programs.
    spans_of_cpu: f64,
}

pub fn run(table: &mut Table) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (ours, theirs) = (otail().await?, bare().await?);
        for (name, pick) in [("HTTP", over_http as fn(&Doors) -> Plan), ("gRPC", over_grpc)] {
            let (mut ratios, mut of_cpu, mut best) = (Vec::new(), Vec::new(), 0_f64);
            // The first round warms up.
            for round in 0..=ROUNDS {
                let ours = measured(pick(&ours.doors)).await?;
                let theirs = measured(pick(&theirs)).await?;
                if round > 0 {
                    ratios.push(ours.spans / theirs.spans);
                    of_cpu.push(ours.spans_of_cpu / theirs.spans_of_cpu);
                    best = best.max(ours.spans);
                }
            }
            let note = format!("{:.0} k spans/s at best", best / 1e3);
            table.row(
                &format!("receiving over {name} / bare axum, tonic, prost"),
                Limit::AtLeast(2.0),
                Spread::of(ratios),
                &note,
            );
            table.row(
                &format!("receiving over {name} / the same, by processor time"),
                Limit::AtLeast(2.0),
                Spread::of(of_cpu),
                "load generator included",
            );
        }
        drop(ours);
        Ok(())
    })
}

fn over_http(doors: &Doors) -> Plan {
    Plan { http: Some(doors.http.clone()), grpc: None, ..plan() }
}

fn over_grpc(doors: &Doors) -> Plan {
    Plan { http: None, grpc: Some(doors.grpc.clone()), ..plan() }
}

fn plan() -> Plan {
    let lasts = Duration::from_secs(60);
    Plan { http: None, grpc: None, spans: SPANS, batch: 512, connections: 4, lasts, retry: true }
}

async fn measured(plan: Plan) -> Result<Throughput, String> {
    let before = cpu(ClockId::ProcessCPUTime);
    let report = tokio::spawn(load(plan)).await.map_err(|error| error.to_string())?;
    let took = cpu(ClockId::ProcessCPUTime) - before;
    if let Some(failure) = report.failure {
        return Err(failure);
    }
    let accepted = (report.http.accepted + report.grpc.accepted) as f64;
    assert_eq!(accepted, SPANS as f64);
    Ok(Throughput { spans: accepted / report.took.as_secs_f64(), spans_of_cpu: accepted / took.as_secs_f64() })
}

/// A running otail without its screen.
struct Otail {
    doors: Doors,
    _provider: Provider,
    _engine: Engine,
}

async fn otail() -> Result<Otail, Box<dyn std::error::Error>> {
    otail::net::install_tls();
    let (intake, reader) = Intake::new(Limits::default());
    // Hold the newest view, as a screen does.
    let mut newest = View::default();
    let publish = move |view| drop(std::mem::replace(&mut newest, view));
    let engine = Engine::start(intake.clone(), reader, Retention::default(), publish)?;
    let settings = Settings { listen: Arc::new(config::Listen::default()), ..Settings::default() };
    let provider = Provider::new(settings, intake.clone(), tokio::runtime::Handle::current());
    let any = || "127.0.0.1:0".to_owned();
    provider.connect_to(SourceSpec::listen(any(), any()), None)?;
    let mut changed = provider.changed();
    let url = loop {
        if let Some(connection) = provider.list().iter().find(|connection| connection.state == ConnectionState::Active)
        {
            break connection.url.clone();
        }
        changed.changed().await?;
    };
    let (grpc, http) = url.split_once(" and ").ok_or("two addresses")?;
    let doors = Doors { http: http.to_owned(), grpc: grpc.replacen("grpc:", "http:", 1) };
    Ok(Otail { doors, _provider: provider, _engine: engine })
}

async fn bare() -> Result<Doors, Box<dyn std::error::Error>> {
    let (http, grpc) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
    let doors = Doors { http: url(&http)?, grpc: url(&grpc)? };
    let limit = axum::extract::DefaultBodyLimit::max(MAX_BODY);
    let router = axum::Router::new().route("/v1/traces", axum::routing::post(take)).layer(limit);
    let http = http.tap_io(|stream| _ = stream.set_nodelay(true));
    tokio::spawn(async { axum::serve(http, router).await });
    // The same windows as otail's. Without them, large requests wait for room every 64 KiB.
    let server = tonic::transport::Server::builder()
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .add_routes(axum::Router::new().fallback(export).into());
    let incoming = tonic::transport::server::TcpIncoming::from(grpc).with_nodelay(Some(true));
    tokio::spawn(server.serve_with_incoming(incoming));
    Ok(doors)
}

async fn take(body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let request = ExportTraceServiceRequest::decode(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    std::hint::black_box(&request);
    Ok(ExportTraceServiceResponse::default().encode_to_vec())
}

/// Does the work of tonic's generated code.
async fn export(request: http::Request<Body>) -> http::Response<tonic::body::Body> {
    let mut grpc = tonic::server::Grpc::new(Prost).apply_max_message_size_config(Some(MAX_BODY), None);
    grpc.unary(Bare, request).await
}

struct Bare;

impl tonic::server::UnaryService<ExportTraceServiceRequest> for Bare {
    type Response = ExportTraceServiceResponse;
    type Future = std::future::Ready<Result<Response<ExportTraceServiceResponse>, Status>>;

    fn call(&mut self, request: Request<ExportTraceServiceRequest>) -> Self::Future {
        std::hint::black_box(request.get_ref());
        std::future::ready(Ok(Response::new(ExportTraceServiceResponse::default())))
    }
}

/// A codec like the `ProstCodec` of generated code.
#[derive(Default)]
struct Prost;

impl Codec for Prost {
    type Encode = ExportTraceServiceResponse;
    type Decode = ExportTraceServiceRequest;
    type Encoder = Prost;
    type Decoder = Prost;

    fn encoder(&mut self) -> Prost {
        Prost
    }

    fn decoder(&mut self) -> Prost {
        Prost
    }
}

impl Encoder for Prost {
    type Item = ExportTraceServiceResponse;
    type Error = Status;

    fn encode(&mut self, item: ExportTraceServiceResponse, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Prost {
    type Item = ExportTraceServiceRequest;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<ExportTraceServiceRequest>, Status> {
        Message::decode(from).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
