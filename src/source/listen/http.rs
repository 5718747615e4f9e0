//! OTLP over HTTP.

use super::problem::{Detail, Problem, RETRY_AFTER, success};
use super::receive::{Receiver, Request};
use super::request_info::RequestInfo;
use crate::model::Signal;
use crate::net::{Compression, Ends, Reply, read_body};
use crate::wire::Encoding;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// Answers one request.
pub(super) async fn answer(receiver: Receiver, request: hyper::Request<Incoming>, ends: Ends) -> Response<Reply> {
    let info = RequestInfo::http(&request, ends.peer);
    let origin = text(request.headers(), &header::ORIGIN).map(str::to_owned);
    let encoding = encoding(request.headers());
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = host.or_else(|| text(request.headers(), &header::HOST).map(str::to_owned));
    let guard = || {
        receiver.guard.host(host.as_deref(), ends.local.ip())?;
        Ok(receiver.guard.origin(origin.as_deref())?)
    };
    let welcome = receiver.is_as_secure_as_asked(ends).and_then(|()| guard());
    let mut response = match welcome {
        Err(problem) => {
            receiver.turn_away(&info, &problem);
            return refused(encoding, &problem);
        }
        // A browser asks without credentials whether it may send them.
        Ok(()) if request.method() == Method::OPTIONS && origin.is_some() => preflight(request.headers()),
        Ok(()) => match export(&receiver, &info, encoding, request).await {
            Ok((encoding, body)) => respond(StatusCode::OK, content_type(Some(encoding)), body),
            Err(problem) => {
                receiver.turn_away(&info, &problem);
                refused(encoding, &problem)
            }
        },
    };
    if let Some(origin) = origin.and_then(|origin| HeaderValue::try_from(origin).ok()) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

async fn export(
    receiver: &Receiver,
    info: &RequestInfo,
    encoding: Option<Encoding>,
    request: hyper::Request<Incoming>,
) -> Result<(Encoding, Vec<u8>), Problem> {
    receiver.admission.admit(request.headers())?;
    let (signal, rejected_field) = match request.uri().path() {
        "/v1/traces" => (Signal::Spans, "rejectedSpans"),
        "/v1/metrics" => (Signal::Metrics, "rejectedDataPoints"),
        "/v1/logs" => (Signal::Logs, "rejectedLogRecords"),
        _ => {
            let message = "no such path; OTLP is received at /v1/traces, /v1/metrics, /v1/logs";
            return Err(Problem::new(StatusCode::NOT_FOUND, 5, message));
        }
    };
    if request.method() != Method::POST {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, 12, "method not allowed, supported: [POST]"));
    }
    let Some(encoding) = encoding else {
        let message = format!("unsupported media type, supported: [{JSON}, {PROTOBUF}]");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, 3, message));
    };
    let packed = text(request.headers(), &header::CONTENT_ENCODING).unwrap_or_default();
    let Some(compression) = Compression::from_header(packed) else {
        return Err(Problem::malformed("unsupported Content-Encoding, supported: [gzip, zstd, identity]"));
    };
    let mut hold = receiver.budget.hold();
    let body = read_body(request.into_body(), receiver.max_body, &mut hold).await?;
    let rejected = receiver.take(info, Request { signal, encoding, compression, body, hold }).await?;
    Ok((encoding, success(encoding, rejected_field, &rejected)))
}

/// Allows what the page asks for: who may ask was settled before.
fn preflight(asked: &HeaderMap) -> Response<Reply> {
    let mut response = respond(StatusCode::NO_CONTENT, None, Vec::new());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

/// A `google.rpc.Status` in the encoding of the request; as text where the request had none that we know.
fn refused(encoding: Option<Encoding>, problem: &Problem) -> Response<Reply> {
    let body = match encoding {
        Some(encoding) => problem.body(encoding),
        None => format!("{}\n", problem.message).into_bytes(),
    };
    let mut response = respond(problem.status, content_type(encoding), body);
    let headers = response.headers_mut();
    if problem.detail == Detail::Retry {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if problem.status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn respond(status: StatusCode, content_type: Option<&'static str>, body: Vec<u8>) -> Response<Reply> {
    let data = Some(body.into()).filter(|body: &bytes::Bytes| !body.is_empty());
    let mut response = Response::new(Reply { data, trailers: None });
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

fn content_type(encoding: Option<Encoding>) -> Option<&'static str> {
    Some(match encoding {
        Some(Encoding::Protobuf) => PROTOBUF,
        Some(Encoding::Json) => JSON,
        None => TEXT,
    })
}

/// By the media type, whatever its parameters.
fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let essence = text(headers, &header::CONTENT_TYPE)?.split(';').next()?.trim();
    match essence {
        _ if essence.eq_ignore_ascii_case(PROTOBUF) => Some(Encoding::Protobuf),
        _ if essence.eq_ignore_ascii_case(JSON) => Some(Encoding::Json),
        _ => None,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
