//! Accepts connections, with or without TLS, and limits their number and duration.

use super::slots::{Busy, Slots};
use super::tls::{self, Tls};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::HeaderMap;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// Maximum connections at the same time; above it, a new one replaces an idle one, or waits.
pub const MAX_CONNECTIONS: usize = 1_024;

/// Time limit for the first bytes and the TLS handshake together, and for the headers of each HTTP/1 request.
pub const HEADER_TIME: Duration = Duration::from_secs(30);

/// Pause before accepting again after an error.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// Time limit for open requests after the server stops.
const GRACE: Duration = Duration::from_secs(2);
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The first byte of a TLS handshake; no HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;

/// The body of a response: one piece of data, then trailers (gRPC).
#[derive(Debug, Default)]
pub struct Reply {
    /// The data; `None` if empty.
    pub data: Option<Bytes>,
    /// The trailers.
    pub trailers: Option<HeaderMap>,
}

/// The two ends of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionEnds {
    /// The listener's address.
    pub local: SocketAddr,
    /// The sender's address.
    pub peer: SocketAddr,
    /// Whether the connection is plain although the listener requires TLS; the handler must then refuse its requests.
    pub lacks_tls: bool,
}

/// Serves HTTP/1 and HTTP/2 until `shutdown` completes; open requests may then finish. The first bytes, or ALPN with TLS,
/// tell the versions apart. Calls `report` with a message when a TLS handshake fails.
pub async fn serve<A, F>(
    listener: TcpListener,
    tls: Option<Tls>,
    answer: A,
    report: impl Fn(SocketAddr, String) + Clone + Send + 'static,
    shutdown: impl Future<Output = ()>,
) where
    A: Fn(Request<Incoming>, ConnectionEnds) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Reply>> + Send + 'static,
{
    let slots = Slots::new(MAX_CONNECTIONS);
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let (stream, peer) = accept(&listener, &slots).await;
            (stream, peer, slots.take().await)
        };
        let (stream, peer, slot) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (answer, report, tls, watcher) = (answer.clone(), report.clone(), tls.clone(), graceful.watcher());
        let connection = serve_connection(stream, peer, tls, slot.requests(), answer, report, watcher);
        tokio::spawn(async move {
            tokio::select! {
                () = connection => {}
                () = slot.evicted() => tracing::debug!(%peer, "closed an idle connection to make room for a new one"),
            }
        });
    }
    drop(listener);
    _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// Handles one connection from its first bytes.
async fn serve_connection<A, F>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    request_opened: impl Fn() -> Busy + Send + 'static,
    answer: A,
    report: impl Fn(SocketAddr, String),
    watcher: Watcher,
) where
    A: Fn(Request<Incoming>, ConnectionEnds) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Reply>> + Send + 'static,
{
    let Ok(local) = stream.local_addr() else { return };
    let deadline = Instant::now() + HEADER_TIME;
    let first = first_bytes(&stream, deadline).await;
    let lacks_tls = tls.is_some() && first != Some(FirstBytes::Handshake);
    let ends = ConnectionEnds { local, peer, lacks_tls };
    let service = service_fn(move |mut request: Request<Incoming>| {
        let busy = request_opened();
        request.extensions_mut().insert(busy.connection());
        let reply = answer(request, ends);
        async move {
            let reply = reply.await;
            drop(busy);
            Ok::<_, Infallible>(reply)
        }
    });
    match (first, tls) {
        (None, _) => {}
        (Some(FirstBytes::Handshake), None) => {
            report(peer, "it uses TLS, but this port has no TLS; use http:// instead of https://".into());
        }
        (Some(FirstBytes::Handshake), Some(tls)) => match tokio::time::timeout_at(deadline, tls.accept(stream)).await {
            Ok(Ok(stream)) => requests(tls::is_http2(&stream), stream, service, watcher).await,
            Ok(Err(error)) => _ = tls::handshake_error(&error).map(|why| report(peer, why)),
            Err(_) => {}
        },
        (Some(first), _) => requests(first == FirstBytes::Http2, stream, service, watcher).await,
    }
}

/// Answers the requests of one connection. Errors of the connection need no report: each request was answered or not.
async fn requests<S, F>(
    is_http2: bool,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: S,
    watcher: Watcher,
) where
    S: Service<Request<Incoming>, Response = Response<Reply>, Error = Infallible, Future = F> + Send + 'static,
    F: Future<Output = Result<Response<Reply>, Infallible>> + Send + 'static,
{
    let stream = TokioIo::new(stream);
    match is_http2 {
        true => _ = watcher.watch(http2_builder().serve_connection(stream, service)).await,
        false => _ = watcher.watch(http1_builder().serve_connection(stream, service)).await,
    }
}

async fn accept(listener: &TcpListener, slots: &Slots) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            // The peer closed the connection before it was accepted.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            // No file descriptors or memory left. Closing an idle connection helps; otherwise wait.
            Err(error) => {
                let made_room = slots.make_room();
                tracing::warn!(%error, made_room, "cannot accept a connection; retrying");
                tokio::time::sleep(if made_room { RETRY_PAUSE } else { RETRY_PAUSE * 50 }).await;
            }
        }
    }
}

/// The protocol that a connection's first bytes show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstBytes {
    Http1,
    Http2,
    Handshake,
}

/// Waits for the first bytes, and for the whole HTTP/2 preface, so that a silent connection ends at the deadline.
async fn first_bytes(stream: &TcpStream, deadline: Instant) -> Option<FirstBytes> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let count = tokio::time::timeout_at(deadline, stream.peek(&mut seen)).await.ok()?.ok()?;
        match () {
            () if count == 0 => return None,
            () if seen[0] == HANDSHAKE => return Some(FirstBytes::Handshake),
            () if seen[..count] != PREFACE[..count] => return Some(FirstBytes::Http1),
            () if count == PREFACE.len() => return Some(FirstBytes::Http2),
            // Only part of the preface so far: `peek` returns at once, so wait before the next look.
            () if Instant::now() >= deadline => return None,
            () => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    builder
}

fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(128)
        .max_header_list_size(16 << 10)
        // Without large windows, big requests on loopback stop every 64 KiB and wait for a window update.
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .max_frame_size(256 << 10);
    builder
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().map(Frame::data);
        Poll::Ready(data.or_else(|| self.trailers.take().map(Frame::trailers)).map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        // An exact size adds a content-length header, which gRPC does not send.
        match &self.trailers {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(self.data.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    async fn hello(_: Request<Incoming>, _: ConnectionEnds) -> Response<Reply> {
        Response::new(Reply { data: Some("hello".into()), trailers: None })
    }

    async fn started() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, None, hello, |_, _| {}, async { _ = stopped.await }));
        (address, stop, server)
    }

    #[tokio::test]
    async fn both_versions_are_served_on_one_port() {
        super::super::install_tls();
        let (address, _stop, _) = started().await;
        for prior_knowledge in [false, true] {
            let client = reqwest::Client::builder().no_proxy();
            let client = if prior_knowledge { client.http2_prior_knowledge() } else { client.http1_only() };
            let response = client.build().unwrap().get(format!("http://{address}/")).send().await.unwrap();
            assert_eq!(response.version() == hyper::Version::HTTP_2, prior_knowledge);
            assert_eq!(response.text().await.unwrap(), "hello");
        }
    }

    #[tokio::test]
    async fn a_request_whose_first_bytes_drip_is_served() {
        let (address, _stop, _) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for byte in b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn connections_with_incomplete_headers_are_closed() {
        for words in [&b""[..], b"PRI * HT", b"POST / HTTP/1.1\r\nhost: "] {
            let (address, _stop, _) = started().await;
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(words).await.unwrap();
            let mut rest = Vec::new();
            // Time is paused: it jumps to the deadline once no other task can run.
            let end = tokio::time::timeout(HEADER_TIME * 4, stream.read_to_end(&mut rest)).await;
            assert!(end.is_ok(), "{words:?}");
        }
    }

    #[tokio::test]
    async fn shutdown_does_not_wait_for_idle_connections() {
        let (address, stop, server) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        stop.send(()).unwrap();
        let begun = Instant::now();
        server.await.unwrap();
        assert!(begun.elapsed() < GRACE * 5);
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn silent_connections_do_not_starve_a_sender() {
        super::super::install_tls();
        let (address, _stop, _) = started().await;
        let mut silent = Vec::new();
        for _ in 0..MAX_CONNECTIONS + 50 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let request = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("http://{address}/"));
        let response = tokio::time::timeout(HEADER_TIME / 2, request.send()).await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "hello");
    }

    async fn bodies(
        request: Request<Incoming>,
        ends: ConnectionEnds,
        readers: crate::net::BodyReaders,
    ) -> Response<Reply> {
        let connection = request.extensions().get().cloned();
        let (reader, mut hold) = (readers.begin(ends.peer, connection), crate::budget::Budget::unlimited().hold());
        let read = crate::net::read_body(request.into_body(), 1_000, &mut hold, &reader).await;
        Response::new(Reply { data: Some(format!("{} bytes", read.unwrap().len()).into()), trailers: None })
    }

    #[tokio::test]
    async fn requests_without_bodies_do_not_starve_a_sender() {
        super::super::install_tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let readers = crate::net::BodyReaders::new(crate::budget::Budget::unlimited());
        let answer = move |request, ends| bodies(request, ends, readers.clone());
        tokio::spawn(serve(listener, None, answer, |_, _| {}, std::future::pending()));
        let mut open = Vec::new();
        for number in 0..MAX_CONNECTIONS + 6 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // Every second connection is HTTP/2 and opens a stream that sends HEADERS but no body.
            if number % 2 == 0 {
                stream.write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n").await.unwrap();
                open.push((Some(stream), None));
            } else {
                let io = TokioIo::new(stream);
                let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await;
                let (mut sender, connection) = handshake.unwrap();
                let connection = tokio::spawn(connection);
                let body = http_body_util::StreamBody::new(futures_util::stream::pending::<
                    Result<Frame<Bytes>, Infallible>,
                >());
                let request = Request::post(format!("http://{address}/")).body(body).unwrap();
                let request = tokio::spawn(async move { sender.send_request(request).await.map(|_| ()) });
                open.push((None, Some((connection, request))));
            }
        }
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("http://{address}/"));
        let response = tokio::time::timeout(HEADER_TIME / 2, request.body("whole").send()).await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "5 bytes");
        for (connection, request) in open.into_iter().filter_map(|(_, spawned)| spawned) {
            connection.abort();
            request.abort();
        }
    }

    #[tokio::test]
    async fn connections_that_only_answer_pings_do_not_starve_a_sender() {
        super::super::install_tls();
        let (address, _stop, _) = started().await;
        let mut quiet = Vec::new();
        for _ in 0..MAX_CONNECTIONS + 6 {
            let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
            let (sender, connection) = hyper::client::conn::http2::handshake::<_, _, http_body_util::Empty<Bytes>>(
                TokioExecutor::new(),
                stream,
            )
            .await
            .unwrap();
            quiet.push((sender, tokio::spawn(connection)));
        }
        let request = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("http://{address}/"));
        let response = tokio::time::timeout(HEADER_TIME / 2, request.send()).await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "hello");
        quiet.into_iter().for_each(|(_, connection)| connection.abort());
    }
}
