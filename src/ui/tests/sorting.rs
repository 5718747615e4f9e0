//! The Feed by event time while it is frozen.

use super::harness::{NOON, SECOND, Screen};
use crate::columns::{Batch, EventsBuilder, Word};
use crate::model::Time;

/// Events that are named by their seconds after noon, in this order; `-` has no time.
fn events(seconds: &[&str]) -> Batch {
    let mut builder = EventsBuilder::default();
    for second in seconds {
        let time = second.parse().map_or(Time(0), |second: u64| Time(NOON.0 + second * SECOND));
        builder.push(&format!("at-{second}"), "", time, "", Word::EMPTY);
    }
    builder.finish()
}

/// The names of the rows on the screen, in their order.
fn names(screen: &Screen) -> Vec<String> {
    let names = screen.text();
    let names = names.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("at-")));
    names.map(str::to_owned).collect()
}

fn screen(height: u16) -> Screen {
    let mut screen = Screen::new(100, height);
    screen.push(events(&["3", "1", "5", "2", "4"]));
    screen
}

#[test]
fn a_frozen_feed_is_sorted_by_time() {
    let mut screen = screen(20);
    screen.keys("space o");
    assert_eq!(names(&screen), ["at-1", "at-2", "at-3", "at-4", "at-5"]);
    assert!(screen.line(2).contains("time ▴"), "{}", screen.text());
    screen.keys("O");
    assert_eq!(names(&screen), ["at-5", "at-4", "at-3", "at-2", "at-1"]);
    assert!(screen.line(2).contains("time ▾"), "{}", screen.text());
    screen.keys("o");
    assert_eq!(names(&screen), ["at-3", "at-1", "at-5", "at-2", "at-4"]);
    assert!(!screen.text().contains("time ▴"));
    screen.keys("O");
    assert_eq!(names(&screen), ["at-4", "at-2", "at-5", "at-1", "at-3"]);
    assert!(screen.line(2).contains("arrival ▾"), "{}", screen.text());
}

#[test]
fn going_live_returns_to_arrival_and_says_so() {
    let mut screen = screen(20);
    screen.keys("space o");
    screen.push(events(&["0"]));
    assert_eq!(names(&screen).len(), 5);
    screen.keys("space");
    assert_eq!(names(&screen), ["at-3", "at-1", "at-5", "at-2", "at-4", "at-0"]);
    assert!(screen.text().contains("live again, in order of arrival") && screen.app.screens.feed.follows());
}

#[test]
fn a_live_feed_is_not_sorted_and_a_scrolled_one_freezes() {
    let mut screen = screen(20);
    screen.keys("o");
    assert!(screen.text().contains("freeze the Feed first"), "{}", screen.text());
    assert_eq!(names(&screen)[0], "at-3");
    screen.keys("k k o");
    assert!(screen.app.shown.frozen_at().is_some() && screen.text().contains("frozen and sorted by time"));
    assert_eq!(names(&screen)[0], "at-1");
}

#[test]
fn the_selection_stays_on_its_row_in_any_order() {
    let mut screen = screen(20);
    screen.keys("space k k");
    let selected = |screen: &Screen| screen.line(screen.selected_line().unwrap());
    for keys in ["o", "O", "o", "O", "o space"] {
        assert!(selected(&screen).contains("at-2"), "{keys}: {}", screen.text());
        screen.keys(keys);
    }
    assert!(selected(&screen).contains("at-2"), "{}", screen.text());
}

#[test]
fn keys_move_and_search_in_the_sorted_order() {
    let mut screen = Screen::new(100, 12);
    let seconds: Vec<String> = (0..300_u64).map(|number| (number * 7 % 300).to_string()).collect();
    let seconds: Vec<&str> = seconds.iter().map(String::as_str).collect();
    seconds.chunks(40).for_each(|seconds| screen.push(events(seconds)));
    screen.keys("space o g");
    let selected = |screen: &Screen| screen.line(screen.selected_line().unwrap());
    let is_at = |screen: &Screen, second: u64| {
        let line = selected(screen);
        assert!(line.contains(&format!("at-{second} ")), "{second}: {}", screen.text());
    };
    is_at(&screen, 0);
    screen.keys("j j j");
    is_at(&screen, 3);
    for second in 4..60 {
        screen.keys("j");
        is_at(&screen, second);
    }
    screen.keys("G");
    is_at(&screen, 299);
    assert!(!screen.app.screens.feed.follows());
    screen.keys("j ctrl-d");
    is_at(&screen, 299);
    screen.keys("k k");
    is_at(&screen, 297);
    screen.keys("/");
    screen.types("at-12");
    screen.keys("enter");
    is_at(&screen, 129);
    screen.keys("n n");
    is_at(&screen, 120);
    screen.keys("N");
    is_at(&screen, 12);
    screen.keys("enter");
    assert!(screen.text().contains("event at-12 ") || screen.text().contains("at-12"), "{}", screen.text());
    screen.keys("esc esc");
    screen.keys("f");
    screen.types("type:at-2*");
    screen.keys("enter g");
    is_at(&screen, 2);
    screen.keys("j");
    is_at(&screen, 20);
}

#[test]
fn a_row_without_a_time_is_marked_where_that_sorts_it() {
    let mut screen = Screen::new(100, 20);
    screen.wait(3 * SECOND);
    screen.push(events(&["9", "-", "1"]));
    assert!(!screen.line_with("at--").unwrap().contains('?'), "{}", screen.text());
    screen.keys("space o");
    assert_eq!(names(&screen), ["at-1", "at--", "at-9"]);
    let marked = screen.line_with("at--").unwrap();
    assert!(marked.contains("34.500?"), "{marked}");
    assert!(!screen.line_with("at-9").unwrap().contains('?'));
}
