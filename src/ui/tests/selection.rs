//! The selected row.

use super::harness::{SECOND, Screen};
use super::shop::{self, Shot, numbered};
use crate::app::{Event, Settings};

#[test]
fn selection_stays_put_while_rows_arrive() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("k k k");
    let line = screen.selected_line().unwrap();
    let row = screen.line(line);
    assert!(row.contains("span 47"), "{row}");
    for batch in 0..20 {
        screen.push(numbered(50 + batch * 10, 10));
    }
    assert_eq!(screen.selected_line(), Some(line));
    assert_eq!(screen.line(line), row);
}

#[test]
fn the_first_key_selects_the_newest_row() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 50));
    screen.keys("j");
    assert!(screen.line(screen.selected_line().unwrap()).contains("span 49"));
    screen.keys("k");
    assert!(screen.line(screen.selected_line().unwrap()).contains("span 48"));
}

#[test]
fn selection_survives_resizing() {
    let mut screen = Screen::new(100, 40);
    screen.push(numbered(0, 500));
    screen.keys("pageup k k");
    let row = screen.line(screen.selected_line().unwrap());
    for (width, height) in [(80, 24), (40, 10), (20, 5), (300, 100), (1, 1), (100, 40)] {
        screen.event(Event::Resize(width, height));
        if width >= 40 {
            assert!(screen.selected_line().is_some(), "{width}x{height}\n{}", screen.text());
        }
    }
    assert_eq!(screen.line(screen.selected_line().unwrap()), row);
}

#[test]
fn selection_survives_another_filter() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 500));
    screen.keys("pageup");
    let selected = screen.app.screens.feed.selected_row().unwrap();
    let line = screen.selected_line();
    for filter in ["name:span*", "status:error", ""] {
        screen.keys("f ctrl-u");
        screen.types(filter);
        screen.keys("enter");
        assert_eq!(screen.app.screens.feed.selected_row(), Some(selected), "{filter}");
        if filter != "status:error" {
            assert_eq!(screen.selected_line(), line, "{filter}\n{}", screen.text());
        }
    }
}

#[test]
fn keys_start_from_a_filtered_out_selections_place() {
    let mut screen = Screen::new(100, 20);
    let shots: Vec<Shot<'_>> =
        (0..100).map(|n| Shot { error: (n % 10 == 0).then_some("broken"), name: "work", ..Shot::default() }).collect();
    screen.push(shop::spans(0, &shots));
    screen.keys("g j j j j j f");
    screen.types("status:error");
    screen.keys("enter");
    assert_eq!(screen.selected_line(), None);
    screen.keys("j");
    assert_eq!(screen.app.screens.feed.selected_row().map(|row| row.0), Some(21));
}

#[test]
fn an_evicted_selected_row_stays_readable() {
    let mut screen = Screen::with(120, 30, Settings::default(), 1 << 20);
    screen.push(numbered(0, 5));
    screen.keys("g enter");
    for batch in 1..40 {
        screen.push(numbered(batch * 500, 500));
    }
    assert!(screen.line_with("has left the buffer").is_some(), "{}", screen.text());
    assert!(screen.line_with("duration").is_some(), "the detail is still read");
    screen.wait(5 * SECOND);
    screen.keys("end k");
    assert!(screen.line_with("has left the buffer").is_none(), "{}", screen.text());
}

#[test]
fn a_click_selects_and_another_opens() {
    let mut screen = Screen::new(100, 30);
    screen.push(numbered(0, 50));
    screen.click(30, 10);
    assert_eq!(screen.selected_line(), Some(10));
    assert!(!screen.app.screens.feed.parts.panes.detail);
    screen.click(30, 10);
    assert!(screen.app.screens.feed.parts.panes.detail);
    assert!(screen.selected_line().is_some(), "the selected row is still to be seen");
}

#[test]
fn the_next_key_scrolls_back_to_the_selection() {
    let mut screen = Screen::new(100, 12);
    screen.push(numbered(0, 500));
    screen.keys("pageup");
    let selected = screen.app.screens.feed.selected_row();
    for _ in 0..50 {
        screen.point(crate::app::Pointer::WheelUp, 10, 5);
    }
    assert_eq!(screen.selected_line(), None);
    screen.keys("j");
    assert_eq!(screen.app.screens.feed.selected_row(), selected);
    assert!(screen.selected_line().is_some());
}

#[test]
fn keys_on_an_empty_screen_do_nothing() {
    let mut screen = Screen::new(100, 12);
    let all = "j k h l g G home end pageup pagedown ctrl-d ctrl-u enter esc tab shift-tab space space y = ! e E n N F w z \
               1 2 : esc / esc f esc ? j k esc ctrl-l ctrl-z";
    screen.keys(all);
    screen.push(numbered(0, 1));
    screen.keys(all);
}
