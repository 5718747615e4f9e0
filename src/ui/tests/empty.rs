//! The empty screen, and the states of sources.

use super::harness::{NOON, SECOND, Screen, listener};
use super::shop::numbered;
use crate::app::{Event, Settings, Totals};
use crate::model::{Connection, ConnectionState, Endpoint, Protocol, Rejection, SourceId, SourceKind, Time};

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

#[test]
fn an_empty_screen_shows_the_credentials_senders_need() {
    let variable = "OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer%20$TOKEN\"";
    let settings = Settings { sender: vec![variable.to_owned()], ..Settings::default() };
    let mut screen = Screen::with(100, 30, settings, 1 << 26);
    let endpoint = Endpoint { protocol: Protocol::Http, is_secure: true, address: "127.0.0.1:4318".into() };
    let secure = Connection { url: endpoint.to_string(), endpoints: [endpoint].into(), ..listener() };
    screen.event(Event::Connections(vec![secure].into()));
    for expected in ["export OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:4318", &format!("export {variable}")] {
        assert!(screen.line_with(expected).is_some(), "{expected}\n{}", screen.text());
    }
}

#[test]
fn a_reload_updates_environment_lines_and_completions() {
    let mut screen = Screen::new(100, 30);
    let (known, variable) = ("sse+https://configured/x", "OTEL_EXPORTER_OTLP_CERTIFICATE=/cert.pem");
    let before = screen.app.revision();
    screen.event(Event::Configured { known_sources: vec![known.into()], sender: vec![variable.into()] });
    assert!(screen.app.revision() > before);
    assert!(screen.line_with(&format!("export {variable}")).is_some(), "{}", screen.text());
    screen.keys("7 a");
    assert!(screen.line_with(known).is_some(), "{}", screen.text());
}

fn source(id: u16, state: ConnectionState) -> Connection {
    Connection {
        id: SourceId(id),
        label: format!("source {id}"),
        kind: SourceKind::pushed("sse"),
        endpoints: [].into(),
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
fn sources_are_counted_by_state_with_a_countdown() {
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

/// A receiver that has rejected or refused something.
pub(super) fn rejecting(count: u64, refused: u64) -> Connection {
    let reason = "POST /v1/trace from 127.0.0.1:53211: no such path; OTLP is received at /v1/traces, /v1/metrics, \
                  /v1/logs";
    Connection { rejection: Some(Rejection { reason: reason.into(), at: NOON, count, refused }), ..listener() }
}

#[test]
fn an_empty_screen_shows_a_rejections_reason() {
    for (count, refused, words, mark) in [
        (3, 0, "rejected 3", "▲ live, rejecting"),
        (0, 2, "refused 2", "▲ live, refusing"),
        (0, 0, "turned away", "▲ live, turning away"),
    ] {
        let mut screen = Screen::new(80, 24);
        screen.event(Event::Connections(vec![rejecting(count, refused)].into()));
        let counts = Totals { received: count, rejected: count, refused, ..Totals::default() };
        screen.event(Event::Totals(counts));
        assert!(screen.line(0).ends_with(mark), "{}", screen.line(0));
        for expected in ["Nothing has arrived yet.", &format!("{words}: POST /v1/trace from 127.0.0.1"), "/v1/logs"] {
            assert!(screen.line_with(expected).is_some(), "{expected}\n{}", screen.text());
        }
        assert!(screen.line(22).contains(&format!("✕ otlp: {words}: POST")), "{}", screen.text());
        screen.wait(11 * SECOND);
        assert!(screen.line(23).contains(words), "{}", screen.line(23));
    }
}

#[test]
fn later_rejections_are_only_counted() {
    let mut screen = Screen::new(160, 24);
    screen.push(numbered(0, 30));
    let mut turn_away = |count, wait: u64| {
        screen.wait(wait * SECOND);
        let at = screen.now;
        let rejection = Rejection { at, ..rejecting(count, 0).rejection.unwrap() };
        screen.event(Event::Totals(Totals { received: 31, rejected: count, ..Totals::default() }));
        screen.event(Event::Connections(vec![Connection { rejection: Some(rejection), ..listener() }].into()));
        screen.line(23)
    };
    let said = turn_away(1, 0);
    assert!(said.contains("✕ otlp: rejected 1: POST /v1/trace from 127.0.0.1:53211: no such path"), "{said}");
    let counted = turn_away(2, 11);
    assert!(counted.contains("spans 30") && counted.contains("rejected 2: POST /v1/tra"), "{counted}");
    assert!(turn_away(3, 61).contains("✕ otlp: rejected 3"));
}

#[test]
fn rejected_and_refused_items_are_counted_apart() {
    let mut screen = Screen::new(100, 30);
    screen.event(Event::Connections(vec![rejecting(1, 0), source(2, ConnectionState::Active)].into()));
    assert!(screen.line(0).ends_with("● 1 live  ▲ 1 live, rejecting"), "{}", screen.line(0));
    let roles = screen.picture();
    let first = roles.lines().skip_while(|line| *line != "roles").nth(1).unwrap().to_owned();
    assert!(first.contains("warning"), "{first}");
}

#[test]
fn a_taken_ports_remedy_fits_80_columns() {
    let error = "127.0.0.1:4317 is taken: free it, or use ?grpc=PORT, or `grpc` under [listen]";
    let mut screen = Screen::new(80, 24);
    let half = Connection { error: Some(error.into()), ..listener() };
    screen.event(Event::Connections(vec![half].into()));
    let text = screen.text();
    assert_eq!(
        text.matches("free it, or use ?grpc=PORT").count(),
        2,
        "below the source and in the status line: {text}"
    );
    assert!(screen.line(0).ends_with("▲ partly live"), "{text}");
}

#[test]
fn the_status_line_reports_a_failed_source() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 30));
    let failed = Connection { error: Some("port 4317 is taken".into()), ..source(2, ConnectionState::Error) };
    screen.event(Event::Connections(vec![failed].into()));
    assert!(screen.line(29).contains("✕ source 2: port 4317 is taken"), "{}", screen.line(29));
    screen.wait(11 * SECOND);
    assert!(!screen.line(29).contains("4317"));
}

#[test]
fn one_taken_port_of_two_is_reported() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 30));
    let half = Connection { error: Some("port 4317 is taken".into()), ..listener() };
    screen.event(Event::Connections(vec![half].into()));
    assert!(screen.line(29).contains("✕ otlp: port 4317 is taken"), "{}", screen.line(29));
    screen.wait(20 * SECOND);
    assert!(screen.line(0).ends_with("▲ partly live"), "{}", screen.line(0));
}

#[test]
fn a_command_in_an_error_is_never_wrapped() {
    let mut screen = Screen::new(80, 24);
    let command = "free ports: otail 'listen://127.0.0.1?grpc=0&http=0'";
    let error = format!("127.0.0.1:4317 and 127.0.0.1:4318 are taken by otelcol (pid 4711); {command}");
    let taken = Connection { endpoints: [].into(), error: Some(error), ..source(2, ConnectionState::Error) };
    screen.event(Event::Connections(vec![taken].into()));
    assert!(screen.line_with(command).is_some(), "{}", screen.text());
    assert!(screen.line_with("OTEL_EXPORTER_OTLP_ENDPOINT").is_none(), "{}", screen.text());
    assert!(screen.line_with("r tries again, u another URL on the Sources screen (2)").is_some(), "{}", screen.text());
}
