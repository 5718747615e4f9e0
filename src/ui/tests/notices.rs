//! Notices about sources in the status line, and how long they stay.

use super::harness::{SECOND, Screen};
use super::sources::{commands, connection, every_state, screen_of};
use crate::app::{Event, NoticeKind, Pointer};
use crate::model::{ConnectionState, SourceId, SourceKind};

#[test]
fn another_action_cancels_the_question_to_disconnect() {
    let asked = |screen: &Screen| screen.line(29).contains("repeat to disconnect shop");
    let void = |change: &dyn Fn(&mut Screen)| {
        let mut screen = screen_of(120, 30, every_state());
        screen.keys("d");
        assert!(asked(&screen), "{}", screen.line(29));
        change(&mut screen);
        assert!(!asked(&screen), "{}", screen.line(29));
        screen.keys("d");
        assert_eq!(commands(&screen), [], "asked anew");
    };
    void(&|screen| screen.keys("o"));
    void(&|screen| screen.keys("j k"));
    void(&|screen| screen.keys("1 7"));
    void(&|screen| screen.keys("? ?"));
    void(&|screen| screen.keys(": esc"));
    void(&|screen| screen.click(20, 3));
    void(&|screen| screen.point(Pointer::WheelDown, 20, 5));
    void(&|screen| screen.wait(5 * SECOND));
    void(&|screen| screen.event(Event::Notice(NoticeKind::Error, "something else".into())));
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("d");
    let mut off = every_state();
    off[0].state = ConnectionState::Disconnected;
    screen.event(Event::Connections(off.into()));
    assert!(!asked(&screen), "{}", screen.line(29));
}

#[test]
fn a_notice_ends_with_its_cause() {
    let mut screen = screen_of(120, 30, every_state());
    let now_is = |screen: &mut Screen, index: usize, state: ConnectionState, error: Option<&str>| {
        let mut connections = every_state();
        connections[6] = connection(7, "vault", SourceKind::polled("http"), ConnectionState::Active);
        connections[index].state = state;
        connections[index].error = error.map(str::to_owned);
        screen.event(Event::Connections(connections.into()));
    };
    assert!(screen.line(29).contains("vault wants credentials"), "{}", screen.line(29));
    now_is(&mut screen, 6, ConnectionState::Active, None);
    assert!(!screen.line(29).contains("vault"), "it was let in: {}", screen.line(29));
    now_is(&mut screen, 0, ConnectionState::Error, Some("fell over"));
    assert!(screen.line(29).contains("shop: fell over"), "{}", screen.line(29));
    screen.keys("j k 1 7");
    assert!(screen.line(29).contains("shop: fell over"), "whatever is done meanwhile: {}", screen.line(29));
    now_is(&mut screen, 0, ConnectionState::Active, None);
    assert!(!screen.line(29).contains("fell over"), "it recovered: {}", screen.line(29));
    screen.event(Event::Connecting(SourceId(2), "payments".into()));
    assert!(screen.line(29).contains("connecting to payments"), "{}", screen.line(29));
    now_is(&mut screen, 1, ConnectionState::Active, None);
    assert!(!screen.line(29).contains("connecting to"), "it is made: {}", screen.line(29));
}

#[test]
fn a_long_notice_is_whole_on_two_lines() {
    let command = "otail 'listen://127.0.0.1?grpc=14317&http=14318' --name checkout-service";
    let text = format!("port 4317 is taken by otelcol (process 4121); free ports: {command}");
    let mut screen = screen_of(80, 24, every_state());
    screen.event(Event::Notice(NoticeKind::Error, text.clone()));
    let shown = [screen.line(22), screen.line(23)].join(" ");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&shown), words(&format!("✕ {text}")), "{}", screen.text());
    let long = format!("{} {command}", "x".repeat(300));
    screen.event(Event::Notice(NoticeKind::Error, long));
    assert!(screen.line(22).ends_with('…') && screen.line(23).ends_with(command), "{}", screen.text());
    screen.event(Event::Notice(NoticeKind::Info, "a notice of forty cells, which was cut ...".into()));
    assert!(screen.line(23).contains("was cut ..."), "{}", screen.text());
}

#[test]
fn a_keys_result_disappears_at_the_next_key() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("o");
    assert!(screen.line(29).contains("sorted by"), "{}", screen.line(29));
    screen.keys("j");
    assert!(!screen.line(29).contains("sorted by"), "{}", screen.line(29));
    screen.event(Event::Notice(NoticeKind::Info, "sources: 1 started".into()));
    screen.keys("j");
    assert!(screen.line(29).contains("1 started"), "a notice without a key lasts its time: {}", screen.line(29));
}

#[test]
fn a_newly_connected_source_is_selected() {
    let mut screen = screen_of(120, 30, every_state());
    screen.event(Event::Connecting(SourceId(9), "new".into()));
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(1)), "not before it is known");
    let mut more = every_state();
    more.push(connection(9, "new", SourceKind::pushed("sse"), ConnectionState::Connecting));
    screen.event(Event::Connections(more.into()));
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(9)));
}
