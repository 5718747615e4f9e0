//! Hostile requests: decompression bombs, endless bodies, slow senders.

use super::http::JSON_SPAN;
use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn raw(listening: &Listening, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(listening.http.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.replace('\n', "\r\n").as_bytes()).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset after the answer counts as an end.
    _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// Reads one answer that has a length; returns its head.
async fn one_answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(text).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    head
}

#[tokio::test]
async fn a_refusal_keeps_the_connection_open() {
    let mut listening = listening().await;
    let refusals = [
        ("/nope", JSON, "", 404),
        ("/v1/traces", "text/css", "", 415),
        ("/v1/traces", JSON, "content-encoding: br\n", 400),
        ("/v1/traces", JSON, "origin: https://evil.example\n", 403),
        ("/v1/traces", JSON, "host: localhost\n", 400),
    ];
    for (path, media, more, status) in refusals {
        let body = "x".repeat(100_000);
        let head = |path, media, more, length| {
            format!("POST {path} HTTP/1.1\nhost: localhost\ncontent-type: {media}\n{more}content-length: {length}\n\n")
        };
        let mut stream = raw(&listening, &head(path, media, more, body.len())).await;
        stream.write_all(body.as_bytes()).await.unwrap();
        let answer = one_answer(&mut stream).await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
        let next = head("/v1/traces", JSON, "", JSON_SPAN.len()).replace('\n', "\r\n");
        stream.write_all(next.as_bytes()).await.unwrap();
        stream.write_all(JSON_SPAN.as_bytes()).await.unwrap();
        assert!(one_answer(&mut stream).await.starts_with("http/1.1 200"), "{path} {more}");
    }
    assert_eq!(listening.came(), ["json"], "the others are duplicates");
}

#[tokio::test]
async fn refusing_a_long_body_closes_the_connection() {
    let listening = listening().await;
    for more in ["content-length: 300000", "content-length: 10\nexpect: 100-continue", "transfer-encoding: chunked"] {
        let head = format!("POST /nope HTTP/1.1\nhost: localhost\n{more}\n\n");
        let mut stream = raw(&listening, &head).await;
        if more.contains("chunked") {
            let chunk = [b"4000\r\n", &[b'x'; 0x4000][..], b"\r\n"].concat();
            for _ in 0..20 {
                stream.write_all(&chunk).await.unwrap();
            }
        }
        let answer = one_answer(&mut stream).await;
        assert!(answer.starts_with("http/1.1 404") && answer.contains("connection: close"), "{more}: {answer}");
    }
}

#[tokio::test]
async fn a_bomb_of_64_mib_and_one_byte_is_413() {
    let mut listening = listening().await;
    let bomb = gzip(&vec![0; (64 << 20) + 1]);
    let headers = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    let bombs = (0..4).map(|_| listening.post_with("/v1/traces", &headers, bomb.clone()));
    for response in futures_util::future::join_all(bombs).await {
        // Four at once may need more than the budget; then senders must retry.
        assert!([413, 503].contains(&response.status().as_u16()), "{}", response.status());
    }
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["after"])).await.status(), 200);
    assert_eq!(listening.came(), ["after"]);
}

#[tokio::test]
async fn an_endless_chunked_body_is_stopped_at_the_limit() {
    let settings = config::Listen { max_body: 1 << 20, ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    let head =
        "POST /v1/traces HTTP/1.1\nhost: localhost\ncontent-type: application/json\ntransfer-encoding: chunked\n\n";
    let mut stream = raw(&listening, head).await;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = 0;
    while sent < 64 << 20 && stream.write_all(chunk.as_bytes()).await.is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 64 << 20, "the body was not stopped");
    assert_eq!(listening.counts().rejected, 1);
}

#[tokio::test]
async fn an_announced_length_over_the_limit_is_refused_early() {
    let listening = listening().await;
    let head =
        "POST /v1/logs HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: 99999999999\n\n";
    let text = rest(&mut raw(&listening, head).await).await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
}

