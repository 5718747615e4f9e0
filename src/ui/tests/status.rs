//! The status line, and when a frame is drawn.

use super::harness::{MILLISECOND, SECOND, Screen};
use super::shop::{self, Shot, numbered};
use crate::app::query::{Memo, answer};
use crate::app::{Effect, Event, Settings, Totals};
use crate::columns::{LogRow, LogsBuilder};

#[test]
fn the_status_line_shows_the_counts() {
    let mut screen = Screen::new(160, 20);
    for batch in 0..10 {
        screen.push(numbered(batch * 100, 100));
        screen.wait(SECOND / 10);
    }
    screen.push(shop::logs("a", &[(9, "x")]));
    screen.event(Event::Totals(Totals { received: 1_001, dropped: 1_204, ..Totals::default() }));
    let line = screen.line(19);
    for expected in ["/s", "spans 1 000", "logs 1", "buffer 0% of 256 MiB", "dropped 1 204"] {
        assert!(line.contains(expected), "{expected}: {line}");
    }
}

#[test]
fn a_full_buffer_shows_its_oldest_time() {
    let mut screen = Screen::with(160, 20, Settings::default(), 1 << 20);
    let mut batches = 0;
    while !screen.line(19).contains("full") {
        assert!(batches < 1_000, "{}", screen.line(19));
        screen.push(numbered(batches * 100, 100));
        screen.wait(SECOND);
        batches += 1;
    }
    assert!(screen.line(19).contains("buffer full · back to 12:04:3"), "{}", screen.line(19));
    screen.wait(600 * SECOND);
    assert!(screen.line(19).contains("buffer full · back to 12:04  "), "{}", screen.line(19));
    let emptied = screen.store.view().emptied();
    screen.event(Event::View(emptied));
    assert!(screen.line(19).contains("buffer 0%"), "{}", screen.line(19));
}

#[test]
fn a_rate_fades_and_then_stops_redrawing() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    screen.wait(SECOND);
    assert!(!screen.line(19).trim_start().starts_with("0/s"), "{}", screen.line(19));
    let mut wakes = 0;
    while let Some(at) = screen.app.wake_at() {
        screen.wait(at.0.saturating_sub(screen.now.0));
        wakes += 1;
        assert!(wakes < 20, "at {at:?}");
    }
    assert!(screen.line(19).trim_start().starts_with("0/s"), "{}", screen.line(19));
}

#[test]
fn unchanged_state_draws_nothing() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    screen.wait(20 * SECOND);
    let before = screen.app.revision();
    for _ in 0..100 {
        screen.wait(SECOND);
        let view = screen.store.view();
        screen.event(Event::View(view));
        let connections = screen.app.connections.clone();
        screen.event(Event::Connections(connections));
        let counts = screen.app.totals;
        screen.event(Event::Totals(counts));
    }
    assert_eq!(screen.app.revision(), before);
}

#[test]
fn a_key_asks_to_be_drawn() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    let before = screen.app.revision();
    screen.keys("k");
    assert!(screen.app.revision() > before);
}

#[test]
fn new_rows_are_tinted_for_a_second() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 5));
    screen.wait(5 * SECOND);
    screen.push(numbered(5, 1));
    let tinted = |screen: &Screen| screen.picture().matches("fresh").count();
    assert_eq!(tinted(&screen), tinted(&screen).max(1));
    let wake = screen.app.wake_at().unwrap();
    assert!(wake.0 <= screen.now.0 + SECOND);
    screen.wait(999 * MILLISECOND);
    assert!(tinted(&screen) > 0);
    let before = screen.app.revision();
    screen.wait(MILLISECOND);
    assert_eq!(tinted(&screen), 0);
    assert!(screen.app.revision() > before, "the end of the tint is drawn");
}

#[test]
fn no_row_is_tinted_if_all_are_new() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 500));
    assert!(!screen.picture().contains("fresh"));
}

#[test]
fn a_click_on_a_footer_key_acts() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    let at = |screen: &Screen, word: &str| {
        let line = screen.line(19);
        crate::present::width(&line[..line.find(word).unwrap_or_else(|| panic!("no {word} in {line}"))]) as u16
    };
    screen.click(at(&screen, "space freeze"), 19);
    assert!(screen.line(0).contains("FROZEN 12:04:31"), "{}", screen.line(1));
    screen.click(at(&screen, "go on"), 19);
    assert!(screen.line(1).ends_with("FOLLOW"), "the word too: {}", screen.line(1));
    screen.click(at(&screen, "? help") - 1, 19);
    assert!(screen.app.help.is_none(), "between two keys there is none");
    screen.click(at(&screen, "? help"), 19);
    assert!(screen.app.help.is_some());
    screen.click(at(&screen, "esc close"), 19);
    assert!(screen.app.help.is_none());
    screen.keys("f");
    screen.types("service:nobody");
    screen.click(at(&screen, "enter keep"), 19);
    assert!(
        screen.app.typing.is_none() && screen.app.screens.feed.parts.filter.text == "service:nobody",
        "{}",
        screen.text()
    );
}

