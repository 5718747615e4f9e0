//! What the mouse is on, by the layout that was drawn.

use super::screens::feed::tab_places;
use super::screens::sources::header_column;
use super::{help, status, tabs};
use crate::app::screens::Screen;
use crate::app::{App, Event, Pointer, Target};
use crate::keymap::Keymap;
use crate::present::item::Tab;
use crokey::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// The event that a use of the mouse is; none for moves, drags and other buttons.
pub fn pointer(app: &App, keymap: &Keymap, mouse: MouseEvent) -> Option<Event> {
    let pointer = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Pointer::Press,
        MouseEventKind::ScrollUp => Pointer::WheelUp,
        MouseEventKind::ScrollDown => Pointer::WheelDown,
        _ => return None,
    };
    Some(Event::Pointer(pointer, target(app, keymap, mouse.column, mouse.row)))
}

/// What lies under a cell of the screen.
pub fn target(app: &App, keymap: &Keymap, column: u16, row: u16) -> Target {
    let layout = app.layout();
    let on_facts = app.feed.detail.tab == Tab::Facts;
    if layout.status.contains(column, row) {
        let key = status::places(app, keymap, &layout).into_iter().find(|key| key.range.contains(&column));
        return key.map_or(Target::Nothing, |key| Target::Action(key.action));
    }
    if app.help.is_some() && help::area(&layout).contains(column, row) {
        return Target::Help;
    }
    if layout.tabs.contains(column, row) {
        return tabs::action(app, &layout, column).map_or(Target::Nothing, Target::Action);
    }
    if layout.bar.contains(column, row) {
        return Target::Bar;
    }
    if layout.header.contains(column, row) {
        return header_column(app, &layout, column).map_or(Target::Nothing, Target::SourceColumn);
    }
    if layout.list.contains(column, row) {
        return Target::List(row - layout.list.y);
    }
    let on_feed = app.screen == Screen::Feed;
    if layout.title.contains(column, row) && on_feed {
        let tab = tab_places(app, &layout).into_iter().find(|(range, _)| range.contains(&column));
        return tab.map_or(Target::Nothing, |(_, tab)| Target::DetailTab(tab));
    }
    if layout.facts.contains(column, row) {
        return Target::Detail { line: row - layout.facts.y, facts: true };
    }
    if layout.content.contains(column, row) {
        return Target::Detail { line: row - layout.content.y, facts: on_feed && on_facts && layout.facts.is_empty() };
    }
    Target::Nothing
}
