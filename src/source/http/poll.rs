//! Polls a URL.
//!
//! Polls begin `interval` apart, whatever an answer takes; one that comes too late is left out. What was held back by a full
//! queue waits. An answer that cannot be read costs itself: it is counted, told, and asked for again in time.

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

/// Polls until something goes wrong. `answer` is that to the request that made the connection, none where there is nothing
/// new.
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
        // What was missed while it was held is left out too.
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

/// A Prometheus endpoint that cannot be read has no series any more: each gets a point that says so.
async fn lost(link: &Link, session: &mut Session) {
    if let Some(ends) = session.scraper.as_mut().and_then(|scraper| scraper.lost(link.now())) {
        // Whoever reads may have gone; then the source is about to be ended too.
        let _ = link.deliver(vec![ends], Rejected::default()).await;
    }
}

/// When the poll after the one that was due then is: whole intervals later, and not in the past.
fn next(due: Instant, interval: Duration, now: Instant) -> Instant {
    let late = now.saturating_duration_since(due + interval);
    let missed = late.as_nanos().div_ceil(interval.as_nanos().max(1));
    due + interval * u32::try_from(1 + missed).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_that_comes_too_late_is_left_out() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        for (took, expected) in [(0, 1), (900, 1), (1_000, 1), (1_001, 2), (3_500, 4)] {
            let now = begin + Duration::from_millis(took);
            assert_eq!(next(begin, second, now), begin + second * expected, "{took} ms");
        }
    }
}
