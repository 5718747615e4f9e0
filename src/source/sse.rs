//! A stream of server-sent events: asked for, framed, decoded, resumed.

use super::error::SourceError;
use super::link::Link;
use super::provider::Settings;
use super::records::Records;
use super::spec::without_credentials;
use crate::intake::Overflow;
use crate::model::visible;
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
/// Two heartbeats further apart (a laptop that slept) say no more about the next one than this.
const LONGEST_HEARTBEAT: Duration = Duration::from_secs(120);
/// How much of a refusal's body is read for the server's reason, and how long it may take.
const REASON: (usize, Duration) = (4_096, Duration::from_secs(2));
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
            // A token in a query must not travel on as the page that one came from.
            .referer(false)
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
            Ok(Err(error)) if is_distrust(&error) => {
                let message = format!("{} is not who it says it is: {}", shown(&target), told(&error));
                return Err(SourceError::Final(message));
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
        if status == StatusCode::NOT_FOUND && url.path() == SEED_PATH {
            if memory.fallback < FALLBACKS.len() {
                memory.fallback += 1;
                continue;
            }
            // A retry by hand begins at the first path again.
            memory.fallback = 0;
            let [first, second] = FALLBACKS;
            let message = format!("{} answered {status}, and so for {first} and {second}: check the URL", shown(url));
            return Err(SourceError::Final(message));
        }
        return match judge(&response, &target, fixed, memory) {
            Ok(()) => Ok(response),
            Err(error) => Err(with_reason(error, response).await),
        };
    }
}

/// A refusal in the server's own words, where it has some.
async fn with_reason(error: SourceError, mut response: Response) -> SourceError {
    let is_text = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/plain") || essence.ends_with("json")
    });
    if response.status().is_success() || !is_text {
        return error;
    }
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > REASON.0 {
                break;
            }
        }
    };
    // What has come until then will do.
    let _ = tokio::time::timeout(REASON.1, read).await;
    let Some(reason) = reason(&body) else { return error };
    let told = |message: String| format!("{message} ({reason})");
    match error {
        SourceError::Passing { message, not_before } => SourceError::Passing { message: told(message), not_before },
        SourceError::Final(message) => SourceError::Final(told(message)),
        SourceError::Credentials(message) => SourceError::Credentials(told(message)),
    }
}

/// The words of a JSON error by the names that they usually have, or the first line of a text.
fn reason(body: &[u8]) -> Option<String> {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(body);
    let text = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) => {
            let error = &json["error"];
            let words = [&json["message"], &error["message"], error, &json["detail"], &json["title"], &json];
            words.into_iter().find_map(|words| words.as_str())?.to_owned()
        }
        Err(_) => text.lines().find(|line| !line.trim().is_empty())?.trim().to_owned(),
    };
    Some(visible(&text.chars().take(LONGEST).collect::<String>())).filter(|text| !text.is_empty())
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
                        heartbeat.beat(Instant::now());
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
    fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            // The longest that was seen: two that come close together must not make us impatient.
            let seen = (now - last).clamp(SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT);
            self.interval = Some(self.interval.map_or(seen, |interval| interval.max(seen)));
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

fn shown(url: &Url) -> String {
    without_credentials(url.as_str())
}

/// Whether TLS found that the server is not to be trusted, which time does not mend (ruling G6).
fn is_distrust(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(rustls::Error::InvalidCertificate(_)) = inner.downcast_ref() {
            return true;
        }
        // An I/O error does not name what it wraps as its source.
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
        cause = wrapped.map(|error| error as &dyn std::error::Error).or_else(|| inner.source());
    }
    false
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
