//! Sends the shop's exports in real time. The demo's only clock and only socket are here.
//!
//! It sends one request after the other. While a receiver refuses for lack of room, the shop's time stands still; afterwards
//! it catches up, one second at a time. So nothing is lost and memory stays bounded.

use super::grpc::GrpcExporter;
use super::scenario::Scenario;
use super::shop::{Export, Protocol, Request, Shop};
use super::simulation::later;
use crate::clock;
use crate::model::Time;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::future::Future;
use std::io::Write;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tonic::Code;

/// The receivers of the shop's telemetry.
#[derive(Clone, Debug)]
pub struct Target {
    /// The base URL of OTLP/HTTP, such as `http://127.0.0.1:4318`; the exporter appends `/v1/traces` and so on.
    pub http: String,
    /// The URL of OTLP/gRPC, such as `http://127.0.0.1:4317`. Without it, the gRPC services send over HTTP.
    pub grpc: Option<String>,
}

/// Why the shop had to stop.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address is not usable.
    #[error("the demo cannot send to {url}: {reason}")]
    Endpoint {
        /// The address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The receiver refused the data for good: sending it again would not help.
    #[error("{url} refused the data of the demo's {service}: {reason}")]
    Refused {
        /// The address of the receiver.
        url: String,
        /// The `service.name` of the sender.
        service: &'static str,
        /// Status and message of the response.
        reason: String,
    },
}

/// How often the shop advances. Each advance makes the receiver draw a frame.
const TICK: Duration = Duration::from_millis(250);
/// The longest step of the shop's time, in nanoseconds.
const STEP_NS: u64 = 1_000_000_000;
/// The largest difference, in nanoseconds, between the wall clock and the elapsed time. A suspend exceeds it.
const MAX_DRIFT_NS: u64 = 10_000_000_000;

/// Runs the shop until `shutdown`. The receivers may start later than the shop.
pub async fn run(
    target: Target,
    seed: u64,
    scenario: Scenario,
    shutdown: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    tokio::select! {
        () = shutdown => Ok(()),
        ended = open(target, seed, scenario) => ended,
    }
}

async fn open(target: Target, seed: u64, scenario: Scenario) -> Result<(), DemoError> {
    let mut sender = Sender::new(target)?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seed = seed;
    loop {
        let clock = Clock::start();
        let mut shop = Shop::new(seed, scenario, clock.start);
        let mut told = clock.start;
        while !clock.has_jumped() {
            ticks.tick().await;
            for moment in moments(told, clock.now()) {
                for export in shop.advance(moment) {
                    sender.send(export).await?;
                }
                told = moment;
            }
        }
        // After a suspend the shop would be hours late: a new one starts.
        tracing::warn!("the wall clock has jumped; the demo starts over");
        seed = seed.wrapping_add(1);
    }
}

/// The steps from `told` to `now`, each at most [`STEP_NS`] long. `now` is read only once: if the goal moved during the
/// catching up, the loop would never end.
fn moments(told: Time, now: Time) -> impl Iterator<Item = Time> {
    let next = move |told: Time| (told < now).then(|| now.min(later(told, STEP_NS)));
    std::iter::successors(next(told), move |&moment| next(moment))
}

/// A wall clock that advances evenly.
struct Clock {
    start: Time,
    since: Instant,
}

impl Clock {
    fn start() -> Clock {
        Clock { start: clock::now(), since: Instant::now() }
    }

    fn now(&self) -> Time {
        later(self.start, self.since.elapsed().as_nanos() as u64)
    }

    fn has_jumped(&self) -> bool {
        self.now().0.abs_diff(clock::now().0) > MAX_DRIFT_NS
    }
}

struct Sender {
    target: Target,
    http: reqwest::Client,
    grpc: Option<GrpcExporter>,
}

/// The result of a request.
enum Answer {
    Accepted(Bytes),
    /// Refused for now; the server may have said when to send it again.
    Later(Option<Duration>),
    Never(String),
}

