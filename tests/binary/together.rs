//! One source of each kind, and a hostile one beside them, which must not affect the others.

use crate::http::{post, serve};
use crate::otail::{Otail, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The number of items that each good source sends.
const EACH: u64 = 12;

fn span(kind: u8, number: u64) -> String {
    let id = format!("{kind:02x}{:014x}", number + 1);
    format!(
        r#"{{"traceId":"{id}{id}","spanId":"{id}","name":"n{number}","startTimeUnixNano":"1000","endTimeUnixNano":"2000"}}"#
    )
}

fn document(kind: u8, number: u64) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, span(kind, number))
}

fn answer(content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A stream that sends its items and then stays open.
fn stream() -> SocketAddr {
    serve(|mut stream| {
        let events: String =
            (0..EACH).map(|number| format!("id: {number}\nevent: span\ndata: {}\n\n", span(1, number))).collect();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        let _ = stream.write_all((head.to_owned() + &events).as_bytes());
        std::mem::forget(stream);
    })
}

/// A polled server: one span for each answer, then 304.
fn polled() -> SocketAddr {
    let asked = AtomicU64::new(0);
    serve(move |mut stream| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let answer = match number {
            0..EACH => answer("application/json", &document(2, number)),
            _ => "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned(),
        };
        let _ = stream.write_all(answer.as_bytes());
    })
}

/// A Prometheus server: one gauge for each scrape.
fn scraped() -> SocketAddr {
    serve(|mut stream| {
        let _ = stream.write_all(answer("text/plain; version=0.0.4", "up 1\n").as_bytes());
    })
}

type Fault = fn(&mut TcpStream);

fn says(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

const FAULTS: [(&str, Fault); 9] = [
    ("401", |stream| says(stream, "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")),
    ("500", |stream| says(stream, "HTTP/1.1 500 Oh No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")),
    ("hangs up", |_| {}),
    ("no HTTP", |stream| says(stream, "\x1b]52;c;aGk=\x07 what?\r\n\r\n")),
    ("half a body", |stream| {
        says(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
    }),
    ("not JSON", |stream| says(stream, &answer("application/json", "{\"resourceSpans\":[{\"scopeSpans\":7,}"))),
    ("never speaks", |stream| std::mem::forget(stream.try_clone())),
    ("an endless line", |stream| {
        says(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ");
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..64 {
            if stream.write_all(&piece).is_err() {
                return;
            }
        }
    }),
    ("a flood of comments", |stream| {
        says(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
        let piece = ":\n".repeat(1 << 19);
        for _ in 0..32 {
            if stream.write_all(piece.as_bytes()).is_err() {
                return;
            }
        }
    }),
];

#[test]
fn a_hostile_source_changes_nothing_for_the_others() {
    for (name, fault) in FAULTS {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spans.jsonl");
        let lines: String = (0..EACH).map(|number| document(3, number) + "\n").collect();
        std::fs::write(&file, lines).unwrap();
        let hostile = serve(move |mut stream| fault(&mut stream));
        let config = folder.path().join("config.toml");
        let text = format!(
            "[provider]\nmax_connections = 9\ninterval = \"100ms\"\nconnection_timeout = \"2s\"\n\
             [[source]]\nurl = \"sse+http://{}/live\"\nname = \"stream\"\n\
             [[source]]\nurl = \"http://{hostile}/x\"\nname = \"hostile\"\n\
             [[source]]\nurl = \"http://{}/otlp\"\nname = \"polled\"\n\
             [[source]]\nurl = \"prom+http://{}/metrics\"\nname = \"scraped\"\n\
             [[source]]\nurl = {file:?}\nname = \"file\"\n\
             [[source]]\nurl = \"listen://127.0.0.1?grpc=0&http=0\"\nname = \"received\"\n",
            stream(),
            polled(),
            scraped(),
        );
        std::fs::write(&config, text).unwrap();
        let otail = Otail::tail(&["-o", "json", "--config", config.to_str().unwrap()]);
        let (_, receiver) = otail.addresses();
        for number in 0..EACH {
            let kind = [("content-type", "application/json")];
            assert_eq!(post(receiver, "/v1/traces", &kind, document(4, number).as_bytes()).0, 200, "{name}");
        }
        otail.out.wait("everything that is owed", |lines| {
            let counts = counted(lines);
            let owed = ["stream", "polled", "file", "received"].map(|source| counts.get(source).copied().unwrap_or(0));
            (owed.iter().all(|count| *count >= EACH) && counts.get("scraped").is_some_and(|count| *count >= 3))
                .then_some(())
        });
        // Wait, so that duplicates would appear.
        std::thread::sleep(Duration::from_millis(250));
        let ended = otail.stop();
        let counts = counted(&ended.out);
        for source in ["stream", "polled", "file", "received"] {
            assert_eq!(counts[source], EACH, "{source}, beside one that {name}: {counts:?}\n{}", ended.err);
        }
    }
}

/// Spans and points by source.
fn counted(lines: &[String]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in json(lines) {
        if line["signal"] == "span" || line["signal"] == "metric" {
            *counts.entry(line["source"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}
