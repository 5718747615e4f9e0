//! What the provider guarantees for every kind of source.

use super::board::Board;
use super::entries::Entry;
use super::link::{Journal, Link};
use super::supervisor::supervise;
use super::*;
use crate::config;
use crate::intake::{Intake, Limits, Reader};
use crate::model::{Connection, ConnectionEvent, ConnectionState, SourceId, SourceKind, Time};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

mod ended;

fn provider(settings: config::Provider) -> (Provider, Reader) {
    crate::net::install_tls();
    let (intake, reader) = Intake::new(Limits::default());
    let settings = Settings { provider: settings, ..Settings::default() };
    (Provider::new(settings, intake, tokio::runtime::Handle::current()), reader)
}

/// Waits until the first connection meets a condition.
async fn settled(provider: &Provider, wanted: impl Fn(&Connection) -> bool) -> Connection {
    let mut changed = provider.changed();
    let settles = async {
        loop {
            let connection = provider.list().remove(0);
            if wanted(&connection) {
                return connection;
            }
            changed.changed().await.unwrap();
        }
    };
    let settled = tokio::time::timeout(Duration::from_secs(20), settles).await;
    settled.unwrap_or_else(|_| panic!("it stays so: {:?}", provider.list()))
}

/// Waits until this many items were received. Only the first item is a state change.
async fn received(reader: &Reader, items: u64) {
    let comes = async {
        while reader.counts().total.received < items {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), comes).await.unwrap();
}

/// A stream that answers and then stays open, on its own thread.
fn standing_stream(events: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("sse+http://{}/live", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open: Vec<TcpStream> = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 2_000]);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{events}");
            open.push(stream);
        }
    });
    url
}

/// A URL where nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("sse+http://{}/live", listener.local_addr().unwrap())
}

fn spec(url: &str) -> SourceSpec {
    SourceSpec::parse(url).unwrap()
}

#[tokio::test]
async fn events_report_a_connections_life_in_order() {
    let (provider, reader) = provider(config::Provider::default());
    let mut events = provider.events();
    let id = provider.connect_to(spec(&standing_stream("data: 1\n\ndata: 2\n\n")), Some("mine".into())).unwrap();
    received(&reader, 2).await;
    assert!(provider.pause(id) && !provider.pause(id));
    assert!(provider.resume(id) && !provider.resume(id));
    assert!(provider.disconnect(id) && !provider.disconnect(id));
    let ended = settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    assert_eq!((ended.label.as_str(), ended.kind), ("mine", SourceKind::pushed("sse")));
    let (mut names, mut items) = (Vec::new(), 0);
    // Receipts are reported in sums, a moment later.
    while items < 2 || names.last() != Some(&"connection.disconnected") {
        match tokio::time::timeout(Duration::from_secs(20), events.recv()).await.unwrap().unwrap() {
            ConnectionEvent::DataReceived(_, count) => items += count,
            event => names.push(event.name()),
        }
    }
    assert_eq!(items, 2);
    let names: Vec<&str> = names.iter().map(|name| name.trim_start_matches("connection.")).collect();
    assert_eq!(names, ["connecting", "established", "paused", "resumed", "disconnected"]);
    assert!(provider.is_over());
}

#[tokio::test]
async fn unreadable_stream_items_are_reported_with_a_reason() {
    let (provider, _reader) = provider(config::Provider::default());
    let events = "data: {\"traceId\":\"zz\",\"spanId\":\"1\",\"name\":\"a\",\"startTime\":1}\n\n";
    provider.connect_to(spec(&standing_stream(events)), None).unwrap();
    let connection = settled(&provider, |connection| connection.rejection.is_some()).await;
    let rejection = connection.rejection.unwrap();
    assert!(rejection.count == 1 && rejection.reason.contains("trace id"), "{rejection:?}");
    assert_eq!(connection.state, ConnectionState::Active);
    assert!(!connection.connected.is_unknown());
}

#[tokio::test]
async fn resuming_a_connecting_source_does_not_make_it_active() {
    let settings = config::Provider { auto_reconnect_max_attempts: 0, ..config::Provider::default() };
    let (provider, _reader) = provider(settings);
    let id = provider.connect_to(spec(&nowhere()), None).unwrap();
    settled(&provider, |connection| connection.retry_at.is_some()).await;
    assert!(provider.pause(id));
    assert_eq!(provider.list()[0].state, ConnectionState::Paused);
    assert!(provider.resume(id));
    assert_eq!(provider.list()[0].state, ConnectionState::Connecting);
}

