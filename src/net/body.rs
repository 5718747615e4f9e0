//! Reads a request's body within the limits on size, speed and memory.

use super::body_error::{BodyError, IDLE, LEAST, WHOLE};
use super::body_readers::{BodyReader, MEASURE};
use crate::budget::Hold;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::Instant;

/// Reads a body to its end, without a copy if it arrived in one piece.
///
/// # Errors
///
/// [`BodyError`]; before reading anything if the announced length is already too large.
pub async fn read_body<B>(body: B, limit: usize, hold: &mut Hold, reader: &BodyReader) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let before = hold.held();
    let read = read(body, limit, hold, reader).await;
    if read.is_err() {
        hold.shrink_to(before);
        reader.freed();
    }
    read
}

async fn read<B>(mut body: B, limit: usize, hold: &mut Hold, reader: &BodyReader) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(BodyError::TooLarge(limit));
    }
    reader.admitted().await;
    let mut first = Bytes::new();
    let mut whole: Vec<u8> = Vec::new();
    let mut pace = Pace::begin();
    loop {
        let frame = tokio::select! {
            frame = tokio::time::timeout(MEASURE, body.frame()) => frame,
            () = reader.gives_way() => return Err(BodyError::GaveWay),
        };
        reader.measure();
        let frame = match frame {
            Err(_) => None,
            Ok(Some(Err(error))) => return Err(BodyError::Broken(format!("the body broke off: {error}"))),
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame.into_data().ok(),
        };
        let data = frame.unwrap_or_default();
        pace.keep(data.len())?;
        if data.is_empty() {
            continue;
        }
        if first.len() + whole.len() + data.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        reader.hold(data.len(), hold).await?;
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            // A sender may announce much and send little, so room is reserved for one piece at a time.
            whole.reserve_exact((announced as usize).clamp(first.len() + data.len(), 1 << 20));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

/// Enforces the minimum speed of a body.
struct Pace {
    end: Instant,
    since: Instant,
    bytes: usize,
}

impl Pace {
    fn begin() -> Pace {
        let now = Instant::now();
        Pace { end: now + WHOLE, since: now, bytes: 0 }
    }

    /// Counts bytes that arrived; zero is allowed, to check the time.
    fn keep(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.bytes += bytes;
        let now = Instant::now();
        if now >= self.end {
            return Err(BodyError::Stalled);
        }
        if now >= self.since + IDLE {
            if self.bytes < LEAST {
                return Err(BodyError::Stalled);
            }
            (self.since, self.bytes) = (now, 0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use futures_util::stream;
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::time::Duration;

    use crate::net::BodyReaders;

    async fn read_body<B>(body: B, limit: usize, hold: &mut Hold) -> Result<Bytes, BodyError>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        let reader = BodyReaders::new(Budget::unlimited()).begin("127.0.0.1:1".parse().unwrap(), None);
        super::read_body(body, limit, hold, &reader).await
    }

    fn pieces(pieces: &'static [&'static [u8]]) -> impl Body<Data = Bytes, Error = Infallible> + Unpin {
        StreamBody::new(stream::iter(pieces.iter().map(|piece| Ok(Frame::data(Bytes::from_static(piece))))))
    }

    #[tokio::test]
    async fn pieces_are_put_together_in_order() {
        let mut hold = Budget::new(100).hold();
        assert_eq!(read_body(pieces(&[b"ab", b"", b"cde", b"f"]), 6, &mut hold).await.unwrap(), "abcdef");
        assert_eq!(read_body(pieces(&[]), 6, &mut hold).await.unwrap(), "");
    }

    #[tokio::test]
    async fn one_byte_over_the_limit_is_too_large_announced_or_not() {
        let mut hold = Budget::new(100).hold();
        let announced = Full::new(Bytes::from_static(b"abcdefg"));
        assert_eq!(read_body(announced, 6, &mut hold).await, Err(BodyError::TooLarge(6)));
        assert_eq!(read_body(pieces(&[b"abc", b"defg"]), 6, &mut hold).await, Err(BodyError::TooLarge(6)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_or_drips_is_stalled() {
        let body = |every: Duration| {
            let pieces = stream::unfold((), move |()| async move {
                tokio::time::sleep(every).await;
                Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))), ()))
            });
            StreamBody::new(Box::pin(pieces))
        };
        for every in [IDLE * 2, IDLE / 2] {
            let mut hold = Budget::new(1_000).hold();
            assert_eq!(read_body(body(every), 1_000, &mut hold).await, Err(BodyError::Stalled));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_at_one_kilobyte_a_second_is_read() {
        let pieces = stream::unfold(0, |count| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (count < 200).then(|| (Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[0; 1_000]))), count + 1))
        });
        let mut hold = Budget::new(1 << 20).hold();
        let body = StreamBody::new(Box::pin(pieces));
        assert_eq!(read_body(body, 1 << 20, &mut hold).await.unwrap().len(), 200_000);
    }

    #[tokio::test]
    async fn read_bytes_are_taken_from_the_budget() {
        let budget = Budget::new(6);
        let mut other = budget.hold();
        other.grow(1).unwrap();
        let mut hold = budget.hold();
        assert_eq!(read_body(pieces(&[b"abc", b"def"]), 6, &mut hold).await, Err(BodyError::Overloaded));
        assert_eq!(budget.left(), 5);
        drop((hold, other));
        assert_eq!(budget.left(), 6);
    }

    #[tokio::test]
    async fn a_body_above_the_budget_is_no_overload() {
        let mut hold = Budget::new(5).hold();
        assert_eq!(read_body(pieces(&[b"abc", b"def"]), 6, &mut hold).await, Err(BodyError::NeverFits(5)));
    }
}
