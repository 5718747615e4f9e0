//! Following, freezing, scrolling and clearing.

use super::harness::{SECOND, Screen};
use super::shop::numbered;
use crate::app::Pointer;

fn last_row(screen: &Screen) -> String {
    let text = screen.text();
    text.lines().rfind(|line| line.contains("span ")).unwrap_or_default().to_owned()
}

#[test]
fn the_newest_rows_are_shown_as_they_come() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    assert!(last_row(&screen).contains("span 49"));
    screen.push(numbered(50, 5));
    assert!(last_row(&screen).contains("span 54"));
    assert!(screen.line(1).ends_with("55 · FOLLOW"), "{}", screen.line(1));
}

#[test]
fn scrolling_up_stops_following_and_end_resumes_it() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("pageup");
    let before = screen.text().lines().nth(5).unwrap().to_owned();
    screen.push(numbered(50, 20));
    assert_eq!(screen.line(5), before, "what is read stays where it is");
    assert!(screen.line(1).ends_with("HELD +20"), "{}", screen.line(1));
    screen.keys("end");
    assert!(last_row(&screen).contains("span 69"));
    assert!(screen.line(1).ends_with("FOLLOW"));
    screen.keys("pageup G");
    assert!(screen.line(1).ends_with("FOLLOW"));
}

#[test]
fn the_wheel_stops_and_resumes_following() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.point(Pointer::WheelUp, 20, 5);
    assert!(last_row(&screen).contains("span 46"));
    assert!(screen.line(1).ends_with("HELD"));
    screen.point(Pointer::WheelDown, 20, 5);
    assert!(last_row(&screen).contains("span 49"));
    assert!(screen.line(1).ends_with("FOLLOW"), "{}", screen.line(1));
}

#[test]
fn a_frozen_screen_keeps_receiving() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("space");
    let before = screen.text();
    screen.push(numbered(50, 1_204));
    screen.wait(10 * SECOND);
    assert!(screen.line(1).ends_with("50 · +1 204 new"), "{}", screen.line(1));
    let rows = |text: &str| text.lines().skip(2).take(9).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&screen.text()), rows(&before));
    assert!(screen.line_with("space go on").is_some());
    screen.keys("space");
    assert!(last_row(&screen).contains("span 1253"));
    assert!(screen.line(1).ends_with("1 254 · FOLLOW"));
}

#[test]
fn a_frozen_view_outlives_the_buffer() {
    let mut screen = Screen::with(100, 12, crate::app::Settings::default(), 1 << 20);
    screen.push(numbered(0, 50));
    screen.keys("space");
    for batch in 1..40 {
        screen.push(numbered(batch * 500, 500));
    }
    assert!(screen.app.live.locate(crate::model::Row(1)).is_none(), "evicted from the live view");
    screen.keys("g");
    assert!(screen.line(2).contains("span 0"), "{}", screen.text());
    assert!(screen.line(11).contains("frozen view holds "), "{}", screen.line(11));
    screen.keys("space");
    assert!(!screen.line(11).contains("frozen view holds "), "{}", screen.line(11));
}

#[test]
fn oldest_and_newest_row_are_one_key_away() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 5_000));
    screen.keys("g");
    assert!(screen.line(2).starts_with('▌') && screen.line(2).contains("span 0 "), "{}", screen.line(2));
    screen.keys("home end");
    assert!(last_row(&screen).contains("span 4999"));
}

#[test]
fn pages_and_halves_keep_the_line() {
    let mut screen = Screen::new(100, 13);
    screen.push(numbered(0, 200));
    screen.keys("g j j");
    for (key, row) in [("pagedown", "span 12 "), ("ctrl-d", "span 17 "), ("ctrl-u", "span 12 "), ("pageup", "span 2 ")]
    {
        screen.keys(key);
        let line = screen.selected_line().unwrap();
        assert_eq!(line, 4, "{key}\n{}", screen.text());
        assert!(screen.line(line).contains(row), "{key} {}", screen.line(line));
    }
}

#[test]
fn pages_reach_the_oldest_row() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 1_000));
    for _ in 0..200 {
        screen.keys("pageup");
    }
    assert!(screen.line(2).contains("span 0 "), "{}", screen.text());
    for _ in 0..200 {
        screen.keys("pagedown");
    }
    assert!(last_row(&screen).contains("span 999"));
    assert!(screen.line(1).ends_with("FOLLOW"), "a page beyond the end follows");
}

#[test]
fn clear_deletes_all_rows_and_follows() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("k k enter :");
    screen.types("clear");
    screen.keys("enter enter");
    assert!(screen.line_with("The buffer is empty.").is_some(), "{}", screen.text());
    assert!(screen.line(1).ends_with("0 · FOLLOW"));
    screen.push(numbered(50, 1));
    assert!(last_row(&screen).contains("span 50"));
}

#[test]
fn a_cleared_frozen_view_stays_frozen() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("k space");
    screen.push(numbered(50, 7));
    screen.keys(":");
    screen.types("clear");
    screen.keys("enter enter");
    assert!(screen.line_with("The frozen view is empty.").is_some(), "{}", screen.text());
    assert!(screen.line(1).ends_with("0 · +0 new"), "{}", screen.line(1));
    screen.push(numbered(57, 3));
    assert!(screen.line_with("span ").is_none(), "{}", screen.text());
    assert!(screen.line_with("3 items have arrived since.").is_some(), "{}", screen.text());
    assert!(screen.line_with("space shows them and goes on").is_some(), "{}", screen.text());
    assert!(screen.line(1).ends_with("0 · +3 new"), "{}", screen.line(1));
    screen.keys("space");
    assert!(last_row(&screen).contains("span 59"), "{}", screen.text());
    assert!(screen.line(1).ends_with("3 · FOLLOW"), "{}", screen.line(1));
}

#[test]
fn freezing_applies_to_every_screen() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    screen.keys("space");
    for tab in crate::app::screens::Screen::ALL {
        screen.keys(&tab.number().to_string());
        assert!(screen.line(0).contains("FROZEN 12:04:31"), "{tab:?}: {}", screen.line(0));
    }
    screen.keys("1 space");
    assert!(!screen.text().contains("FROZEN"), "{}", screen.text());
}

#[test]
fn clear_asks_before_it_deletes() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    for (answer, rows_left) in [("esc", true), ("x", true), ("y", false)] {
        screen.keys(":");
        screen.types("clear");
        screen.keys("enter");
        assert!(screen.line_with("y deletes all 50 rows").is_some(), "{}", screen.text());
        if answer == "esc" {
            screen.keys(answer)
        } else {
            screen.types(answer)
        }
        assert_eq!(screen.line_with("span 49").is_some(), rows_left, "{answer}");
        screen.keys("esc");
    }
}

#[test]
fn a_key_for_clear_asks_too() {
    let mut screen = Screen::new(100, 12);
    screen.keymap =
        crate::keymap::Keymap::with("[[global]]\non = [\"D\"]\nrun = \"clear\"\ndoes = \"delete\"\n").unwrap();
    screen.push(numbered(0, 50));
    screen.keys("D");
    assert!(screen.line_with("y deletes all 50 rows").is_some(), "{}", screen.text());
    screen.keys("esc");
    assert!(screen.line_with("span 49").is_some());
    screen.keys("D");
    screen.types("y");
    assert!(screen.line_with("span 49").is_none() && screen.app.live.is_empty());
}

#[test]
fn tab_on_an_empty_command_line_deletes_nothing() {
    let mut screen = Screen::new(100, 30);
    screen.keys(": tab");
    assert_eq!(screen.app.typing.as_ref().unwrap().line().unwrap().text(), "filter ");
}
