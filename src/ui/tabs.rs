//! The line of tabs on top, and the states of the sources at its right end.

use super::canvas::Canvas;
use super::state::states;
use super::theme::Role;
use crate::app::screens::Screen;
use crate::app::{Action, App, Layout, width};
use std::ops::Range;

const NAME: &str = "otail";

/// Draws the line.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let area = layout.tabs;
    if area.is_empty() {
        return;
    }
    let mut end = area.x + area.width.saturating_sub(1);
    let left = places(layout).last().map_or(area.x, |(range, _)| range.end) + 2;
    let all = states(&app.connections, app.now);
    for (state, count) in all.iter().rev() {
        let number = if *count > 1 || all.len() > 1 { format!("{count} ") } else { String::new() };
        let text = format!("{} {number}{}", state.sign, state.words());
        let cells = width(&text) as u16;
        // Where the words do not fit, the signs still do.
        let (text, cells) = if end.saturating_sub(cells) >= left { (text, cells) } else { (state.sign.to_owned(), 1) };
        if end.saturating_sub(cells) < left {
            break;
        }
        end -= cells;
        canvas.text(end, area.y, cells, &text, state.role);
        end = end.saturating_sub(2);
    }
    canvas.text(area.x + 1, area.y, area.width, NAME, Role::Dim);
    for (range, screen) in places(layout) {
        let active = screen == app.screen;
        let number = screen.number().to_string();
        let room = range.end - range.start;
        let x = canvas.text(range.start, area.y, room, &number, if active { Role::Accent } else { Role::Dim });
        let role = if active { Role::Strong } else { Role::Dim };
        canvas.text(x + 1, area.y, room.saturating_sub(2), screen.title(), role);
    }
}

/// What a column of the line stands for.
pub(super) fn action(layout: &Layout, column: u16) -> Option<Action> {
    let hit = places(layout).into_iter().find(|(range, _)| range.contains(&column));
    hit.map(|(_, screen)| Action::Tab(screen.number()))
}

fn places(layout: &Layout) -> Vec<(Range<u16>, Screen)> {
    let mut x = layout.tabs.x + 1 + NAME.len() as u16 + 2;
    let place = |screen: Screen| {
        let start = x;
        x += 2 + screen.title().len() as u16 + 2;
        (start..x - 2, screen)
    };
    Screen::ALL.into_iter().map(place).collect()
}