#[tokio::test]
async fn bodies_share_one_budget() {
    let settings = config::Listen { max_body: 1 << 20, max_in_flight: 1 << 20, ..config::Listen::default() };
    let mut listening = listening_with(settings, Limits::default()).await;
    let head = "POST /v1/logs HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: 800000\n\n";
    let mut slow = raw(&listening, head).await;
    slow.write_all(&vec![b' '; 700_000]).await.unwrap();
    let mut last = 200;
    for _ in 0..500 {
        // It takes a moment until the bytes of the slow body are read.
        let response = listening.post("/v1/traces", PROTOBUF, large_traces(700_000)).await;
        last = response.status().as_u16();
        if last == 503 {
            assert_eq!(response.headers()["retry-after"], "1");
            break;
        }
        listening.came();
    }
    assert_eq!(last, 503);
    drop(slow);
    let mut served = false;
    for _ in 0..500 {
        served = listening.post("/v1/traces", PROTOBUF, large_traces(700_000)).await.status() == 200;
        if served {
            break;
        }
    }
    assert!(served, "the slow body did not return its memory");
}

#[tokio::test]
async fn items_above_the_memory_limit_are_rejected() {
    use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
    let mut listening = listening().await;
    let links = Span { links: vec![Link::default(); 100_000], ..span("links") };
    let events = Span { events: vec![Event::default(); 100_000], ..span("events") };
    let body = request(vec![span("before"), links, events, span("after")]).encode_to_vec();
    let response = listening.post("/v1/traces", PROTOBUF, body).await;
    assert_eq!(response.status(), 200);
    let answer = response.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("8 times its unpacked size"), "{answer:?}");
    let json = |name: &str, parts: &str| {
        let id = fastrand::u64(1..);
        format!(r#"{{"traceId":"{id:032x}","spanId":"{id:016x}","name":"{name}"{parts}}}"#)
    };
    let links = json("links", &format!(r#","links":[{{}}{}]"#, ",{}".repeat(100_000)));
    let all = [json("before json", ""), links, json("after json", "")].join(",");
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{all}]}}]}}]}}"#);
    assert_eq!(listening.post("/v1/traces", JSON, body).await.status(), 200);
    // Items after the limit was exceeded are rejected too.
    assert_eq!(listening.came(), ["before", "before json"]);
    let counts = listening.counts();
    assert_eq!((counts.received, counts.rejected), (7, 5));
    assert!(counts.balanced());
}

#[tokio::test]
async fn a_request_holds_memory_until_it_is_stored() {
    let settings = config::Listen { max_body: 8 << 20, max_in_flight: 8 << 20, ..config::Listen::default() };
    let mut listening = listening_with(settings, Limits::default()).await;
    // 20 000 empty log records: 40 kB that decode to more than 1 MiB.
    let logs = || [&[0x0a, 0xc4, 0xb8, 2, 0x12, 0xc0, 0xb8, 2][..], &[0x12, 0].repeat(20_000)].concat();
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(listening.post("/v1/logs", PROTOBUF, logs()).await.status().as_u16());
    }
    assert_eq!((statuses[0], statuses[9]), (200, 503), "{statuses:?}");
    listening.came();
    assert_eq!(listening.post("/v1/logs", PROTOBUF, logs()).await.status(), 200);
}

#[tokio::test]
async fn a_request_above_the_budget_is_rejected_for_good() {
    let settings = config::Listen { max_body: 1 << 20, max_in_flight: 1 << 20, ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    // Compressed and unpacked body together exceed the budget of all requests.
    let noise: Vec<u8> = (0..700_000).map(|_| fastrand::u8(..)).collect();
    let headers = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    let response = listening.post_with("/v1/traces", &headers, gzip(&noise)).await;
    assert_eq!(response.status(), 413);
    assert!(!response.headers().contains_key("retry-after"));
    let answer = response.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("listen.max_in_flight"), "{answer:?}");
    assert_eq!(listening.counts().rejected, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_is_408() {
    let listening = listening().await;
    let head = "POST /v1/logs HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: 9\n\n{\"a\"";
    let text = rest(&mut raw(&listening, head).await).await;
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");
}

#[tokio::test]
async fn json_nested_100_000_deep_is_400() {
    let listening = listening().await;
    for body in ["[".repeat(100_000), format!("{{\"resourceSpans\":{}", "[{\"x\":".repeat(100_000))] {
        let status = listening.post("/v1/traces", JSON, body).await.status();
        assert_eq!(status, 400);
    }
}

#[tokio::test]
async fn non_http_input_is_answered_or_closed() {
    let mut listening = listening().await;
    for junk in [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        "GET / HTTP/9.9\n\n",
        "PRI * HTTP/2.0\n\nSM\n\njunk after the preface, and more of it\n\n",
    ] {
        let text = rest(&mut raw(&listening, junk).await).await;
        assert!(!text.contains("200 OK"), "{text}");
    }
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["after"])).await.status(), 200);
    assert_eq!(listening.came(), ["after"]);
}
