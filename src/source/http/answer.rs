//! Decodes the answer to a poll and delivers its items.
//!
//! A blocking thread decodes it and hands over one piece at a time, so memory is bounded and other sources do not wait.

use super::super::error::SourceError;
use super::super::link::Link;
use super::ask::Question;
use super::body::{self, Body, BodyFault, Bounds};
use super::content::{Content, content};
use super::lines;
use super::session::{Session, Validators};
use super::spec::Expect;
use crate::budget::{Hold, Meter};
use crate::columns::Batch;
use crate::config::Format;
use crate::model::Time;
use crate::net::{Answer, BodyError, shown};
use crate::supervision::supervised;
use crate::wire::otlp::{self, Document, documents};
use crate::wire::prometheus::{Dialect, Scraper, Target};
use crate::wire::span_record::Decoder;
use crate::wire::{Encoding, Limits, Rejected};
use foldhash::fast::FixedState;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use std::hash::BuildHasher;
use std::time::Duration;
use tokio::sync::mpsc;

/// Time limit for an answer, from its headers to its end.
const WHOLE: Duration = Duration::from_secs(120);
/// The size of a piece, in items and in bytes of text; a single document may be larger.
const PIECE: (usize, usize) = (4_096, 1 << 20);
/// After this many unreadable values the rest is skipped.
const BROKEN: u64 = 1_000;

/// After this many answers in a row that were rejected completely, the source fails.
const USELESS_ANSWERS: u32 = 5;

/// Reads an answer and delivers its items. After [`USELESS_ANSWERS`] rejected answers it returns an error.
pub(super) async fn take(
    response: Answer,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    match read(response, question, link, session).await? {
        Outcome::Some => session.useless_answers = 0,
        Outcome::Nothing => {}
        Outcome::Rejected(reason) => {
            session.useless_answers += 1;
            if session.useless_answers >= USELESS_ANSWERS {
                // A retry by hand starts counting at zero.
                session.useless_answers = 0;
                return Err(SourceError::Final(format!(
                    "{USELESS_ANSWERS} answers in a row were rejected, the last one because: {reason}"
                )));
            }
        }
    }
    Ok(())
}

/// The outcome of an answer.
enum Outcome {
    /// Some items were accepted, now or in an earlier equal answer.
    Some,
    /// The answer was empty.
    Nothing,
    /// Everything was rejected, for this reason.
    Rejected(String),
}

