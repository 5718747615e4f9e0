//! An answer's body, read within bounds.

use crate::net::cause;
use reqwest::Response;
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

/// Reads it all; what was compressed comes unpacked, and is counted so.
pub(super) async fn read(mut response: Response, bounds: &Bounds) -> Result<Vec<u8>, BodyFault> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    if announced > bounds.most {
        return Err(BodyFault::TooLarge(bounds.most));
    }
    let end = tokio::time::Instant::now() + bounds.whole;
    let mut body = Vec::with_capacity(announced);
    loop {
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
            Ok(None) => return Ok(body),
            Err(error) => return Err(BodyFault::Broken(cause(&error), body.len())),
        }
    }
}
