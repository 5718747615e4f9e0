//! The provider's promises, whatever the kind of source (seed 000).

use super::backoff::Backoff;
use super::board::{Board, Entry};
use super::keeper::supervise;
use super::link::{Link, Wanted};
use super::*;
use crate::config;
use crate::intake::{Intake, Limits, Reader};
use crate::model::{Connection, ConnectionEvent, ConnectionState, SourceId, SourceKind, Time};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};

fn provider(settings: config::Provider) -> (Provider, Reader) {
    crate::net::install_tls();
    let (intake, reader) = Intake::new(Limits::default());
    let settings = Settings { provider: settings, ..Settings::default() };
    (Provider::new(settings, intake, tokio::runtime::Handle::current()), reader)
}

/// Waits for the first connection to be as wanted.
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

/// A stream that answers and then stands open, on a thread of its own.
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

/// A place where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("sse+http://{}/live", listener.local_addr().unwrap())
}

fn spec(url: &str) -> SourceSpec {
    SourceSpec::parse(url).unwrap()
}

#[tokio::test]
async fn events_tell_a_connections_life_in_order() {
    let (provider, _reader) = provider(config::Provider::default());
    let mut events = provider.events();
    let id = provider.connect_to(spec(&standing_stream("data: 1\n\ndata: 2\n\n")), Some("mine".into())).unwrap();
    settled(&provider, |connection| connection.last_data != Time::default()).await;
    assert!(provider.pause(id) && !provider.pause(id));
    assert!(provider.resume(id) && !provider.resume(id));
    assert!(provider.disconnect(id) && !provider.disconnect(id));
    let ended = settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    assert_eq!((ended.label.as_str(), ended.kind), ("mine", SourceKind::Sse));
    let (mut names, mut items) = (Vec::new(), 0);
    while let Ok(event) = events.try_recv() {
        match event {
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
async fn what_a_stream_sends_and_cannot_be_read_is_told_with_its_reason() {
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
async fn a_connection_that_is_held_while_it_is_being_made_is_not_active_when_it_goes_on() {
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
async fn a_held_connection_can_be_ended() {
    let (provider, _reader) = provider(config::Provider::default());
    let id = provider.connect_to(spec(&standing_stream("")), None).unwrap();
    settled(&provider, |connection| connection.state == ConnectionState::Active).await;
    assert!(provider.pause(id));
    assert!(provider.disconnect(id));
    assert!(!provider.pause(id), "what is about to end is not held");
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
}

#[tokio::test]
async fn one_connection_too_many_is_refused_by_the_name_of_the_setting_and_what_was_given_up_does_not_count() {
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
async fn retries_in_one_go_find_no_more_room_than_there_is() {
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
async fn every_attempt_after_the_first_is_a_retry_be_it_asked_for_or_not() {
    let settings = config::Provider { auto_reconnect_max_attempts: 2, ..config::Provider::default() };
    let (provider, _reader) = provider(settings);
    let id = provider.connect_to(spec(&nowhere()), None).unwrap();
    let given_up = |connection: &Connection| connection.state == ConnectionState::Error;
    assert_eq!(settled(&provider, given_up).await.retries, 1);
    assert!(provider.retry(id));
    settled(&provider, |connection| connection.retries >= 2).await;
}

#[tokio::test]
async fn a_source_that_has_delivered_is_wanted_for_ever_unless_told_otherwise() {
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
        // The attempt that delivered counts none; the next one fails.
        let over = |connection: &Connection| match forever {
            true => connection.attempts >= 2,
            false => connection.state == ConnectionState::Error,
        };
        let connection = settled(&provider, over).await;
        assert!(connection.last_data != Time::default());
    }
}

#[tokio::test]
async fn a_task_that_panics_is_an_error_that_can_be_seen_and_retried() {
    let (intake, _reader) = Intake::new(Limits::default());
    let board = Arc::new(Board::new(intake.clone(), tokio::runtime::Handle::current()));
    let (wanted, wants) = watch::channel(Wanted::Running);
    let (id, retry) = (SourceId(1), Arc::new(Notify::new()));
    board.lock().push(entry(id, wanted, retry.clone()));
    let link = Link::new(id, intake, board.clone(), wants);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let keep = move || {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        async move { assert!(!first, "boom") }
    };
    let supervised = tokio::spawn(supervise(link, board.clone(), retry.clone(), keep));
    let mut changed = board.changed.subscribe();
    while board.lock()[0].connection.error.is_none() {
        changed.changed().await.unwrap();
    }
    let connection = board.lock()[0].seen();
    assert_eq!(connection.state, ConnectionState::Error);
    assert!(connection.error.unwrap().contains("boom"));
    retry.notify_one();
    supervised.await.unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

fn entry(id: SourceId, wanted: watch::Sender<Wanted>, retry: Arc<Notify>) -> Entry {
    let connection = Connection::new(id, SourceKind::File, String::new(), String::new(), Time(1));
    let spec = SourceSpec::parse("-").unwrap();
    let options = Options::of_all(&config::Provider::default());
    Entry {
        source: Source { spec, name: None, group: None, options },
        configured: None,
        connection,
        paused: false,
        wanted,
        retry,
        backoff: Backoff::default(),
        has_delivered: false,
        auth: None,
        untold: 0,
        telling: false,
        untold_rejection: None,
        telling_rejection: false,
    }
}

#[tokio::test]
async fn a_thousand_connections_made_and_ended_leave_nothing_open() {
    let (provider, _reader) = provider(config::Provider::default());
    let (url, port) = stream_that_closes();
    let metrics = tokio::runtime::Handle::current().metrics();
    let mut rest = None;
    for round in 0..1_000 {
        let id = provider.connect_to(spec(&url), None).unwrap();
        // Some are ended before they are made, some after.
        if round % 10 == 0 {
            let mut changed = provider.changed();
            let made = async {
                while provider.list()[usize::from(id.0) - 1].state != ConnectionState::Active {
                    changed.changed().await.unwrap();
                }
            };
            tokio::time::timeout(Duration::from_secs(20), made).await.unwrap();
            assert!(!cfg!(target_os = "linux") || open_to(port) > 0, "one is open, and is not counted");
        }
        provider.disconnect(id);
        if round == 100 {
            rest = Some(ended(&provider, &metrics).await);
        }
    }
    assert!(ended(&provider, &metrics).await <= rest.unwrap());
    assert_eq!(open_to(port), 0, "sockets that are still open");
}

/// A stream that answers and stands open until its client goes; with its port.
fn stream_that_closes() -> (String, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 2_000]);
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n");
                while stream.read(&mut [0; 2_000]).is_ok_and(|read| read > 0) {}
            });
        }
    });
    (format!("sse+http://127.0.0.1:{port}/live"), port)
}

