//! Reads the body of an answer within limits.

use crate::net::Answer;
use std::time::Duration;

/// The limits for an answer.
pub(super) struct Bounds {
    /// Maximum bytes after decompression.
    pub most: usize,
    /// Maximum time between two pieces.
    pub idle: Duration,
    /// Maximum time from its headers to its end.
    pub whole: Duration,
}

/// Why a body could not be read completely.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyFault {
    /// A retry would give the same.
    #[error("its answer is larger than {0} bytes after decompression (max_body)")]
    TooLarge(usize),
    #[error("it sent nothing for {0:?} in the middle of its answer, after {1} bytes")]
    Stalled(Duration, usize),
    #[error("it did not come to the end of its answer within {0:?}; {1} bytes had come")]
    Slow(Duration, usize),
    #[error("it broke off its answer after {1} bytes: {0}")]
    Broken(String, usize),
}

/// The body of an answer.
pub(super) enum Body {
    Whole(Vec<u8>),
    /// The first part of endless lines, and the answer to read the rest from.
    Lines(Vec<u8>, Box<Answer>),
}

/// After this pause, or this many bytes, otail reads an answer of lines as a stream instead of waiting for its end.
const PAUSE: Duration = Duration::from_secs(1);
const MANY: usize = 1 << 20;

/// Reads a whole body, decompressed; the limit counts decompressed bytes. An answer without a length that consists of lines
/// (`are_lines`) may never end: it is returned as [`Body::Lines`] after a pause or when it gets long.
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
            // A timeout here loses no data.
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
