//! The tab line, with the states of the sources at its right end.

use super::canvas::Canvas;
use super::state::states;
use super::theme::Role;
use crate::app::screens::Screen;
use crate::app::{Action, App, Layout};
use crate::present::{short_time, width};
use std::ops::Range;

const NAME: &str = "otail";

/// Draws the line.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let area = layout.tabs;
    if area.is_empty() {
        return;
    }
    for said in said(app, layout) {
        canvas.text(said.range.start, area.y, said.range.end - said.range.start, &said.text, said.role);
    }
    let places = places(app, layout);
    if places.first().is_some_and(|first| usize::from(first.range.start) > NAME.len()) {
        canvas.text(area.x + 1, area.y, area.width, NAME, Role::Dim);
    }
    for TabPlace { range, screen, title } in places {
        let active = screen == app.screen;
        let number = screen.number().to_string();
        let room = range.end - range.start;
        let x = canvas.text(range.start, area.y, room, &number, if active { Role::Accent } else { Role::Dim });
        let role = if active { Role::Strong } else { Role::Dim };
        canvas.text(x + 1, area.y, room.saturating_sub(2), title, role);
    }
}

/// The action of a click on this column: a tab, or the Sources screen.
pub(super) fn action(app: &App, layout: &Layout, column: u16) -> Option<Action> {
    let hit = places(app, layout).into_iter().find(|place| place.range.contains(&column));
    let tab = hit.map(|place| place.screen);
    let said = || said(app, layout).into_iter().any(|said| said.range.contains(&column)).then_some(Screen::Sources);
    tab.or_else(said).map(|screen| Action::Tab(screen.number()))
}

/// A tab's columns and title; the title is empty if space is short.
struct TabPlace {
    range: Range<u16>,
    screen: Screen,
    title: &'static str,
}

/// The tabs. If space is short, the program's name is left out first, then the titles of the inactive tabs.
fn places(app: &App, layout: &Layout) -> Vec<TabPlace> {
    let tabs = |first: u16, titled: &dyn Fn(Screen) -> bool| {
        let mut x = layout.tabs.x + first;
        let place = |screen: Screen| {
            let start = x;
            let title = if titled(screen) { screen.title() } else { "" };
            x += 1 + if title.is_empty() { 0 } else { 1 + title.len() as u16 } + 2;
            TabPlace { range: start..x - 2, screen, title }
        };
        Screen::ALL.iter().copied().map(place).collect::<Vec<_>>()
    };
    // Leave space for at least one state's sign.
    let fits = |places: &[TabPlace]| places.last().is_none_or(|last| last.range.end + 4 <= layout.tabs.width);
    let whole = tabs(1 + NAME.len() as u16 + 2, &|_| true);
    if fits(&whole) {
        return whole;
    }
    let nameless = tabs(1, &|_| true);
    if fits(&nameless) { nameless } else { tabs(1, &|screen| screen == app.screen) }
}

/// A text at the right end.
struct Said {
    range: Range<u16>,
    text: String,
    role: Role,
}

/// The texts at the right end: frozen view, insecure source, states of the sources. If space is short, the words of the last
/// states are left out first, then the other words, then the last states.
fn said(app: &App, layout: &Layout) -> Vec<Said> {
    let area = layout.tabs;
    let end = area.x + area.width.saturating_sub(1);
    let room = end.saturating_sub(places(app, layout).last().map_or(area.x, |place| place.range.end) + 2);
    let all = states(&app.connections, app.now);
    let alone = all.len() == 1;
    // With their short forms.
    let mut modes: Vec<(String, &str, Role)> = Vec::new();
    if let Some(at) = app.shown.frozen_at() {
        let mut time = String::new();
        short_time(at, app.now, &app.settings.zone, 8, &mut time);
        modes.push((format!("FROZEN {}", time.trim_end()), "FROZEN", Role::Warning));
    }
    if app.is_insecure() {
        modes.push(("insecure".to_owned(), "▲", Role::Warning));
    }
    let mut parts: Vec<(String, Role)> = modes.iter().map(|(text, _, role)| (text.clone(), *role)).collect();
    let short = |count: usize, sign: &str| match count {
        1 if alone => sign.to_owned(),
        count => format!("{sign} {count}"),
    };
    parts.extend(all.iter().map(|(state, count)| {
        let number = if *count > 1 || !alone { format!("{count} ") } else { String::new() };
        (format!("{} {number}{}", state.sign, state.words()), state.role)
    }));
    let cells = |parts: &[(String, Role)]| -> u16 {
        parts.iter().map(|(text, _)| width(text) as u16 + 2).sum::<u16>().saturating_sub(2)
    };
    for (part, (state, count)) in (modes.len()..parts.len()).zip(&all).rev() {
        if cells(&parts) <= room {
            break;
        }
        parts[part].0 = short(*count, state.sign);
    }
    for (part, (_, short, _)) in modes.iter().enumerate().rev() {
        if cells(&parts[..modes.len()]) > room {
            parts[part].0 = (*short).to_owned();
        }
    }
    while cells(&parts) > room && parts.pop().is_some() {}
    let mut x = end.saturating_sub(cells(&parts));
    let place = |(text, role): (String, Role)| {
        let start = x;
        x += width(&text) as u16 + 2;
        Said { range: start..x - 2, text, role }
    };
    parts.into_iter().map(place).collect()
}
