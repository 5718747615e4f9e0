//! User keymaps.

use super::harness::Screen;
use super::shop::numbered;
use crate::keymap::Keymap;

#[test]
fn a_rebound_key_replaces_the_old_one() {
    let mut screen = Screen::new(120, 30);
    screen.keymap = Keymap::with("[[feed]]\non = [\"p\"]\nrun = \"pause\"\n").unwrap();
    screen.push(numbered(0, 50));
    screen.keys("space");
    assert!(screen.line(1).ends_with("FOLLOW"), "{}", screen.line(1));
    screen.keys("p");
    assert!(screen.line(0).contains("FROZEN 12:04:31"), "{}", screen.line(1));
    assert!(screen.line(29).contains("p go on"), "{}", screen.line(29));
    screen.keys("?");
    let line = screen.line_with("freeze the view").unwrap();
    assert!(line.contains("p ") && !line.contains(" space "), "{line}");
}

#[test]
fn the_help_omits_actions_without_keys() {
    let mut screen = Screen::new(120, 30);
    screen.keymap = Keymap::with("feed = [{ on = [], run = \"pause\" }]").unwrap();
    screen.push(numbered(0, 50));
    screen.keys("space");
    assert!(screen.line(1).ends_with("FOLLOW"), "{}", screen.line(1));
    screen.keys("?");
    assert!(screen.line_with("freeze the view").is_none(), "{}", screen.text());
}
