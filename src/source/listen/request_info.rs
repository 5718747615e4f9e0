//! Describes a request, for reports about why it was refused.

use super::problem::Problem;
use crate::model::Signal;
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request};
use std::net::SocketAddr;

/// The longest path in messages, in characters.
const LONGEST_PATH: usize = 80;

/// The sender of a request, and what it asked for.
#[derive(Clone, Debug)]
pub(super) struct RequestInfo {
    /// The request in words, such as `POST /v1/traces` or `gRPC TraceService/Export`.
    what: String,
    pub peer: SocketAddr,
    /// How many items to count as rejected if the real number is unknown; `None` if a refusal needs no report.
    pub carried: Option<u64>,
    /// The path for each signal, for the same protocol.
    pub path_for: fn(Signal) -> &'static str,
}

impl RequestInfo {
    /// Describes an HTTP request.
    pub fn http<B>(request: &Request<B>, peer: SocketAddr) -> RequestInfo {
        let path: String = request.uri().path().chars().take(LONGEST_PATH).collect();
        let what = format!("{} {path}", request.method());
        RequestInfo { what, peer, carried: carried(request.method(), request.headers()), path_for: http_path }
    }

    /// Describes a gRPC call. Health checks and reflection calls carry no telemetry.
    pub fn grpc<B>(request: &Request<B>, peer: SocketAddr) -> RequestInfo {
        let path = request.uri().path();
        let carried = (path.starts_with("/opentelemetry.") || path.ends_with("/Export")).then_some(1);
        let name: String = path.rsplit('.').next().unwrap_or(path).chars().take(LONGEST_PATH).collect();
        RequestInfo { what: format!("gRPC {name}"), peer, carried, path_for: grpc_path }
    }

    /// Adds the request and its sender to a reason.
    pub fn reason(&self, why: &str) -> String {
        format!("{} from {}: {why}", self.what, self.peer)
    }

    /// The reason of a problem; for a temporary one it says that the sender must retry.
    pub fn reason_of(&self, problem: &Problem) -> String {
        match problem.is_temporary() {
            true => self.reason(&format!("the sender must retry: {}", problem.message)),
            false => self.reason(&problem.message),
        }
    }
}

/// Requests without a body carry no telemetry: probes, or a browser that looks for an icon. But a preflight request must be
/// reported: if it is refused, the page never sends anything else.
fn carried(method: &Method, headers: &HeaderMap) -> Option<u64> {
    let asks_first =
        [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD].iter().all(|name| headers.contains_key(name));
    match *method {
        Method::POST | Method::PUT | Method::PATCH => Some(1),
        Method::OPTIONS if asks_first => Some(0),
        _ => None,
    }
}

fn http_path(signal: Signal) -> &'static str {
    match signal {
        Signal::Metrics => "/v1/metrics",
        Signal::Logs => "/v1/logs",
        Signal::Spans | Signal::Events => "/v1/traces",
    }
}

fn grpc_path(signal: Signal) -> &'static str {
    match signal {
        Signal::Metrics => "MetricsService/Export",
        Signal::Logs => "LogsService/Export",
        Signal::Spans | Signal::Events => "TraceService/Export",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, path: &str) -> Request<()> {
        Request::builder().method(method).uri(path).body(()).unwrap()
    }

    fn peer() -> SocketAddr {
        ([127, 0, 0, 1], 53_211).into()
    }

    #[test]
    fn a_reason_names_the_request_and_the_sender() {
        let http = RequestInfo::http(&asked(Method::POST, "/v1/trace?x=1"), peer());
        assert_eq!(http.reason("no such path"), "POST /v1/trace from 127.0.0.1:53211: no such path");
        let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let grpc = RequestInfo::grpc(&asked(Method::POST, path), peer());
        assert_eq!(grpc.reason("x"), "gRPC TraceService/Export from 127.0.0.1:53211: x");
        let long = RequestInfo::http(&asked(Method::POST, &format!("/{}", "x".repeat(10_000))), peer());
        assert!(long.reason("").len() < 200);
    }

    #[test]
    fn requests_without_telemetry_are_not_reported() {
        for (method, items) in [
            (Method::POST, Some(1)),
            (Method::PUT, Some(1)),
            (Method::GET, None),
            (Method::HEAD, None),
            (Method::OPTIONS, None),
        ] {
            assert_eq!(RequestInfo::http(&asked(method.clone(), "/favicon.ico"), peer()).carried, items, "{method}");
        }
        let mut preflight = asked(Method::OPTIONS, "/v1/traces");
        for name in [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD] {
            preflight.headers_mut().insert(name, header::HeaderValue::from_static("x"));
        }
        assert_eq!(RequestInfo::http(&preflight, peer()).carried, Some(0));
        let grpc = |path: &str| RequestInfo::grpc(&asked(Method::POST, path), peer()).carried;
        assert_eq!(grpc("/grpc.health.v1.Health/Check"), None);
        assert_eq!(grpc("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"), Some(1));
    }
}
