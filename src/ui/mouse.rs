//! Finds the target of a mouse action in the drawn layout.

use super::{detail, help, screens, status, tabs};
use crate::app::{App, Event, Pointer, Target};
use crate::keymap::Keymap;
use crokey::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// The app's event for a mouse event; `None` for moves, drags and other buttons.
pub fn pointer(app: &App, keymap: &Keymap, mouse: MouseEvent) -> Option<Event> {
    let pointer = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Pointer::Press,
        MouseEventKind::ScrollUp => Pointer::WheelUp,
        MouseEventKind::ScrollDown => Pointer::WheelDown,
        _ => return None,
    };
    Some(Event::Pointer(pointer, target(app, keymap, mouse.column, mouse.row)))
}

/// The target at a cell of the screen.
pub fn target(app: &App, keymap: &Keymap, column: u16, row: u16) -> Target {
    let layout = app.layout();
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
        return screens::shown(app).title_at(app, &layout, column).map_or(Target::Nothing, Target::Title);
    }
    if layout.list.contains(column, row) {
        return Target::List(row - layout.list.y);
    }
    if layout.title.contains(column, row) {
        let section = detail::section_places(app, &layout).into_iter().find(|(range, _)| range.contains(&column));
        return section.map_or(Target::Nothing, |(_, section)| Target::Section(section));
    }
    if layout.facts.contains(column, row) {
        return Target::Detail { line: row - layout.facts.y, facts: true };
    }
    if layout.content.contains(column, row) {
        return Target::Detail { line: row - layout.content.y, facts: false };
    }
    Target::Nothing
}
