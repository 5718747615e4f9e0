//! What somebody who means harm sends (hardening C).

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
    // A reset after the answer is as good as an end.
    _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_bomb_of_64_mib_and_one_byte_is_413_and_the_next_request_is_served() {
    let mut listening = listening().await;
    let bomb = gzip(&vec![0; (64 << 20) + 1]);
    let headers = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    let bombs = (0..4).map(|_| listening.post_with("/v1/traces", &headers, bomb.clone()));
    for response in futures_util::future::join_all(bombs).await {
        // Four at once may pass what may be held at once; then the sender is told to come back.
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
    assert!(sent < 64 << 20, "nobody stopped it");
    assert_eq!(listening.counts().rejected, 1);
}

#[tokio::test]
async fn a_length_that_is_announced_too_large_is_refused_before_the_body_comes() {
    let listening = listening().await;
    let head =
        "POST /v1/logs HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: 99999999999\n\n";
    let text = rest(&mut raw(&listening, head).await).await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
}

#[tokio::test]
async fn bodies_that_are_held_together_share_one_budget() {
    let settings = config::Listen { max_body: 1 << 20, max_in_flight: 1 << 20, ..config::Listen::default() };
    let mut listening = listening_with(settings, Limits::default()).await;
    let head = "POST /v1/logs HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: 800000\n\n";
    let mut slow = raw(&listening, head).await;
    slow.write_all(&vec![b' '; 700_000]).await.unwrap();
    let mut last = 200;
    for _ in 0..500 {
        // The slow one's bytes take their time to be read.
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
    assert!(served, "what the slow one held was not given back");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_is_408() {
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
async fn what_is_no_http_at_all_is_answered_or_closed() {
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
