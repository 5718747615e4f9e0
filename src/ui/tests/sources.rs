//! Tests of the Sources screen: they type keys and read rows.

use super::harness::{MILLISECOND, NOON, SECOND, Screen};
use super::hostile::{CORPUS, check};
use super::shop::numbered;
use crate::app::screens::Screen as Tab;
use crate::app::{Effect, Event, Pane, Panes, Pointer, Settings, SourceCommand, Typing};
use crate::config::Secret;
use crate::model::{Connection, ConnectionState, Counts, History, Rejection, SourceId, SourceKind, StateChange, Time};
use proptest::prelude::*;

/// A connection with this number, name and state, added half a minute ago.
pub(super) fn connection(id: u16, label: &str, kind: SourceKind, state: ConnectionState) -> Connection {
    let since = Time(NOON.0 - 30 * SECOND);
    let url = format!("http://{label}.example:9100/metrics");
    let mut history = History::default();
    history.push(StateChange { at: since, state: ConnectionState::Connecting, words: "asked for".into() });
    history.push(StateChange { at: Time(since.0 + SECOND), state, words: "as it came".into() });
    Connection { state, history, source: url.clone(), ..Connection::new(SourceId(id), kind, label.into(), url, since) }
}

/// A connection in each state and with each warning.
pub(super) fn every_state() -> Vec<Connection> {
    use ConnectionState::{Active, Connecting, Disconnected, Error, Paused};
    let error = |text: &str| Some(format!("http://x {text}"));
    vec![
        Connection {
            group: Some("staging".into()),
            last_data: NOON,
            options: [("asked every", "10.0s".to_owned()), ("credentials", "none".to_owned())].into(),
            interval: Some(10 * SECOND),
            format: Some("prometheus"),
            ..connection(1, "shop", SourceKind::polled("http"), Active)
        },
        Connection {
            attempts: 3,
            retry_at: Some(Time(NOON.0 + 4 * SECOND)),
            error: error("refused the connection"),
            ..connection(2, "payments", SourceKind::pushed("sse"), Connecting)
        },
        Connection { group: Some("staging".into()), ..connection(3, "held", SourceKind::pushed("sse"), Paused) },
        Connection {
            attempts: 5,
            error: error("cannot be found"),
            ..connection(4, "missing", SourceKind::polled("http"), Error)
        },
        connection(5, "gone", SourceKind::read("file"), Disconnected),
        Connection { insecure: true, last_data: NOON, ..connection(6, "lab", SourceKind::polled("http"), Active) },
        Connection {
            wants_credentials: true,
            attempts: 1,
            error: error("answered 401 Unauthorized"),
            ..connection(7, "vault", SourceKind::polled("http"), Error)
        },
    ]
}

pub(super) fn counts(id: u16, received: u64) -> (SourceId, Counts) {
    let counts = Counts {
        received,
        stored: received,
        bytes: received * 130,
        newest: (Time(NOON.0 - 12 * MILLISECOND), NOON),
        ..Counts::default()
    };
    (SourceId(id), counts)
}

pub(super) fn screen_of(width: u16, height: u16, connections: Vec<Connection>) -> Screen {
    let mut screen = Screen::new(width, height);
    screen.event(Event::Connections(connections.into()));
    screen.keys("7");
    screen
}

/// A minute in which the first source delivers more and more.
fn busy(width: u16, height: u16) -> Screen {
    let mut screen = screen_of(width, height, every_state());
    let mut received = 0;
    for second in 0..60 {
        received += second * 3;
        let skewed = Counts { newest: (Time(NOON.0 + 200 * SECOND), NOON), ..counts(6, 4 + second).1 };
        let lossy = Counts { dropped: [12, 0, 0], received: received + 12, ..counts(1, received).1 };
        let all = [(SourceId(1), lossy), counts(3, 40), (SourceId(6), skewed)];
        screen.event(Event::SourceCounts(all.into()));
        screen.wait(SECOND);
    }
    let connections: Vec<Connection> = every_state()
        .into_iter()
        .map(|known| Connection {
            retry_at: known.retry_at.map(|_| Time(screen.now.0 + 4 * SECOND)),
            last_data: if known.last_data.is_unknown() { known.last_data } else { screen.now },
            ..known
        })
        .collect();
    screen.event(Event::Connections(connections.into()));
    screen.wait(20 * SECOND);
    screen
}