#[test]
fn a_stale_answer_is_not_shown() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 5));
    let effects = screen.app.handle(Event::Resize(100, 30), screen.now);
    let Some(Effect::Ask(old)) = effects.into_iter().next() else { panic!("a question") };
    screen.event(Event::Resize(100, 40));
    screen.push(numbered(5, 5));
    let before = screen.app.revision();
    answer(&old.view, &old.query, &Memo::default(), &|| false, &mut |answer| {
        screen.app.handle(Event::Answer(old.generation, answer), screen.now);
    });
    assert_eq!(screen.app.revision(), before);
    assert!(screen.line_with("span 9").is_some(), "{}", screen.text());
}

#[test]
fn fast_views_wait_for_the_answer() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 5));
    let mut asked = 0;
    for batch in 0..10 {
        screen.store.push(numbered(batch, 1), crate::store::Arrival::one(crate::model::SourceId(1), screen.now));
        let view = screen.store.view();
        let effects = screen.app.handle(Event::View(view), screen.now);
        asked += effects.iter().filter(|effect| matches!(effect, Effect::Ask(_))).count();
    }
    assert_eq!(asked, 1, "the next one is asked when the first is answered");
}

#[test]
fn a_wrong_clock_is_marked() {
    let mut screen = Screen::new(100, 45);
    screen.now = crate::model::Time(screen.now.0 + 125 * SECOND);
    screen.push(numbered(0, 1));
    assert!(screen.line(2).contains("12:04:29.500~"), "{}", screen.line(2));
    screen.keys("k enter");
    screen.keys("enter h h");
    assert!(screen.line_with("2m07s behind ours").is_some(), "{}", screen.text());
}

#[test]
fn rows_of_another_day_show_their_date() {
    for (width, today, tomorrow) in [(100, "12:04:29.500", "11-20 12:04 "), (40, "12:04:29 ", "11-20    ")] {
        let mut screen = Screen::new(width, 20);
        screen.push(numbered(0, 1));
        assert!(screen.line(2).contains(today), "{}", screen.line(2));
        screen.wait(86_400 * SECOND);
        screen.event(Event::Resize(width, 20));
        assert!(screen.line(2).contains(tomorrow) && !screen.line(2).contains(":29"), "{}", screen.line(2));
    }
}

#[test]
fn a_gap_replaces_lost_rows() {
    let mut screen = Screen::new(100, 20);
    screen.push(shop::events());
    assert!(screen.line_with("▲ gap: 1 204 items are missing here: overflow").is_some(), "{}", screen.text());
}

#[test]
fn a_service_has_one_hue() {
    let mut screen = Screen::new(160, 20);
    screen.push(shop::spans(0, &[Shot::default(), Shot { service: "cart", ..Shot::default() }, Shot::default()]));
    screen.theme = crate::ui::Theme::with("", crate::ui::Depth::True, crate::ui::Scheme::Dark, false).unwrap();
    let buffer = screen.buffer();
    let hue = |row: u16| buffer[(15, row)].fg;
    assert_eq!(hue(2), hue(4));
    assert_ne!(hue(2), hue(3));
}

#[test]
fn escapes_in_a_severity_keep_their_case() {
    let mut builder = LogsBuilder::default();
    let severity_text = builder.dictionary.text("w\u{202e}n".as_bytes());
    builder.push(LogRow { severity_text, ..LogRow::default() });
    let mut screen = Screen::new(160, 20);
    screen.push(builder.finish());
    assert!(screen.text().contains("W\\u{"), "{}", screen.text());
}

#[test]
fn services_on_the_screen_have_different_hues() {
    let names: Vec<String> = (0..12).map(|number| format!("service-{number}")).collect();
    let shots: Vec<Shot<'_>> = names.iter().map(|service| Shot { service, ..Shot::default() }).collect();
    let mut screen = Screen::new(160, 20);
    screen.theme = crate::ui::Theme::with("", crate::ui::Depth::True, crate::ui::Scheme::Dark, false).unwrap();
    screen.push(shop::spans(0, &shots));
    let buffer = screen.buffer();
    let hues: std::collections::HashSet<_> = (2..14).map(|row| buffer[(15, row)].fg).collect();
    assert_eq!(hues.len(), 12, "{hues:?}");
}
