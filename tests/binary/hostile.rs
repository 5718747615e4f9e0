//! Hostile input gets a clear error, memory stays bounded, and everything else goes on.

use crate::documents::{names, spans};
use crate::http::{post, serve};
use crate::otail::Otail;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::net::SocketAddr;

/// The largest decompressed request, in bytes.
const BODY_LIMIT: usize = 64 << 20;
const MIB: u64 = 1 << 20;

/// A receiver, with its peak memory when it was ready.
struct Receiver {
    otail: Otail,
    grpc: SocketAddr,
    http: SocketAddr,
    at_start: u64,
}

impl Receiver {
    fn begin() -> Receiver {
        Receiver::begin_with(&[])
    }

    fn begin_with(arguments: &[&str]) -> Receiver {
        let arguments = [&["-o", "json", "listen://127.0.0.1?grpc=0&http=0"], arguments].concat();
        let otail = Otail::tail(&arguments);
        let (grpc, http) = otail.addresses();
        let at_start = otail.peak_memory();
        Receiver { otail, grpc, http, at_start }
    }

    fn post(&self, path: &str, kind: &str, encoding: &str, body: &[u8]) -> (u16, String) {
        let kind = format!("application/{kind}");
        let (status, answer) = post(self.http, path, &[("content-type", &kind), ("content-encoding", encoding)], body);
        (status, String::from_utf8_lossy(&answer).into_owned())
    }

    /// Checks that its peak memory has grown by less than this, and that it still receives and prints a span.
    #[track_caller]
    fn goes_on(self, grown: u64) {
        let (status, answer) = self.post("/v1/traces", "json", "identity", spans(&["goes on"]).as_bytes());
        assert_eq!(status, 200, "{answer}");
        self.otail.wait_for(1);
        let peak = self.otail.peak_memory() - self.at_start;
        assert!(peak < grown, "grew by {} MiB", peak / MIB);
        assert_eq!(names(&self.otail.stop().out), ["goes on"]);
    }
}

impl Otail {
    /// Its peak memory so far, in bytes.
    fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

/// An empty JSON request, padded with white space to this size.
fn padded(size: usize) -> Vec<u8> {
    let mut body = br#"{"resourceSpans":[]}"#.to_vec();
    body.resize(size, b' ');
    body
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_body_has_at_most_64_mib_decompressed() {
    let receiver = Receiver::begin();
    let fits = gzip(&padded(BODY_LIMIT));
    let (status, answer) = receiver.post("/v1/traces", "json", "gzip", &fits);
    assert_eq!(status, 200, "{answer}");
    let over = gzip(&padded(BODY_LIMIT + 1));
    for (path, kind) in [("/v1/traces", "json"), ("/v1/logs", "x-protobuf"), ("/v1/metrics", "json")] {
        let (status, answer) = receiver.post(path, kind, "gzip", &over);
        assert_eq!(status, 413, "{answer}");
        assert!(answer.contains("64") || answer.contains(&BODY_LIMIT.to_string()), "names no limit: {answer:?}");
    }
    receiver.goes_on(3 * BODY_LIMIT as u64);
}

#[test]
fn a_bomb_is_not_decompressed_beyond_the_limit() {
    let receiver = Receiver::begin();
    // 1 GiB of zeros; otail must read at most 64 MiB of it.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 16 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let (status, answer) = receiver.post("/v1/traces", "x-protobuf", "gzip", &bomb);
    assert_eq!(status, 413, "{answer}");
    receiver.goes_on(3 * BODY_LIMIT as u64);
}

#[test]
fn deeply_nested_json_is_refused_or_rejected() {
    let receiver = Receiver::begin();
    let deep = 100_000;
    let unknown = format!("{{\"unknown\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
    let open = format!("{{\"resourceSpans\":{}", "[".repeat(deep));
    let objects = "{\"a\":".repeat(deep) + "1" + &"}".repeat(deep);
    let attribute = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{}{{}}{}}}]}}]}}]}}"#,
        r#"{"arrayValue":{"values":["#.repeat(deep),
        "]}}".repeat(deep)
    );
    for (path, body) in
        [("/v1/traces", unknown), ("/v1/traces", open), ("/v1/metrics", objects), ("/v1/logs", attribute)]
    {
        let (status, answer) = receiver.post(path, "json", "identity", body.as_bytes());
        // Unknown fields are skipped without recursion; a known value that is nested too deep rejects only its item.
        let rejected = answer.contains(r#""rejectedLogRecords":"1""#) && answer.contains("nested deeper");
        assert!(status == 400 || (status == 200 && (path != "/v1/logs" || rejected)), "{status} {answer}");
        assert!(status != 400 || answer.contains("message"), "says nothing: {answer:?}");
    }
    receiver.goes_on(64 * MIB);
}

