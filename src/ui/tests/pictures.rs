//! Snapshots of the screen. Below each, a legend lists the roles of each row, since plain text has no colour.

use super::empty::rejecting;
use super::harness::{MILLISECOND, SECOND, Screen};
use super::shop;
use crate::app::{Event, Totals};

fn shop(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    shop::busy().into_iter().for_each(|batch| screen.push(batch));
    screen.wait(3 * SECOND);
    screen.push(shop::spans(3, &[shop::Shot::default(); 2]));
    screen.wait(300 * MILLISECOND);
    screen
}

const SIZES: [(u16, u16); 4] = [(160, 45), (80, 24), (40, 10), (20, 5)];

fn picture(name: &str, screen: &Screen) {
    let (width, height) = screen.app.size;
    insta::assert_snapshot!(format!("{name}-{width}x{height}"), screen.picture());
}

#[test]
fn feed_following() {
    for (width, height) in SIZES {
        picture("following", &shop(width, height));
    }
}

#[test]
fn feed_with_detail() {
    for (width, height) in SIZES {
        let mut screen = shop(width, height);
        screen.keys("g j j j j enter enter j");
        picture("detail", &screen);
    }
}

#[test]
fn feed_with_a_bad_filter() {
    for (width, height) in SIZES {
        let mut screen = shop(width, height);
        screen.keys("f");
        screen.types("service:checkout severity>=banana");
        screen.wait(SECOND / 4);
        picture("bad-filter", &screen);
    }
}

#[test]
fn feed_empty() {
    for (width, height) in SIZES {
        picture("empty", &Screen::new(width, height));
    }
}

#[test]
fn feed_empty_where_all_is_turned_away() {
    for (width, height) in [(160, 45), (80, 24)] {
        let mut screen = Screen::new(width, height);
        screen.event(Event::Totals(Totals { received: 3, rejected: 3, ..Totals::default() }));
        screen.event(Event::Connections(vec![rejecting(3, 0)].into()));
        screen.wait(11 * SECOND);
        picture("rejecting", &screen);
    }
}

#[test]
fn help() {
    for (width, height) in [(160, 45), (80, 24), (40, 10)] {
        let mut screen = shop(width, height);
        screen.keys("space ?");
        picture("help", &screen);
    }
}

#[test]
fn command_line() {
    for (width, height) in [(160, 45), (80, 24)] {
        let mut screen = shop(width, height);
        screen.keys(":");
        screen.types("o");
        screen.keys("tab");
        picture("command", &screen);
    }
}

#[test]
fn sorted_by_time() {
    for (width, height) in [(160, 45), (80, 24)] {
        let mut screen = shop(width, height);
        screen.event(crate::app::Event::Connections(super::sources::every_state().into()));
        screen.push_from(crate::model::SourceId(2), shop::numbered(0, 3));
        screen.keys("space k k k k k k o");
        picture("sorted", &screen);
    }
}