/// How many sockets are open on the client's side of a port of this machine, as Linux lists them: one that is closed, and of
/// which only the system knows, has no inode. What other tests have open is not among them.
fn open_to(port: u16) -> usize {
    let remote = format!("0100007F:{port:04X}");
    let is_open = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns.get(2) == Some(&remote.as_str()) && columns.get(9).is_some_and(|inode| *inode != "0")
    };
    std::fs::read_to_string("/proc/self/net/tcp").map_or(0, |table| table.lines().filter(is_open).count())
}

/// Waits until all has ended; how many tasks are left.
async fn ended(provider: &Provider, metrics: &tokio::runtime::RuntimeMetrics) -> usize {
    let mut changed = provider.changed();
    let over = async { while !provider.is_over() && changed.changed().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), over).await.unwrap();
    // A task that has said its last word is gone a moment later.
    let mut left = usize::MAX;
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = metrics.num_alive_tasks();
        if now == left {
            return left;
        }
        left = now;
    }
}

#[tokio::test]
async fn a_connection_tells_what_it_is_and_which_states_it_came_into() {
    let (provider, _reader) = provider(config::Provider { auto_reconnect_max_attempts: 1, ..Default::default() });
    let spec = SourceSpec::parse("poll+http://me:canary@127.0.0.1:1/x").unwrap();
    let id = provider.connect_to(spec, None).unwrap();
    let connection = settled(&provider, |connection| connection.state == ConnectionState::Error).await;
    assert_eq!(connection.source, "poll+http://127.0.0.1:1/x");
    assert!(!format!("{connection:?}").contains("canary"));
    let told = settled(&provider, |connection| connection.history.changes().len() > 1).await;
    let states: Vec<ConnectionState> = told.history.changes().iter().map(|change| change.state).collect();
    assert_eq!(states, [ConnectionState::Connecting, ConnectionState::Error]);
    assert!(told.history.changes()[1].words.contains("cannot be reached"), "{:?}", told.history);
    assert_eq!(provider.label(id), "127.0.0.1:1");
}

#[tokio::test]
async fn a_connection_in_anothers_place_ends_it_once_it_is_made() {
    let (provider, _reader) = provider(config::Provider::default());
    let path = tempfile::NamedTempFile::new().unwrap();
    let file = SourceSpec::File(FilePlace::Path(path.path().to_owned()));
    let first = provider.connect_to(file.clone(), Some("lines".into())).unwrap();
    let second = provider.replace(first, file.clone()).unwrap();
    assert_eq!(provider.label(second), "lines");
    assert_eq!(provider.known(&file).and_then(|source| source.name).as_deref(), Some("lines"));
    assert!(provider.succeed(first, second).await);
    let ended = settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    assert_eq!(ended.history.changes().last().unwrap().words, "ended by the user");
}
