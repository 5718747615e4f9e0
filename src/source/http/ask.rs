//! Sends one request and checks the status of its answer.

use super::super::error::SourceError;
use super::super::options::Options;
use super::pending_files::Prepared;
use super::prepare::prepare;
use super::refusal::{refused, with_reason};
use super::session::Session;
use super::spec::Expect;
use crate::config::{Format, Method, is_loopback};
use crate::net::{ACCEPTED, Answer, Failure, shown};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode, Url};

/// A request.
pub(super) struct Question<'a> {
    pub url: &'a Url,
    /// The URL that filters on the server, if it has one.
    pub filtered: Option<&'a Url>,
    pub expect: Expect,
    pub options: &'a Options,
}

/// Other paths at which servers offer the stream.
const FALLBACKS: [&str; 2] = ["/api/v1/live/spans", "/api/v1/live"];
const SEED_PATH: &str = "/api/v1/events/spans";
/// The longest event id to send; servers refuse requests with long headers.
const MAX_EVENT_ID: usize = 4 << 10;
const STREAM: &str = "text/event-stream";
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.9,\
                          application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7";

/// Sends a request; tries the other known paths if the first is missing. Returns `None` if there is nothing new (204 or 304
/// to a poll). The answer is a stream exactly if one was expected; for [`Expect::Anything`] it may be either.
pub(super) async fn ask(question: &Question<'_>, session: &mut Session) -> Result<Option<Answer>, SourceError> {
    loop {
        let filtered = question.filtered.filter(|_| !session.is_unfiltered);
        let mut target = filtered.unwrap_or(question.url).clone();
        if filtered.is_none() && session.fallback > 0 {
            target.set_path(FALLBACKS[session.fallback - 1]);
        }
        let response = send(question, &target, session).await?;
        let status = response.status();
        if filtered.is_some() && matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
            // The server does not filter, so otail filters everything itself.
            session.is_unfiltered = true;
            continue;
        }
        if status == StatusCode::NOT_FOUND && question.url.path() == SEED_PATH {
            if session.fallback < FALLBACKS.len() {
                session.fallback += 1;
                continue;
            }
            // A retry by hand starts at the first path again.
            session.fallback = 0;
            let [first, second] = FALLBACKS;
            let url = shown(question.url.as_str());
            let message = format!("{url} answered {status}, also for {first} and {second}; check the URL");
            return Err(SourceError::Final(message));
        }
        return match judge(&response, &target, question, session) {
            Ok(true) => Ok(None),
            Ok(false) => Ok(Some(Answer::of(response))),
            Err(error) => Err(with_reason(error, Answer::of(response)).await),
        };
    }
}

async fn send(question: &Question<'_>, target: &Url, session: &mut Session) -> Result<Response, SourceError> {
    let options = question.options;
    let method = match options.method {
        Method::Post if question.expect != Expect::Stream => reqwest::Method::POST,
        _ => reqwest::Method::GET,
    };
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, accept(question.expect, options.format));
    if matches!(question.expect, Expect::Stream | Expect::Anything) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(id) = last_event_id(session.framer.last_event_id()) {
            headers.insert("last-event-id", id);
        }
    }
    // A server buffers data that it compresses, so do not accept compression if the answer may be a stream.
    let may_stream = matches!(question.expect, Expect::Stream | Expect::Anything);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(if may_stream { "identity" } else { ACCEPTED }));
    if question.expect != Expect::Stream {
        session.validators.apply(&mut headers);
    }
    let Prepared { client, secrets } = prepare(question.url, options, session).await?;
    for (name, value) in &secrets {
        headers.insert(name.clone(), value.clone());
    }
    if method == reqwest::Method::POST {
        // Some servers require a length even without a body.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let request = client.request(method, target.clone()).headers(headers).send();
    match tokio::time::timeout(options.connection_timeout, request).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            let remedy = "give its CA with --cacert or `cacert`, or set `insecure` if you trust the network";
            let Failure { message, is_final, is_refused } = Failure::new(&error, &shown(target.as_str()), remedy);
            Err(match is_refused && target.host_str().is_some_and(is_loopback) {
                _ if is_final => SourceError::Final(message),
                true => SourceError::NotUp(message),
                false => session.passing(message, None),
            })
        }
        Err(_) => {
            let seconds = options.connection_timeout.as_secs_f64();
            Err(session.passing(format!("{} did not answer within {seconds} s", shown(target.as_str())), None))
        }
    }
}

/// Checks an answer. Returns true if it says that there is nothing new; an error includes the remedy.
fn judge(response: &Response, target: &Url, question: &Question<'_>, session: &Session) -> Result<bool, SourceError> {
    let url = shown(target.as_str());
    match (response.status(), question.expect) {
        (StatusCode::NO_CONTENT, Expect::Stream) => {
            let answered = response.status();
            Err(SourceError::Final(format!("{url} answered {answered}: the server asks clients not to reconnect")))
        }
        (StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED, _) => Ok(true),
        (StatusCode::OK, expect) => match (expect, is_stream(response.headers())) {
            (Expect::Stream, false) => {
                let content_type = content_type(response.headers());
                Err(SourceError::Final(format!(
                    "{url} is not an event stream ({STREAM}) but {content_type}; check the URL"
                )))
            }
            (Expect::Poll | Expect::Prometheus, true) => {
                Err(SourceError::Final(format!("{url} is an event stream and cannot be polled; write sse+{url}")))
            }
            _ => Ok(false),
        },
        (status, _) => Err(refused(&url, status, response.headers(), session, question.options)),
    }
}

/// Whether the content type is that of an event stream.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    content_type(headers).split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(STREAM)
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.filter(|value| !value.is_empty()).unwrap_or("no content type")
}

/// The accepted content types, best first.
fn accept(expect: Expect, format: Format) -> HeaderValue {
    let text = match (expect, format) {
        (Expect::Stream, _) => STREAM.to_owned(),
        (Expect::Prometheus, _) | (_, Format::Prometheus) => format!("{PROMETHEUS},*/*;q=0.1"),
        (_, Format::Json) => "application/json,application/x-ndjson;q=0.9,*/*;q=0.1".to_owned(),
        (_, Format::Protobuf) => "application/x-protobuf,*/*;q=0.1".to_owned(),
        (Expect::Poll, Format::Auto) => {
            format!("application/x-protobuf,application/json;q=0.95,{PROMETHEUS},*/*;q=0.1")
        }
        (Expect::Anything, Format::Auto) => {
            format!("{STREAM},application/x-protobuf;q=0.99,application/json;q=0.95,{PROMETHEUS},*/*;q=0.1")
        }
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("*/*"))
}

/// The id to resume from, if it fits in a header: servers may send ids of any length with any characters.
fn last_event_id(id: &str) -> Option<HeaderValue> {
    (!id.is_empty() && id.len() <= MAX_EVENT_ID).then(|| HeaderValue::from_bytes(id.as_bytes()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_fits_no_header_is_not_sent() {
        assert!(last_event_id("7f-1").is_some());
        assert!(last_event_id("größe").is_some());
        for bad in ["", "a\u{1}b", &"x".repeat(5_000)] {
            assert!(last_event_id(bad).is_none());
        }
    }
}