pub(super) fn commands(screen: &Screen) -> Vec<SourceCommand> {
    let command = |effect: &Effect| match effect {
        Effect::Source(command) => Some(command.clone()),
        _ => None,
    };
    screen.effects.iter().filter_map(command).collect()
}

pub(super) fn line_of(screen: &Screen, label: &str) -> String {
    screen.line_with(&format!(" {label} ")).unwrap_or_else(|| panic!("no {label} in\n{}", screen.text()))
}

#[test]
fn pictures() {
    for (width, height) in [(160, 45), (80, 24), (40, 10), (20, 5)] {
        insta::assert_snapshot!(format!("sources-{width}x{height}"), busy(width, height).picture());
    }
}

#[test]
fn pictures_of_the_detail() {
    for (width, height) in [(160, 45), (80, 24)] {
        let mut screen = busy(width, height);
        screen.keys("enter enter j");
        insta::assert_snapshot!(format!("sources-detail-{width}x{height}"), screen.picture());
    }
}

#[test]
fn a_state_is_a_sign_and_a_word() {
    let screen = screen_of(160, 45, every_state());
    for (label, state) in [
        ("shop", "● live"),
        ("payments", "◌ retry 4s"),
        ("held", "‖ paused"),
        ("missing", "✕ error"),
        ("gone", "○ off"),
    ] {
        assert!(line_of(&screen, label).contains(state), "{}", screen.text());
    }
}

#[test]
fn a_row_shows_the_recognised_format() {
    let mut screen = screen_of(160, 45, every_state());
    assert!(line_of(&screen, "shop").contains("prometheus"), "{}", screen.text());
    assert!(line_of(&screen, "missing").contains("http "), "nothing is known of it: {}", screen.text());
    screen.keys("enter");
    assert!(screen.text().contains("prometheus, over http"), "{}", screen.text());
    screen.keys("/");
    screen.types("prometheus");
    screen.keys("enter");
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(1)));
}

#[test]
fn keys_act_on_the_selected_connection() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("space j r j space j r");
    let (shop, payments, held, lost) = (SourceId(1), SourceId(2), SourceId(3), SourceId(4));
    assert_eq!(
        commands(&screen),
        [
            SourceCommand::Pause(shop),
            SourceCommand::Retry(payments),
            SourceCommand::Resume(held),
            SourceCommand::Retry(lost),
        ]
    );
}

#[test]
fn disconnecting_asks_once() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("d j d");
    assert_eq!(commands(&screen), [], "another connection is asked about anew");
    assert!(screen.text().contains("repeat to disconnect payments"), "{}", screen.text());
    screen.keys("d");
    assert_eq!(commands(&screen), [SourceCommand::Disconnect(SourceId(2))]);
}

#[test]
fn retrying_reconnects_a_disconnected_source() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("j j j j r");
    assert_eq!(commands(&screen), [SourceCommand::Retry(SourceId(5))]);
}

#[test]
fn disconnecting_twice_removes_from_the_list() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("j j j j d");
    assert!(screen.text().contains("repeat to forget gone; its rows stay"), "{}", screen.text());
    screen.keys("d");
    assert_eq!(commands(&screen), [SourceCommand::Forget(SourceId(5))]);
}

#[test]
fn removing_a_row_selects_its_successor() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("j j");
    let mut left = every_state();
    left.remove(2);
    screen.event(Event::Connections(left.into()));
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(4)));
    screen.event(Event::Connections(every_state()[..2].to_vec().into()));
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(2)), "the last one");
}

#[test]
fn rows_of_a_removed_source_keep_its_name() {
    let mut screen = Screen::new(120, 30);
    let label = screen.app.connections[0].label.clone();
    screen.push(numbered(0, 3));
    screen.event(Event::Connections(every_state()[1..].to_vec().into()));
    screen.keys("f");
    screen.types(&format!("source:{label}"));
    screen.keys("enter");
    assert!(screen.text().contains("3 of 3"), "{}", screen.text());
    screen.keys("g y");
    assert!(screen.copied().unwrap().contains(&format!("\"source\": \"{label}\"")), "{:?}", screen.copied());
}

