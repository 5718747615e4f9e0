//! A stream of server-sent events: asked for, framed, decoded, resumed.

use super::error::SourceError;
use super::link::Link;
use super::provider::Settings;
use super::records::Records;
use crate::intake::Overflow;
use crate::wire::span_record::Found;
use crate::wire::sse::{Frame, Framer};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use std::time::{Duration, Instant};

/// What outlives a connection to a stream: where to resume, what the server wished for, which path it has.
#[derive(Default)]
pub(super) struct Memory {
    framer: Framer,
    client: Option<Client>,
    /// The server's `retry:`.
    retry: Option<Duration>,
    /// How many of [`FALLBACKS`] were tried.
    fallback: usize,
}

/// Where servers have the stream that do not have it at the path of seed 001 (ruling S8).
const FALLBACKS: [&str; 2] = ["/api/v1/live/spans", "/api/v1/live"];
const SEED_PATH: &str = "/api/v1/events/spans";
/// So many heartbeats missed are an end (ruling S4).
const MISSED_HEARTBEATS: u32 = 3;
/// Heartbeats closer than this say nothing about the next one.
const SHORTEST_HEARTBEAT: Duration = Duration::from_secs(1);
/// What a server's heartbeats are taken to be until two have come.
const USUAL_HEARTBEAT: Duration = Duration::from_secs(15);
const MAX_REDIRECTS: usize = 10;
/// Servers refuse requests with longer headers.
const MAX_EVENT_ID: usize = 4 << 10;
const STREAM: &str = "text/event-stream";

/// One connection, to its end. `fixed` says that the URL is known to be a stream; else it is asked what it is.
pub(super) async fn run(
    url: &str,
    fixed: bool,
    link: &Link,
    settings: &Settings,
    memory: &mut Memory,
) -> Result<(), SourceError> {
    let url = Url::parse(url).map_err(|error| SourceError::Final(format!("{url} is no URL: {error}")))?;
    let response = ask(&url, fixed, settings, memory).await?;
    link.established(None);
    memory.framer.restart();
    let outcome = read(response, &url, link, memory).await;
    match outcome {
        // Without reconnecting, the end of the stream is the end of the source, and no error.
        Ok(()) if !settings.provider.auto_reconnect => Ok(()),
        Ok(()) => Err(memory.passing(format!("{} ended the stream", shown(&url)), None)),
        Err(error) => Err(error),
    }
}

impl Memory {
    fn passing(&self, message: String, hint: Option<Duration>) -> SourceError {
        SourceError::Passing { message, not_before: hint.max(self.retry) }
    }

    fn client(&mut self, url: &Url, settings: &Settings) -> Result<Client, SourceError> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        // Credentials in the URL must not reach another origin, and nothing goes from https to http (ruling G9).
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        let policy = reqwest::redirect::Policy::custom(move |attempt| {
            let Some(from) = attempt.previous().last().cloned() else { return attempt.follow() };
            let to = attempt.url().clone();
            if attempt.previous().len() > MAX_REDIRECTS {
                attempt.error("it redirects more than ten times")
            } else if from.scheme() == "https" && to.scheme() == "http" {
                attempt.error("it redirects from https to http, which is refused")
            } else if has_credentials && from.origin() != to.origin() {
                attempt.error("it redirects to another origin, which is refused while credentials are set")
            } else {
                attempt.follow()
            }
        });
        let client = Client::builder()
            .user_agent(concat!("otail/", env!("CARGO_PKG_VERSION")))
            .redirect(policy)
            .connect_timeout(settings.provider.connection_timeout)
            .tcp_keepalive(Duration::from_secs(30))
            .build()
            .map_err(|error| SourceError::Final(format!("no HTTP client could be made: {}", told(&error))))?;
        self.client = Some(client.clone());
        Ok(client)
    }
}

async fn ask(url: &Url, fixed: bool, settings: &Settings, memory: &mut Memory) -> Result<Response, SourceError> {
    loop {
        let mut target = url.clone();
        if memory.fallback > 0 {
            target.set_path(FALLBACKS[memory.fallback - 1]);
        }
        // A server holds back what it compresses, so it is asked not to.
        let mut request = memory
            .client(url, settings)?
            .get(target.clone())
            .header(ACCEPT, STREAM)
            .header(CACHE_CONTROL, "no-store")
            .header(ACCEPT_ENCODING, "identity");
        if let Some(id) = last_event_id(memory.framer.last_event_id()) {
            request = request.header("Last-Event-ID", id);
        }
        let sent = tokio::time::timeout(settings.provider.connection_timeout, request.send()).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_redirect() || error.is_builder() => {
                return Err(SourceError::Final(format!("{}: {}", shown(&target), told(&error))));
            }
            Ok(Err(error)) => {
                return Err(memory.passing(format!("{} cannot be reached: {}", shown(&target), told(&error)), None));
            }
            Err(_) => {
                let seconds = settings.provider.connection_timeout.as_secs_f64();
                let message = format!("{} did not answer within {seconds} s", shown(&target));
                return Err(memory.passing(message, None));
            }
        };
        let status = response.status();
        if status == StatusCode::NOT_FOUND && url.path() == SEED_PATH && memory.fallback < FALLBACKS.len() {
            memory.fallback += 1;
            continue;
        }
        judge(&response, &target, fixed, memory)?;
        return Ok(response);
    }
}

