//! Polled sources.

use super::*;
use crate::columns::PointValue;
use crate::config::{Format, Method};
use crate::source::Auth;
use std::io::Read;

fn document(name: &str) -> String {
    let id = format!("{:016x}", fastrand::u64(1..));
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{id}{id}","spanId":"{id}","name":"{name}","startTimeUnixNano":"1","endTimeUnixNano":"2"}}]}}]}}]}}"#
    )
}

fn answer(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn json(body: &str) -> String {
    answer("content-type: application/json\r\n", body)
}

#[test]
fn a_url_is_polled_and_its_answer_gives_the_kind() {
    let (port, asked) = server((1..=3).map(|n| json(&document(&format!("p{n}")))).collect());
    let mut run = connect(&format!("http://127.0.0.1:{port}/v1/traces"), 5);
    assert_eq!(run.names(3), ["p1", "p2", "p3"]);
    assert_eq!(run.provider.list()[0].kind.word(), "http");
    let request = asked.iter().next().unwrap();
    assert!(request.contains("text/event-stream") && request.contains("openmetrics"), "{request}");
    assert!(request.contains("accept-encoding: identity"), "compression would delay a stream: {request}");
    let second = asked.iter().next().unwrap();
    assert!(second.contains("accept-encoding: ") && second.contains("gzip") && second.contains("zstd"), "{second}");
    assert!(!second.contains("event-stream"), "a stream is accepted only at first: {second}");
}

#[test]
fn the_connection_shows_the_detected_format() {
    let (port, _asked) = server(vec![json(&document("p")), answer("content-type: text/plain\r\n", "up 1\n")]);
    let run = connect(&format!("http://127.0.0.1:{port}/x"), 5);
    let mut changed = run.provider.changed();
    for expected in ["otlp json", "prometheus"] {
        while run.provider.list()[0].format != Some(expected) {
            let found =
                run._runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), changed.changed()).await });
            assert!(found.is_ok(), "{expected}: {:?}", run.provider.list());
        }
    }
}

#[test]
fn a_url_that_answers_with_a_stream_is_followed() {
    let (port, _asked) = server(vec![stream(&span(1))]);
    let mut run = connect(&format!("http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(1), ["s1"]);
    assert_eq!(run.provider.list()[0].kind.word(), "sse");
}

#[test]
fn validators_are_sent_back_and_304_is_no_error() {
    let first = answer(
        "content-type: application/json\r\netag: \"7\"\r\nlast-modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n",
        &document("a"),
    );
    let (port, asked) = server(vec![first, status("304 Not Modified"), status("204 No Content"), json(&document("b"))]);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(2), ["a", "b"]);
    let requests: Vec<String> = asked.iter().take(4).collect();
    assert!(!requests[0].contains("if-none-match"));
    for request in &requests[1..] {
        assert!(request.contains("if-none-match: \"7\"\nif-modified-since: sat, 21 nov"), "{request}");
    }
    assert_eq!(run.provider.list()[0].error, None);
}

#[test]
fn an_equal_answer_counts_as_duplicates() {
    let same = document("a");
    let (port, _asked) = server(vec![json(&same), json(&same), json(&document("b"))]);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(2), ["a", "b"]);
    let total = run.reader.counts().total;
    assert_eq!((total.received, total.duplicate), (3, 1));
    assert!(total.balanced());
}

#[test]
fn a_post_has_an_empty_body() {
    let (port, asked) = server(vec![json(&document("a"))]);
    let mut run = connect_with(&format!("poll+http://127.0.0.1:{port}/x"), |options| options.method = Method::Post);
    assert_eq!(run.names(1), ["a"]);
    let request = asked.iter().next().unwrap();
    assert!(request.starts_with("post /x ") && request.contains("content-length: 0"), "{request}");
}

#[test]
fn other_json_is_an_event() {
    let answers = vec![json("{\"up\":true}"), json("{\"resourceSpans\":[{"), json(&document("after"))];
    let (port, _asked) = server(answers);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    let mut came = Vec::new();
    while came.len() < 2 {
        for item in run.reader.drain(Duration::from_secs(20)).iter().flat_map(|parcel| &parcel.batches) {
            came.extend(item.items().map(|item| item.signal().word()));
        }
    }
    assert_eq!(came, ["events", "spans"]);
    assert_eq!(run.reader.counts().total.rejected, 1);
}