#[test]
fn a_refused_url_returns_with_its_error() {
    let settings = Settings { known_sources: vec!["sse+https://configured/x".into()], ..Settings::default() };
    let mut screen = Screen::with(120, 30, settings, 1 << 20);
    screen.event(Event::Connections(every_state().into()));
    screen.keys("7 a");
    assert!(screen.line_with("sse+https://configured/x").is_some(), "{}", screen.text());
    screen.types("payments");
    screen.keys("tab enter");
    let typed = Secret::from("http://payments.example:9100/metrics".to_owned());
    assert_eq!(commands(&screen), [SourceCommand::Connect { typed: typed.clone(), instead_of: None }]);
    assert!(screen.app.typing.is_none());
    let problem = "3 connections are open and provider.max_connections allows 3".to_owned();
    screen.event(Event::NotConnected { typed, instead_of: None, problem });
    assert!(screen.line(2).contains("provider.max_connections allows 3"), "{}", screen.text());
    assert!(screen.line(1).contains("http://payments.example"), "{}", screen.text());
    screen.types("x");
    assert!(!screen.text().contains("max_connections"));
}

#[test]
fn editing_starts_with_the_current_url() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("u");
    assert!(screen.line(1).contains("replace shop with"), "{}", screen.line(1));
    screen.types("?x=1");
    screen.keys("enter");
    let typed = Secret::from("http://shop.example:9100/metrics?x=1".to_owned());
    assert_eq!(commands(&screen), [SourceCommand::Connect { typed, instead_of: Some(SourceId(1)) }]);
}

#[test]
fn commands_complete_source_names() {
    let mut screen = screen_of(120, 30, every_state());
    for (line, keys) in [("disconnect pay", "tab enter"), ("pause sh", "tab enter"), ("disconnect all", "enter")] {
        screen.keys(":");
        screen.types(line);
        screen.keys(keys);
    }
    let wanted =
        [SourceCommand::Disconnect(SourceId(2)), SourceCommand::Pause(SourceId(1)), SourceCommand::DisconnectAll];
    assert_eq!(commands(&screen), wanted);
    screen.keys(":");
    screen.types("retry nobody");
    screen.keys("enter");
    assert!(screen.text().contains("there is no source `nobody`"), "{}", screen.text());
}

#[test]
fn a_filter_command_opens_the_feed() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys(":");
    screen.types("filter severity>=banana");
    screen.keys("enter");
    assert_eq!(screen.app.screen, Tab::Feed);
    assert!(screen.line_with("^^^^^^").is_some(), "{}", screen.text());
}

#[test]
fn a_line_with_credentials_is_not_remembered() {
    let mut screen = screen_of(120, 30, every_state());
    for line in ["connect http://me:canary@h/", "connect http://h/?token=canary"] {
        screen.keys(":");
        screen.types(line);
        screen.keys("enter");
    }
    assert!(!format!("{:?} {:?}", screen.app, screen.effects).contains("canary"));
    screen.keys(": up");
    assert!(!screen.text().contains("canary"), "{}", screen.text());
}

#[test]
fn asking_for_credentials_interrupts_no_typing() {
    let mut screen = Screen::new(120, 30);
    screen.keys("f");
    screen.types("serv");
    screen.event(Event::Connections(every_state().into()));
    assert!(matches!(screen.app.typing, Some(Typing::Filter { .. })), "what is typed stays");
    assert!(screen.line(29).contains("vault wants credentials: 2 then p"), "{}", screen.line(29));
    screen.keys("esc 7 G p");
    screen.types("me:canary");
    screen.event(Event::Paste("x\n".into()));
    screen.keys("backspace");
    assert!(screen.line(1).contains("credentials for vault •••••••••"), "{}", screen.text());
    assert!(!screen.text().contains("canary") && !format!("{:?}", screen.app).contains("canary"));
    screen.keys("enter");
    let secret = Secret::from("me:canary".to_owned());
    assert_eq!(commands(&screen), [SourceCommand::Authenticate(SourceId(7), secret)]);
    screen.keys("p");
    let mut refused = every_state();
    refused[6].history.push(StateChange { at: NOON, state: ConnectionState::Error, words: "401".into() });
    screen.event(Event::Connections(refused.into()));
    assert!(!screen.line(29).contains("wants credentials"), "its prompt says so: {}", screen.line(29));
    screen.keys("esc");
    assert!(!format!("{:?} {:?}", screen.app, screen.effects).contains("canary"));
    screen.keys("p esc p up");
    assert!(!screen.text().contains('•'), "nothing is kept of them");
}

#[test]
fn refused_credentials_are_asked_for_again() {
    let mut screen = screen_of(120, 30, every_state());
    screen.wait(20 * SECOND);
    assert!(!screen.line(29).contains("wants credentials"));
    let mut again = every_state();
    let at = screen.now;
    again[6].history.push(StateChange { at, state: ConnectionState::Error, words: "401".into() });
    screen.event(Event::Connections(again.into()));
    assert!(screen.line(29).contains("vault wants credentials: p"), "{}", screen.line(29));
}