impl Sender {
    fn new(target: Target) -> Result<Sender, DemoError> {
        // The client needs a TLS provider even without TLS; an error means that one is already installed.
        _ = rustls::crypto::ring::default_provider().install_default();
        let unusable = |url: &str, reason: String| DemoError::Endpoint { url: url.to_owned(), reason };
        let http = reqwest::Client::builder()
            .no_proxy()
            // It never uses TLS, and loading the system's certificates takes time.
            .tls_certs_only([])
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| unusable(&target.http, error.to_string()))?;
        if let Err(error) = reqwest::Url::parse(&target.http) {
            return Err(unusable(&target.http, error.to_string()));
        }
        let grpc = match &target.grpc {
            Some(url) => Some(GrpcExporter::new(url).map_err(|error| unusable(url, error.to_string()))?),
            None => None,
        };
        Ok(Sender { target, http, grpc })
    }

    /// Sends an export until it is accepted.
    async fn send(&mut self, export: Export) -> Result<(), DemoError> {
        let message = export.request.encode();
        let compressed = matches!(export.protocol, Protocol::HttpGzip).then(|| gzip(&message));
        let mut attempt = 0;
        loop {
            let (url, answer) = match (&mut self.grpc, export.protocol) {
                (Some(grpc), Protocol::Grpc) => {
                    let url = format!("{}{}", self.target.grpc.as_deref().unwrap_or_default(), export.request.method());
                    (url, call(grpc, export.request.method(), message.clone()).await)
                }
                _ => {
                    let url = format!("{}{}", self.target.http.trim_end_matches('/'), export.request.path());
                    let post = self.http.post(&url).header("user-agent", &export.user_agent);
                    (url, post_to(post, compressed.as_ref().unwrap_or(&message), compressed.is_some()).await)
                }
            };
            match answer {
                Answer::Accepted(response) => {
                    warn_of_rejected(&url, &response);
                    return Ok(());
                }
                Answer::Later(hint) => sleep(pause(attempt, hint)).await,
                Answer::Never(reason) => return Err(DemoError::Refused { url, service: export.service, reason }),
            }
            attempt += 1;
        }
    }
}

async fn post_to(post: reqwest::RequestBuilder, body: &Bytes, compressed: bool) -> Answer {
    let mut post = post.header("content-type", "application/x-protobuf").body(body.clone());
    if compressed {
        post = post.header("content-encoding", "gzip");
    }
    let Ok(response) = post.send().await else { return Answer::Later(None) };
    let status = response.status();
    let hint = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let Ok(body) = response.bytes().await else { return Answer::Later(None) };
    match status.as_u16() {
        200..=299 => Answer::Accepted(body),
        429 | 502 | 503 | 504 => Answer::Later(hint.map(Duration::from_secs)),
        _ => Answer::Never(format!("{status} {}", String::from_utf8_lossy(&body).trim())),
    }
}

async fn call(grpc: &mut GrpcExporter, method: &'static str, message: Bytes) -> Answer {
    match grpc.call(method, message).await {
        Ok(response) => Answer::Accepted(response),
        Err(status) => match status.code() {
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss => Answer::Later(None),
            code => Answer::Never(format!("{code:?}: {}", status.message())),
        },
    }
}

/// Logs the number of rejected items. All three responses use the same field numbers.
fn warn_of_rejected(url: &str, response: &Bytes) {
    let partial = ExportTraceServiceResponse::decode(response.clone()).ok().and_then(|it| it.partial_success);
    if let Some(partial) = partial {
        tracing::warn!(url, rejected = partial.rejected_spans, "{}", partial.error_message);
    }
}

/// Full jitter up to two seconds, but at least the server's hint, which is limited to 100 ms to five minutes.
fn pause(attempt: u32, hint: Option<Duration>) -> Duration {
    let most = 2_000.min(100_u64 << attempt.min(8));
    let floor = hint.map(|hint| hint.clamp(Duration::from_millis(100), Duration::from_secs(300)));
    floor.unwrap_or_default() + Duration::from_millis(fastrand::u64(0..=most))
}

fn gzip(message: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(message).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        // Writing into a `Vec` cannot fail.
        Err(_) => Bytes::new(),
    }
}

impl Request {
    /// The request as protobuf.
    pub fn encode(&self) -> Bytes {
        match self {
            Request::Traces(request) => request.encode_to_vec().into(),
            Request::Metrics(request) => request.encode_to_vec().into(),
            Request::Logs(request) => request.encode_to_vec().into(),
        }
    }

    /// The OTLP/HTTP path.
    pub fn path(&self) -> &'static str {
        match self {
            Request::Traces(_) => "/v1/traces",
            Request::Metrics(_) => "/v1/metrics",
            Request::Logs(_) => "/v1/logs",
        }
    }

    /// The path of the OTLP/gRPC method.
    pub fn method(&self) -> &'static str {
        match self {
            Request::Traces(_) => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Request::Metrics(_) => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Request::Logs(_) => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catching_up_ends_at_its_goal() {
        let at = |ms: u64| Time(ms * 1_000_000);
        assert_eq!(moments(at(7), at(7)).count(), 0);
        assert_eq!(moments(at(7), at(57)).collect::<Vec<_>>(), [at(57)]);
        assert_eq!(moments(at(0), at(2_500)).collect::<Vec<_>>(), [at(1_000), at(2_000), at(2_500)]);
        assert_eq!(moments(at(9), at(7)).count(), 0, "a clock that went back");
    }
}
