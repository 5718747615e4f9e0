//! An answer's body, read within bounds.

use crate::net::Answer;
use std::time::Duration;

/// What an answer may take.
pub(super) struct Bounds {
    /// Bytes after decompression.
    pub most: usize,
    /// Between two pieces.
    pub idle: Duration,
    /// From its headers to its last byte.
    pub whole: Duration,
}

/// Why there is no whole body.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyFault {
    /// Asking again would give the same.
    #[error("its answer is larger than {0} bytes after decompression (max_body)")]
    TooLarge(usize),
    #[error("it sent nothing for {0:?} in the middle of its answer, after {1} bytes")]
    Stalled(Duration, usize),
    #[error("it did not come to the end of its answer within {0:?}; {1} bytes had come")]
    Slow(Duration, usize),
    #[error("it broke off its answer after {1} bytes: {0}")]
    Broken(String, usize),
}

/// What was read of an answer.
pub(super) enum Body {
    Whole(Vec<u8>),
    /// The begin of lines that go on, and where the rest of them comes from.
    Lines(Vec<u8>, Box<Answer>),
}

/// After this pause, or this many bytes, otail follows an answer of lines instead of waiting for its end.
const PAUSE: Duration = Duration::from_secs(1);
const MANY: usize = 1 << 20;

/// Reads it all; what was compressed comes unpacked, and is counted so. An answer whose length nobody announced, and which
/// `are_lines` says is lines, may go on for ever: it is given back once it pauses or has grown.
pub(super) async fn read(
    mut response: Answer,
    bounds: &Bounds,
    are_lines: impl Fn(&[u8]) -> bool,
) -> Result<Body, BodyFault> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    if announced > bounds.most {
        return Err(BodyFault::TooLarge(bounds.most));
    }
    let end = tokio::time::Instant::now() + bounds.whole;
    let is_open_ended = response.content_length().is_none();
    let mut body = Vec::with_capacity(announced);
    let mut is_lines = None;
    loop {
        if is_lines.is_none() && is_open_ended && memchr::memchr(b'\n', body.trim_ascii_start()).is_some() {
            is_lines = Some(are_lines(&body));
        }
        if is_lines == Some(true) {
            // Waiting for a piece may be given up: what has come of it is not lost.
            match tokio::time::timeout(PAUSE, response.chunk()).await {
                Ok(Ok(Some(piece))) if body.len() + piece.len() <= MANY => {
                    body.extend_from_slice(&piece);
                    continue;
                }
                Ok(Ok(Some(piece))) => {
                    body.extend_from_slice(&piece);
                    return Ok(Body::Lines(body, Box::new(response)));
                }
                Ok(Ok(None)) => return Ok(Body::Whole(body)),
                Ok(Err(error)) => return Err(BodyFault::Broken(error, body.len())),
                Err(_) => return Ok(Body::Lines(body, Box::new(response))),
            }
        }
        let piece = tokio::time::timeout(bounds.idle, response.chunk());
        let piece = match tokio::time::timeout_at(end, piece).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(_)) => return Err(BodyFault::Stalled(bounds.idle, body.len())),
            Err(_) => return Err(BodyFault::Slow(bounds.whole, body.len())),
        };
        match piece {
            Ok(Some(piece)) if body.len() + piece.len() > bounds.most => {
                return Err(BodyFault::TooLarge(bounds.most));
            }
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return Ok(Body::Whole(body)),
            Err(error) => return Err(BodyFault::Broken(error, body.len())),
        }
    }
}
