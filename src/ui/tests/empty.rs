//! The screen before anything has come, and the states of sources.

use super::harness::{NOON, SECOND, Screen, listener};
use super::shop::numbered;
use crate::app::Event;
use crate::model::{Connection, ConnectionState, SourceId, SourceKind, Time};

#[test]
fn an_empty_screen_says_what_to_do_next() {
    let screen = Screen::new(100, 30);
    for expected in [
        "Nothing has arrived yet.",
        "● live  otlp  grpc://127.0.0.1:4317 and http://127.0.0.1:4318",
        "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
        "otail demo",
        "? shows the keys",
    ] {
        assert!(screen.line_with(expected).is_some(), "{expected}\n{}", screen.text());
    }
}

fn source(id: u16, state: ConnectionState) -> Connection {
    Connection {
        id: SourceId(id),
        label: format!("source {id}"),
        kind: SourceKind::Sse,
        url: format!("http://127.0.0.1:80{id:02}/events"),
        state,
        ..listener()
    }
}

#[test]
fn every_state_has_a_sign_and_a_word() {
    let mut screen = Screen::new(100, 30);
    for (state, shown) in [
        (ConnectionState::Active, "● live"),
        (ConnectionState::Connecting, "◌ connecting"),
        (ConnectionState::Paused, "‖ paused"),
        (ConnectionState::Error, "✕ error"),
        (ConnectionState::Disconnected, "○ off"),
    ] {
        screen.event(Event::Connections(vec![source(2, state)].into()));
        assert!(screen.line(0).ends_with(shown), "{}", screen.line(0));
        assert!(screen.line_with(&format!("{shown}  source 2")).is_some(), "{}", screen.text());
    }
}

#[test]
fn several_sources_are_counted_by_state_and_a_retry_counts_down() {
    let mut screen = Screen::new(100, 30);
    let waiting = Connection {
        retry_at: Some(Time(NOON.0 + 4 * SECOND)),
        error: Some("connection refused\x1b[2J".into()),
        ..source(4, ConnectionState::Connecting)
    };
    let sources = vec![source(2, ConnectionState::Active), source(3, ConnectionState::Active), waiting];
    screen.event(Event::Connections(sources.into()));
    assert!(screen.line(0).ends_with("● 2 live  ◌ 1 retry 4s"), "{}", screen.line(0));
    assert!(screen.line_with("connection refused␛[2J").is_some(), "{}", screen.text());
    let before = screen.app.revision();
    let wake = screen.app.wake_at().unwrap();
    screen.wait(wake.0 - screen.now.0);
    assert!(screen.app.revision() > before);
    assert!(screen.line(0).ends_with("◌ 1 retry 3s"), "{}", screen.line(0));
}

#[test]
fn a_source_that_fails_is_said_in_the_status_line() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 30));
    let failed = Connection { error: Some("port 4317 is taken".into()), ..source(2, ConnectionState::Error) };
    screen.event(Event::Connections(vec![failed].into()));
    assert!(screen.line(29).contains("✕ source 2: port 4317 is taken"), "{}", screen.line(29));
    screen.wait(11 * SECOND);
    assert!(!screen.line(29).contains("4317"));
}

#[test]
fn a_port_that_is_taken_is_seen_while_the_other_one_works() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 30));
    let half = Connection { error: Some("port 4317 is taken".into()), ..listener() };
    screen.event(Event::Connections(vec![half].into()));
    assert!(screen.line(29).contains("✕ otlp: port 4317 is taken"), "{}", screen.line(29));
    screen.wait(20 * SECOND);
    assert!(screen.line(0).ends_with("▲ partly live"), "{}", screen.line(0));
}
