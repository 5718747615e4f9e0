//! The detail pane, copying, zoom, help, command line.

use super::harness::Screen;
use super::shop::{self, numbered};
use crate::app::{Context, Effect, Pane};
use crate::columns::Raw;

fn shop(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen
}

#[test]
fn enter_goes_in_and_escape_goes_out() {
    let mut screen = shop(160, 45);
    screen.keys("E enter");
    assert!(screen.app.screens.feed.parts.panes.detail);
    assert_eq!(screen.app.screens.feed.parts.panes.focus, Pane::List);
    screen.keys("enter");
    assert_eq!(screen.app.screens.feed.parts.panes.focus, Pane::Detail);
    screen.keys("esc");
    assert_eq!(screen.app.screens.feed.parts.panes.focus, Pane::List);
    screen.keys("esc");
    assert!(!screen.app.screens.feed.parts.panes.detail);
}

#[test]
fn q_goes_up_and_quits_at_the_top() {
    let mut screen = shop(160, 45);
    screen.keys("E enter enter z q q q");
    let panes = screen.app.parts().panes;
    assert!(!panes.zoom && !panes.detail && screen.effects.is_empty(), "{panes:?}");
    screen.keys("? q");
    assert!(screen.app.help.is_none() && screen.effects.is_empty());
    screen.keys("q");
    assert!(matches!(screen.effects[..], [Effect::Quit]));
}

#[test]
fn ctrl_c_quits_at_once() {
    let mut screen = shop(160, 45);
    screen.keys("E enter enter ctrl-c");
    assert!(matches!(screen.effects[..], [Effect::Quit]));
}