#[test]
fn deeply_nested_protobuf_is_refused_or_rejected() {
    let receiver = Receiver::begin();
    for (path, body) in nested_protobuf(10_000) {
        let (status, answer) = receiver.post(path, "x-protobuf", "identity", &body);
        // Field 1 of an answer 200 is the partial success; an empty answer would mean that all was accepted.
        assert!(status == 400 || (status == 200 && answer.starts_with('\n')), "{path}: {status} {answer:?}");
    }
    receiver.goes_on(64 * MIB);
}

#[test]
fn undecodable_bytes_are_refused() {
    let receiver = Receiver::begin();
    for (kind, body) in [
        ("x-protobuf", &[0xff; 4096][..]),
        ("x-protobuf", &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ("json", b"{\"resourceSpans\":"),
        ("json", &[b'"', 0xff, b'"']),
        ("json", b""),
    ] {
        for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
            let (status, answer) = receiver.post(path, kind, "identity", body);
            assert_eq!(status, 400, "{path} {kind} {body:?}: {answer}");
        }
    }
    let (status, answer) = receiver.post("/v1/traces", "json", "gzip", b"no gzip at all");
    assert_eq!(status, 400, "{answer}");
    receiver.goes_on(64 * MIB);
}

#[test]
fn a_stream_skips_an_endless_line() {
    let (measured, is_measured) = std::sync::mpsc::channel::<()>();
    let server = serve(move |mut stream| {
        let piece = vec![b'x'; 1 << 20];
        let mut send = || {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")?;
            stream.write_all(b"event: begin\ndata: begin\n\n")?;
            let _ = is_measured.recv();
            stream.write_all(b"id: 1\ndata: ")?;
            (0..100).try_for_each(|_| stream.write_all(&piece))?;
            stream.write_all(b"\n\nid: 2\nevent: deploy\ndata: behind it\n\n")?;
            stream.flush()
        };
        // Hold the connection open: if the line had ended it, otail would connect again.
        if send().is_ok() {
            std::mem::forget(stream);
        }
    });
    let otail = Otail::tail(&["-o", "json", &format!("sse+http://{server}/spans")]);
    // Starting and connecting also need memory.
    otail.out.wait("the first event", |lines| {
        crate::otail::json(lines).iter().any(|line| line["type"] == "begin").then_some(())
    });
    let at_start = otail.peak_memory();
    measured.send(()).unwrap();
    let events = otail.out.wait("the event behind the line", |lines| {
        let lines = crate::otail::json(lines);
        lines.iter().any(|line| line["type"] == "deploy").then_some(lines)
    });
    let peak = otail.peak_memory() - at_start;
    assert!(peak < 16 * MIB, "grew by {} MiB", peak / MIB);
    assert_eq!(events.iter().filter(|line| line["type"] == "deploy").count(), 1);
    let known = |line: &serde_json::Value| line["payload"] == "behind it" || line["payload"] == "begin";
    assert!(events.iter().all(|line| line["signal"] == "gap" || known(line)), "{events:#?}");
    otail.stop();
}

/// The number of empty messages: less than 256 KiB packed, 32 MB unpacked.
const EMPTY: usize = 15_900_000;
/// The peak memory of one such request, including the unpacked body.
const ONE: u64 = 288 * MIB;
/// The peak memory of several such requests at once.
const SEVERAL: u64 = 400 * MIB;

