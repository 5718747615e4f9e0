//! Tab in a filter that is typed.

use super::harness::{SECOND, Screen};
use super::shop::{self, Shot};
use crate::app::Event;
use crate::columns::Raw;
use crate::model::is_harmless;

fn shop(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    let routes =
        ["/cart", "/cart", "/orders", "a b", "/cart"].map(|route| [("shop.page", Raw::Text(route.as_bytes()))]);
    let shots: Vec<Shot<'_>> = routes.iter().map(|attributes| Shot { attributes, ..Shot::default() }).collect();
    screen.push(shop::spans(900, &shots));
    screen.wait(3 * SECOND);
    screen
}

/// Types a filter with the cursor at `|`, which may be missing at the end, and then presses keys.
fn typed(screen: &mut Screen, marked: &str, keys: &str) {
    screen.keys("f");
    screen.types(&marked.replacen('|', "", 1));
    let behind = marked.find('|').map_or(0, |at| marked[at + 1..].chars().count());
    (0..behind).for_each(|_| screen.keys("left"));
    screen.keys(keys);
}

fn text(screen: &Screen) -> String {
    screen.app.typing.as_ref().and_then(|typing| typing.line()).map(|line| line.text().to_owned()).unwrap_or_default()
}

fn names(screen: &Screen) -> Vec<String> {
    screen.app.offered().completions.into_iter().map(|completion| completion.name).collect()
}

#[test]
fn tab_completes_fields_operators_and_values() {
    for (marked, keys, expected) in [
        ("serv", "tab", "service:"),
        ("durat", "tab", "duration>"),
        ("shop.pa", "tab", "shop.page:"),
        ("page", "tab", "shop.page:"),
        ("@shop.pa", "tab", "@shop.page:"),
        ("-serv", "tab", "-service:"),
        ("span.shop.pa", "tab", "span.shop.page:"),
        ("resource.host", "tab", "resource.host.name:"),
        ("resource.host", "tab tab", "resource.host.name:web-3"),
        ("shop.page:", "tab", "shop.page:/cart"),
        ("shop.page:", "tab tab", "shop.page:/orders"),
        ("shop.page:", "tab shift-tab", "shop.page:\"a b\""),
        ("shop.page:", "shift-tab", "shop.page:\"a b\""),
        ("shop.page:\"a", "tab", "shop.page:\"a b\""),
        ("shop.page!=/o", "tab", "shop.page!=/orders"),
        ("shop.page~/o", "tab", "shop.page~/orders"),
        ("-@shop.page:/o", "tab", "-@shop.page:/orders"),
        ("service:ch|ck kind:server", "tab", "service:checkout kind:server"),
        ("stat|:error", "tab", "status:error"),
        (
            "{ resource.service.name = che| && duration > 1ms }",
            "tab",
            "{ resource.service.name = checkout && duration > 1ms }",
        ),
        ("a:b o", "tab", "a:b or "),
        ("status", "tab tab", "status="),
        ("duration>", "tab", "duration>"),
        ("trace:", "tab", "trace:"),
        ("severity>=e", "tab", "severity>=error"),
    ] {
        let mut screen = shop(120, 35);
        typed(&mut screen, marked, keys);
        assert_eq!(text(&screen), expected, "{marked} {keys}: {:?}", names(&screen));
    }
}

#[test]
fn the_cursor_stands_behind_the_completion() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "service:ch| kind:server", "tab");
    screen.types("X");
    assert_eq!(text(&screen), "service:checkoutX kind:server");
}

#[test]
fn nothing_is_listed_before_tab() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:", "");
    assert!(names(&screen).is_empty());
    screen.keys("tab");
    assert_eq!(names(&screen), ["/cart", "/orders", "\"a b\""]);
}

#[test]
fn typing_narrows_the_list() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:", "tab");
    screen.keys("backspace backspace backspace backspace");
    assert_eq!(names(&screen), ["/cart", "/orders"]);
    screen.types("o");
    assert_eq!(names(&screen), ["/orders"]);
}

