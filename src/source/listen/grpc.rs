//! OTLP over gRPC: the unary calls `Export` of the three services.

use super::problem::{Detail, Problem, success};
use super::receive::{Receiver, Request};
use super::request_info::RequestInfo;
use crate::model::Signal;
use crate::net::{BodyError, Compression, ConnectionEnds, Reply, read_body};
use crate::wire::Encoding;
use base64::Engine;
use bytes::{BufMut, Bytes, BytesMut};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode, Version};

/// The length of a message's prefix: a flag and the length of the message.
const PREFIX: usize = 5;
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Whether this is a gRPC call. It needs HTTP/2 and a content type that a web page may send only after a preflight, so the
/// host is not checked.
pub(super) fn is_call(request: &hyper::Request<Incoming>) -> bool {
    let essence = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_grpc = |value: &[u8]| match value.strip_prefix(b"application/grpc") {
        Some(rest) => matches!(rest.first(), None | Some(b';' | b'+')),
        None => false,
    };
    request.version() == Version::HTTP_2 && essence.is_some_and(is_grpc)
}

/// Answers one call.
pub(super) async fn answer(
    receiver: Receiver,
    request: hyper::Request<Incoming>,
    ends: ConnectionEnds,
) -> Response<Reply> {
    let info = RequestInfo::grpc(&request, ends.peer);
    match export(&receiver, &info, request, ends).await {
        Ok(message) => {
            let mut framed = BytesMut::with_capacity(PREFIX + message.len());
            framed.put_u8(0);
            framed.put_u32(message.len() as u32);
            framed.extend_from_slice(&message);
            let mut trailers = HeaderMap::with_capacity(1);
            trailers.insert(STATUS, HeaderValue::from_static("0"));
            respond(Reply { data: Some(framed.freeze()), trailers: Some(trailers) })
        }
        Err(problem) => {
            receiver.report_problem(&info, &problem);
            // A response without a message carries the trailers as headers.
            let mut response = respond(Reply::default());
            let headers = response.headers_mut();
            headers.insert(STATUS, HeaderValue::from(u16::from(problem.code)));
            if let Ok(message) = HeaderValue::try_from(percent_encoded(&problem.message)) {
                headers.insert(MESSAGE, message);
            }
            if problem.detail != Detail::Nothing {
                let details = base64::engine::general_purpose::STANDARD_NO_PAD.encode(problem.body(Encoding::Protobuf));
                _ = HeaderValue::try_from(details).map(|details| headers.insert(DETAILS, details));
            }
            response
        }
    }
}

async fn export(
    receiver: &Receiver,
    info: &RequestInfo,
    request: hyper::Request<Incoming>,
    ends: ConnectionEnds,
) -> Result<Vec<u8>, Problem> {
    receiver.is_as_secure_as_asked(ends)?;
    let origin = request.headers().get(header::ORIGIN).map(|origin| String::from_utf8_lossy(origin.as_bytes()));
    receiver.guard.origin(origin.as_deref())?;
    receiver.admission.admit(request.headers())?;
    let signal = match request.uri().path() {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Signal::Spans,
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => Signal::Metrics,
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Signal::Logs,
        _ => return Err(unimplemented("no such call; otail accepts Export of traces, metrics and logs")),
    };
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if content_type.starts_with(b"application/grpc+") && !content_type.starts_with(b"application/grpc+proto") {
        return Err(unimplemented("messages must be protobuf"));
    }
    let packed = request.headers().get(ENCODING).map(|encoding| String::from_utf8_lossy(encoding.as_bytes()));
    let compression = Compression::from_grpc(&packed.unwrap_or_default());
    let mut hold = receiver.budget.hold();
    let reader = receiver.readers.begin(ends.peer, request.extensions().get().cloned());
    let framed = read_body(request.into_body(), receiver.max_body + PREFIX, &mut hold, &reader).await;
    drop(reader);
    let framed = framed.map_err(|error| match error {
        BodyError::TooLarge(_) => BodyError::TooLarge(receiver.max_body),
        error => error,
    })?;
    let (body, compression) = message(framed, compression, receiver.max_body)?;
    let rejected =
        receiver.take(info, Request { signal, encoding: Encoding::Protobuf, compression, body, hold }).await?;
    Ok(success(Encoding::Protobuf, "", &rejected))
}