#[test]
fn opening_a_source_asks_for_its_credentials() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("G enter");
    assert!(matches!(screen.app.typing, Some(Typing::Credentials { of: SourceId(7), .. })));
}

#[test]
fn the_selection_stays_on_its_connection() {
    let mut screen = screen_of(
        120,
        12,
        (1..40)
            .map(|id| connection(id, &format!("s{id}"), SourceKind::pushed("sse"), ConnectionState::Active))
            .collect(),
    );
    screen.keys("G k k");
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(37)));
    let fewer =
        (20..60).map(|id| connection(id, &format!("s{id}"), SourceKind::pushed("sse"), ConnectionState::Active));
    screen.event(Event::Connections(fewer.collect()));
    for (width, height) in [(120, 12), (40, 6), (200, 60), (120, 12)] {
        screen.event(Event::Resize(width, height));
        assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(37)));
        assert!(screen.selected_line().is_some(), "{width}x{height}\n{}", screen.text());
    }
    screen.keys("o o");
    assert!(screen.selected_line().is_some(), "sorted\n{}", screen.text());
}

#[test]
fn rows_follow_the_chosen_order() {
    let order = |screen: &Screen| screen.app.screens.sources.table.rows.iter().map(|id| id.0).collect::<Vec<_>>();
    let mut screen = busy(160, 45);
    assert_eq!(order(&screen), [1, 2, 3, 4, 5, 6, 7]);
    screen.keys("O");
    assert_eq!(order(&screen), [7, 6, 5, 4, 3, 2, 1]);
    screen.keys("o");
    assert_eq!(order(&screen), [4, 7, 2, 3, 1, 6, 5], "problems first");
    screen.keys("o");
    assert_eq!(order(&screen), [5, 3, 6, 4, 2, 1, 7], "names from A");
    let header = screen.line(2);
    let column = header.split("items").next().unwrap().chars().count();
    assert!(header.contains("items"), "{header}");
    screen.click(column as u16, 2);
    assert_eq!(order(&screen)[..3], [1, 6, 3], "the largest first");
    screen.click(column as u16, 2);
    assert_eq!(order(&screen)[4..], [3, 6, 1]);
}

#[test]
fn a_search_goes_from_match_to_match() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("/");
    screen.types("pay");
    screen.keys("enter");
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(2)));
    screen.keys("e");
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(4)), "the next error");
    screen.keys("E E");
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(7)), "round the end");
}

#[test]
fn the_feed_shows_a_sources_rows() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("j =");
    assert_eq!((screen.app.screen, screen.app.screens.feed.parts.filter.text.as_str()), (Tab::Feed, "source=payments"));
    screen.keys("7 j =");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "source=held");
    screen.keys("7 k !");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "source=held not source=payments");
}

#[test]
fn keys_copy_the_url_or_the_error() {
    let mut screen = screen_of(120, 30, every_state());
    screen.keys("y");
    assert_eq!(screen.copied(), Some("http://shop.example:9100/metrics"));
    screen.keys("j Y");
    assert_eq!(screen.copied(), Some("http://x refused the connection"));
}

#[test]
fn the_mouse_selects_opens_scrolls_and_changes_tabs() {
    let mut screen = screen_of(
        120,
        10,
        (1..40)
            .map(|id| connection(id, &format!("s{id}"), SourceKind::pushed("sse"), ConnectionState::Active))
            .collect(),
    );
    screen.click(20, 5);
    assert_eq!(screen.app.screens.sources.table.selected, Some(SourceId(3)));
    screen.point(Pointer::WheelDown, 20, 5);
    assert_eq!(
        (screen.app.screens.sources.table.top, screen.app.screens.sources.table.selected),
        (3, Some(SourceId(3)))
    );
    screen.point(Pointer::WheelUp, 20, 5);
    screen.click(20, 5);
    assert!(screen.app.screens.sources.parts.panes.detail);
    screen.click(9, 0);
    assert_eq!(screen.app.screen, Tab::Feed);
    screen.click(116, 0);
    assert_eq!(screen.app.screen, Tab::Sources, "a click on the states opens Sources");
}