/// Packed requests of 15.9 million exemplars of a point, links and events of a span, and log records, each with its HTTP path
/// and its gRPC method.
fn empty_messages() -> [(&'static str, &'static str, Vec<u8>); 4] {
    let in_scope = |item: &[u8]| gzip(&field(1, &field(2, item)));
    let span = [field(1, &[1; 16]), field(2, &[2; 8]), field(5, b"span")].concat();
    let with = |number: u8| in_scope(&field(2, &[span.clone(), [number << 3 | 2, 0].repeat(EMPTY)].concat()));
    let point = [vec![0x19, 1, 0, 0, 0, 0, 0, 0, 0], [0x2a, 0].repeat(EMPTY)].concat();
    let metric = [field(1, b"metric"), field(5, &field(1, &point))].concat();
    let (traces, metrics, logs) = ("/v1/traces", "/v1/metrics", "/v1/logs");
    [
        (metrics, "metrics.v1.MetricsService", in_scope(&field(2, &metric))),
        (traces, "trace.v1.TraceService", with(13)),
        (traces, "trace.v1.TraceService", with(11)),
        (logs, "logs.v1.LogsService", in_scope(&[0x12, 0].repeat(EMPTY))),
    ]
}

/// With this filter the receiver prints only the span of `goes_on`.
const QUIET: [&str; 2] = ["--filter", "name:\"goes on\""];

/// Whether an answer has the reason of a rejection.
fn says_why(answer: &str) -> bool {
    answer.contains("bytes of memory") || answer.contains("may contain at most 1000000")
}

#[test]
fn millions_of_empty_messages_stay_within_memory() {
    let receiver = Receiver::begin_with(&QUIET);
    for (path, _, body) in empty_messages() {
        assert!(body.len() < 256 << 10, "{} bytes are not small", body.len());
        let (status, answer) = receiver.post(path, "x-protobuf", "gzip", &body);
        assert!(status == 200 && says_why(&answer), "{path}: {status} {answer:?}");
    }
    receiver.goes_on(ONE);
}

#[test]
fn empty_messages_over_grpc_stay_within_memory() {
    let receiver = Receiver::begin_with(&QUIET);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    otail::net::install_tls();
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for (_, service, body) in empty_messages() {
        let framed = [&[1][..], &(body.len() as u32).to_be_bytes(), &body].concat();
        let url = format!("http://{}/opentelemetry.proto.collector.{service}/Export", receiver.grpc);
        let request = client.post(url).header("content-type", "application/grpc").header("grpc-encoding", "gzip");
        let answer = runtime.block_on(async { request.body(framed).send().await.unwrap().bytes().await.unwrap() });
        let answer = String::from_utf8_lossy(&answer);
        assert!(says_why(&answer), "{service}: {answer:?}");
    }
    receiver.goes_on(ONE);
}

#[test]
fn four_such_requests_at_once_share_the_memory() {
    let receiver = Receiver::begin_with(&QUIET);
    let bodies = empty_messages();
    std::thread::scope(|scope| {
        for (path, _, body) in &bodies {
            let receiver = &receiver;
            scope.spawn(move || {
                let (status, answer) = receiver.post(path, "x-protobuf", "gzip", body);
                let is_told = (status == 200 && says_why(&answer)) || (status == 503 && answer.contains("RetryInfo"));
                assert!(is_told, "{path}: {status} {answer:?}");
            });
        }
    });
    receiver.goes_on(SEVERAL);
}

#[test]
fn polled_answers_stay_within_memory() {
    for (path, _, body) in empty_messages() {
        let turn = std::sync::atomic::AtomicUsize::new(0);
        let server = serve(move |mut stream| {
            let is_first = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            let goes_on = gzip(spans(&["goes on"]).as_bytes());
            let (kind, body) = if is_first { ("x-protobuf", &body) } else { ("json", &goes_on) };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/{kind}\r\ncontent-encoding: gzip\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n"
            );
            _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        });
        let url = format!("poll+http://{server}{path}");
        let otail = Otail::tail(&["-o", "json", &url, "--interval", "1s", QUIET[0], QUIET[1]]);
        let at_start = otail.peak_memory();
        otail.wait_for(1);
        let peak = otail.peak_memory() - at_start;
        assert!(peak < ONE, "{path}: grew by {} MiB", peak / MIB);
        assert_eq!(names(&otail.stop().out)[0], "goes on");
    }
}

/// 17 bodies of 15 MiB fill the 256 MiB, and then arrive at 1 kB/s.
const SLOW_BODIES: usize = 17;
const SLOW_BODY: usize = 15 << 20;
const DRIPPED: usize = 20_000;

