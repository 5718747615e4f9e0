//! An HTTP response whose body is unpacked while it arrives: gzip with any number of members, or zstd with any number of
//! frames.

use super::client::cause;
use super::compression::{AHEAD_OF_ZSTD, mostly_empty};
use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use reqwest::{Response, StatusCode};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, ReadBuf};
use tokio::time::Instant;
use tokio_util::io::StreamReader;

/// The `Accept-Encoding` of requests: the compressions that [`Answer`] unpacks.
pub const ACCEPTED: &str = "gzip, zstd";

/// A window of 64 MiB, the largest that an encoder uses without `--ultra` or `--long`.
const ZSTD_WINDOW_LOG: u32 = 26;
/// The size of a piece of an unpacked body, in bytes.
const PIECE: usize = 32 << 10;
/// Streams last for days and may flush empty blocks, so the limit on empty input counts anew in each of these spans.
const SPAN: Duration = Duration::from_secs(60);

/// A server's response.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    body: Body,
}

enum Body {
    Plain(Response),
    Packed {
        reader: Pin<Box<dyn AsyncRead + Send>>,
        made: Arc<AtomicUsize>,
    },
    /// An unsupported compression, with its name.
    Unknown(String),
}

impl Answer {
    /// Wraps a response whose body was not read yet.
    pub fn of(response: Response) -> Answer {
        let (status, headers) = (response.status(), response.headers().clone());
        let encodings = headers.get_all(CONTENT_ENCODING).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let encoding = encodings.collect::<Vec<_>>().join(", ").trim().to_ascii_lowercase();
        let length = response.content_length().filter(|_| matches!(&*encoding, "" | "identity"));
        let body = match &*encoding {
            "" | "identity" => Body::Plain(response),
            "gzip" | "x-gzip" => {
                let (input, made) = guarded(response);
                let mut reader = GzipDecoder::new(input);
                reader.multiple_members(true);
                Body::Packed { reader: Box::pin(reader), made }
            }
            "zstd" => {
                let (input, made) = guarded(response);
                let mut reader = ZstdDecoder::with_params(input, &[DParameter::window_log_max(ZSTD_WINDOW_LOG)]);
                reader.multiple_members(true);
                Body::Packed { reader: Box::pin(reader), made }
            }
            _ => Body::Unknown(encoding),
        };
        Answer { status, headers, length, body }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The announced length of the body in bytes; `None` if it is unknown or the body is compressed.
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece of the body, unpacked; `None` at its end. Dropping the future loses no data.
    ///
    /// # Errors
    ///
    /// A message: the connection broke, the compressed data is invalid, or the compression is not supported.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, String> {
        match &mut self.body {
            Body::Plain(response) => response.chunk().await.map_err(|error| cause(&error)),
            Body::Packed { reader, made } => {
                let mut piece = BytesMut::with_capacity(PIECE);
                let read = reader.read_buf(&mut piece).await.map_err(|error| in_words(&error))?;
                made.fetch_add(read, Ordering::Relaxed);
                Ok((read > 0).then(|| piece.freeze()))
            }
            Body::Unknown(encoding) => Err(format!(
                "it is compressed as `{encoding}`, which otail did not ask for; send {ACCEPTED}, or no compression"
            )),
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Body::Plain(_) => "Plain",
            Body::Packed { .. } => "Packed",
            Body::Unknown(_) => "Unknown",
        })
    }
}

fn in_words(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(broken) => cause(broken),
        None => error.to_string(),
    }
}

fn guarded(response: Response) -> (GuardedStream<impl AsyncBufRead + Send + Unpin>, Arc<AtomicUsize>) {
    let made = Arc::<AtomicUsize>::default();
    let input = StreamReader::new(Box::pin(response.bytes_stream().map_err(io::Error::other)));
    (GuardedStream { input, taken: 0, made: made.clone(), since: Instant::now() }, made)
}

/// Compressed input for a decoder. Fails if it is mostly empty.
struct GuardedStream<R> {
    input: R,
    taken: usize,
    made: Arc<AtomicUsize>,
    since: Instant,
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for GuardedStream<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.since.elapsed() >= SPAN {
            (this.taken, this.since) = (0, Instant::now());
            this.made.store(0, Ordering::Relaxed);
        }
        let made = this.made.load(Ordering::Relaxed);
        if this.taken > made.saturating_add(made / 4).saturating_add(AHEAD_OF_ZSTD) {
            return Poll::Ready(Err(mostly_empty()));
        }
        let bytes = ready!(Pin::new(&mut this.input).poll_fill_buf(context))?;
        Poll::Ready(Ok(&bytes[..bytes.len().min(PIECE)]))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.taken += amount;
        Pin::new(&mut this.input).consume(amount);
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for GuardedStream<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(context))?;
        let amount = bytes.len().min(into.remaining());
        into.put_slice(&bytes[..amount]);
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}
