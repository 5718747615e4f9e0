//! Searching, and moving between errors.

use super::harness::Screen;
use super::shop::{self, Shot, numbered};

fn selected(screen: &Screen) -> String {
    screen.selected_line().map(|line| screen.line(line)).unwrap_or_default()
}

#[test]
fn a_search_starts_at_the_nearest_match() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 1_000));
    screen.keys("/");
    screen.types("span 12");
    screen.keys("enter");
    assert!(selected(&screen).contains("span 129"), "backwards from the newest: {}", selected(&screen));
    screen.keys("N");
    assert!(selected(&screen).contains("span 128"));
    screen.keys("n");
    assert!(selected(&screen).contains("span 129"));
    screen.keys("n");
    assert!(selected(&screen).contains("span 12 "), "{}", selected(&screen));
    assert!(screen.line_with("wrapped to the first match for span 12").is_some(), "{}", screen.text());
    screen.keys("N");
    assert!(selected(&screen).contains("span 129"));
    assert!(screen.line_with("wrapped to the last match for span 12").is_some(), "{}", screen.text());
    assert!(screen.line(1).contains("/span 12"));
    screen.keys("esc");
    assert!(!screen.line(1).contains("/span 12"), "escape forgets the search");
}

#[test]
fn a_search_scrolls_to_a_hidden_match() {
    let mut screen = Screen::new(160, 20);
    screen.push(numbered(0, 100));
    let attributes: &[(&str, crate::columns::Raw<'_>)] = &[
        ("first", crate::columns::Raw::Text(b"something long that fills the line up to its end and a little further")),
        ("user.id", crate::columns::Raw::Text(b"u-4711")),
    ];
    screen.push(shop::spans(100, &[Shot { attributes, ..Shot::default() }]));
    screen.push(numbered(101, 100));
    screen.keys("/");
    screen.types("u-4711");
    screen.keys("enter");
    assert!(selected(&screen).contains("user.id=u-4711"), "{}", screen.text());
}

#[test]
fn stars_and_quotes_are_searched_literally() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 10));
    screen.push(shop::spans(10, &[Shot { name: "odd \"*\\ name", ..Shot::default() }]));
    screen.push(numbered(11, 10));
    screen.keys("/");
    screen.types("\"*\\");
    screen.keys("enter");
    assert!(selected(&screen).contains("odd"), "{}", screen.text());
}

#[test]
fn a_search_covers_only_filtered_rows() {
    let mut screen = Screen::new(100, 20);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.keys("f");
    screen.types("service:frontend");
    screen.keys("enter /");
    screen.types("declined");
    screen.keys("enter");
    assert_eq!(screen.selected_line(), None);
    assert!(screen.line_with("no match for declined in view").is_some(), "{}", screen.text());
}

#[test]
fn keys_go_from_error_to_error() {
    let mut screen = Screen::new(120, 20);
    for batch in 0..20 {
        screen.push(numbered(batch * 100, 99));
        screen.push(shop::spans(0, &[Shot { name: "broken", error: Some("no"), ..Shot::default() }]));
        screen.push(shop::logs("a", &[(9, "fine"), (17, "failed log")]));
    }
    for expected in ["failed log", "broken", "failed log", "broken"] {
        screen.keys("E");
        assert!(selected(&screen).contains(expected), "{}", screen.text());
    }
    for expected in ["failed log", "broken", "failed log"] {
        screen.keys("e");
        assert!(selected(&screen).contains(expected));
    }
    screen.keys("e");
    assert!(screen.line_with("wrapped to the first error").is_some(), "{}", screen.text());
    assert!(selected(&screen).contains("broken"));
    screen.keys("E");
    assert!(screen.line_with("wrapped to the last error").is_some(), "{}", screen.text());
    assert!(selected(&screen).contains("failed log"));
}

#[test]
fn without_errors_a_notice_says_so() {
    let mut screen = Screen::new(120, 20);
    screen.push(numbered(0, 1_000));
    for key in ["e", "E"] {
        screen.keys(key);
        assert!(screen.line_with("no errors in view").is_some(), "{key}: {}", screen.text());
        assert!(screen.line(1).ends_with("FOLLOW"), "{key}: {}", screen.line(1));
        screen.wait(5 * super::harness::SECOND);
    }
    screen.push(shop::spans(0, &[Shot { name: "broken", error: Some("no"), ..Shot::default() }]));
    screen.keys("e e");
    assert!(selected(&screen).contains("broken"));
    assert!(screen.line_with("this is the only error").is_some(), "{}", screen.text());
}

#[test]
fn matches_are_highlighted() {
    let mut screen = Screen::new(80, 12);
    screen.push(numbered(0, 3));
    screen.keys("/");
    screen.types("span 1");
    screen.keys("enter");
    let line = screen.selected_line().unwrap();
    let roles = screen.picture().lines().rfind(|row| row.starts_with(&format!("{line:>3} "))).unwrap().to_owned();
    assert!(roles.contains("match"), "{roles}");
}

#[test]
fn a_capital_makes_the_search_case_sensitive() {
    let mut screen = Screen::new(100, 20);
    screen
        .push(shop::spans(0, &[Shot { name: "Order", ..Shot::default() }, Shot { name: "order", ..Shot::default() }]));
    screen.keys("/");
    screen.types("Order");
    screen.keys("enter");
    assert!(selected(&screen).contains("Order"), "{}", screen.text());
    screen.keys("n");
    assert!(screen.line_with("this is the only match for Order").is_some());
}
