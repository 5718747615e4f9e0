//! OTLP over HTTP.

use super::problem::{Detail, Problem, RETRY_AFTER, success};
use super::receive::{Receiver, Request};
use super::request_info::RequestInfo;
use crate::model::Signal;
use crate::net::{Compression, ConnectionEnds, Reply, read_body};
use crate::wire::Encoding;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};
use std::time::Duration;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// Maximum bytes of an unread body to read and discard, so that a refusal does not close the connection.
const DRAINED: usize = 256 << 10;

/// Time limit for that.
const DRAINING: Duration = Duration::from_secs(1);

/// Answers one request.
pub(super) async fn answer(
    receiver: Receiver,
    request: hyper::Request<Incoming>,
    ends: ConnectionEnds,
) -> Response<Reply> {
    let info = RequestInfo::http(&request, ends.peer);
    let (head, mut body) = request.into_parts();
    let encoding = encoding(&head.headers);
    let origin = head.headers.get(header::ORIGIN).cloned();
    let answered = match receiver.is_as_secure_as_asked(ends).and_then(|()| guard(&receiver, &head, ends)) {
        Err(problem) => Err((problem, None)),
        // A browser sends no credentials with a preflight request.
        Ok(()) if head.method == Method::OPTIONS && origin.is_some() => Ok(preflight(&head.headers)),
        Ok(()) => match export(&receiver, &info, encoding, &head, &mut body).await {
            Ok((encoding, body)) => Ok(respond(StatusCode::OK, content_type(Some(encoding)), body)),
            Err(problem) => Err((problem, origin.as_ref())),
        },
    };
    let (mut response, origin) = match answered {
        Ok(response) => (response, origin.as_ref()),
        Err((problem, origin)) => {
            receiver.report_problem(&info, &problem);
            let mut response = refused(encoding, &problem);
            if head.version < Version::HTTP_2 && !drained(&head.headers, &mut body).await {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            (response, origin)
        }
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        // `navigator.sendBeacon` always sends with credentials.
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// Checks the `Host` and `Origin` of a request.
fn guard(receiver: &Receiver, head: &Parts, ends: ConnectionEnds) -> Result<(), Problem> {
    if head.headers.get_all(header::HOST).iter().count() > 1 {
        return Err(Problem::new(StatusCode::BAD_REQUEST, 3, "the request has several Host headers; send one"));
    }
    let host = head.uri.authority().map(|authority| authority.as_str().to_owned());
    let host = host.or_else(|| one_text(&head.headers, &header::HOST));
    receiver.guard.host(host.as_deref(), ends.local.ip())?;
    Ok(receiver.guard.origin(one_text(&head.headers, &header::ORIGIN).as_deref())?)
}

/// Reads and discards the rest of a body; `false` if it is long, slow or broken. A sender that waits for `100 Continue` has
/// sent nothing yet, and reading would make it send.
async fn drained(headers: &HeaderMap, body: &mut Incoming) -> bool {
    if body.is_end_stream() {
        return true;
    }
    if headers.contains_key(header::EXPECT) || body.size_hint().lower() > DRAINED as u64 {
        return false;
    }
    let drain = async {
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > DRAINED {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(DRAINING, drain).await.unwrap_or(false)
}

async fn export(
    receiver: &Receiver,
    info: &RequestInfo,
    encoding: Option<Encoding>,
    head: &Parts,
    body: &mut Incoming,
) -> Result<(Encoding, Vec<u8>), Problem> {
    receiver.admission.admit(&head.headers)?;
    let (signal, rejected_field) = match &*path(head.uri.path()) {
        ["v1", "traces"] => (Signal::Spans, "rejectedSpans"),
        ["v1", "metrics"] => (Signal::Metrics, "rejectedDataPoints"),
        ["v1", "logs"] => (Signal::Logs, "rejectedLogRecords"),
        _ => {
            let message = "no such path; send OTLP to /v1/traces, /v1/metrics or /v1/logs";
            return Err(Problem::new(StatusCode::NOT_FOUND, 5, message));
        }
    };
    if head.method != Method::POST {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, 12, "method not allowed, supported: [POST]"));
    }
    let Some(encoding) = encoding else {
        let message = format!("unsupported media type, supported: [{JSON}, {PROTOBUF}]");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, 3, message));
    };
    let packed = one_text(&head.headers, &header::CONTENT_ENCODING).unwrap_or_default();
    let Some(compression) = Compression::from_header(&packed) else {
        let supported = Compression::NAMES.join(", ");
        return Err(Problem::malformed(format!("unsupported Content-Encoding, supported: [{supported}]")));
    };
    let mut hold = receiver.budget.hold();
    let reader = receiver.readers.begin(info.peer, head.extensions.get().cloned());
    let body = read_body(body, receiver.max_body, &mut hold, &reader).await?;
    drop(reader);
    let rejected = receiver.take(info, Request { signal, encoding, compression, body, hold }).await?;
    Ok((encoding, success(encoding, rejected_field, &rejected)))
}

/// Splits a path into segments. An endpoint that ends in a slash leads to `//v1/traces` or `/v1/traces/`, which are accepted.
fn path(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).take(3).collect()
}

/// Allows what the page asks for; the origin was checked before.
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

/// A `google.rpc.Status` in the encoding of the request, or plain text if that is unknown.
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

/// The encoding of a media type, without regard to its parameters.
fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let content_type = one_text(headers, &header::CONTENT_TYPE)?;
    let essence = content_type.split(';').next()?.trim();
    match essence {
        _ if [PROTOBUF, "application/protobuf"].iter().any(|name| essence.eq_ignore_ascii_case(name)) => {
            Some(Encoding::Protobuf)
        }
        _ if essence.eq_ignore_ascii_case(JSON) => Some(Encoding::Json),
        _ => None,
    }
}

/// The value of a header; repeated lines are joined as one list. Non-ASCII bytes become U+FFFD, so such a value matches no
/// known one.
fn one_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