/// Extracts the only message of a unary call, and its compression.
fn message(framed: Bytes, compression: Option<Compression>, limit: usize) -> Result<(Bytes, Compression), Problem> {
    let Some((prefix, _)) = framed.split_first_chunk::<PREFIX>() else {
        return Err(Problem::malformed("the call contains no message"));
    };
    let [flag, length @ ..] = *prefix;
    let length = u32::from_be_bytes(length) as usize;
    if length > limit {
        return Err(BodyError::TooLarge(limit).into());
    }
    let body = framed.slice(PREFIX..);
    match length.cmp(&body.len()) {
        std::cmp::Ordering::Greater => {
            return Err(Problem::malformed("the message is shorter than its announced length"));
        }
        std::cmp::Ordering::Less => return Err(unimplemented("Export takes exactly one message per call")),
        std::cmp::Ordering::Equal => {}
    }
    match (flag, compression) {
        (0, _) => Ok((body, Compression::Identity)),
        (1, None) => {
            let supported = Compression::GRPC_NAMES.join(", ");
            Err(unimplemented(format!("unsupported grpc-encoding, supported: {supported}")))
        }
        (1, Some(compression)) if compression != Compression::Identity => Ok((body, compression)),
        _ => Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            13,
            "the message's compression flag is invalid or does not match grpc-encoding",
        )),
    }
}

fn unimplemented(message: impl ToString) -> Problem {
    Problem::new(StatusCode::NOT_IMPLEMENTED, 12, message)
}

fn respond(reply: Reply) -> Response<Reply> {
    let mut response = Response::new(reply);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if let Ok(names) = HeaderValue::try_from(Compression::GRPC_NAMES.join(",")) {
        headers.insert(ACCEPT_ENCODING, names);
    }
    response
}

/// Percent-encodes a message as gRPC requires: printable ASCII except `%` as it is, every other byte as `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(flag: u8, length: u32, body: &[u8]) -> Bytes {
        [&[flag][..], &length.to_be_bytes(), body].concat().into()
    }

    #[test]
    fn a_call_has_exactly_one_message() {
        assert_eq!(message(framed(0, 3, b"abc"), None, 10), Ok(("abc".into(), Compression::Identity)));
        assert_eq!(message(framed(0, 0, b""), None, 10), Ok(("".into(), Compression::Identity)));
        let code = |framed: Bytes| message(framed, Some(Compression::Identity), 10).map_err(|problem| problem.code);
        assert_eq!(code(framed(0, 4, b"abc")), Err(3));
        assert_eq!(code(framed(0, 2, b"abc")), Err(12));
        assert_eq!(code(Bytes::from_static(b"\0\0")), Err(3));
        assert_eq!(code(framed(0, u32::MAX, b"abc")), Err(8));
    }

    #[test]
    fn the_flag_and_the_encoding_must_agree() {
        let code = |flag, compression| message(framed(flag, 1, b"x"), compression, 10).map_err(|problem| problem.code);
        assert_eq!(code(1, Some(Compression::Gzip)), Ok(("x".into(), Compression::Gzip)));
        assert_eq!(code(0, Some(Compression::Gzip)), Ok(("x".into(), Compression::Identity)));
        assert_eq!(code(1, Some(Compression::Identity)), Err(13));
        assert_eq!(code(1, None), Err(12));
        assert_eq!(code(2, Some(Compression::Gzip)), Err(13));
    }

    #[test]
    fn messages_are_percent_encoded() {
        assert_eq!(percent_encoded("50% of “it”\n"), "50%25 of %E2%80%9Cit%E2%80%9D%0A");
    }
}
