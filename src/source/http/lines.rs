//! Reads an answer of endless lines: each line as it arrives, until a long silence.

use super::super::error::SourceError;
use super::super::file::TextDecoder;
use super::super::link::Link;
use super::session::Session;
use crate::net::Answer;
use crate::supervision::supervised;
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How many pieces may wait for the decoding thread.
const PIECES: usize = 4;

/// Whether the beginning of an answer is JSON lines: one complete value and a newline.
pub(super) fn are_lines(begin: &[u8]) -> bool {
    let begin = begin.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', begin) else { return false };
    begin.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(&begin[..end]).is_ok()
}

/// Reads an answer line by line to its end; `begin` is the part already read. `silence` is the longest allowed pause.
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
    let mut reading = TextDecoder::new(link.clone(), tokio::runtime::Handle::current());
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
            Err(error) => break Err(session.passing(format!("{url} broke off the answer: {error}"), None)),
        }
        // While paused, do not read; unread data waits at the sender.
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
            Err(SourceError::Final(format!("decoding the lines of {url} {panicked}; this is a defect of otail")))
        }
        Err(error) => Err(session.passing(format!("decoding the lines of {url} was cancelled: {error}"), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_shows_json_lines() {
        assert!(are_lines(b"{\"a\":1}\n") && are_lines(b"\n{}\r\n{\"b"));
        for begin in [&b"{\"a\":1}"[..], b"{\n\"a\":1}\n", b"[{},\n", b"up 1\n", b"", b"\x0a\x00"] {
            assert!(!are_lines(begin), "{begin:?}");
        }
    }
}
