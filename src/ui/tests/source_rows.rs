//! The rows of the Sources screen: rates, columns, order.

use super::harness::{NOON, SECOND};
use super::sources::{connection, counts, every_state, line_of, screen_of};
use crate::app::Event;
use crate::model::{Connection, ConnectionState, Counts, SourceId, SourceKind, Time};

#[test]
fn the_status_line_shows_the_sum_of_rates() {
    let polled = Connection {
        interval: Some(2 * SECOND),
        ..connection(1, "node", SourceKind::polled("http"), ConnectionState::Active)
    };
    let mut screen =
        screen_of(160, 20, vec![polled, connection(2, "shop", SourceKind::pushed("sse"), ConnectionState::Active)]);
    for tick in 0..200 {
        // A poll of 200 items every two seconds, sometimes a little late; and a stream of five per second.
        let polls = (tick + 20 - u64::from(tick / 20 % 3 == 1)) / 20;
        screen.event(Event::SourceCounts(vec![counts(1, polls * 200), counts(2, tick / 2)].into()));
        screen.wait(SECOND / 10);
        let line = screen.line(19);
        let rate: f64 = line.split("/s").next().unwrap().trim().parse().unwrap_or_else(|_| panic!("{line}"));
        assert!(tick < 30 || (101.0..=109.0).contains(&rate), "{line}");
    }
    let row =
        |label: &str| line_of(&screen, label).split("/s").next().unwrap().split(' ').next_back().map(str::to_owned);
    assert_eq!([row("node"), row("shop")], [Some("100".to_owned()), Some("5.0".to_owned())], "{}", screen.text());
}

#[test]
fn a_recognised_stream_has_its_rate() {
    let polled = Connection {
        interval: Some(10 * SECOND),
        ..connection(2, "shop", SourceKind::polled("http"), ConnectionState::Connecting)
    };
    let mut screen = screen_of(160, 20, vec![polled.clone()]);
    let known = Connection { kind: SourceKind::pushed("sse"), state: ConnectionState::Active, ..polled };
    screen.event(Event::Connections(vec![known].into()));
    for tick in 1..=16 {
        screen.event(Event::SourceCounts(vec![counts(2, tick)].into()));
        screen.wait(SECOND / 5);
    }
    assert!(line_of(&screen, "shop").contains(" 5.0/s"), "{}", screen.text());
    screen.wait(6 * SECOND);
    assert!(!line_of(&screen, "shop").contains("/s"), "{}", screen.text());
}

#[test]
fn only_live_sources_have_a_rate() {
    use ConnectionState::{Active, Disconnected, Error, Paused};
    for (state, shown) in [(Active, "5.0/s"), (Paused, "0/s"), (Error, "0/s"), (Disconnected, "0/s")] {
        let mut screen = screen_of(160, 20, vec![connection(2, "shop", SourceKind::pushed("sse"), state)]);
        for second in 0..10 {
            screen.event(Event::SourceCounts(vec![counts(2, second * 5)].into()));
            screen.wait(SECOND);
        }
        assert!(screen.line(19).trim_start().starts_with(shown), "{}", screen.line(19));
    }
}

#[test]
fn sorting_cycles_through_the_visible_columns() {
    for (width, expected) in [
        (30, "state source age"),
        (80, "state source rate items age"),
        (160, "state source group kind rate items memory lag tries age"),
    ] {
        let mut screen = screen_of(width, 30, every_state());
        let mut seen = Vec::new();
        while seen.last() != Some(&"age") && seen.len() < 20 {
            screen.keys("o");
            seen.push(screen.app.screens.sources.sort.by.word());
        }
        assert_eq!(seen.join(" "), expected, "{}", screen.text());
    }
}

#[test]
fn the_bar_shows_an_order_without_a_title() {
    let mut screen = screen_of(160, 30, every_state());
    screen.keys("o o o");
    assert!(screen.line(2).contains("group ▴") && !screen.line(1).contains("group"), "{}", screen.text());
    screen.event(Event::Resize(80, 30));
    assert!(screen.line(1).ends_with("by group  4 of 7 open"), "{}", screen.line(1));
    screen.keys("o");
    assert!(screen.line(2).contains("rate ▾"), "skips to a visible column: {}", screen.line(2));
    screen.keys("o o O");
    assert!(screen.line(1).ends_with("by age, newest first  4 of 7 open"), "{}", screen.line(1));
}

#[test]
fn small_changes_do_not_reorder_rows() {
    use ConnectionState::Active;
    let connections = (1..=3).map(|id| connection(id, &format!("s{id}"), SourceKind::pushed("sse"), Active)).collect();
    let mut screen = screen_of(160, 30, connections);
    screen.keys("o o o o");
    let mut received = [0; 3];
    let mut orders = Vec::new();
    for second in 0..60_u64 {
        // Two are equally fast within a few percent, in turns; the third becomes much faster.
        let come = [100 + second / 6 % 2 * 9, 104, if second < 40 { 20 } else { 300 }];
        received.iter_mut().zip(come).for_each(|(sum, come)| *sum += come);
        let all = (1..)
            .zip(received)
            .map(|(id, sum)| (id as u16, Counts { newest: (Time(NOON.0 - id * SECOND), NOON), ..counts(1, sum).1 }))
            .map(|(id, counts)| (SourceId(id), counts));
        screen.event(Event::SourceCounts(all.collect()));
        screen.wait(SECOND);
        let first: String =
            (3..6).map(|row| screen.line(row).split(" s").nth(1).unwrap_or_default()[..1].to_owned()).collect();
        if second > 15 && orders.last() != Some(&first) {
            orders.push(first);
        }
    }
    assert_eq!(orders.len(), 2, "{orders:?}\n{}", screen.text());
    assert!(orders[0].ends_with('3') && orders[1].starts_with('3'), "a clearly faster source moves up: {orders:?}");
    screen.keys("o o o");
    assert_eq!(screen.app.screens.sources.sort.by.word(), "lag");
    assert!(screen.line(3).contains(" s3 "), "newest first: {}", screen.text());
}

#[test]
fn losses_have_a_column_after_the_first() {
    let mut screen = screen_of(100, 30, every_state());
    screen.event(Event::SourceCounts(vec![counts(1, 7)].into()));
    assert!(!screen.line(2).contains("lost"), "{}", screen.text());
    screen.event(Event::SourceCounts(vec![(SourceId(1), Counts { rejected: 3, ..counts(1, 7).1 })].into()));
    assert!(screen.line(2).contains("lost") && line_of(&screen, "shop").ends_with("  3"), "{}", screen.text());
}

#[test]
fn a_lag_below_a_millisecond_is_steady() {
    let mut screen = screen_of(160, 30, every_state());
    for nanos in [0, 490_000, 999_999] {
        let newest = (Time(NOON.0 - nanos), NOON);
        screen.event(Event::SourceCounts(vec![(SourceId(1), Counts { newest, ..counts(1, nanos + 1).1 })].into()));
        assert!(line_of(&screen, "shop").contains(" <1ms "), "{}", screen.text());
    }
}

#[test]
fn rising_orders_show_an_upward_sign() {
    let mut screen = screen_of(160, 30, every_state());
    for (keys, expected) in [("o o", "source ▴"), ("O", "source ▾"), ("o o o", "rate ▾"), ("O", "rate ▴")] {
        screen.keys(keys);
        assert!(screen.line(2).contains(expected), "{expected}: {}", screen.line(2));
    }
}
