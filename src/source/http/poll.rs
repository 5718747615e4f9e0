//! Polls a URL.
//!
//! Polls start `interval` apart, however long an answer takes; a poll that would start late is skipped. While the queue is
//! full, polling waits. An unreadable answer is counted and reported, and the next poll follows as usual.

use super::super::error::SourceError;
use super::super::link::Link;
use super::answer::take;
use super::ask::{Question, ask};
use super::session::Session;
use super::spec::Expect;
use crate::net::Answer;
use crate::wire::Rejected;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Polls until an error. `answer` is the answer to the first request; `None` if it had nothing new.
pub(super) async fn run(
    mut answer: Option<Answer>,
    question: &Question<'_>,
    link: &Link,
    session: &mut Session,
) -> Result<(), SourceError> {
    let options = question.options;
    let question = &Question {
        expect: if question.expect == Expect::Anything { Expect::Poll } else { question.expect },
        ..*question
    };
    let mut due = Instant::now();
    loop {
        if let Some(response) = answer
            && let Err(error) = take(response, question, link, session).await
        {
            lost(link, session).await;
            return Err(error);
        }
        if !link.is_established() {
            link.established();
        }
        due = next(due, options.interval, Instant::now());
        sleep_until(due).await;
        link.resumed().await;
        // Polls missed during a pause are skipped too.
        due = due.max(Instant::now());
        answer = match ask(question, session).await {
            Ok(answer) => answer,
            Err(error) => {
                lost(link, session).await;
                return Err(error);
            }
        };
    }
}

/// Ends the series of a Prometheus endpoint that cannot be read: each gets a point that marks its end.
async fn lost(link: &Link, session: &mut Session) {
    if let Some(ends) = session.scraper.as_mut().and_then(|scraper| scraper.lost(link.now())) {
        // An error means that the reader is gone; the source is then about to end too.
        let _ = link.deliver(vec![ends], Rejected::default()).await;
    }
}

/// The time of the poll after `due`: whole intervals later, and not in the past.
fn next(due: Instant, interval: Duration, now: Instant) -> Instant {
    let late = now.saturating_duration_since(due + interval);
    let missed = late.as_nanos().div_ceil(interval.as_nanos().max(1));
    due + interval * u32::try_from(1 + missed).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_poll_is_skipped() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        for (took, expected) in [(0, 1), (900, 1), (1_000, 1), (1_001, 2), (3_500, 4)] {
            let now = begin + Duration::from_millis(took);
            assert_eq!(next(begin, second, now), begin + second * expected, "{took} ms");
        }
    }
}