#[test]
fn removing_the_last_source_closes_its_detail() {
    let mut screen = screen_of(80, 10, vec![connection(1, "shop", SourceKind::pushed("sse"), ConnectionState::Active)]);
    screen.keys("enter enter");
    assert_eq!(screen.app.screens.sources.parts.panes.focus, Pane::Detail);
    screen.event(Event::Connections(Vec::new().into()));
    assert_eq!(screen.app.screens.sources.parts.panes, Panes::default());
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut screen = busy(120, 30);
    screen.event(Event::Connections(
        vec![connection(1, "shop", SourceKind::received("listen"), ConnectionState::Active)].into(),
    ));
    for _ in 0..70 {
        screen.wait(SECOND);
    }
    let (before, cells) = (screen.app.revision(), screen.buffer());
    for _ in 0..600 {
        screen.wait(SECOND);
        let counts = screen.app.traffic.counts.clone();
        screen.event(Event::SourceCounts(counts.iter().cloned().collect()));
        let connections = screen.app.connections.clone();
        screen.event(Event::Connections(connections));
    }
    assert_eq!(screen.app.revision(), before);
    assert_eq!(screen.buffer(), cells);
}

#[test]
fn an_insecure_source_is_marked_on_every_screen() {
    for size in [(160, 45), (80, 24), (40, 10)] {
        let mut screen = screen_of(size.0, size.1, vec![every_state().remove(5)]);
        assert!(screen.line(0).contains("insecure"), "{}", screen.text());
        assert!(line_of(&screen, "lab").contains("insecure"), "{}", screen.text());
        screen.keys("1");
        assert!(screen.line(0).contains("insecure"), "{}", screen.text());
    }
    let none = screen_of(160, 45, vec![every_state().remove(0)]);
    assert!(!none.text().contains("insecure"));
}

#[test]
fn inconsistent_points_are_counted_in_the_detail() {
    let mut screen = screen_of(120, 45, every_state());
    let counts = Counts { received: 9, stored: 9, inconsistent: 6, ..Counts::default() };
    screen.event(Event::SourceCounts([(SourceId(1), counts)].into()));
    screen.keys("enter");
    assert!(screen.line_with("inconsistent  6 points, kept and marked").is_some(), "{}", screen.text());
}

#[test]
fn received_items_are_broken_down_with_reasons() {
    let mut screen = screen_of(120, 45, every_state());
    let counts = Counts {
        received: 1_019,
        stored: 1_000,
        skipped: 1,
        duplicate: 2,
        dropped: [4, 3, 0],
        rejected: 9,
        refused: 5,
        ..Counts::default()
    };
    screen.event(Event::SourceCounts([(SourceId(1), counts)].into()));
    screen.keys("enter");
    for words in [
        "received     1 019",
        "= stored     1 000",
        "+ skipped    1 while paused",
        "+ dropped    7 (overflow 4, closed 3)",
        "refused      5 told to retry",
    ] {
        assert!(screen.text().contains(words), "{words}\n{}", screen.text());
    }
}

#[test]
fn rejected_items_are_shown_with_their_reason() {
    let mut connections = every_state();
    let reason = "a span without an id".to_owned();
    connections[0].rejection = Some(Rejection { reason, at: NOON, count: 3, refused: 0 });
    let mut screen = screen_of(160, 45, connections);
    let line = line_of(&screen, "shop");
    assert!(line.contains("▲ live ") && line.contains("rejected 3: a span"), "{line}");
    screen.keys("enter");
    assert!(screen.text().contains("rejected 3, last at 12:04:31.500"), "{}", screen.text());
}

#[test]
fn several_sources_colour_their_feed_rows() {
    let mut screen = Screen::new(100, 20);
    screen.event(Event::Connections(every_state().into()));
    screen.push(super::shop::numbered(0, 3));
    assert!(!screen.line(3).starts_with('▎'), "one source has rows");
    screen.push_from(SourceId(2), super::shop::numbered(3, 1));
    assert!(screen.line(3).starts_with('▎'), "{}", screen.text());
    let mark = screen.buffer()[(0, 3)].fg;
    screen.keys("7");
    let buffer = screen.buffer();
    assert_eq!(mark, buffer[(0, 4)].fg);
}