#[tokio::test]
async fn a_paused_connection_can_be_ended() {
    let (provider, _reader) = provider(config::Provider::default());
    let id = provider.connect_to(spec(&standing_stream("")), None).unwrap();
    settled(&provider, |connection| connection.state == ConnectionState::Active).await;
    assert!(provider.pause(id));
    assert!(provider.disconnect(id));
    assert!(!provider.pause(id), "a connection that is about to end cannot be paused");
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
}

#[tokio::test]
async fn failed_connections_do_not_count_towards_the_limit() {
    let settings = config::Provider { max_connections: 1, auto_reconnect: false, ..config::Provider::default() };
    let (provider, _reader) = provider(settings);
    let gone = provider.connect_to(spec(&nowhere()), None).unwrap();
    settled(&provider, |connection| connection.state == ConnectionState::Error).await;
    provider.connect_to(spec(&standing_stream("")), None).unwrap();
    let error = provider.connect_to(spec("-"), None).unwrap_err();
    assert!(error.contains("provider.max_connections"), "{error}");
    assert!(!provider.retry(gone), "there is no room for it either");
    assert!(provider.list()[0].error.as_ref().unwrap().contains("max_connections"));
}

#[tokio::test]
async fn simultaneous_retries_respect_the_limit() {
    let settings = config::Provider { max_connections: 2, auto_reconnect: false, ..config::Provider::default() };
    let (provider, _reader) = provider(settings);
    let given_up = |_| {
        let id = provider.connect_to(spec(&nowhere()), None).unwrap();
        (id, provider.board.with(id, |entry| entry.connection.state = ConnectionState::Error))
    };
    let given_up = [(); 2].map(given_up);
    provider.connect_to(spec(&standing_stream("")), None).unwrap();
    assert_eq!(given_up.map(|(id, _)| provider.retry(id)), [true, false]);
}

#[tokio::test]
async fn every_attempt_after_the_first_is_a_retry() {
    let settings = config::Provider { auto_reconnect_max_attempts: 1, ..config::Provider::default() };
    let (provider, _reader) = provider(settings);
    let id = provider.connect_to(spec(&nowhere()), None).unwrap();
    let given_up = |connection: &Connection| connection.state == ConnectionState::Error;
    assert_eq!(settled(&provider, given_up).await.retries, 1);
    assert!(provider.retry(id));
    settled(&provider, |connection| connection.retries >= 2).await;
}

#[tokio::test]
async fn a_source_that_has_delivered_is_retried_for_ever() {
    for forever in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("sse+http://{}/live", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 2_000]);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n");
        });
        let settings = config::Provider {
            auto_reconnect_max_attempts: 1,
            auto_reconnect_forever: forever,
            ..config::Provider::default()
        };
        let (provider, _reader) = provider(settings);
        provider.connect_to(spec(&url), None).unwrap();
        // The attempt that delivered is not a retry; the next ones fail.
        let over = |connection: &Connection| match forever {
            true => connection.attempts >= 2,
            false => connection.state == ConnectionState::Error,
        };
        let connection = settled(&provider, over).await;
        assert!(connection.last_data != Time::default());
    }
}

