//! Why a request is refused: its HTTP status, its gRPC status, and a `google.rpc.Status`.

use crate::budget::Over;
use crate::intake::PushError;
use crate::net::{BodyError, Refusal};
use crate::wire::{Encoding, WireError};
use hyper::StatusCode;
use serde_json::json;

/// The retry delay to send, in seconds.
pub(super) const RETRY_AFTER: u64 = 1;

/// Why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    pub status: StatusCode,
    /// The gRPC status code.
    pub code: u8,
    pub message: String,
    pub detail: Detail,
    /// Whether it is already counted, or must not be reported.
    pub counted: bool,
}

/// The details of a `google.rpc.Status`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Detail {
    Nothing,
    /// `BadRequest`: the body is invalid.
    BadRequest,
    /// `RetryInfo`: retry after [`RETRY_AFTER`].
    Retry,
}

impl Problem {
    pub fn new(status: StatusCode, code: u8, message: impl ToString) -> Problem {
        Problem { status, code, message: message.to_string(), detail: Detail::Nothing, counted: false }
    }

    pub fn malformed(message: impl ToString) -> Problem {
        Problem { detail: Detail::BadRequest, ..Problem::new(StatusCode::BAD_REQUEST, 3, message) }
    }

    fn overloaded(message: impl ToString) -> Problem {
        Problem { detail: Detail::Retry, ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, 14, message) }
    }

    /// Whether the sender should retry, so that nothing is lost.
    pub fn is_temporary(&self) -> bool {
        self.detail == Detail::Retry
    }

    /// Encodes it as a `google.rpc.Status`.
    pub fn body(&self, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Protobuf => self.protobuf(),
            Encoding::Json => self.json(),
        }
    }

    fn json(&self) -> Vec<u8> {
        let details = match self.detail {
            Detail::Nothing => json!([]),
            Detail::BadRequest => json!([{
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{ "field": "body", "description": self.message }],
            }]),
            Detail::Retry => json!([{
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": format!("{RETRY_AFTER}s"),
            }]),
        };
        json!({ "code": self.code, "message": self.message, "details": details }).to_string().into_bytes()
    }

    fn protobuf(&self) -> Vec<u8> {
        let mut status = vec![1 << 3, self.code];
        bytes_field(&mut status, 2, self.message.as_bytes());
        let (name, value) = match self.detail {
            Detail::Nothing => return status,
            Detail::BadRequest => {
                let mut violation = Vec::new();
                bytes_field(&mut violation, 1, b"body");
                bytes_field(&mut violation, 2, self.message.as_bytes());
                let mut violations = Vec::new();
                bytes_field(&mut violations, 1, &violation);
                ("BadRequest", violations)
            }
            // RetryInfo { retry_delay: Duration { seconds } }
            Detail::Retry => ("RetryInfo", vec![1 << 3 | 2, 2, 1 << 3, RETRY_AFTER as u8]),
        };
        let mut any = Vec::new();
        bytes_field(&mut any, 1, format!("type.googleapis.com/google.rpc.{name}").as_bytes());
        bytes_field(&mut any, 2, &value);
        bytes_field(&mut status, 3, &any);
        status
    }
}

/// The body of a successful response: empty unless some items were rejected.
pub(super) fn success(encoding: Encoding, rejected_field: &str, rejected: &crate::wire::Rejected) -> Vec<u8> {
    let message = rejected.reason.as_deref().unwrap_or_default();
    match encoding {
        Encoding::Json if rejected.count == 0 => b"{}".to_vec(),
        Encoding::Protobuf if rejected.count == 0 => Vec::new(),
        // The JSON form of proto3 writes 64-bit numbers as strings.
        Encoding::Json => {
            json!({ "partialSuccess": { rejected_field: rejected.count.to_string(), "errorMessage": message } })
                .to_string()
                .into_bytes()
        }
        Encoding::Protobuf => {
            let mut partial = vec![1 << 3];
            varint(&mut partial, rejected.count);
            bytes_field(&mut partial, 2, message.as_bytes());
            let mut response = Vec::new();
            bytes_field(&mut response, 1, &partial);
            response
        }
    }
}

fn bytes_field(message: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    message.push(field << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Problem {
        match error {
            BodyError::TooLarge(_) | BodyError::NeverFits(_) => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, 8, error),
            BodyError::Overloaded | BodyError::GaveWay => Problem::overloaded(error),
            BodyError::Stalled => Problem::new(StatusCode::REQUEST_TIMEOUT, 4, error),
            BodyError::Broken(_) => Problem::malformed(error),
        }
    }
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Problem {
        match error {
            WireError::Over(Over::Busy) => Problem::overloaded(error),
            WireError::Over(_) => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, 8, error),
            _ => Problem::malformed(error),
        }
    }
}

impl From<PushError> for Problem {
    fn from(error: PushError) -> Problem {
        let message = match error {
            PushError::Full => "no room in the queue",
            PushError::Closed => "otail is shutting down",
        };
        Problem { counted: true, ..Problem::overloaded(message) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, 7, refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Rejected;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
    use prost::Message;

    #[derive(Clone, PartialEq, Message)]
    struct Any {
        #[prost(string, tag = "1")]
        type_url: String,
        #[prost(bytes = "vec", tag = "2")]
        value: Vec<u8>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(string, tag = "2")]
        message: String,
        #[prost(message, repeated, tag = "3")]
        details: Vec<Any>,
    }

    #[test]
    fn a_status_is_the_same_in_both_encodings() {
        for problem in [
            Problem::malformed("x".repeat(300)),
            Problem::from(PushError::Full),
            Problem::from(BodyError::TooLarge(64 << 20)),
        ] {
            let status = Status::decode(&problem.body(Encoding::Protobuf)[..]).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&problem.body(Encoding::Json)).unwrap();
            assert_eq!((status.code as u8, &status.message), (problem.code, &problem.message));
            assert_eq!(
                (json["code"].as_u64(), json["message"].as_str()),
                (Some(problem.code.into()), Some(&*problem.message))
            );
            let kinds: Vec<&str> = status.details.iter().map(|detail| &*detail.type_url).collect();
            let json_kinds: Vec<&str> =
                json["details"].as_array().unwrap().iter().filter_map(|d| d["@type"].as_str()).collect();
            assert_eq!(kinds, json_kinds);
        }
    }

    #[test]
    fn partial_success_needs_rejected_items() {
        let none = Rejected::default();
        assert_eq!(success(Encoding::Json, "rejectedSpans", &none), b"{}");
        assert_eq!(success(Encoding::Protobuf, "rejectedSpans", &none), b"");
        let some = Rejected { count: 300, reason: Some("a bad span".into()) };
        let response = ExportTraceServiceResponse::decode(&success(Encoding::Protobuf, "", &some)[..]).unwrap();
        let partial = response.partial_success.unwrap();
        assert_eq!((partial.rejected_spans, &*partial.error_message), (300, "a bad span"));
        let json = String::from_utf8(success(Encoding::Json, "rejectedSpans", &some)).unwrap();
        assert_eq!(json, r#"{"partialSuccess":{"errorMessage":"a bad span","rejectedSpans":"300"}}"#);
    }
}
