//! No panic at any screen size, with any number of items, with hostile items, or after any key.

use super::harness::Screen;
use super::shop;
use crate::app::Event;
use proptest::prelude::*;

const KEYS: [&str; 52] = [
    "7",
    "1",
    "o",
    "O",
    "t",
    "d",
    "p",
    "u",
    "j",
    "k",
    "h",
    "l",
    "g",
    "G",
    "pageup",
    "pagedown",
    "ctrl-d",
    "ctrl-u",
    "enter",
    "esc",
    "tab",
    "shift-tab",
    "space",
    "f",
    "F",
    "/",
    "n",
    "N",
    "e",
    "E",
    "=",
    "!",
    "y",
    "w",
    "z",
    "?",
    ":",
    "a",
    "*",
    "backspace",
    "ctrl-w",
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "delete",
    "1",
    "f2",
    "s",
    "q",
];

fn items(kind: u8) -> Vec<crate::columns::Batch> {
    match kind {
        0 => Vec::new(),
        1 => vec![shop::numbered(0, 1)],
        2 => shop::busy(),
        3 => vec![shop::numbered(0, 700), shop::points(), shop::events()],
        _ => shop::hostile("\x1b[2J日本語\u{202e}\n\n\t🦀e\u{301}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_size_items_or_keys_cause_a_panic(
        width in prop_oneof![0u16..12, 12u16..90, 90u16..300],
        height in prop_oneof![0u16..8, 8u16..60],
        before in 0u8..5,
        after in 0u8..5,
        keys in prop::collection::vec(0..KEYS.len(), 0..40),
        clicks in prop::collection::vec((0u16..300, 0u16..60, 0u8..3), 0..6),
        (later_width, later_height) in (0u16..200, 0u16..50),
    ) {
        let mut screen = Screen::new(width, height);
        items(before).into_iter().for_each(|batch| screen.push(batch));
        screen.buffer();
        for (index, key) in keys.into_iter().enumerate() {
            screen.keys(KEYS[key]);
            if index == 7 {
                items(after).into_iter().for_each(|batch| screen.push(batch));
            }
            if index % 5 == 0 {
                screen.buffer();
            }
        }
        screen.clicks_drawn(clicks);
        screen.event(Event::Resize(later_width, later_height));
        screen.buffer();
    }
}

#[test]
fn the_smallest_screens_are_drawn() {
    for (width, height) in [(0, 0), (1, 1), (1, 50), (200, 1), (2, 2), (20, 5)] {
        for kind in 0..5 {
            let mut screen = Screen::new(width, height);
            items(kind).into_iter().for_each(|batch| screen.push(batch));
            for keys in ["k", "enter", "enter", "?", "esc", "f x", "enter", "/ x", "enter", ": x", "esc", "z"] {
                screen.keys(keys);
                screen.buffer();
            }
        }
    }
}