#[tokio::test]
async fn a_panic_is_a_visible_error_that_can_be_retried() {
    let (intake, _reader) = Intake::new(Limits::default());
    let board = Arc::new(Board::new(1, intake.clone(), tokio::runtime::Handle::current()));
    let (id, entry) = (SourceId(1), entry(SourceId(1)));
    let retry = entry.retry.clone();
    let link = Link::new(id, intake, board.clone(), entry.wanted.subscribe());
    board.lock().push(entry);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let keep = move || {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        async move { assert!(!first, "boom") }
    };
    let supervised = tokio::spawn(supervise(link, board.clone(), retry.clone(), keep));
    let mut changed = board.changed.subscribe();
    let seen = || board.with(id, |entry| entry.seen()).unwrap();
    while seen().error.is_none() {
        changed.changed().await.unwrap();
    }
    let connection = seen();
    assert_eq!(connection.state, ConnectionState::Error);
    assert!(connection.error.unwrap().contains("boom"));
    retry.notify_one();
    supervised.await.unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_first_item_wakes_watchers_and_the_next_does_not() {
    let (intake, _reader) = Intake::new(Limits::default());
    let board = Arc::new(Board::new(1, intake, tokio::runtime::Handle::current()));
    let id = SourceId(1);
    board.lock().push(entry(id));
    let mut changed = board.changed.subscribe();
    let mut wakes = |board: &Arc<Board>| {
        board.clone().received(id, 1, Time(1));
        let wakes = changed.has_changed().unwrap();
        changed.mark_unchanged();
        wakes
    };
    assert_eq!([wakes(&board), wakes(&board), wakes(&board)], [true, false, false]);
    board.attempt(id);
    assert_eq!([true, false].map(|_| wakes(&board)), [true, false], "an item resets the count of attempts");
}

/// A provider for a user who watches and may start the program later.
fn awaiting() -> (Provider, Reader) {
    let (provider, reader) = provider(config::Provider { auto_reconnect_max_attempts: 1, ..Default::default() });
    provider.configure(Settings { awaits_local: true, ..provider.settings() });
    (provider, reader)
}

#[tokio::test]
async fn a_local_program_not_up_is_awaited_without_limit() {
    let (provider, reader) = awaiting();
    let url = nowhere();
    let id = provider.connect_to(spec(&url), None).unwrap();
    // More attempts than the limit allows, without a failure.
    let waits = settled(&provider, |connection| connection.attempts >= 2).await;
    assert_eq!((waits.state, waits.retry_at, waits.max_retries), (ConnectionState::Connecting, None, None));
    assert!(waits.error.as_ref().unwrap().contains("refused; start the server"), "{:?}", waits.error);
    assert_eq!(waits.history.changes().len(), 2, "said once: {:?}", waits.history);
    assert!(provider.disconnect(id), "it can be ended meanwhile");
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    let taken = TcpListener::bind(url.trim_start_matches("sse+http://").trim_end_matches("/live")).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = taken.accept().unwrap();
        let _ = stream.read(&mut [0; 2_000]);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n");
        let _ = stream.read(&mut [0; 1]);
    });
    assert!(provider.retry(id));
    received(&reader, 1).await;
}

#[tokio::test]
async fn a_script_does_not_await_a_local_program_for_ever() {
    let (provider, _reader) = provider(config::Provider { auto_reconnect_max_attempts: 1, ..Default::default() });
    provider.connect_to(spec(&nowhere()), None).unwrap();
    let gone = settled(&provider, |connection| connection.state == ConnectionState::Error).await;
    let error = gone.error.unwrap();
    assert!(error.ends_with("start the server, or check the host and the port; gave up after 1 retry"), "{error}");
}

fn entry(id: SourceId) -> Entry {
    let connection = Connection::new(id, SourceKind::read("file"), String::new(), String::new(), Time(1));
    let options = Options::of_all(&config::Provider::default());
    Entry::new(Source { spec: spec("-"), name: None, group: None, options }, None, connection)
}

#[tokio::test]
async fn a_connection_shows_its_history() {
    let (provider, _reader) = provider(config::Provider { auto_reconnect: false, ..Default::default() });
    let spec = SourceSpec::parse("poll+http://me:canary@127.0.0.1:1/x").unwrap();
    let id = provider.connect_to(spec, None).unwrap();
    let connection = settled(&provider, |connection| connection.state == ConnectionState::Error).await;
    assert_eq!(connection.source, "poll+http://127.0.0.1:1/x");
    assert!(!format!("{connection:?}").contains("canary"));
    let connection = settled(&provider, |connection| connection.history.changes().len() > 1).await;
    let states: Vec<ConnectionState> = connection.history.changes().iter().map(|change| change.state).collect();
    assert_eq!(states, [ConnectionState::Connecting, ConnectionState::Error]);
    assert!(connection.history.changes()[1].words.contains("cannot be reached"), "{:?}", connection.history);
    assert_eq!(provider.label(id), "127.0.0.1:1");
}

#[tokio::test]
async fn a_successor_ends_the_old_connection_once_established() {
    let (provider, _reader) = provider(config::Provider::default());
    let path = tempfile::NamedTempFile::new().unwrap();
    let file = SourceSpec::file(path.path().to_owned());
    let first = provider.connect_to(file.clone(), Some("lines".into())).unwrap();
    let second = provider.replace(first, file.clone()).unwrap();
    assert_eq!(provider.label(second), "lines");
    assert_eq!(provider.known(&file).and_then(|source| source.name).as_deref(), Some("lines"));
    assert!(provider.succeed(first, second).await);
    // The successor has the configured source of the old one, whose rows keep their name.
    settled(&provider, |connection| connection.id == second).await;
    assert_eq!((provider.list().len(), provider.label(first).as_str()), (1, "lines"));
}
