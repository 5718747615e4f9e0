//! The filter bar: the filter in force or being typed, how much it takes, and whether the newest is followed.

use crate::app::{Action, App, Area, Context, Layout, Typing, number, width};
use crate::keymap::Keymap;
use crate::model::visible;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Draws the bar.
pub(in crate::ui) fn draw_bar(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let area = layout.filter;
    if area.is_empty() {
        return;
    }
    let right = draw_right(canvas, app, area);
    let key = keymap.key_of(&[Context::Feed], Action::EditFilter).unwrap_or_default();
    let editing = matches!(app.typing, Some(Typing::Filter { .. }));
    let role = if editing { Role::Accent } else { Role::Dim };
    let x = text_x(keymap, area);
    canvas.text(area.x + 1, area.y, area.width, &key, role);
    let room = area.width.saturating_sub(x + right);
    match &app.typing {
        Some(Typing::Filter { line, .. }) => {
            let (text, _) = scrolled(line.text(), line.cursor(), room);
            canvas.text(x, area.y, room, &text, Role::Text);
        }
        _ if app.feed.filter.text.is_empty() => {
            canvas.cut(x, area.y, room, "filter", Role::Dim);
        }
        _ => _ = canvas.cut(x, area.y, room, &visible(&app.feed.filter.text), Role::Strong),
    }
}

/// The right end: search, counts and mode. How many cells it takes.
fn draw_right(canvas: &mut Canvas<'_>, app: &App, area: Area) -> u16 {
    let feed = &app.feed;
    let count = feed.count;
    let newer = feed.newer(&app.live);
    let since = |word: &str| if newer > 0 { format!("{word} +{}", number::count(newer)) } else { word.to_owned() };
    let (mode, role) = match (&feed.frozen, feed.follows()) {
        (Some(_), _) => (since("PAUSED"), Role::Warning),
        (None, true) => ("FOLLOW".to_owned(), Role::Accent),
        (None, false) => (since("HELD"), Role::Text),
    };
    let known = if count.left > 0 { "…" } else { "" };
    let counted = match feed.filter.in_force() {
        Some(_) => format!("{}{known} of {}", number::count(count.matched), number::count(count.total)),
        None => number::count(count.total),
    };
    let search = feed.search.as_ref().map(|search| format!("/{}", search.shown())).unwrap_or_default();
    // What is told from the right end on, as far as half of the bar goes; the mode always.
    let mut end = area.x + area.width.saturating_sub(1);
    let mut put = |canvas: &mut Canvas<'_>, text: &str, role: Role, least: u16| {
        let cells = width(text) as u16;
        if cells > 0 && end.saturating_sub(cells) >= least {
            end -= cells;
            canvas.text(end, area.y, cells, text, role);
        }
    };
    put(canvas, &mode, role, area.x + 2);
    let half = area.x + area.width / 3;
    if area.width >= 40 {
        put(canvas, " · ", Role::Dim, half);
        put(canvas, &counted, Role::Text, half);
    }
    if !search.is_empty() && area.width >= 60 {
        put(canvas, "   ", Role::Dim, half);
        put(canvas, &search, Role::Warning, half);
    }
    area.x + area.width - end + 2
}

/// Draws what is wrong with the filter that is typed: carets under the place, and the reason.
pub(in crate::ui) fn draw_filter_error(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let Some(Typing::Filter { line, error: Some(error), .. }) = &app.typing else { return };
    let bar = layout.filter;
    let bottom = layout.status.y;
    let start = text_x(keymap, bar);
    let room = bar.width.saturating_sub(start + 1);
    let (_, hidden) = scrolled(line.text(), line.cursor(), room);
    let text = line.text();
    let cells = |range: std::ops::Range<usize>| width(&visible(text.get(range).unwrap_or_default()));
    // Leading space is not part of the expression that was parsed.
    let lead = text.len() - text.trim_start().len();
    let from = cells(0..lead + error.at.start).saturating_sub(hidden).min(room.saturating_sub(1).into()) as u16;
    let carets = cells(lead + error.at.start..lead + error.at.end).clamp(1, usize::from(room - from).max(1)) as u16;
    let explanation = error.explanation();
    let beside = start + from + carets + 1;
    let fits = usize::from(bar.width.saturating_sub(beside + 1)) >= width(&explanation);
    let rows = if fits { 1 } else { 2 };
    for y in (bar.y + 1..bottom.max(bar.y + 2)).take(rows) {
        canvas.clear(Area { x: 0, y, width: bar.width, height: 1 });
    }
    canvas.text(start + from, bar.y + 1, carets, &"^".repeat(carets.into()), Role::Error);
    let (x, y) = if fits { (beside, bar.y + 1) } else { (start.min(2), bar.y + 2) };
    if y < bottom {
        canvas.cut(x, y, bar.width.saturating_sub(x + 1), &explanation, Role::Error);
    }
}

/// Where the cursor stands while the filter is typed.
pub(in crate::ui) fn filter_cursor(app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
    let Some(Typing::Filter { line, .. }) = &app.typing else { return None };
    let area = layout.filter;
    let x = text_x(keymap, area);
    let room = area.width.saturating_sub(x + 1);
    let (_, hidden) = scrolled(line.text(), line.cursor(), room);
    let at = width(&visible(&line.text()[..line.cursor()])).saturating_sub(hidden);
    (!area.is_empty()).then_some((x + at as u16, area.y))
}

fn text_x(keymap: &Keymap, area: Area) -> u16 {
    let key = keymap.key_of(&[Context::Feed], Action::EditFilter).unwrap_or_default();
    area.x + 2 + width(&key) as u16
}

/// A line being typed, harmless, with so much left out at its beginning that the cursor is seen; and how many cells that is.
pub(in crate::ui) fn scrolled(text: &str, cursor: usize, room: u16) -> (String, usize) {
    let room = usize::from(room);
    let before = width(&visible(&text[..cursor]));
    let shown = visible(text);
    if before < room {
        return (shown, 0);
    }
    let mut hidden = 0;
    let least = before + 1 - room;
    let start = shown
        .char_indices()
        .find(|(_, c)| {
            let enough = hidden >= least;
            if !enough {
                hidden += width(c.encode_utf8(&mut [0; 4]));
            }
            enough
        })
        .map_or(shown.len(), |(at, _)| at);
    (shown[start..].to_owned(), hidden)
}
