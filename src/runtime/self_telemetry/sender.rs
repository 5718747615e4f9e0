//! Sends one request with otail's own metrics and interprets the response.

use crate::net::{Failure, cause, retry_after, shown};
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use std::io::Write;
use std::time::Duration;

/// The destination of the requests, and their options.
#[derive(Debug)]
pub(super) struct Sender {
    pub client: Client,
    pub url: Url,
    pub headers: HeaderMap,
    /// The time limit of a whole request.
    pub timeout: Duration,
    pub gzip: bool,
}

/// The result of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// Accepted. The message of a partial success, if there was one.
    Accepted(Option<String>),
    /// Retry: the reason, and the shortest wait, if the receiver gave one.
    Later(String, Option<Duration>),
    /// Refused for good: the reason.
    Never(String),
}

/// The largest answer that otail reads, in bytes.
const MAX_ANSWER: usize = 4 << 20;

impl Sender {
    /// Sends a message once.
    pub async fn send(&self, message: Vec<u8>) -> Answer {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let mut body = message;
        if self.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            body = gzip(&body);
        }
        let post = self.client.post(self.url.clone()).headers(headers).body(body).timeout(self.timeout);
        let url = shown(self.url.as_str());
        match post.send().await {
            Ok(response) => self.read(&url, response).await,
            Err(error) => {
                let remedy = "OTEL_EXPORTER_OTLP_CERTIFICATE names the certificate to trust";
                match Failure::new(&error, &url, remedy) {
                    Failure { message, is_final: true, .. } => Answer::Never(message),
                    Failure { message, is_final: false, .. } => Answer::Later(message, None),
                }
            }
        }
    }

    async fn read(&self, url: &str, mut response: Response) -> Answer {
        let (status, to) = (response.status(), response.url());
        if *to != self.url {
            return Answer::Never(format!("{url} redirects to {}; use that URL if it is right", shown(to.as_str())));
        }
        let hint = retry_after(response.headers());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Answer::Later(format!("{url} ended its answer early: {}", cause(&error)), None),
            }
            if body.len() > MAX_ANSWER {
                return Answer::Never(format!("{url} answered with more than {MAX_ANSWER} bytes"));
            }
        }
        let says = || Status::decode(&body[..]).map(|status| status.message).unwrap_or_default();
        let answered = match says() {
            _ if status.is_success() => return Answer::Accepted(complaint(url, &body)),
            message if message.is_empty() => format!("{url} answered {status}"),
            message => format!("{url} answered {status}: {}", message.chars().take(200).collect::<String>()),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Answer::Later(answered, hint),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Answer::Never(format!("{answered} (credentials are taken from OTEL_EXPORTER_OTLP_HEADERS)"))
            }
            _ => Answer::Never(answered),
        }
    }
}

/// `google.rpc.Status`; only the message is used.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

/// The message of a partial success.
fn complaint(url: &str, body: &[u8]) -> Option<String> {
    let partial = ExportMetricsServiceResponse::decode(body).ok()?.partial_success?;
    let (rejected, why) = (partial.rejected_data_points, &partial.error_message);
    (rejected > 0 || !why.is_empty()).then(|| format!("{url} rejected {rejected} data points: {why}"))
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a `Vec` cannot fail.
    encoder.write_all(message).and_then(|()| encoder.finish()).unwrap_or_default()
}
