//! An answer of lines that goes on: each line is read as it comes, and only silence ends it.

use super::super::error::SourceError;
use super::super::file::Reading;
use super::super::link::Link;
use super::session::Session;
use crate::net::Answer;
use crate::supervision::supervised;
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// So many pieces wait for the thread that reads them.
const PIECES: usize = 4;

/// Whether what has come of an answer is lines of JSON: one whole value, and its line's end.
pub(super) fn are_lines(begin: &[u8]) -> bool {
    let begin = begin.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', begin) else { return false };
    begin.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(&begin[..end]).is_ok()
}

/// Reads an answer line by line to its end; `begin` has come of it already. `silence`: how long nothing may come.
pub(super) async fn follow(
    begin: Vec<u8>,
    mut response: Answer,
    url: &str,
    silence: Duration,
    link: &Link,
    session: &Session,
) -> Result<(), SourceError> {
    link.established();
    link.recognised("json lines");
    let (pieces, mut next) = mpsc::channel::<Bytes>(PIECES);
    let mut reading = Reading::new(link.clone(), tokio::runtime::Handle::current());
    let work = move || {
        while let Some(piece) = next.blocking_recv() {
            reading.push(&piece);
            if next.is_empty() {
                reading.pause();
            }
        }
        reading.end();
    };
    let reading = tokio::task::spawn_blocking(move || supervised(work));
    let mut piece = Ok(Some(Bytes::from(begin)));
    let outcome = loop {
        match piece {
            Ok(Some(bytes)) => {
                if pieces.send(bytes).await.is_err() {
                    break Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(session.passing(format!("{url} broke off its lines: {error}"), None)),
        }
        // What is not read waits with its sender.
        link.resumed().await;
        piece = match timeout(silence, response.chunk()).await {
            Ok(piece) => piece,
            Err(_) => {
                let seconds = silence.as_secs_f64();
                break Err(session.passing(format!("{url} sent nothing for {seconds} s"), None));
            }
        };
    };
    drop(pieces);
    match reading.await {
        Ok(Ok(())) => outcome,
        Ok(Err(panicked)) => {
            Err(SourceError::Final(format!("reading the lines of {url} {panicked}; this is a defect of otail")))
        }
        Err(error) => Err(session.passing(format!("reading the lines of {url} was given up: {error}"), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_by_the_first_of_them() {
        assert!(are_lines(b"{\"a\":1}\n") && are_lines(b"\n{}\r\n{\"b"));
        for begin in [&b"{\"a\":1}"[..], b"{\n\"a\":1}\n", b"[{},\n", b"up 1\n", b"", b"\x0a\x00"] {
            assert!(!are_lines(begin), "{begin:?}");
        }
    }
}
