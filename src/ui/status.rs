//! The status line: rate and buffer at the left, keys of the focused pane at the right; or the line that is typed there.

use super::canvas::{Canvas, ending};
use super::scrolled::scrolled;
use super::theme::Role;
use crate::app::screens::Screen;
use crate::app::{Action, App, Area, Context, Layout, Notice, NoticeKind, Typing};
use crate::keymap::{Keymap, key_name};
use crate::model::{Signal, visible};
use crate::present::{fitting, minute_time, number, width, wrap};
use std::ops::Range;

/// Draws the line.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let area = layout.status;
    if area.is_empty() {
        return;
    }
    let keys = places(app, keymap, layout);
    let end = keys.first().map_or(area.x + area.width, |key| key.range.start).saturating_sub(2);
    for key in &keys {
        let x = canvas.text(key.range.start, area.y, area.width, &key.name, Role::Accent);
        canvas.text(x + 1, area.y, key.range.end.saturating_sub(x + 1), &key.word, Role::Dim);
    }
    let room = end.saturating_sub(area.x);
    match (&app.typing, &app.notice) {
        (Some(typing), _) if !typing.is_in_bar() => draw_typed(canvas, typing, area, room),
        (_, Some(notice)) => {
            let (text, role) = words(notice, app, keymap);
            draw_notice(canvas, area, room.saturating_sub(1), (&text, role));
        }
        _ => draw_counts(canvas, app, area, room),
    }
}

/// The cursor's position while a line is typed at the bottom.
pub(super) fn cursor(app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
    let line = app.typing.as_ref().filter(|typing| !typing.is_in_bar())?.line()?;
    let area = layout.status;
    let keys = places(app, keymap, layout);
    let end = keys.first().map_or(area.x + area.width, |key| key.range.start).saturating_sub(2);
    let (_, hidden) = scrolled(line.text(), line.cursor(), end.saturating_sub(area.x + 2));
    let at = width(&visible(&line.text()[..line.cursor()])).saturating_sub(hidden);
    Some(((area.x + 2 + at as u16).min(area.width.saturating_sub(1)), area.y))
}

/// A notice in its words.
fn words(notice: &Notice, app: &App, keymap: &Keymap) -> (String, Role) {
    match notice.kind {
        NoticeKind::Info => (notice.text.clone(), Role::Text),
        NoticeKind::Credentials => (format!("▲ {}: {}", notice.text, way(app, keymap)), Role::Warning),
        NoticeKind::Error => (format!("✕ {}", notice.text), Role::Error),
    }
}

/// Draws a notice; one that is too long for the line takes the line above too.
fn draw_notice(canvas: &mut Canvas<'_>, area: Area, room: u16, (text, role): (&str, Role)) {
    let x = area.x + 1;
    if width(text) <= room.into() || area.y == 0 {
        canvas.cut(x, area.y, room, text, role);
        return;
    }
    let cells = area.width.saturating_sub(2);
    let [first, second] = two_lines(text, cells.into());
    canvas.clear(Area { y: area.y - 1, ..area });
    canvas.cut(x, area.y - 1, cells, &first, role);
    canvas.cut(x, area.y, cells, &second, role);
}

/// Splits a text into two lines. A longer text loses its middle, since the cause comes first and the remedy last.
fn two_lines(text: &str, cells: usize) -> [String; 2] {
    // A command breaks at a space only.
    let (start, _) = fitting(text, cells);
    if let Some((first, _)) = start.rsplit_once(' ').filter(|(first, _)| width(&text[first.len() + 1..]) <= cells) {
        return [first.to_owned(), text[first.len() + 1..].to_owned()];
    }
    match &wrap(text, cells)[..] {
        [] | [_] => [String::new(), text.to_owned()],
        [first, second] => [first, second].map(|part| text[part.clone()].trim_end().to_owned()),
        _ => {
            let (start, _) = fitting(text, cells.saturating_sub(1));
            [format!("{start}…"), ending(text, cells).trim_start().to_owned()]
        }
    }
}

fn draw_typed(canvas: &mut Canvas<'_>, typing: &Typing, area: Area, room: u16) {
    let (sign, error) = match typing {
        Typing::Command { error, .. } => (":", error.as_deref()),
        _ => ("/", None),
    };
    canvas.text(area.x + 1, area.y, 1, sign, Role::Accent);
    let Some(line) = typing.line() else { return };
    let (text, _) = scrolled(line.text(), line.cursor(), room.saturating_sub(2));
    let x = canvas.text(area.x + 2, area.y, room.saturating_sub(2), &text, Role::Text);
    if let Some(error) = error {
        canvas.cut(x + 3, area.y, room.saturating_sub(x + 3), &format!("✕ {}", visible(error)), Role::Error);
    }
}