#[test]
fn five_rejected_answers_end_in_an_error() {
    let bad = || json("{\"resourceSpans\":[{");
    let answers = [bad(), bad(), bad(), bad(), json(&document("a")), bad(), bad(), bad(), bad(), bad()];
    let (port, asked) = server(answers.into());
    let run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    let error = run.given_up().error.unwrap();
    assert_eq!(asked.iter().count(), 10, "an accepted answer resets the count");
    assert!(error.starts_with("5 answers in a row were rejected") && error.contains("ends in the middle"), "{error}");
    let counts = run.reader.counts().total;
    assert_eq!((counts.rejected, counts.received), (9, 10));
}

#[test]
fn a_first_answer_without_telemetry_is_final() {
    let page = answer("content-type: text/html\r\n", "<!doctype html><title>x</title>");
    let (port, _asked) = server(vec![page]);
    let error = connect(&format!("http://127.0.0.1:{port}/x"), 5).given_up().error.unwrap();
    assert!(error.contains("text/html") && error.contains("check the URL"), "{error}");
}

#[test]
fn a_stream_is_not_polled() {
    let (port, _asked) = server(vec![stream(&span(1))]);
    let error = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5).given_up().error.unwrap();
    assert!(error.contains(&format!("sse+http://127.0.0.1:{port}/x")), "{error}");
}

#[test]
fn an_answer_over_the_limit_is_counted_and_skipped() {
    let long = json(&format!("{}{}", " ".repeat(10_000), document("long")));
    let (port, _asked) = server(vec![long, json(&document("short"))]);
    let mut run = connect_with(&format!("poll+http://127.0.0.1:{port}/x"), |options| options.max_body = 5_000);
    assert_eq!(run.names(1), ["short"]);
    assert_eq!(run.reader.counts().total.rejected, 1);
    assert!(run.provider.list()[0].rejection.as_ref().unwrap().reason.contains("max_body"));
}

#[test]
fn a_decompression_bomb_stops_at_the_limit() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::repeat(b' ').take(64 << 20), &mut packed).unwrap();
    let packed = packed.finish().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 2_000]);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&packed);
        }
    });
    let run = connect_with(&format!("poll+http://127.0.0.1:{port}/x"), |options| options.max_body = 1 << 20);
    let begun = Instant::now();
    while run.reader.counts().total.rejected == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", run.provider.list());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Answers every request with the same body, compressed as `encoding` says. With `stays_open`, large answers never end.
fn packed_server(encoding: &'static str, kind: &'static str, body: Vec<u8>, stays_open: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 2_000]);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-encoding: {encoding}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            if stays_open {
                open.push(stream);
            }
        }
    });
    port
}

#[test]
fn every_member_and_frame_of_an_answer_is_read() {
    let (first, second) = (document("first"), document("second"));
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (encoding, body) in
        [("gzip", [gzip(&first), gzip(&second)].concat()), ("zstd", [zstd(&first), zstd(&second)].concat())]
    {
        let port = packed_server(encoding, "application/json", body, false);
        let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 60_000);
        assert_eq!(run.names(2), ["first", "second"], "{encoding}");
    }
}

#[test]
fn a_compressed_stream_is_read_as_it_arrives() {
    for stream in ["text/event-stream", "application/x-ndjson"] {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        match stream {
            "text/event-stream" => write!(packed, "data: {{\"name\":\"early\"}}\n\n").unwrap(),
            _ => writeln!(packed, "{}", document("early")).unwrap(),
        }
        packed.flush().unwrap();
        let port = packed_server("gzip", stream, packed.get_ref().clone(), true);
        let run = connect(&format!("http://127.0.0.1:{port}/x"), 60_000);
        let begun = Instant::now();
        while run.reader.counts().total.received == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{stream}: {:?}", run.provider.list());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn decompression_errors_say_why() {
    for (encoding, body, why) in [
        ("gzip", gzip("").repeat(100_000), "mostly empty"),
        ("br", b"x".to_vec(), "`br`"),
        ("gzip", b"plain".to_vec(), ""),
    ] {
        let port = packed_server(encoding, "application/json", body, false);
        let run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 60_000);
        let begun = Instant::now();
        while !run.provider.list().iter().any(|one| format!("{one:?}").contains("broke off its answer")) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", run.provider.list());
            std::thread::sleep(Duration::from_millis(10));
        }
        let shown = format!("{:?}", run.provider.list());
        assert!(shown.contains(why), "{shown}");
    }
}

#[test]
fn an_interrupted_answer_is_polled_again() {
    let cut =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{}", document("cut"));
    let (port, _asked) = server(vec![cut, json(&document("whole"))]);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(1), ["whole"]);
}

