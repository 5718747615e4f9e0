//! A trace in place of the list, and the way back.

use super::harness::{NOON, SECOND, Screen};
use super::shop::{logs, numbered};
use crate::columns::{Batch, LogRow, LogsBuilder, Raw, SpanRow, SpansBuilder};
use crate::model::{Severity, SpanId, Time, TraceId};

const ONE: TraceId = TraceId([1; 16]);
const OTHER: TraceId = TraceId([2; 16]);

/// The spans of a trace: names, and start times in seconds.
fn trace(trace: TraceId, spans: &[(&str, u64)]) -> Batch {
    let mut builder = SpansBuilder::default();
    for (name, second) in spans {
        let name = builder.dictionary.text(name.as_bytes());
        let start = Time(NOON.0 + second * SECOND);
        builder.push(SpanRow { trace, id: SpanId([9; 8]), name, start, end: start, ..SpanRow::default() });
    }
    builder.finish()
}

fn log_of(trace: TraceId, body: &str, second: u64) -> Batch {
    let mut builder = LogsBuilder::default();
    let body = builder.dictionary.make_word(Raw::Text(body.as_bytes()));
    builder.push(LogRow {
        time: Time(NOON.0 + second * SECOND),
        trace,
        body,
        severity: Severity(9),
        ..LogRow::default()
    });
    builder.finish()
}

/// The names in the rows, from the top.
fn rows(screen: &Screen) -> Vec<String> {
    let text = screen.text();
    let words = ["root", "child", "late", "paid", "stranger"];
    let of = |line: &str| words.iter().find(|word| line.contains(**word)).map(|word| (*word).to_owned());
    text.lines().skip(2).filter_map(of).collect()
}

fn mixed() -> Screen {
    let mut screen = Screen::new(120, 20);
    screen.push(trace(OTHER, &[("stranger", 0)]));
    screen.push(trace(ONE, &[("late", 3), ("child", 1)]));
    screen.push(log_of(ONE, "paid", 2));
    screen.push(trace(ONE, &[("root", 0)]));
    screen.push(trace(OTHER, &[("stranger", 9)]));
    screen
}

#[test]
fn a_point_opens_the_trace_of_its_exemplar() {
    let mut screen = Screen::new(120, 20);
    screen.push(super::shop::points());
    screen.keys("G t");
    assert!(screen.text().contains("the buffer does not have the span of this exemplar"), "{}", screen.text());
    screen.keys("esc");
    let mut builder = SpansBuilder::default();
    for (name, id) in [("root", 1), ("child", 8)] {
        let name = builder.dictionary.text(name.as_bytes());
        let (trace, id) = (TraceId([7; 16]), SpanId([id; 8]));
        builder.push(SpanRow { trace, id, name, start: NOON, end: NOON, ..SpanRow::default() });
    }
    screen.push(builder.finish());
    screen.keys("t");
    assert_eq!(rows(&screen), ["root", "child"]);
    assert!(screen.line(3).starts_with('▌') && screen.line(3).contains("child"), "{}", screen.text());
    screen.keys("backspace");
    assert!(screen.line(screen.selected_line().unwrap()).contains("http.server.duration"), "{}", screen.text());
}

#[test]
fn a_trace_replaces_the_filter_sorted_by_start() {
    let mut screen = mixed();
    screen.keys("k k t");
    assert_eq!(rows(&screen), ["root", "child", "paid", "late"]);
    assert!(screen.line(1).contains(&format!("trace:{ONE}")), "{}", screen.line(1));
    assert!(screen.line(1).ends_with("4 rows, by start · TRACE"), "{}", screen.line(1));
    assert!(screen.line(2).starts_with('▌'), "the cursor stays with its row\n{}", screen.text());
    screen.push(trace(ONE, &[("child", 2)]));
    assert_eq!(rows(&screen), ["root", "child", "paid", "child", "late"], "new ones join in their place");
}

#[test]
fn leaving_a_trace_restores_the_cursor() {
    for key in ["esc", "backspace", "q"] {
        let mut screen = mixed();
        (0..4).for_each(|batch| screen.push(numbered(batch * 10, 10)));
        screen.keys("f");
        screen.types("name:late or name:root");
        screen.keys("enter k");
        let (before, line) = (rows(&screen), screen.selected_line());
        screen.keys("t");
        assert_ne!(rows(&screen), before);
        screen.keys("G k");
        screen.push(trace(ONE, &[("child", 5)]));
        screen.keys(key);
        assert_eq!((rows(&screen), screen.selected_line()), (before, line), "{key}\n{}", screen.text());
        assert!(screen.line(1).contains("name:late or name:root"), "{}", screen.line(1));
    }
}

#[test]
fn the_logs_of_a_trace_are_shown_alone() {
    let mut screen = mixed();
    screen.keys("k k L");
    assert_eq!(rows(&screen), ["paid"]);
    screen.keys("esc t L t");
    assert_eq!(rows(&screen), ["root", "child", "paid", "late"]);
    screen.keys("esc");
    assert_eq!(rows(&screen).len(), 6);
}

#[test]
fn a_row_without_a_trace_says_so() {
    let mut screen = Screen::new(120, 20);
    screen.push(logs("cart", &[(9, "paid")]));
    screen.keys("k t");
    assert!(screen.line_with("this row has no trace id").is_some(), "{}", screen.text());
    assert_eq!(rows(&screen), ["paid"]);
}

#[test]
fn a_frozen_view_shows_its_traces() {
    let mut screen = mixed();
    screen.keys("k k space t");
    screen.push(trace(ONE, &[("child", 2)]));
    assert_eq!(rows(&screen), ["root", "child", "paid", "late"]);
    screen.keys("space");
    assert_eq!(rows(&screen), ["root", "child", "paid", "child", "late"]);
}

#[test]
fn another_filter_ends_the_trace() {
    let mut screen = mixed();
    screen.keys("k k t F");
    assert_eq!(rows(&screen), ["stranger", "late", "child", "paid", "root", "stranger"]);
    screen.keys("k t f");
    screen.types(" name:child");
    screen.keys("enter");
    assert_eq!(rows(&screen), ["child"], "a further term narrows the trace");
    screen.keys("esc");
    assert_eq!(rows(&screen).len(), 6);
}

#[test]
fn a_search_in_a_trace_follows_its_order() {
    let mut screen = mixed();
    screen.keys("k k t /");
    screen.types("late");
    screen.keys("enter");
    assert_eq!(screen.selected_line(), Some(5), "{}", screen.text());
    screen.keys("/");
    screen.types("child");
    screen.keys("enter");
    assert_eq!(screen.selected_line(), Some(3), "{}", screen.text());
}

#[test]
fn a_long_trace_shows_its_first_rows() {
    let mut screen = mixed();
    let many: Vec<(&str, u64)> = (0..150).rev().map(|second| ("child", second)).collect();
    screen.push(trace(ONE, &many));
    screen.keys("k t");
    assert!(screen.line(1).ends_with("first 100 of 154 rows, by start · TRACE"), "{}", screen.line(1));
}