#[test]
fn a_long_detail_is_searched_step_by_step() {
    let keys: Vec<String> = (0..1_500).map(|number| format!("key.{number}")).collect();
    let attributes: Vec<(&str, Raw<'_>)> = keys.iter().map(|key| (key.as_str(), Raw::Int(1))).collect();
    let mut screen = Screen::new(100, 24);
    screen.push(shop::spans(0, &[shop::Shot { attributes: &attributes, ..shop::Shot::default() }]));
    let search = |screen: &mut Screen| {
        screen.keys("/");
        screen.types("key.1499");
        screen.keys("enter");
        assert!(screen.text().contains("searching key.1499: 256 of "), "{}", screen.text());
    };
    screen.keys("k enter enter");
    search(&mut screen);
    assert_eq!(screen.app.wake_at(), Some(screen.now), "it goes on at once");
    screen.wait(0);
    assert!(screen.text().contains("searching key.1499: 512 of "), "{}", screen.text());
    (0..5).for_each(|_| screen.wait(0));
    assert!(screen.line_with("▌key.1499").is_some(), "{}", screen.text());
    screen.keys("g");
    search(&mut screen);
    screen.keys("esc");
    assert!(screen.text().contains("stopped: no key.1499 in 256 lines"), "{}", screen.text());
    assert_eq!(screen.app.parts().panes.focus, Pane::Detail, "the key stops it and does no more");
    assert_ne!(screen.app.wake_at(), Some(screen.now));
}

#[test]
fn slash_searches_the_focused_pane() {
    let mut screen = shop(80, 24);
    screen.keys("g j j j j enter enter");
    let row = screen.app.screens.feed.selected_row();
    screen.keys("/");
    screen.types("card issuer");
    screen.keys("enter");
    assert!(screen.line_with("▌status ").is_some(), "{}", screen.text());
    screen.keys("n");
    assert!(screen.line_with("\"status_message\": \"payment").is_some(), "{}", screen.text());
    screen.keys("N");
    assert!(screen.line_with("▌status ").is_some(), "{}", screen.text());
    assert_eq!(screen.app.screens.feed.selected_row(), row, "the list stays");
    screen.keys("/");
    screen.types("nowhere");
    screen.keys("enter");
    assert!(screen.line_with("no nowhere in the detail").is_some(), "{}", screen.text());
}

#[test]
fn a_folded_value_counts_its_lines() {
    let mut screen = Screen::new(80, 24);
    let trace: Vec<String> = (1..=30).map(|line| format!("at line {line}")).collect();
    screen.push(shop::logs("billing", &[(17, &trace.join("\n"))]));
    screen.keys("k enter enter");
    let folded = screen.line_with("+25 lines").unwrap_or_default();
    assert!(folded.contains("at line 5"), "{}", screen.text());
    assert!(screen.line(23).contains("enter unfold"), "{}", screen.line(23));
    screen.keys("l");
    assert!(screen.line_with("at line 14").is_some() && screen.line_with("lines").is_none(), "{}", screen.text());
    screen.keys("h");
    assert!(screen.line_with("+25 lines").is_some(), "{}", screen.text());
    let mut tall = Screen::new(160, 100);
    tall.push(shop::logs("billing", &[(17, &trace.join("\n"))]));
    tall.keys("k enter");
    assert!(tall.line_with("at line 30").is_some(), "there is room\n{}", tall.text());
}

#[test]
fn a_high_value_scrolls_to_its_end() {
    let mut screen = Screen::new(80, 24);
    let trace: Vec<String> = (1..=40).map(|line| format!("at line {line}.")).collect();
    screen.push(shop::logs("billing", &[(17, &trace.join("\n"))]));
    screen.keys("k enter enter l");
    for line in 1..=40 {
        let wanted = format!("at line {line}.");
        if screen.line_with(&wanted).is_none() {
            screen.keys("j");
        }
        assert!(screen.line_with(&wanted).is_some(), "{line}\n{}", screen.text());
    }
    assert!(screen.line_with("▌").is_some());
    screen.keys("j");
    assert!(screen.line_with("▌thread.name").is_some(), "{}", screen.text());
    screen.keys("g h");
    screen.keys("/");
    screen.types("line 33.");
    screen.keys("enter");
    assert!(screen.line_with("at line 33.").is_some(), "what is found is unfolded\n{}", screen.text());
}

#[test]
fn the_body_of_a_log_stands_first() {
    for (width, height) in [(160, 45), (80, 24)] {
        let mut screen = shop(width, height);
        screen.keys("f");
        screen.types("signal:log");
        screen.keys("enter k enter enter");
        assert!(screen.line_with("▌body ").is_some(), "{}", screen.text());
    }
}

#[test]
fn the_detail_goes_with_the_selection() {
    let mut screen = Screen::new(160, 45);
    screen.push(numbered(0, 50));
    screen.keys("k enter");
    let title = |screen: &Screen| screen.line_with("── span").unwrap_or_default();
    let first = title(&screen);
    screen.keys("k");
    assert_ne!(title(&screen), first);
    assert!(screen.selected_line().is_some());
}

#[test]
fn tab_goes_through_the_sections() {
    let mut screen = shop(160, 45);
    screen.keys("g j j j j enter tab");
    for (key, expected) in [
        ("", "http.route"),
        ("tab", "host.name"),
        ("tab", "exception.stacktrace"),
        ("tab", "link"),
        ("tab", "\"status_message\": \"payment declined: card issuer said no\""),
    ] {
        screen.keys(key);
        assert!(screen.line_with(expected).is_some(), "{key} {expected}\n{}", screen.text());
    }
    screen.keys("tab");
    assert!(screen.line_with("▌name").is_some(), "the facts are a section too\n{}", screen.text());
    screen.keys("tab");
    assert_eq!(screen.app.focus(), Pane::List);
    screen.keys("shift-tab");
    assert_eq!((screen.app.focus(), screen.line_with("▌name").is_some()), (Pane::Detail, true));
}

#[test]
fn numbers_that_contradict_themselves_are_marked() {
    let reason = "the buckets hold 507 values, the count is 900";
    let mut screen = Screen::new(160, 45);
    screen.push(shop::odd_points());
    assert!(screen.line_with("▲ ODD  inconsistent: the buckets hold 507 values").is_some(), "{}", screen.text());
    screen.keys("g enter");
    assert!(screen.line_with(&format!("▲ inconsistent  {reason}")).is_some(), "{}", screen.text());
    screen.keys("enter l");
    assert!(screen.line_with("≤ 50.0ms").is_some(), "the buckets are shown\n{}", screen.text());
    assert!(screen.line_with(&format!("▲ inconsistent  {reason}")).is_some(), "{}", screen.text());

    let mut narrow = Screen::new(60, 20);
    narrow.theme.ascii = true;
    narrow.push(shop::odd_points());
    let line = narrow.line_with("http.client.duration").unwrap();
    assert!(line.contains('!'), "{line}");
}

#[test]
fn a_histogram_without_a_recorded_value_shows_none() {
    let mut screen = Screen::new(160, 45);
    screen.push(shop::odd_points());
    screen.keys("end enter");
    assert!(screen.line_with("none recorded").is_some(), "{}", screen.text());
    assert!(screen.line_with("│ buckets").is_none(), "{}", screen.text());
}

#[test]
fn a_stack_trace_has_its_lines() {
    let mut screen = shop(160, 45);
    screen.keys("g j j j j enter tab tab tab");
    assert!(screen.line_with("at charge (pay.js:12)").is_some());
    assert!(screen.line_with("    at order (shop.js:40)").is_some(), "{}", screen.text());
}

#[test]
fn every_kind_of_item_has_its_sections() {
    let mut screen = shop(160, 45);
    for (filter, tabs) in [
        ("signal:log", "attributes 2 │ resource │ raw │ log"),
        ("type:histogram", "attributes 2 │ buckets │ resource │ exemplars 1 │ raw │ metric"),
        ("type:deploy.finished", "payload │ raw │ event"),
    ] {
        screen.keys("f ctrl-u");
        screen.types(filter);
        screen.keys("enter end k enter");
        assert!(screen.line_with(tabs).is_some(), "{filter}\n{}", screen.text());
        screen.keys("esc");
    }
}

#[test]
fn facts_are_beside_or_among_the_sections() {
    for (width, beside) in [(160, true), (80, false)] {
        let mut screen = shop(width, 40);
        screen.keys("g j j j j enter");
        let line = screen.line_with("http.route                 /orders").unwrap();
        assert_eq!(line.contains("service   checkout"), beside, "{}", screen.text());
        screen.keys(if beside { "enter h" } else { "tab tab" });
        assert!(screen.line_with("▌name").is_some(), "{}", screen.text());
    }
}

#[test]
fn y_copies_the_row_or_the_value() {
    let mut screen = shop(160, 45);
    screen.keys("g j j j j y");
    let whole = screen.copied().unwrap().to_owned();
    let json: serde_json::Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(json["name"], "POST /orders");
    assert_eq!(json["status"], "error");
    assert_eq!(json["events"][0]["attributes"]["exception.type"], "PaymentDeclined");
    assert_eq!(json["attributes"]["http.response.status_code"], 502);
    assert!(screen.line_with("copied 1").is_some(), "{}", screen.text());
    screen.keys("enter enter j y");
    assert_eq!(screen.copied(), Some("/orders"));
    screen.keys("tab tab tab tab y");
    assert_eq!(screen.copied(), Some(whole.as_str()));
}

#[test]
fn every_items_json_can_be_read() {
    let mut screen = shop(160, 45);
    screen.keys("g");
    for _ in 0..30 {
        screen.keys("y j");
        let copied = screen.copied().unwrap();
        let json: serde_json::Value = serde_json::from_str(copied).unwrap_or_else(|error| panic!("{error}: {copied}"));
        assert!(json["signal"].is_string() && json["received"].is_string());
    }
}

#[test]
fn copying_without_a_selection_copies_nothing() {
    let mut screen = Screen::new(100, 30);
    screen.keys("y");
    assert_eq!(screen.copied(), None);
    assert!(screen.line_with("nothing is selected").is_some());
}

#[test]
fn zoom_fills_the_screen_and_restores_it() {
    let mut screen = shop(100, 30);
    screen.keys("g enter enter z");
    assert!(screen.line_with("frontend      GET /cart").is_none());
    assert_eq!(screen.app.layout().list.height, 0);
    screen.keys("esc");
    assert!(screen.app.layout().list.height > 0);
    screen.keys("esc z");
    assert_eq!(screen.app.layout().content.height, 0);
}

#[test]
fn wrap_shows_a_long_value_whole() {
    let mut screen = Screen::new(80, 30);
    let text = "word ".repeat(100);
    screen.push(shop::logs("a", &[(9, &text)]));
    screen.keys("k enter enter");
    let lines = |screen: &Screen| {
        screen.text().lines().skip(5).filter(|line| !line.starts_with('─') && line.contains("word word")).count()
    };
    assert!(lines(&screen) > 5, "{}", screen.text());
    screen.keys("w");
    assert_eq!(lines(&screen), 1, "{}", screen.text());
}

#[test]
fn a_small_screen_shows_only_the_detail() {
    let mut screen = shop(40, 10);
    screen.keys("g enter");
    assert_eq!(screen.app.layout().list.height, 0);
    assert!(screen.line_with("http.route").is_some(), "{}", screen.text());
    screen.keys("esc");
    assert!(screen.app.layout().list.height > 0);
}

#[test]
fn clicks_select_sections_and_values() {
    let mut screen = shop(160, 45);
    screen.keys("g j j j j enter");
    let row = screen.text().lines().position(|line| line.contains("attributes 7")).unwrap();
    let column = |screen: &Screen, text: &str| {
        let line = screen.line(row);
        crate::present::width(&line[..line.find(text).unwrap()]) as u16
    };
    let at = column(&screen, "resource");
    screen.click(at, row as u16);
    assert!(screen.line_with("▌service.name").is_some(), "{}", screen.text());
    screen.click(at, row as u16 + 4);
    assert!(screen.line_with("▌host.name").is_some(), "{}", screen.text());
    screen.click(3, row as u16 + 2);
    assert!(screen.line_with("▌service ").is_some(), "{}", screen.text());
}

#[test]
fn help_lists_the_keys_of_the_current_context() {
    let mut screen = shop(100, 30);
    screen.keys("?");
    assert!(screen.line_with("edit the filter").is_some(), "{}", screen.text());
    screen.keys("?");
    assert!(screen.line_with("edit the filter").is_none());
    screen.keys("enter enter ?");
    let text = screen.text();
    let place = |wanted: &str| text.find(wanted).unwrap_or(usize::MAX);
    assert!(place("In the detail") < place("Feed\n").max(place("Feed ")), "{text}");
    screen.keys("pagedown pagedown pagedown esc");
    assert!(screen.app.help.is_none());
}

#[test]
fn wrapping_without_a_detail_shows_a_notice() {
    let mut screen = shop(100, 30);
    let before = screen.app.screens.feed.parts.detail.wrap;
    screen.keys("w");
    assert_ne!(screen.app.screens.feed.parts.detail.wrap, before);
    assert!(screen.line_with("the detail").is_some(), "{}", screen.line(29));
}

#[test]
fn the_help_stops_scrolling_at_its_end() {
    let mut screen = Screen::new(80, 14);
    screen.keys("? pagedown pagedown pagedown pagedown pagedown pagedown pagedown pagedown pagedown pagedown");
    let end = screen.text();
    assert!(end.contains(" end "), "{end}");
    screen.keys("j j j ctrl-d G");
    (0..20).for_each(|_| screen.point(crate::app::Pointer::WheelDown, 5, 6));
    assert_eq!(screen.text(), end);
    screen.keys("k");
    assert_ne!(screen.text(), end, "one line up at once");
    screen.keys("g G");
    assert_eq!(screen.text(), end);
    screen.event(crate::app::Event::Resize(80, 24));
    let lower = screen.text();
    screen.keys("k");
    assert_ne!(screen.text(), lower, "on a larger screen too");
}

#[test]
fn no_help_line_is_cut() {
    for (width, height) in [(160, 45), (120, 30), (80, 24), (40, 10)] {
        let mut screen = shop(width, height);
        screen.keys("?");
        let mut read = String::new();
        for _ in 0..200 {
            let text = screen.text();
            let body: Vec<&str> = text.lines().skip(3).take(usize::from(height) - 4).collect();
            // Joins the lines of a single column, so that wrapped texts are whole again.
            let words = body.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            read.push_str(&words);
            read.push('\n');
            screen.keys("j");
        }
        assert!(!read.contains('…'), "{width}: {}", screen.text());
        for context in [
            Context::Screen(crate::app::screens::Screen::Feed),
            Context::List,
            Context::Global,
            Context::Detail,
            Context::Line,
        ] {
            let here = screen.app.pane_contexts();
            let free = |rule: &&crate::keymap::Rule| !screen.keymap.keys_here(&here, rule).is_empty();
            for rule in screen.keymap.rules(context).filter(free) {
                assert!(read.contains(&rule.does), "{width}x{height}: {}", rule.does);
            }
        }
    }
}

#[test]
fn the_command_line_completes_and_explains() {
    let mut screen = shop(100, 30);
    screen.keys(":");
    screen.types("c");
    assert!(screen.line_with("delete all rows").is_some() && screen.line_with("copy what is selected").is_some());
    screen.keys("tab tab tab");
    assert_eq!(screen.app.typing.as_ref().unwrap().line().unwrap().text(), "clear");
    screen.keys("ctrl-u");
    screen.types("nonsense");
    screen.keys("enter");
    assert!(screen.line_with("there is no command `nonsense`").is_some(), "{}", screen.text());
    screen.keys("ctrl-u");
    screen.types("filter service:cart");
    screen.keys("enter");
    assert_eq!(screen.app.screens.feed.parts.filter.text, "service:cart");
    screen.keys(":");
    screen.types("filter severity>=banana");
    screen.keys("enter");
    assert!(screen.line_with("^^^^^^").is_some(), "a bad filter is shown where filters are typed\n{}", screen.text());
    screen.keys("esc :");
    screen.types("quit");
    screen.keys("enter");
    assert!(matches!(screen.effects.last(), Some(Effect::Quit)));
}

#[test]
fn a_key_of_the_footer_can_be_clicked() {
    let mut screen = shop(120, 30);
    let line = screen.line(29);
    let at = crate::present::width(&line[..line.find("space freeze").unwrap()]) as u16;
    screen.click(at + 2, 29);
    assert!(screen.line(0).contains("FROZEN 12:04:31"), "{}", screen.line(1));
}

#[test]
fn an_empty_section_keeps_the_choice() {
    let mut screen = Screen::new(160, 45);
    screen.push(shop::busy().swap_remove(0));
    screen.push(numbered(50, 1));
    screen.push(shop::busy().swap_remove(0));
    screen.keys("g enter");
    for _ in 0..10 {
        screen.keys("j");
    }
    assert!(screen.line_with("host.name").is_some(), "the resource stands in\n{}", screen.text());
    screen.keys("j");
    assert!(screen.line_with("http.request.method  POST").is_some(), "{}", screen.text());
}

#[test]
fn new_rows_are_counted_through_the_filter() {
    let mut screen = Screen::new(100, 20);
    screen.push(numbered(0, 50));
    screen.keys("f");
    screen.types("name:\"span 5*\"");
    screen.keys("enter k");
    screen.push(numbered(50, 100));
    assert!(screen.line(1).ends_with("HELD +10"), "{}", screen.line(1));
}

#[test]
fn a_logs_body_is_shown_without_attributes() {
    let mut screen = Screen::new(160, 45);
    let mut builder = crate::columns::LogsBuilder::default();
    let body = builder.dictionary.make_word(crate::columns::Raw::Text(b"nothing to order"));
    builder.push(crate::columns::LogRow { body, ..Default::default() });
    screen.push(builder.finish());
    screen.keys("k enter enter");
    assert!(screen.line_with("▌body  nothing to order").is_some(), "{}", screen.text());
}