async fn read(
    response: Answer,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<Outcome, SourceError> {
    let (url, options) = (shown(question.url.as_str()), question.options);
    let validators = Validators::of(response.headers());
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let bounds =
        Bounds { most: options.max_body, idle: options.connection_timeout, whole: WHOLE.max(options.interval) };
    let reads_lines = question.expect != Expect::Prometheus && matches!(options.format, Format::Auto | Format::Json);
    let body = match body::read(response, &bounds, |begin| reads_lines && lines::are_lines(begin)).await {
        Ok(Body::Whole(body)) => body,
        Ok(Body::Lines(begin, response)) => {
            (session.last_answer, session.validators) = (None, Validators::default());
            let silence = options.idle_timeout.unwrap_or(WHOLE);
            lines::follow(begin, *response, &url, silence, link, session).await?;
            return Ok(Outcome::Some);
        }
        Err(fault @ BodyFault::TooLarge(_)) => {
            let reason = format!("{url}: {fault}");
            link.reject(1, format!("{reason}; this answer was skipped"));
            return Ok(Outcome::Rejected(reason));
        }
        Err(fault) => return Err(session.passing(format!("{url}: {fault}"), None)),
    };
    if body.trim_ascii().is_empty() {
        session.validators = validators;
        return Ok(Outcome::Nothing);
    }
    let format = if question.expect == Expect::Prometheus { Format::Prometheus } else { options.format };
    let content = match content(format, &content_type, question.url.path(), &body) {
        Ok(content) => content,
        // The source has never delivered, so the URL is probably wrong.
        Err(words) if !link.has_delivered() => {
            return Err(SourceError::Final(format!("{url}: {words}; check the URL")));
        }
        Err(words) => {
            let reason = format!("{url}: {words}");
            link.reject(1, format!("{reason}; this answer was skipped"));
            return Ok(Outcome::Rejected(reason));
        }
    };
    let mut hold = link.hold();
    if let Err(no_room) = hold.grow(body.len()) {
        let reason = format!("{url}: {}", BodyError::from(no_room));
        link.reject(1, format!("{reason}; this answer was skipped"));
        return Ok(Outcome::Rejected(reason));
    }
    let hash = FixedState::default().hash_one(&body);
    // Prometheus text has no timestamps, so an equal answer is new data.
    let is_dated = !matches!(content, Content::Prometheus(_));
    if let Some((_, items)) = session.last_answer.filter(|(last, _)| is_dated && *last == hash) {
        // The same data again: treat it like status 304.
        link.duplicates(items);
        return Ok(Outcome::Some);
    }
    let scraper = session.scraper.take().filter(|_| !is_dated);
    let mut scraper = scraper.unwrap_or_else(|| Scraper::new(target(question.url, link.label())));
    let now = link.now();
    let (pieces, mut read) = mpsc::channel(1);
    let work = move || {
        let mut out = |batches, rejected, hold| pieces.blocking_send((batches, rejected, hold)).is_ok();
        let meter = Meter::new(body.len(), hold);
        let format = decode(content, &body, &mut scraper, now, meter, &mut out);
        (scraper, format)
    };
    let reading = tokio::task::spawn_blocking(move || supervised(work));
    let (mut items, mut rejections, mut last_reason) = (0, 0, None);
    while let Some((batches, Rejected { count, reason }, hold)) = read.recv().await {
        rejections += count;
        items += batches.iter().map(|batch: &Batch| batch.len() as u64).sum::<u64>();
        let reason = reason.map(|reason| format!("{url}: {reason}"));
        last_reason = reason.clone().or(last_reason);
        let rejected = Rejected { count, reason };
        // An error means that the reader is gone; the source is then about to end too.
        let _ = link.deliver_held(batches, rejected, hold).await;
    }
    let (scraper, format) = match reading.await {
        Ok(Ok(read)) => read,
        Ok(Err(panicked)) => {
            return Err(SourceError::Final(format!(
                "decoding the answer of {url} {panicked}; this is a defect of otail"
            )));
        }
        Err(error) => return Err(session.passing(format!("decoding the answer of {url} was cancelled: {error}"), None)),
    };
    if let Some(format) = format {
        link.recognised(format);
    }
    session.scraper = Some(scraper).filter(|scraper| scraper.series() > 0);
    // Only after delivery: items that were not delivered must be sent again.
    session.validators = validators;
    // A bad answer must count as bad each time, so do not remember it.
    session.last_answer = (rejections == 0).then_some((hash, items));
    Ok(match (items, rejections) {
        (1.., _) => Outcome::Some,
        (0, 0) => Outcome::Nothing,
        (0, _) => Outcome::Rejected(last_reason.unwrap_or_else(|| format!("{url}: it contains no valid telemetry"))),
    })
}

/// Takes batches, rejections and their share of the memory budget; returns whether the receiver wants more.
type Out<'a> = dyn FnMut(Vec<Batch>, Rejected, Option<Hold>) -> bool + 'a;

/// Decodes an answer; returns the detected format, or `None` if it is empty.
fn decode(
    content: Content,
    body: &[u8],
    scraper: &mut Scraper,
    now: Time,
    meter: Meter,
    out: &mut Out<'_>,
) -> Option<&'static str> {
    let limits = Limits::default();
    match content {
        Content::Protobuf(signal) => {
            match otlp::decode_within(signal, Encoding::Protobuf, body, &limits, &meter) {
                Ok(decoded) => {
                    let hold = meter.finish(decoded.batch.bytes());
                    out(vec![decoded.batch], decoded.rejected, Some(hold))
                }
                Err(error) => out(Vec::new(), one(error), None),
            };
            Some("otlp protobuf")
        }
        Content::Prometheus(dialect) => {
            let decoded = scraper.read_within(body, dialect, now, &limits, &meter);
            let hold = meter.finish(decoded.batch.bytes());
            out(vec![decoded.batch], decoded.rejected, Some(hold));
            Some(match dialect {
                Dialect::Text => "prometheus",
                Dialect::OpenMetrics => "openmetrics",
            })
        }
        Content::Json => json(&String::from_utf8_lossy(body), &limits, meter, out),
    }
}