#[test]
fn credentials_given_after_401_are_sent() {
    let (port, asked) = server(vec![
        "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
        json(&document("a")),
    ]);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    let connection = run.given_up();
    assert!(connection.wants_credentials && connection.error.unwrap().contains("Basic"));
    assert!(run.provider.authenticate(connection.id, Auth::typed("me:canary")));
    assert_eq!(run.names(1), ["a"]);
    let requests: Vec<String> = asked.iter().take(2).collect();
    assert!(!requests[0].contains("authorization:") && requests[1].contains("authorization: basic "), "{requests:?}");
    assert!(!format!("{:?}", run.provider.list()).contains("canary"));
}

#[test]
fn a_fixed_format_is_requested() {
    let (port, asked) = server(vec![json(&document("a"))]);
    let mut run = connect_with(&format!("http://127.0.0.1:{port}/x"), |options| options.format = Format::Json);
    assert_eq!(run.names(1), ["a"]);
    assert!(asked.iter().next().unwrap().contains("accept: application/json,"));
}

/// The names and values of points (`None` marks the end of a series), and whether the series starts there.
fn points(run: &mut Run, count: usize) -> Vec<(String, Option<f64>, bool)> {
    let mut points = Vec::new();
    while points.len() < count {
        let parcels = run.reader.drain(Duration::from_secs(20));
        assert!(!parcels.is_empty(), "only {points:?} came; {:?}", run.provider.list());
        for item in parcels.iter().flat_map(|parcel| parcel.batches.iter().flat_map(|batch| batch.items())) {
            let Item::Point(point) = item else { panic!("{item:?}") };
            let value = match point.value() {
                PointValue::Double(value) if point.flags() == 0 => Some(value),
                _ => None,
            };
            points.push((point.name().to_owned(), value, point.start() == point.time()));
        }
    }
    points
}

fn metrics(body: &str) -> String {
    answer("content-type: text/plain; version=0.0.4\r\n", body)
}

#[test]
fn a_counter_of_prometheus_rises_restarts_and_ends() {
    let counter = |value: u32| metrics(&format!("# TYPE jobs_total counter\njobs_total {value}\n"));
    let (port, asked) =
        server(vec![counter(10), counter(20), counter(3), status("503 Service Unavailable"), counter(5)]);
    let mut run = connect(&format!("http://127.0.0.1:{port}/metrics"), 5);
    let came = points(&mut run, 5);
    let values: Vec<(Option<f64>, bool)> = came.iter().map(|(_, value, starts)| (*value, *starts)).collect();
    assert_eq!(
        values,
        [(Some(10.0), true), (Some(20.0), false), (Some(3.0), true), (None, false), (Some(5.0), false)],
        "each with whether its series starts there"
    );
    assert!(came.iter().all(|(name, ..)| name == "jobs_total"));
    assert!(asked.iter().next().unwrap().contains("application/openmetrics-text"));
}

#[test]
fn a_bad_prometheus_line_is_rejected_alone() {
    let (port, _asked) = server(vec![metrics("up 1\nbad line here\nlast 2\n")]);
    let mut run = connect(&format!("prom+http://127.0.0.1:{port}/metrics"), 5);
    assert_eq!(points(&mut run, 2).len(), 2);
    let begun = Instant::now();
    let rejection = loop {
        if let Some(rejection) = run.provider.list().remove(0).rejection {
            break rejection;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(rejection.count, 1);
    assert!(rejection.reason.contains("line 2"), "{rejection:?}");
}

#[test]
fn a_paused_source_is_not_polled() {
    let (port, asked) = server((1..=9).map(|n| json(&document(&format!("p{n}")))).collect());
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(1), ["p1"]);
    let id = run.provider.list()[0].id;
    assert!(run.provider.pause(id));
    std::thread::sleep(Duration::from_millis(300));
    let before = asked.try_iter().count();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(asked.try_iter().count(), 0, "after {before}");
    assert!(run.provider.resume(id));
    asked.recv().unwrap();
}

#[test]
fn a_source_paused_in_an_outage_is_not_retried() {
    let mut answers = vec![json(&document("before"))];
    answers.extend(vec![status("503 Service Unavailable"); 2]);
    answers.push(json(&document("after")));
    let (port, asked) = server(answers);
    let mut run = connect(&format!("poll+http://127.0.0.1:{port}/x"), 0);
    assert_eq!(run.names(1), ["before"]);
    let id = run.provider.list()[0].id;
    asked.recv().unwrap();
    asked.recv().unwrap();
    assert!(run.provider.pause(id));
    std::thread::sleep(Duration::from_millis(300));
    let _ = asked.try_iter().count();
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(asked.try_iter().count(), 0);
    assert!(run.provider.resume(id));
    assert_eq!(run.names(1), ["after"]);
}
