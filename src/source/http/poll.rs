//! A URL that is asked again and again (seed 000).
//!
//! Polls begin `interval` apart, whatever an answer takes; one that comes too late is left out. What was held back by a full
//! queue waits (ruling G3). An answer that cannot be read costs itself: it is counted, told, and asked for again in time.

use super::super::error::SourceError;
use super::super::link::Link;
use super::super::records::Records;
use super::ask::{Answer, Question, ask};
use super::body::{self, BodyFault, Bounds};
use super::content::{Content, content};
use super::session::{Session, Validators};
use crate::config::Format;
use crate::intake::Overflow;
use crate::model::Time;
use crate::net::shown;
use crate::source::spec::Expect;
use crate::supervision::supervised;
use crate::wire::otlp::{self, Document, documents};
use crate::wire::prometheus::{Scraper, Target};
use crate::wire::{Decoded, Encoding, Limits, Rejected};
use foldhash::fast::FixedState;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, Url};
use std::hash::BuildHasher;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long an answer may take, from its headers on.
const WHOLE: Duration = Duration::from_secs(120);

/// Polls until something goes wrong. `first` is the answer to the request that made the connection, unless it said that there
/// was nothing new.
pub(super) async fn run(
    first: Option<Response>,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    let options = question.options;
    let question = &Question {
        expect: if question.expect == Expect::Anything { Expect::Poll } else { question.expect },
        ..*question
    };
    let mut answer = match first {
        Some(response) => Answer::Body(response),
        None => Answer::NothingNew,
    };
    let mut due = Instant::now();
    loop {
        if let Answer::Body(response) = answer
            && let Err(error) = take(response, question, link, session).await
        {
            lost(link, session).await;
            return Err(error);
        }
        if !link.is_established() {
            link.established(None);
        }
        due = (due + options.interval).max(Instant::now());
        sleep_until(due).await;
        link.resumed().await;
        answer = match ask(question, session).await {
            Ok(Answer::Stream(_)) => {
                let url = shown(question.url.as_str());
                return Err(session.passing(format!("{url} has become an event stream"), None));
            }
            Ok(other) => other,
            Err(error) => {
                lost(link, session).await;
                return Err(error);
            }
        };
    }
}

/// A Prometheus endpoint that cannot be read has no series any more: each gets a point that says so.
async fn lost(link: &Link, session: &mut Session) {
    if let Some(ends) = session.scraper.as_mut().and_then(|scraper| scraper.lost(link.now())) {
        Records::new(link.clone(), Overflow::Wait).push(vec![ends], Rejected::default()).await;
    }
}

/// Reads an answer and hands over what it holds.
async fn take(
    response: Response,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    let (url, options) = (shown(question.url.as_str()), question.options);
    let validators = Validators::of(response.headers());
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let bounds =
        Bounds { most: options.max_body, idle: options.connection_timeout, whole: WHOLE.max(options.interval) };
    let body = match body::read(response, &bounds).await {
        Ok(body) => body,
        Err(fault @ BodyFault::TooLarge(_)) => {
            link.reject(1, format!("{url}: {fault}; it was left out, and is asked for again in time"));
            return Ok(());
        }
        Err(fault) => return Err(session.passing(format!("{url}: {fault}"), None)),
    };
    if body.trim_ascii().is_empty() {
        session.validators = validators;
        return Ok(());
    }
    let format = if question.expect == Expect::Prometheus { Format::Prometheus } else { options.format };
    let content = match content(format, &content_type, question.url.path(), &body) {
        Ok(content) => content,
        // Never was anything else there: it is the wrong URL.
        Err(words) if !link.has_delivered() => {
            return Err(SourceError::Final(format!("{url}: {words}: check the URL")));
        }
        Err(words) => {
            link.reject(1, format!("{url}: {words}; it was left out, and is asked for again in time"));
            return Ok(());
        }
    };
    let hash = FixedState::default().hash_one(&body);
    // Prometheus text has no times of its own: the same once more is as much news as any other.
    let is_dated = !matches!(content, Content::Prometheus(_));
    if let Some((_, items)) = session.last_answer.filter(|(last, _)| is_dated && *last == hash) {
        // The very same points once more: as if the server had said 304.
        link.duplicates(items);
        return Ok(());
    }
    let scraper = session.scraper.take().filter(|_| !is_dated);
    let mut scraper = scraper.unwrap_or_else(|| Scraper::new(target(question.url, link.label())));
    let now = link.now();
    let work = move || {
        let read = decode(content, &body, &mut scraper, now);
        (read, scraper)
    };
    let (read, scraper) = match tokio::task::spawn_blocking(move || supervised(work)).await {
        Ok(Ok(read)) => read,
        Ok(Err(panicked)) => {
            return Err(SourceError::Final(format!(
                "reading the answer of {url} {panicked}; this is a defect of otail"
            )));
        }
        Err(error) => return Err(session.passing(format!("reading the answer of {url} was given up: {error}"), None)),
    };
    session.scraper = Some(scraper).filter(|scraper| scraper.series() > 0);
    let mut records = Records::new(link.clone(), Overflow::Wait);
    let mut items = 0;
    for piece in read {
        match piece {
            Piece::Items(decoded) => {
                let Decoded { batch, rejected } = *decoded;
                items += batch.len() as u64;
                records.deliver().await;
                records.push(vec![batch], rejected).await;
            }
            Piece::Broken(reason) => {
                link.reject(1, format!("{url}: {reason}"));
            }
            Piece::Text(text) => {
                items += 1;
                records.read("message", "", &text).await;
            }
        }
    }
    records.deliver().await;
    // Not before it is in: what was not taken is to be sent again.
    session.validators = validators;
    session.last_answer = Some((hash, items));
    Ok(())
}

/// What an answer held.
enum Piece {
    Items(Box<Decoded>),
    /// What could not be read, and why.
    Broken(String),
    /// JSON that is no OTLP, or text.
    Text(String),
}

fn decode(content: Content, body: &[u8], scraper: &mut Scraper, now: Time) -> Vec<Piece> {
    let limits = Limits::default();
    match content {
        Content::Protobuf(signal) => match otlp::decode(signal, Encoding::Protobuf, body, &limits) {
            Ok(decoded) => vec![Piece::Items(Box::new(decoded))],
            Err(error) => vec![Piece::Broken(error.to_string())],
        },
        Content::Prometheus(dialect) => vec![Piece::Items(Box::new(scraper.read(body, dialect, now, &limits)))],
        Content::Json => {
            let text = String::from_utf8_lossy(body);
            let pieces = documents(&text, &limits).filter_map(|document| match document {
                Document::Items(decoded) => Some(Piece::Items(decoded)),
                Document::Unknown(text) => Some(Piece::Text(text.to_owned())),
                Document::Broken(text, _) if text.trim().is_empty() => None,
                Document::Broken(_, error) => Some(Piece::Broken(error.to_string())),
                Document::Unfinished(_) => Some(Piece::Broken("the JSON ends in the middle of a value".into())),
            });
            pieces.collect()
        }
    }
}

fn target(url: &Url, service: String) -> Target {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    Target { service, instance: format!("{host}:{port}"), scheme: url.scheme().to_owned() }
}
