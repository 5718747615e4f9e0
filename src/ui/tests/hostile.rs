//! Control sequences from outside never reach a cell.

use super::harness::Screen;
use super::shop;
use crate::app::Event;
use crate::model::{Connection, ConnectionState};

/// Sequences that terminals act on: titles, colours, links, the clipboard, palettes, screens, queries, graphics; and
/// characters that reorder or hide text.
pub(super) const CORPUS: [&str; 24] = [
    "\x1b]0;title\x07",
    "\x1b]2;title\x1b\\",
    "\x1b]4;1;rgb:00/00/00\x07",
    "\x1b]8;;http://127.0.0.1\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]10;?\x07",
    "\x1b]50;font\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b]133;A\x07",
    "\x1b]777;notify;a;b\x07",
    "\x1b]1337;File=:AAAA\x07",
    "\x1b[2J\x1b[6n\x1b[c\x1b[>q\x1b[?1049l",
    "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\",
    "\x1b_Ga=T;AAAA\x1b\\",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x07\x08\r\x05\x7f",
    "over\rwritten\nline\ttab",
    "\u{9b}2J\u{9d}0;t\u{9c}\u{90}q\u{9c}\u{84}",
    "a\u{202e}b\u{2066}c\u{200f}d\u{61c}",
    "z\u{200b}\u{200d}\u{feff}\u{2060}w",
    "\u{e0041}\u{e007f}\u{fe0f}\u{ad}",
    "\u{2028}\u{2029}\u{115f}\u{3164}",
    "e\u{301}\u{301}\u{301}\u{301} Z̴̡͝a",
    "日本語 テスト 🦀👍🏽👨‍👩‍👧 שלום مرحبا",
    "\u{fffd}\u{0}\u{1}\u{1f}",
];

/// Whether a character may appear in a cell.
fn is_harmless(c: char) -> bool {
    crate::model::is_harmless(c.encode_utf8(&mut [0; 4]))
}

pub(super) fn check(screen: &Screen, told: &str) {
    let buffer = screen.buffer();
    for cell in buffer.content() {
        assert!(cell.symbol().chars().all(is_harmless), "{:?} in {told}", cell.symbol());
    }
}

#[test]
fn hostile_text_is_escaped_in_every_pane() {
    for texts in CORPUS.chunks(4) {
        let text = texts.concat();
        for (width, height) in [(160, 45), (60, 20)] {
            let mut screen = Screen::new(width, height);
            shop::hostile(&text).into_iter().for_each(|batch| screen.push(batch));
            let count = screen.app.live.len();
            check(&screen, &text);
            screen.keys("g enter enter");
            for _ in 0..count {
                for tab in 0..7 {
                    check(&screen, &format!("{text:?} tab {tab}"));
                    screen.keys("G l");
                }
                screen.keys("y");
                let copied = screen.copied().unwrap();
                assert!(copied.chars().all(|c| c == '\n' || is_harmless(c)), "copied {copied:?}");
                screen.keys("h h h h h h h y = ");
                check(&screen, &text);
                screen.keys("F esc j y enter");
                let copied = screen.copied().unwrap();
                assert!(copied.chars().all(|c| c == '\n' || is_harmless(c)), "copied {copied:?}");
            }
        }
    }
}

#[test]
fn an_escape_is_shown_not_swallowed() {
    let mut screen = Screen::new(160, 30);
    shop::hostile("\x1b]52;c;aGk=\x07\u{202e}").into_iter().for_each(|batch| screen.push(batch));
    let count = screen.text().matches("␛]52;c;aGk=␇\\u{202e}").count();
    assert!(count >= 8, "{count}\n{}", screen.text());
}

#[test]
fn typed_text_and_source_errors_are_escaped_too() {
    for text in CORPUS {
        let mut screen = Screen::new(100, 24);
        screen.push(shop::numbered(0, 5));
        let hostile = Connection {
            label: text.into(),
            url: text.into(),
            error: Some(text.into()),
            state: ConnectionState::Error,
            ..super::harness::listener()
        };
        screen.event(Event::Connections(vec![hostile.clone()].into()));
        check(&screen, text);
        screen.event(Event::Notice(crate::app::NoticeKind::Error, text.into()));
        for key in ["f", "/", ":"] {
            screen.keys(key);
            screen.event(Event::Paste(text.into()));
            check(&screen, text);
            screen.keys("enter");
            check(&screen, text);
            screen.keys("esc");
        }
        let mut empty = Screen::new(100, 24);
        empty.event(Event::Connections(vec![hostile].into()));
        check(&empty, text);
    }
}

#[test]
fn wide_text_never_moves_a_column() {
    let mut screen = Screen::new(160, 30);
    let names = ["plain", "日本語のとても長い名前がここに入りますのでとても長い", "e\u{301}\u{301} combined", "🦀🦀🦀"];
    let shots: Vec<shop::Shot<'_>> =
        names.iter().map(|name| shop::Shot { name, service: name, ..shop::Shot::default() }).collect();
    screen.push(shop::spans(0, &shots));
    let buffer = screen.buffer();
    let columns = |row: u16, wanted: &str| (0..160u16).rfind(|x| buffer[(*x, row)].symbol() == wanted);
    for row in 3..6 {
        assert_eq!(columns(row, "▇"), columns(2, "▇"), "{}", screen.text());
    }
}

#[test]
fn an_ascii_terminal_gets_only_ascii() {
    for (width, height) in [(160, 45), (60, 16)] {
        let mut screen = Screen::new(width, height);
        screen.theme = crate::ui::Theme::with("", crate::ui::Depth::Mono, crate::ui::Scheme::Dark, true).unwrap();
        shop::busy().into_iter().chain(shop::hostile("日本 é ␛")).for_each(|batch| screen.push(batch));
        for keys in ["g", "j j j j enter", "enter", "l l", "l l", "esc esc f x", "esc ?", "esc : tab", "esc / x"] {
            screen.keys(keys);
            let buffer = screen.buffer();
            assert!(buffer.content().iter().all(|cell| cell.symbol().is_ascii()), "{}", screen.text());
        }
    }
}
