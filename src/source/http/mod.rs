//! Sources read over HTTP: event streams and polls.
//!
//! ```text
//!  ask ─► judge ─┬─ text/event-stream ─► stream ─► Records ──────────────┐
//!                └─ anything else ────► poll ─► content ─► wire decoders ─┴─► Link
//! ```
//!
//! Start with [`run`]. `prepare` reads the files that a request needs. `ask` sends it and turns error statuses into errors
//! (`refusal`). `session` is what the source remembers between attempts. `answer` reads a polled answer within limits
//! (`body`) and detects its format (`content`).

mod answer;
mod ask;
mod body;
mod content;
mod heartbeat;
mod kind;
mod lines;
mod pending_files;
mod poll;
mod prepare;
mod pushdown;
mod refusal;
mod session;
mod spec;
mod stream;
#[cfg(test)]
mod tests;

use super::error::SourceError;
use super::kind::Attempt;
use super::link::Link;
use super::options::Options;
use crate::model::SourceKind;
use ask::{Question, ask, is_stream};
use reqwest::Url;
use session::Session;
use spec::Expect;
pub(super) use spec::HttpSpec;

/// One attempt: until a stream ends or a poll fails. Ends at once when the connection must end.
async fn run(spec: &HttpSpec, attempt: Attempt<'_>) -> Result<(), SourceError> {
    let Attempt { link, options, memory, .. } = attempt;
    let session = memory.of::<Session>();
    session.begin(&options.auth);
    tokio::select! {
        () = link.closed() => Ok(()),
        outcome = connect(spec, link, options, session) => outcome,
    }
}

/// Whether the source is polled; a paused source sends no polls.
fn is_polled(spec: &HttpSpec, session: &Session) -> bool {
    match spec.expect {
        Expect::Stream => false,
        Expect::Poll | Expect::Prometheus => true,
        Expect::Anything => session.is_stream != Some(true),
    }
}

async fn connect(spec: &HttpSpec, link: &Link, options: &Options, session: &mut Session) -> Result<(), SourceError> {
    if is_polled(spec, session) {
        link.resumed().await;
    }
    let url = Url::parse(&spec.url).map_err(|error| SourceError::Final(format!("it is not a valid URL: {error}")))?;
    let expect = match (spec.expect, session.is_stream) {
        (Expect::Anything, Some(true)) => Expect::Stream,
        (Expect::Anything, Some(false)) => Expect::Poll,
        (expect, _) => expect,
    };
    let may_stream = matches!(expect, Expect::Stream | Expect::Anything);
    let filtered = pushdown::filtered(&url, &options.filter).filter(|_| may_stream);
    let question = Question { url: &url, filtered: filtered.as_ref(), expect, options };
    match ask(&question, session).await? {
        Some(response) if is_stream(response.headers()) => {
            session.is_stream = Some(true);
            link.established_as(SourceKind::pushed("sse"));
            stream::follow(response, &question, link, session).await
        }
        answer => {
            if answer.is_some() {
                session.is_stream = Some(false);
            }
            poll::run(answer, &question, link, session).await
        }
    }
}