#[test]
fn rows_of_several_sources_name_theirs() {
    let mut screen = Screen::new(100, 20);
    let mut connections = every_state();
    connections[1].label = "payments-eu-west".into();
    screen.event(Event::Connections(connections.into()));
    screen.push(super::shop::numbered(0, 2));
    assert!(!screen.text().contains("otlp  "), "{}", screen.text());
    screen.push_from(SourceId(2), super::shop::numbered(2, 1));
    assert!(screen.line(2).contains("  otlp  ") && screen.line(4).contains("paymen"), "{}", screen.text());
    screen.event(Event::Resize(70, 20));
    assert!(!screen.line(4).contains("payments") && screen.line(4).starts_with('▎'), "{}", screen.text());
    screen.event(Event::Resize(160, 20));
    screen.keys(":");
    screen.types("clear");
    screen.keys("enter y");
    screen.push(super::shop::numbered(3, 2));
    assert!(!screen.text().contains("otlp  "), "one source again: {}", screen.text());
}

#[test]
fn hostile_labels_and_errors_move_no_column() {
    for text in CORPUS.iter().map(|text| (*text).to_owned()).chain(["x".repeat(300), "日".repeat(200)]) {
        let mut connections = every_state();
        connections[1] = Connection {
            label: text.clone(),
            url: text.clone(),
            source: text.clone(),
            group: Some(text.clone()),
            error: Some(text.clone()),
            wants_credentials: true,
            options: [("asked every", text.clone())].into(),
            ..connections[1].clone()
        };
        for (width, height) in [(160, 45), (80, 24), (40, 10)] {
            let mut screen = screen_of(width, height, connections.clone());
            check(&screen, &text);
            let rates: Vec<Option<usize>> = (2..6).map(|row| screen.line(row).rfind("–")).collect();
            assert!(width < 80 || rates.iter().skip(1).all(Option::is_some), "{}", screen.text());
            for keys in ["j", "p", "esc", "u", "esc", "a tab", "esc", "tab", "tab", "y", "Y", "d", "r", ": ", "esc"] {
                screen.keys(keys);
                check(&screen, &text);
            }
            let copied = screen.copied().unwrap_or_default();
            assert!(copied.chars().all(|c| crate::model::is_harmless(c.encode_utf8(&mut [0; 4]))), "{copied:?}");
        }
    }
}

#[test]
fn an_ascii_terminal_shows_sources_in_ascii() {
    for (width, height) in [(160, 45), (60, 16)] {
        let mut screen = busy(width, height);
        screen.theme = crate::ui::Theme::with("", crate::ui::Depth::Mono, crate::ui::Scheme::Dark, true).unwrap();
        for keys in ["j", "enter", "esc G p x", "esc a", "esc ?"] {
            screen.keys(keys);
            assert!(screen.buffer().content().iter().all(|cell| cell.symbol().is_ascii()), "{}", screen.text());
            assert!(!screen.text().contains("???"), "{}", screen.text());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_size_number_or_keys_cause_a_panic(
        width in prop_oneof![0u16..12, 12u16..90, 90u16..300],
        height in prop_oneof![0u16..8, 8u16..60],
        before in 0u16..4,
        after in 0u16..220,
        keys in prop::collection::vec(0..KEYS.len(), 0..30),
        clicks in prop::collection::vec((0u16..300, 0u16..60, 0u8..3), 0..6),
        (later_width, later_height) in (0u16..200, 0u16..50),
    ) {
        let many = |count: u16| -> Vec<Connection> {
            let states = every_state();
            let of = |id: u16| Connection { id: SourceId(id), ..states[usize::from(id) % states.len()].clone() };
            (1..=count).map(of).collect()
        };
        let mut screen = screen_of(width, height, many(before));
        screen.buffer();
        for (index, key) in keys.into_iter().enumerate() {
            screen.keys(KEYS[key]);
            if index == 7 {
                screen.event(Event::Connections(many(after).into()));
                screen.event(Event::SourceCounts((1..after).map(|id| counts(id, u64::from(id))).collect()));
                screen.wait(SECOND);
            }
            screen.buffer();
        }
        screen.clicks_drawn(clicks);
        screen.event(Event::Resize(later_width, later_height));
        screen.buffer();
    }
}

const KEYS: [&str; 33] = [
    "j",
    "k",
    "g",
    "G",
    "enter",
    "tab",
    "esc",
    "a",
    "u",
    "p",
    "x",
    "d",
    "r",
    "space",
    "o",
    "O",
    "/",
    "n",
    "e",
    "E",
    "y",
    "Y",
    "z",
    "w",
    "=",
    "7",
    "1",
    ":",
    "l",
    "h",
    "ctrl-d",
    "backspace",
    "?",
];