/// Sends like an SDK, which retries after a second when it is asked to.
fn is_served_among_slow_bodies(receiver: &Receiver) {
    // After their arrival there is no room, unless slow bodies give way.
    for _ in 0..200 {
        if receiver.otail.peak_memory() - receiver.at_start > 240 * MIB {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    // Too large for the room that the slow bodies leave.
    let honest = [spans(&["honest"]).as_bytes(), &b" ".repeat(2 << 20)].concat();
    let served = (0..10).any(|_| {
        let (status, answer) = receiver.post("/v1/traces", "json", "identity", &honest);
        assert!(status == 200 || status == 503, "{status}: {answer}");
        if status == 503 {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
        status == 200
    });
    assert!(served, "slow bodies hold all of the memory");
}

#[test]
fn slow_bodies_give_way_to_an_honest_sender() {
    let receiver = Receiver::begin();
    let mut slow = Vec::new();
    for _ in 0..SLOW_BODIES {
        let mut stream = std::net::TcpStream::connect(receiver.http).unwrap();
        let head = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
        write!(stream, "{head}\r\ncontent-length: {SLOW_BODY}\r\n\r\n").unwrap();
        slow.push(stream);
    }
    let bulk = b" ".repeat(SLOW_BODY - DRIPPED);
    for stream in &mut slow {
        stream.write_all(&bulk).unwrap();
    }
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let drip = std::thread::spawn(move || {
        while stopped.recv_timeout(std::time::Duration::from_secs(1)).is_err() {
            slow.retain_mut(|stream| stream.write_all(&[b' '; 1_000]).is_ok());
        }
    });
    is_served_among_slow_bodies(&receiver);
    stop.send(()).unwrap();
    drip.join().unwrap();
    assert!(names(&receiver.otail.stop().out).contains(&"honest".to_owned()));
}

#[test]
fn slow_streams_of_one_connection_give_way_too() {
    otail::net::install_tls();
    let receiver = Receiver::begin();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for _ in 0..SLOW_BODIES {
        let pieces = futures_util::stream::unfold(0, |sent| async move {
            let bulk = SLOW_BODY - DRIPPED;
            if sent >= bulk {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            let piece = if sent < bulk { (bulk - sent).min(64 << 10) } else { 1_000 };
            Some((Ok::<_, std::io::Error>(b" ".repeat(piece)), sent + piece))
        });
        let request = client.post(format!("http://{}/v1/traces", receiver.http));
        let request = request.header("content-type", "application/json").body(reqwest::Body::wrap_stream(pieces));
        runtime.spawn(request.send());
    }
    is_served_among_slow_bodies(&receiver);
    runtime.shutdown_background();
    assert!(names(&receiver.otail.stop().out).contains(&"honest".to_owned()));
}

#[test]
fn gzip_of_empty_members_is_refused() {
    let receiver = Receiver::begin();
    let members = gzip(b"").repeat(1 << 20);
    let (status, answer) = receiver.post("/v1/traces", "x-protobuf", "gzip", &members);
    assert!(status == 400 && answer.contains("mostly empty"), "{status} {answer:?}");
    receiver.goes_on(128 * MIB);
}

/// For each signal, a request with one item whose attribute (or body) is an array nested `depth` times.
fn nested_protobuf(depth: usize) -> [(&'static str, Vec<u8>); 3] {
    let mut value = Vec::new();
    for _ in 0..depth {
        // AnyValue.array_value = 5, ArrayValue.values = 1
        value = field(5, &field(1, &value));
    }
    let attribute = [field(1, b"deep"), field(2, &value)].concat();
    let in_scope = |item: &[u8]| field(1, &field(2, &field(2, item)));
    let ids = [field(1, &[1; 16]), field(2, &[2; 8])].concat();
    let span = [ids, field(5, b"span"), field(9, &attribute)].concat();
    let point = [field(7, &attribute), vec![0x19, 1, 0, 0, 0, 0, 0, 0, 0]].concat();
    let metric = [field(1, b"metric"), field(5, &field(1, &point))].concat();
    [("/v1/traces", in_scope(&span)), ("/v1/logs", in_scope(&field(5, &value))), ("/v1/metrics", in_scope(&metric))]
}

/// A length-delimited field of protobuf.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(content);
    bytes
}