#[test]
fn escape_closes_the_list_first() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:", "tab esc");
    assert!(names(&screen).is_empty());
    assert_eq!(text(&screen), "shop.page:/cart");
    screen.keys("esc");
    assert!(screen.app.typing.is_none());
}

#[test]
fn enter_on_a_field_goes_on_with_its_values() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "s", "tab enter");
    assert_eq!(text(&screen), "service:");
    assert!(names(&screen).contains(&"checkout".to_owned()), "{:?}", names(&screen));
    screen.keys("tab enter");
    assert!(screen.app.typing.is_none(), "a value ends it");
    assert!(screen.app.parts().filter.text.starts_with("service:"));
}

#[test]
fn a_completed_filter_is_put_in_force() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:/o", "tab");
    screen.wait(SECOND / 4);
    assert!(screen.line(1).contains("1 of "), "{}", screen.line(1));
}

#[test]
fn the_filter_command_completes_too() {
    let mut screen = shop(120, 35);
    screen.keys(":");
    screen.types("filter shop.page:/o");
    screen.keys("tab");
    assert_eq!(text(&screen), "filter shop.page:/orders");
    screen.keys("enter");
    assert_eq!(screen.app.parts().filter.text, "shop.page:/orders");
}

#[test]
fn values_of_rows_to_come_join() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:/n", "tab");
    assert!(names(&screen).is_empty());
    screen.push(shop::spans(950, &[Shot { attributes: &[("shop.page", Raw::Text(b"/new"))], ..Shot::default() }]));
    assert_eq!(names(&screen), ["/new"]);
}

#[test]
fn the_list_keeps_its_order_while_choosing() {
    let mut screen = shop(120, 35);
    typed(&mut screen, "shop.page:", "tab");
    let before = names(&screen);
    let shot = Shot { attributes: &[("shop.page", Raw::Text(b"/orders"))], ..Shot::default() };
    screen.push(shop::spans(960, &[shot; 9]));
    assert_eq!(names(&screen), before);
    screen.keys("tab");
    assert_eq!(text(&screen), "shop.page:/orders");
}

#[test]
fn offered_hostile_text_is_escaped() {
    let mut screen = Screen::new(100, 30);
    let text_of = "x\u{1b}[31m\u{202e}\u{9b}";
    shop::hostile(text_of).into_iter().for_each(|batch| screen.push(batch));
    for field in ["", "service:", "name:", "resource.", "body.", "payload."] {
        screen.keys("f ctrl-u");
        screen.types(field);
        screen.keys("tab");
        for completion in screen.app.offered().completions {
            let shown = [&completion.name, &completion.about, &completion.line];
            assert!(shown.iter().all(|text| is_harmless(text)), "{completion:?}");
        }
        assert!(is_harmless(&screen.text().replace('\n', "")));
        screen.keys("esc esc");
    }
}

#[test]
fn a_list_that_is_too_long_says_so() {
    let mut screen = Screen::new(80, 24);
    let names: Vec<String> = (0..30).map(|at| format!("k{at:02}")).collect();
    for (at, name) in names.iter().enumerate() {
        let attributes = [(name.as_str(), Raw::Int(1))];
        screen.push(shop::spans(at, &[Shot { attributes: &attributes, ..Shot::default() }]));
    }
    typed(&mut screen, "k", "tab");
    assert!(screen.line_with("1–8 of 31").is_some(), "{}", screen.text());
}

#[test]
fn keys_do_not_wait_for_the_answer() {
    let mut screen = shop(120, 35);
    screen.app.handle(Event::Action(crate::app::Action::EditFilter), screen.now);
    // Nobody answers.
    for c in "shop.page:".chars() {
        screen.app.handle(Event::Text(c), screen.now);
    }
    screen.app.handle(Event::Action(crate::app::Action::Complete), screen.now);
    screen.app.handle(Event::Text('/'), screen.now);
    assert_eq!(text(&screen), "shop.page:/");
}

#[test]
fn completion_pictures() {
    for (width, height) in [(160, 45), (80, 24)] {
        for (name, marked) in [("fields", "s"), ("values", "service:")] {
            let mut screen = shop(width, height);
            typed(&mut screen, marked, "tab");
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), screen.picture());
        }
    }
}
