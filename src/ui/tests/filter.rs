//! The filter bar.

use super::harness::{SECOND, Screen};
use super::shop::{self, numbered};
use crate::app::{Effect, Event, Settings};

fn rows(screen: &Screen) -> usize {
    screen.app.screens.feed.window(screen.app.layout().list.height.into()).len()
}

#[test]
fn a_filter_applies_while_it_is_typed() {
    let mut screen = Screen::new(100, 30);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("f");
    screen.types("service:payments");
    assert!(screen.line(1).ends_with("30 · FOLLOW"), "not while the user types: {}", screen.line(1));
    screen.wait(SECOND / 4);
    assert!(screen.line(1).contains("f service:payments"));
    assert!(screen.line(1).ends_with("5 of 30 · FOLLOW"), "{}", screen.line(1));
    assert_eq!(rows(&screen), 5);
    screen.keys("enter");
    assert_eq!(rows(&screen), 5);
    screen.keys("F");
    assert_eq!(rows(&screen), 27, "as many as the list has lines");
}

#[test]
fn an_invalid_filter_keeps_the_last_valid_one() {
    let mut screen = Screen::new(100, 30);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("f");
    screen.types("service:payments");
    screen.keys("enter f");
    screen.types(" severity>=banana");
    screen.wait(SECOND / 4);
    assert!(screen.line_with("^^^^^^").is_some());
    assert_eq!(rows(&screen), 5, "{}", screen.text());
    screen.keys("enter");
    assert!(screen.app.typing.is_some(), "an invalid filter is not accepted");
    screen.keys("esc");
    assert!(screen.app.typing.is_none());
    assert_eq!(rows(&screen), 5);
    assert!(screen.line(1).contains("f service:payments "));
}

#[test]
fn an_error_stands_under_its_place() {
    let mut screen = Screen::new(120, 30);
    screen.push(numbered(0, 3));
    screen.keys("f");
    screen.types("status:error severity>=banana");
    screen.wait(SECOND / 4);
    let (bar, error) = (screen.line(1), screen.line(2));
    let column = |line: &str, part: &str| line.find(part).map(|at| crate::present::width(&line[..at]));
    assert_eq!(column(&error, "^"), column(&bar, "banana"), "{bar}\n{error}");
    assert_eq!(error.matches('^').count(), "banana".len());
    assert!(screen.line(3).contains("expected trace, debug, info"), "{}", screen.text());
    screen.keys("backspace");
    assert!(screen.line_with("^").is_none(), "gone with the next key");
}

#[test]
fn a_narrow_screens_error_has_its_own_line() {
    let mut screen = Screen::new(40, 10);
    screen.push(numbered(0, 30));
    screen.keys("f");
    screen.types("severity>=banana");
    screen.wait(SECOND / 4);
    assert!(screen.line(2).trim_start().starts_with('^'), "{}", screen.text());
    assert!(screen.line(3).contains("banana"), "{}", screen.text());
}

#[test]
fn escape_restores_the_previous_filter() {
    let mut screen = Screen::new(100, 30);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("f");
    screen.types("service:payments");
    screen.keys("enter f ctrl-u");
    screen.types("service:cart");
    screen.wait(SECOND / 4);
    assert_eq!(screen.app.screens.feed.parts.filter.text, "service:cart");
    screen.keys("esc");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "service:payments");
    assert_eq!(rows(&screen), 5);
}

#[test]
fn earlier_filters_come_back() {
    let mut screen = Screen::new(100, 30);
    for filter in ["service:a", "service:b"] {
        screen.keys("f ctrl-u");
        screen.types(filter);
        screen.keys("enter");
    }
    screen.keys("F f up up");
    screen.wait(SECOND / 4);
    assert_eq!(screen.app.screens.feed.parts.filter.text, "service:a");
    screen.keys("down enter");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "service:b");
}

#[test]
fn a_filter_without_matches_says_what_to_do() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 3));
    screen.keys("f");
    screen.types("service:nobody");
    screen.keys("enter");
    assert!(screen.line_with("No row matches the filter.").is_some());
    assert!(screen.line_with("F shows everything again").is_some());
}

#[test]
fn keys_add_and_exclude_a_value() {
    let mut screen = Screen::new(120, 40);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("g enter enter");
    assert!(screen.line_with("▌http.request.method  POST").is_some(), "{}", screen.text());
    screen.keys("=");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "http.request.method=POST");
    screen.keys("!");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "not http.request.method=POST");
    screen.keys("esc esc F");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "");
}

#[test]
fn a_paste_is_one_line_and_never_keys() {
    let mut screen = Screen::new(100, 30);
    screen.event(Event::Paste("q\x03:quit\r".into()));
    assert!(screen.effects.is_empty() && screen.app.typing.is_none());
    screen.keys("f");
    screen.event(Event::Paste("service:a\r\nstatus:error\x1b[2J".into()));
    assert!(screen.effects.iter().all(|effect| !matches!(effect, Effect::Quit)));
    assert!(screen.line(1).contains("service:a  status:error␛[2J"), "{}", screen.line(1));
}

#[test]
fn a_long_filter_scrolls_with_the_cursor() {
    let mut screen = Screen::new(40, 10);
    screen.keys("f");
    screen.types(&format!("{} end", "service:aaaaaaaaaaaa ".repeat(10)));
    assert!(screen.line(1).contains("end"), "{}", screen.line(1));
    screen.keys("home");
    assert!(screen.line(1).contains("f service:aaa"), "{}", screen.line(1));
}

#[test]
fn the_initial_filter_applies() {
    let settings = Settings { filter: "service:cart".into(), ..Settings::default() };
    let mut screen = Screen::with(100, 30, settings, 1 << 26);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    assert!(screen.line(1).contains("f service:cart") && screen.line(1).contains("7 of 30"), "{}", screen.line(1));
}

#[test]
fn keys_are_text_while_a_filter_is_typed() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 3));
    screen.keys("f q ? space j ctrl-w F");
    assert_eq!(screen.app.typing.as_ref().unwrap().line().unwrap().text(), "q? F");
    screen.keys("ctrl-c");
    assert!(matches!(screen.effects[..], [Effect::Quit]), "one ctrl-c quits from anywhere");
}

#[test]
fn a_mistyped_field_is_reported() {
    let mut screen = Screen::new(100, 30);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("f");
    screen.types("stauts:error");
    screen.wait(SECOND / 4);
    let message = "no item has a field `stauts`; did you mean `status`?";
    assert!(screen.text().contains(message), "{}", screen.text());
    screen.keys("esc");
    assert!(!screen.text().contains(message));
    screen.keys("f");
    screen.types("not stauts:error");
    screen.wait(SECOND / 4);
    assert!(screen.text().contains(message), "also where all rows pass: {}", screen.text());
}

#[test]
fn the_mode_never_covers_the_filters_key() {
    for (width, keys) in (6..30).flat_map(|width| [(width, ""), (width, "space")]) {
        let mut screen = Screen::new(width, 4);
        screen.keys(keys);
        screen.push(super::shop::numbered(0, 20));
        assert!(screen.line(0).starts_with(" f "), "{width}: {}", screen.text());
    }
}