/// Whether an answer is a stream; what else it is says what to do (ruling G6).
fn judge(response: &Response, url: &Url, fixed: bool, memory: &Memory) -> Result<(), SourceError> {
    let status = response.status();
    let answered = format!("{} answered {status}", shown(url));
    match status {
        StatusCode::OK => {}
        StatusCode::NO_CONTENT => {
            return Err(SourceError::Final(format!("{answered}: the server wants nobody to come back")));
        }
        StatusCode::UNAUTHORIZED => {
            return Err(SourceError::Credentials(format!("{answered}: it wants credentials (or other ones)")));
        }
        StatusCode::FORBIDDEN => {
            return Err(SourceError::Final(format!(
                "{answered}: the credentials are known and not allowed to read this"
            )));
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            return Err(memory.passing(answered, retry_after(response.headers())));
        }
        _ if status.is_server_error() => return Err(memory.passing(answered, retry_after(response.headers()))),
        _ => return Err(SourceError::Final(format!("{answered}: check the URL"))),
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(STREAM) {
        return Ok(());
    }
    let content_type = if content_type.is_empty() { "no content type" } else { content_type };
    let remedy = if fixed { "check the URL" } else { "this version does not poll URLs yet" };
    Err(SourceError::Final(format!("{} is no event stream ({STREAM}) but {content_type}: {remedy}", shown(url))))
}

async fn read(mut response: Response, url: &Url, link: &Link, memory: &mut Memory) -> Result<(), SourceError> {
    let mut records = Records::new(link.clone(), Overflow::DropOldest);
    let mut heartbeat = Heartbeat::default();
    loop {
        let chunk = match heartbeat.patience() {
            None => response.chunk().await,
            Some(patience) => match tokio::time::timeout(patience, response.chunk()).await {
                Ok(chunk) => chunk,
                Err(_) => {
                    let message = format!("{} sent nothing for {} s", shown(url), patience.as_secs());
                    return Err(memory.passing(message, None));
                }
            },
        };
        let chunk = match chunk {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(()),
            Err(error) => {
                let message = format!("{} broke off the stream: {}", shown(url), told(&error));
                return Err(memory.passing(message, None));
            }
        };
        memory.framer.push(&chunk);
        while let Some(frame) = memory.framer.next() {
            match frame {
                Frame::Event { kind, data, id } => {
                    if let Found::Heartbeat { .. } = records.read(kind, id, data).await {
                        heartbeat.beat();
                    }
                }
                Frame::Comment => {}
                Frame::Retry(milliseconds) => memory.retry = Some(Duration::from_millis(milliseconds)),
                Frame::TooLarge { limit } => records.too_large(limit).await,
            }
        }
        // What one chunk held goes on at once: a stream may be silent for long after it.
        records.deliver().await;
    }
}

/// The id to resume from, where a header can carry it: a server may send any text, of any length, as one.
fn last_event_id(id: &str) -> Option<HeaderValue> {
    (!id.is_empty() && id.len() <= MAX_EVENT_ID).then(|| HeaderValue::from_bytes(id.as_bytes()).ok())?
}

/// When a silent stream is a dead one: known only once it has shown that it beats (ruling S4).
#[derive(Default)]
struct Heartbeat {
    last: Option<Instant>,
    interval: Option<Duration>,
}

impl Heartbeat {
    fn beat(&mut self) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.interval = Some((now - last).max(SHORTEST_HEARTBEAT));
        }
    }

    fn patience(&self) -> Option<Duration> {
        self.last.map(|_| self.interval.unwrap_or(USUAL_HEARTBEAT) * MISSED_HEARTBEATS)
    }
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(date.duration_since(Timestamp::now())).ok()
}

/// A URL for messages, without user and password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// An error with its causes; the URL, which may hold credentials, is said elsewhere.
fn told(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    causes.pop().unwrap_or_else(|| "the request failed".into())
}

#[cfg(test)]
mod tests;