/// Draws the rate, the counts, the buffer and the last rejection. The least important parts are left out first if space is
/// short.
fn draw_counts(canvas: &mut Canvas<'_>, app: &App, area: Area, room: u16) {
    let counters = app.live.counters();
    let filled = counters.total_bytes() as f64 / app.settings.max_bytes.max(1) as f64 * 100.0;
    let mut parts: Vec<(u8, String, String, Role)> = Vec::new();
    parts.push((1, number::rate(app.per_second()), "/s".to_owned(), Role::Dim));
    for (signal, word) in
        [(Signal::Spans, "spans"), (Signal::Logs, "logs"), (Signal::Metrics, "points"), (Signal::Events, "events")]
    {
        let there = counters.resident[signal as usize];
        if there > 0 {
            parts.push((4, format!("{word} "), number::count(there), Role::Text));
        }
    }
    if let Some(back_to) = counters.back_to {
        let back_to = minute_time(back_to, app.now, &app.settings.zone);
        parts.push((2, "buffer ".to_owned(), "full".to_owned(), Role::Text));
        parts.push((2, String::new(), format!(" · back to {back_to}"), Role::Text));
    } else {
        let of = format!(" of {}", number::bytes(app.settings.max_bytes as f64));
        parts.push((2, "buffer ".to_owned(), format!("{filled:.0}%"), Role::Text));
        parts.push((5, String::new(), of, Role::Dim));
    }
    let pinned = app.shown.pinned(&app.live);
    if pinned > 0 {
        parts.push((0, "frozen view holds ".to_owned(), number::bytes(pinned as f64), Role::Warning));
    }
    let lost = if app.totals.dropped > 0 { (0, Role::Warning) } else { (3, Role::Text) };
    parts.push((lost.0, "dropped ".to_owned(), number::count(app.totals.dropped), lost.1));
    if app.totals.rejected > 0 {
        parts.push((0, "rejected ".to_owned(), number::count(app.totals.rejected), Role::Warning));
    }
    let turned_away = || app.connections.iter().filter_map(|connection| connection.rejection.as_ref());
    if app.totals.refused > 0 {
        parts.push((0, "refused ".to_owned(), number::count(app.totals.refused), Role::Warning));
    }
    let last = turned_away().max_by_key(|rejection| rejection.at);
    if last.is_some() && app.totals.rejected + app.totals.refused == 0 {
        parts.push((0, "turned away".to_owned(), String::new(), Role::Warning));
    }
    let joined = |first: &str| u16::from(!first.is_empty()) * 2;
    let cells = |parts: &[(u8, String, String, Role)]| -> u16 {
        parts.iter().map(|(_, a, b, _)| (width(a) + width(b)) as u16 + joined(a)).sum()
    };
    while cells(&parts) > room + 1 {
        let Some(last) = parts.iter().map(|part| part.0).max() else { break };
        parts.retain(|part| part.0 != last);
    }
    let mut x = area.x + 1;
    for (index, (_, first, second, role)) in parts.iter().enumerate() {
        if index > 0 {
            x += joined(first);
        }
        let first_role = if index == 0 { Role::Strong } else { Role::Dim };
        x = canvas.text(x, area.y, room, first, first_role);
        x = canvas.text(x, area.y, room, second, *role);
    }
    let left = (area.x + room).saturating_sub(x + 2);
    if let Some(last) = last.filter(|_| left >= 8) {
        canvas.text(x, area.y, 1, ":", Role::Dim);
        canvas.cut(x + 2, area.y, left, &visible(&last.reason), Role::Warning);
    }
}

/// A key in the footer.
pub(super) struct Key {
    pub range: Range<u16>,
    pub name: String,
    pub word: String,
    pub action: Action,
}

/// The keys of the footer and their columns, in the space beside the counts. Help is left out last.
pub(super) fn places(app: &App, keymap: &Keymap, layout: &Layout) -> Vec<Key> {
    let area = layout.status;
    let contexts = app.contexts();
    let mut keys: Vec<(String, String, Action)> = Vec::new();
    for rule in keymap.footer(&contexts) {
        let word = app.footer_word(rule.action).unwrap_or(&rule.footer);
        let shadowed = |key: &str| keys.iter().any(|(known, _, action)| known == key || *action == rule.action);
        let free = keymap.keys_here(&contexts, rule);
        if let Some(key) = free.first().map(|key| key_name(*key)).filter(|key| !word.is_empty() && !shadowed(key)) {
            keys.push((key, word.to_owned(), rule.action));
        }
    }
    let cells = |key: &(String, String, Action)| (width(&key.0) + 1 + width(&key.1) + 2) as u16;
    let usual = (area.width * 3 / 5).min(area.width.saturating_sub(14));
    let room = match (&app.typing, &app.notice) {
        (Some(_), _) => area.width / 2,
        // A notice is read once, and has its remedy at the end. The keys come back.
        (None, Some(notice)) => {
            let most = if notice.kind == NoticeKind::Error { area.width / 8 } else { usual };
            let taken = width(&words(notice, app, keymap).0).saturating_add(3);
            most.min(area.width.saturating_sub(u16::try_from(taken).unwrap_or(u16::MAX)))
        }
        (None, None) => usual,
    };
    while keys.iter().map(cells).sum::<u16>() > room {
        if keys.is_empty() {
            break;
        }
        keys.remove(keys.len().saturating_sub(2));
    }
    let mut x = (area.x + area.width).saturating_sub(keys.iter().map(cells).sum::<u16>() - u16::from(!keys.is_empty()));
    keys.into_iter()
        .map(|key| {
            let start = x;
            x += cells(&key);
            Key { range: start..x - 2, name: key.0, word: key.1, action: key.2 }
        })
        .collect()
}

/// The keys that lead to the prompt for credentials from the current screen.
fn way(app: &App, keymap: &Keymap) -> String {
    let key = |context, action| keymap.key_of(&[context], action).unwrap_or_default();
    let prompt = key(Context::Screen(Screen::Sources), Action::Credentials);
    if app.screen == Screen::Sources {
        return prompt;
    }
    format!("{} then {prompt}", key(Context::Global, Action::Tab(Screen::Sources.number())))
}
