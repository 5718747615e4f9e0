//! A stream of server-sent events: framing, decoding, resuming.

use super::super::error::SourceError;
use super::super::link::Link;
use super::super::records::Records;
use super::ask::Question;
use super::heartbeat::Heartbeat;
use super::session::Session;
use crate::intake::Overflow;
use crate::net::{Answer, shown};
use crate::wire::span_record::Decoded;
use crate::wire::sse::Frame;
use std::time::{Duration, Instant};

/// Reads a stream to its end.
pub(super) async fn follow(
    response: Answer,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    session.framer.restart();
    let url = shown(question.url.as_str());
    read(response, &url, question.options.idle_timeout, link, session).await?;
    match question.options.auto_reconnect {
        true => Err(session.passing(format!("{url} ended the stream"), None)),
        // Without reconnection, the end of the stream is the normal end of the source.
        false => Ok(()),
    }
}

async fn read(
    mut response: Answer,
    url: &str,
    idle_timeout: Option<Duration>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    let mut records = Records::new(link.clone().with_overflow(Overflow::DropOldest));
    let mut heartbeat = Heartbeat::default();
    loop {
        let patience = heartbeat.patience().into_iter().chain(idle_timeout).min();
        let chunk = match patience {
            None => response.chunk().await,
            Some(patience) => match tokio::time::timeout(patience, response.chunk()).await {
                Ok(chunk) => chunk,
                Err(_) => {
                    return Err(session.passing(format!("{url} sent nothing for {} s", patience.as_secs_f64()), None));
                }
            },
        };
        let chunk = match chunk {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(()),
            Err(error) => {
                return Err(session.passing(format!("{url} broke off the stream: {error}"), None));
            }
        };
        session.framer.push(&chunk);
        while let Some(frame) = session.framer.next() {
            match frame {
                Frame::Event { kind, data, id } => {
                    if let Decoded::Heartbeat { .. } = records.read(kind, id, data).await {
                        heartbeat.beat(Instant::now());
                    }
                }
                Frame::Comment => {}
                Frame::Retry(milliseconds) => session.retry = Some(Duration::from_millis(milliseconds)),
                Frame::TooLarge { limit } => records.too_large(limit).await,
            }
        }
        // Deliver each chunk at once: the stream may be silent for long afterwards.
        records.deliver().await;
        // A flood must not block this worker for other sources.
        tokio::task::yield_now().await;
    }
}