/// Decodes JSON of any kind; returns the format.
fn json(text: &str, limits: &Limits, meter: Meter, out: &mut Out<'_>) -> Option<&'static str> {
    let (mut decoder, mut gathered, mut found) = (Decoder::of_lines(), 0, None);
    let (mut values, mut broken) = (0, Rejected::default());
    for document in documents(text, limits).within(meter).ended() {
        match document {
            Document::Items(decoded) => {
                found = Some("otlp json");
                if !flush(&mut decoder, out) || !out(vec![decoded.batch], decoded.rejected, None) {
                    return found;
                }
            }
            Document::Unknown(value) => {
                found = found.or(Some("json"));
                decoder.read("message", "", value);
                (values, gathered) = (values + 1, gathered + value.len());
            }
            Document::Broken(value, _) if value.trim().is_empty() => {}
            Document::Broken(_, error) => broken.one(error),
            Document::Unfinished(_) => broken.one("the JSON ends in the middle of a value"),
        }
        if decoder.len() >= PIECE.0 || gathered >= PIECE.1 {
            gathered = 0;
            if !flush(&mut decoder, out) {
                return found;
            }
        }
        if values > limits.items || broken.count >= BROKEN {
            broken.one("too many values are not telemetry; the rest was skipped");
            break;
        }
    }
    if flush(&mut decoder, out) && broken.count > 0 {
        out(Vec::new(), broken, None);
    }
    found
}

/// Hands over the decoded batches; returns whether the receiver wants more.
fn flush(decoder: &mut Decoder, out: &mut Out<'_>) -> bool {
    if decoder.is_empty() {
        return true;
    }
    let taken = decoder.take();
    out(taken.batches, taken.rejected, None)
}

fn one(reason: impl ToString) -> Rejected {
    Rejected { count: 1, reason: Some(reason.to_string()) }
}

fn target(url: &Url, service: String) -> Target {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    Target { service, instance: format!("{host}:{port}"), scheme: url.scheme().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items, rejections and pieces of a text, and the size of the largest piece.
    fn pieces(text: &str) -> (usize, u64, usize, usize) {
        let (mut items, mut rejections, mut count, mut largest) = (0, 0, 0, 0);
        json(text, &Limits::default(), Meter::of_body(text.len()), &mut |batches, rejected, _| {
            let size = batches.iter().map(Batch::len).sum::<usize>();
            (items, rejections, count, largest) =
                (items + size, rejections + rejected.count, count + 1, largest.max(size));
            true
        });
        (items, rejections, count, largest)
    }

    #[test]
    fn many_small_values_are_delivered_in_pieces() {
        let (items, rejections, count, largest) = pieces(&"{\"a\":1}\n".repeat(20_000));
        assert_eq!((items, rejections), (20_000, 0));
        assert!(count >= 4 && largest <= PIECE.0, "{count} pieces, the largest of {largest}");
    }

    #[test]
    fn after_too_many_broken_values_the_rest_is_skipped() {
        let (items, rejections, ..) = pieces(&"x y\n".repeat(100_000));
        assert_eq!((items, rejections), (0, BROKEN + 1));
    }

    #[test]
    fn the_decoded_content_gives_the_format() {
        let detected = |content, body: &str| {
            let url = Url::parse("http://h/x").unwrap();
            let mut scraper = Scraper::new(target(&url, String::new()));
            let meter = Meter::of_body(body.len());
            decode(content, body.as_bytes(), &mut scraper, Time(1), meter, &mut |_, _, _| true)
        };
        let span = r#"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"a"}"#;
        let document = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
        assert_eq!(detected(Content::Json, &document), Some("otlp json"));
        assert_eq!(detected(Content::Json, r#"{"resourceSpans":[]}"#), None, "an empty document shows no format");
        assert_eq!(detected(Content::Json, r#"{"hello":1}"#), Some("json"));
        assert_eq!(detected(Content::Protobuf(crate::model::Signal::Spans), ""), Some("otlp protobuf"));
        assert_eq!(detected(Content::Prometheus(Dialect::Text), "up 1\n"), Some("prometheus"));
        assert_eq!(detected(Content::Prometheus(Dialect::OpenMetrics), "up 1\n# EOF\n"), Some("openmetrics"));
    }

    #[test]
    fn decoding_stops_when_the_receiver_is_gone() {
        let mut count = 0;
        let text = "{}\n".repeat(100_000);
        json(&text, &Limits::default(), Meter::of_body(text.len()), &mut |_, _, _| {
            count += 1;
            false
        });
        assert_eq!(count, 1);
    }
}
