//! Connections that send as fast as the receiver accepts, and their counts.

use crate::body::Templates;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use otail::demo::GrpcExporter;
use prost::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::Code;

/// A load. It ends when all spans are sent or its time is over, whichever comes first.
#[derive(Clone)]
pub struct Plan {
    /// The base URL of OTLP/HTTP.
    pub http: Option<String>,
    /// The URL of OTLP/gRPC.
    pub grpc: Option<String>,
    /// The number of spans, rounded up to whole bodies.
    pub spans: u64,
    /// Spans per body.
    pub batch: usize,
    /// Connections to each of the two receivers.
    pub connections: usize,
    /// The longest duration.
    pub lasts: Duration,
    /// Whether to send a body again after a refusal for lack of room.
    pub retry: bool,
}

/// The results of a load.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Tally {
    /// Spans of the bodies that were sent, each body counted once.
    pub sent: u64,
    /// Spans that the receiver accepted.
    pub accepted: u64,
    /// Spans that the receiver rejected in bodies that it otherwise accepted.
    pub rejected: u64,
    /// Spans of bodies that were abandoned after a refusal or at the end of the time.
    pub given_up: u64,
    /// Spans of bodies that failed in another way.
    pub failed: u64,
    /// Requests, including repeated ones.
    pub requests: u64,
    /// Temporary refusals: 429, 503 and the like over HTTP, UNAVAILABLE and the like over gRPC.
    pub refusals: u64,
    /// Bytes of the accepted requests.
    pub bytes: u64,
}

/// The results for both protocols.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// Over HTTP.
    pub http: Tally,
    /// Over gRPC.
    pub grpc: Tally,
    /// From the first byte to the last response.
    pub took: Duration,
    /// The first failure that was not a refusal.
    pub failure: Option<String>,
}

enum Connection {
    Http(reqwest::Client, String),
    Grpc(Box<GrpcExporter>),
}

enum Answer {
    Accepted { rejected: u64 },
    Refused(Option<Duration>),
    Failed(String),
}

const METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The pause before a body is sent again, if the receiver named none.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs the load.
pub async fn load(plan: Plan) -> Report {
    _ = rustls::crypto::ring::default_provider().install_default();
    let (began, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let templates = Arc::new(Templates::new(plan.batch, now()));
    let mut tasks = Vec::new();
    for _ in 0..plan.connections {
        for (is_grpc, url) in [(false, &plan.http), (true, &plan.grpc)] {
            let Some(url) = url else { continue };
            let run =
                Run { plan: plan.clone(), templates: templates.clone(), next: next.clone(), ends: began + plan.lasts };
            match Connection::open(is_grpc, url) {
                Ok(connection) => tasks.push((is_grpc, tokio::spawn(run.send_all(connection)))),
                Err(failure) => return Report { failure: Some(failure), ..Report::default() },
            }
        }
    }
    let mut report = Report::default();
    for (is_grpc, task) in tasks {
        match task.await {
            Ok((tally, failure)) => {
                let total = if is_grpc { &mut report.grpc } else { &mut report.http };
                *total = total.plus(tally);
                report.failure = report.failure.or(failure);
            }
            Err(error) => report.failure = Some(error.to_string()),
        }
    }
    report.took = began.elapsed();
    report
}

struct Run {
    plan: Plan,
    templates: Arc<Templates>,
    /// The number of the next body, shared by all connections.
    next: Arc<AtomicU64>,
    ends: Instant,
}

impl Run {
    async fn send_all(self, mut connection: Connection) -> (Tally, Option<String>) {
        let (mut tally, mut failure) = (Tally::default(), None);
        let bodies = self.plan.spans.div_ceil(self.plan.batch as u64);
        while Instant::now() < self.ends {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= bodies {
                break;
            }
            let body = Bytes::from(self.templates.fresh(number, now()));
            tally.sent += self.plan.batch as u64;
            if let Err(error) = self.send(&mut connection, body, &mut tally).await {
                failure.get_or_insert(error);
                // A receiver that is down is asked less often than one that refuses.
                sleep(PAUSE).await;
            }
        }
        (tally, failure)
    }

    /// Sends one body until it is accepted, abandoned or fails.
    async fn send(&self, connection: &mut Connection, body: Bytes, tally: &mut Tally) -> Result<(), String> {
        let (spans, bytes) = (self.plan.batch as u64, body.len() as u64);
        loop {
            tally.requests += 1;
            let Ok(answer) = timeout_at(self.ends, connection.send(body.clone())).await else {
                tally.given_up += spans;
                return Ok(());
            };
            match answer {
                Answer::Accepted { rejected } => {
                    tally.accepted += spans.saturating_sub(rejected);
                    tally.rejected += rejected;
                    tally.bytes += bytes;
                    return Ok(());
                }
                Answer::Failed(error) => {
                    tally.failed += spans;
                    return Err(error);
                }
                Answer::Refused(hint) => {
                    tally.refusals += 1;
                    let pause = hint.unwrap_or(PAUSE);
                    if !self.plan.retry || Instant::now() + pause >= self.ends {
                        tally.given_up += spans;
                        return Ok(());
                    }
                    sleep(pause).await;
                }
            }
        }
    }
}

impl Connection {
    fn open(is_grpc: bool, url: &str) -> Result<Connection, String> {
        if is_grpc {
            let exporter = GrpcExporter::new(url).map_err(|error| format!("{url}: {error}"))?;
            return Ok(Connection::Grpc(Box::new(exporter)));
        }
        let client = reqwest::Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
        Ok(Connection::Http(client, format!("{}/v1/traces", url.trim_end_matches('/'))))
    }

    async fn send(&mut self, body: Bytes) -> Answer {
        match self {
            Connection::Http(client, url) => {
                let post = client.post(&*url).header("content-type", "application/x-protobuf").body(body);
                post_to(post).await.unwrap_or_else(|error| Answer::Failed(format!("{url}: {}", cause(&error))))
            }
            Connection::Grpc(exporter) => match exporter.call(METHOD, body).await {
                Ok(response) => accepted(response),
                Err(status) => match status.code() {
                    Code::Unavailable | Code::ResourceExhausted | Code::Aborted => Answer::Refused(None),
                    code => Answer::Failed(format!("{code:?}: {}", status.message())),
                },
            },
        }
    }
}

async fn post_to(post: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = post.send().await?;
    let status = response.status();
    let hint = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let body = response.bytes().await?;
    Ok(match status.as_u16() {
        200..=299 => accepted(body),
        429 | 502 | 503 | 504 => Answer::Refused(hint.map(Duration::from_secs)),
        _ => Answer::Failed(format!("{status} {}", String::from_utf8_lossy(&body).trim())),
    })
}

/// The innermost cause of an error, which helps most.
fn cause(mut error: &dyn std::error::Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn accepted(response: Bytes) -> Answer {
    match ExportTraceServiceResponse::decode(response) {
        Ok(response) => {
            let rejected = response.partial_success.map(|partial| partial.rejected_spans).unwrap_or_default();
            Answer::Accepted { rejected: rejected.unsigned_abs() }
        }
        Err(error) => Answer::Failed(format!("the response is not an ExportTraceServiceResponse: {error}")),
    }
}

impl Tally {
    /// The sum of both.
    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            sent: self.sent + other.sent,
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            given_up: self.given_up + other.given_up,
            failed: self.failed + other.failed,
            requests: self.requests + other.requests,
            refusals: self.refusals + other.refusals,
            bytes: self.bytes + other.bytes,
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64
}
