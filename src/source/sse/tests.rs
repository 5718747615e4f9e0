use super::*;
use crate::columns::Item;
use crate::intake::{Intake, Limits, Reader};
use crate::model::{Connection, ConnectionState};
use crate::source::{Provider, SourceSpec};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

/// A server that gives each connection the next of its answers, then closes it; what it was asked comes out of the channel.
fn server(answers: Vec<String>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut request = String::new();
            while let Some(Ok(line)) = lines.next()
                && !line.is_empty()
            {
                request.push_str(&line.to_ascii_lowercase());
                request.push('\n');
            }
            let _ = heard.send(request);
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    (port, asked)
}

fn stream(events: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{events}")
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn span(n: u8) -> String {
    let id = format!("{n:02x}").repeat(8);
    format!("id: {n}\nevent: span\ndata: {{\"traceId\":\"{id}{id}\",\"spanId\":\"{id}\",\"name\":\"s{n}\"}}\n\n")
}

struct Run {
    provider: Provider,
    reader: Reader,
    _runtime: tokio::runtime::Runtime,
}

fn connect(url: &str, attempts: u32) -> Run {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (intake, reader) = Intake::new(Limits::default());
    let mut settings = Settings::default();
    settings.provider.auto_reconnect_max_attempts = attempts;
    settings.provider.auto_reconnect_forever = false;
    let provider = Provider::new(settings, intake, runtime.handle().clone());
    provider.connect(SourceSpec::parse(url).unwrap(), None).unwrap();
    Run { provider, reader, _runtime: runtime }
}

impl Run {
    /// Names of spans, until there are so many.
    fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        while names.len() < count {
            let parcels = self.reader.drain(Duration::from_secs(20));
            assert!(!parcels.is_empty(), "only {names:?} came; {:?}", self.provider.list());
            for item in parcels.iter().flat_map(|parcel| parcel.batches.iter().flat_map(|batch| batch.items())) {
                match item {
                    Item::Span(span) => names.push(span.name().to_owned()),
                    other => panic!("{other:?}"),
                }
            }
        }
        names
    }

    /// The connection, once it has given up.
    fn given_up(&self) -> Connection {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            let connection = self.provider.list().remove(0);
            if connection.state == ConnectionState::Error {
                return connection;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("not given up: {:?}", self.provider.list());
    }
}

#[test]
fn a_broken_stream_is_resumed_by_its_last_event_id_and_overlap_comes_once() {
    let first = stream(&(span(1) + &span(2) + "id: 3\ndata: half"));
    let (port, asked) = server(vec![first, stream(&(span(2) + &span(3)))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 0);
    assert_eq!(run.names(3), ["s1", "s2", "s3"]);
    let requests: Vec<String> = asked.iter().take(2).collect();
    assert!(requests[0].contains("accept: text/event-stream\n"), "{}", requests[0]);
    assert!(!requests[0].contains("last-event-id"), "{}", requests[0]);
    assert!(requests[1].contains("last-event-id: 2\n"), "{}", requests[1]);
}

#[test]
fn what_will_not_work_again_is_not_tried_again() {
    for (answer, word) in [
        (status("204 No Content"), "nobody to come back"),
        (status("401 Unauthorized"), "credentials"),
        (status("403 Forbidden"), "not allowed"),
        (status("404 Not Found"), "check the URL"),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n".into(), "text/html"),
    ] {
        let (port, asked) = server(vec![answer.clone(), answer]);
        let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
        let connection = run.given_up();
        let error = connection.error.unwrap();
        assert!(error.contains(word) && error.contains("127.0.0.1"), "{error}");
        assert_eq!((connection.attempts, asked.try_iter().count()), (1, 1), "{error}");
    }
}

#[test]
fn a_source_that_never_delivers_is_given_up_after_its_attempts() {
    let (port, asked) = server(vec![status("503 Service Unavailable"); 3]);
    let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 3);
    let connection = run.given_up();
    assert_eq!((connection.attempts, asked.try_iter().count()), (3, 3));
    assert!(connection.error.unwrap().contains("503"));
}

#[test]
fn retry_by_hand_begins_anew() {
    let (port, _asked) = server(vec![status("404 Not Found"), stream(&span(7))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    let connection = run.given_up();
    assert!(run.provider.retry(connection.id));
    assert_eq!(run.names(1), ["s7"]);
}

#[test]
fn a_server_without_the_seeds_path_is_asked_at_its_others() {
    let answers = vec![status("404 Not Found"), status("404 Not Found"), stream(&span(1))];
    let (port, asked) = server(answers);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/api/v1/events/spans?session=x"), 5);
    assert_eq!(run.names(1), ["s1"]);
    let paths: Vec<String> = asked.iter().take(3).filter_map(|asked| Some(asked.lines().next()?.to_owned())).collect();
    assert_eq!(paths[1], "get /api/v1/live/spans?session=x http/1.1");
    assert_eq!(paths[2], "get /api/v1/live?session=x http/1.1");
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date() {
    let headers = |text: &str| HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
    assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
    let date = (Timestamp::now() + jiff::Span::new().seconds(60)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let wait = retry_after(&headers(&date)).unwrap();
    assert!((50..=60).contains(&wait.as_secs()), "{wait:?}");
    assert_eq!(retry_after(&headers("soon")), None);
}

#[test]
fn an_id_that_no_header_can_carry_is_left_out() {
    assert!(last_event_id("7f-1").is_some());
    assert!(last_event_id("größe").is_some());
    for bad in ["", "a\u{1}b", &"x".repeat(5_000)] {
        assert!(last_event_id(bad).is_none());
    }
}

#[test]
fn a_refusal_is_told_in_the_servers_own_words() {
    let body = r#"{"error":{"message":"tenant \u001b[2J is locked"}}"#;
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (port, _asked) = server(vec![answer]);
    let error = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5).given_up().error.unwrap();
    assert!(error.contains("403") && error.contains("is locked") && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn a_reason_is_found_under_its_usual_names() {
    for (body, found) in [
        (r#"{"message":"a"}"#, Some("a")),
        (r#"{"error":"b"}"#, Some("b")),
        (r#"{"detail":"c"}"#, Some("c")),
        ("\n  plain words \nmore", Some("plain words")),
        (r#"{"code":7}"#, None),
        ("", None),
    ] {
        assert_eq!(reason(body.as_bytes()).as_deref(), found, "{body}");
    }
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_origin() {
    let (other, asked) = server(vec![stream(&span(1)), stream(&span(1))]);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{other}/live\r\ncontent-length: 0\r\n\r\n"
    );
    let (port, _asked) = server(vec![redirect.clone()]);
    let error = connect(&format!("sse+http://me:secret@127.0.0.1:{port}/live"), 5).given_up().error.unwrap();
    assert!(error.contains("another origin") && !error.contains("secret"), "{error}");
    assert_eq!(asked.try_iter().count(), 0);
    let (port, _asked) = server(vec![redirect]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    assert_eq!(run.names(1), ["s1"], "without credentials it is followed");
}

#[test]
fn a_redirect_that_leads_in_circles_ends() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /live\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (port, asked) = server(vec![redirect.to_owned(); 20]);
    let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    assert!(run.given_up().error.unwrap().contains("ten times"));
    assert_eq!(asked.try_iter().count(), MAX_REDIRECTS + 1);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_tried_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder().with_no_client_auth();
    let tls = std::sync::Arc::new(tls.with_single_cert(vec![own.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut server = rustls::ServerConnection::new(tls.clone()).unwrap();
            while server.is_handshaking() && server.complete_io(&mut stream).is_ok() {}
        }
    });
    let connection = connect(&format!("sse+https://localhost:{port}/live"), 5).given_up();
    assert_eq!(connection.attempts, 1, "{connection:?}");
    assert!(connection.error.unwrap().contains("not who it says it is"));
}

#[test]
fn when_no_path_has_the_stream_all_are_named_and_a_retry_begins_at_the_first() {
    let mut answers = vec![status("404 Not Found"); 3];
    answers.push(stream(&span(1)));
    let (port, asked) = server(answers);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/api/v1/events/spans"), 5);
    let connection = run.given_up();
    let error = connection.error.unwrap();
    assert!(error.contains("/api/v1/events/spans") && error.contains("/api/v1/live"), "{error}");
    assert!(run.provider.retry(connection.id));
    assert_eq!(run.names(1), ["s1"]);
    assert!(asked.iter().nth(3).unwrap().starts_with("get /api/v1/events/spans "));
}

#[test]
fn an_event_over_the_limit_is_a_gap_and_the_stream_lives_on() {
    let long = format!("data: {}\n\n", "x".repeat((1 << 20) + 1));
    let (port, _asked) = server(vec![stream(&(span(1) + &long + &span(2)))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 0);
    let mut came = Vec::new();
    while came.len() < 3 {
        for item in run.reader.drain(Duration::from_secs(20)).iter().flat_map(|parcel| &parcel.batches) {
            came.extend(item.items().map(|item| match item {
                Item::Event(event) => format!("{:?}", event.gap().map(|gap| gap.dropped)),
                Item::Span(span) => span.name().to_owned(),
                other => panic!("{other:?}"),
            }));
        }
    }
    assert_eq!(came, ["s1", "Some(1)", "s2"]);
    assert_eq!(run.reader.counts().total.rejected, 1);
}

#[test]
fn a_stream_is_dead_after_three_missed_heartbeats_once_it_has_beaten() {
    let begin = Instant::now();
    let mut heartbeat = Heartbeat::default();
    assert_eq!(heartbeat.patience(), None, "one that never beats may be silent");
    heartbeat.beat(begin);
    assert_eq!(heartbeat.patience(), Some(USUAL_HEARTBEAT * 3));
    heartbeat.beat(begin + Duration::from_secs(5));
    assert_eq!(heartbeat.patience(), Some(Duration::from_secs(15)));
    heartbeat.beat(begin + Duration::from_millis(5_001));
    assert_eq!(heartbeat.patience(), Some(Duration::from_secs(15)), "two in a row make nobody impatient");
    heartbeat.beat(begin + Duration::from_secs(9_999));
    assert_eq!(heartbeat.patience(), Some(LONGEST_HEARTBEAT * 3));
}
