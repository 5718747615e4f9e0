//! The filter bar: the filter, and the screen's counts at the right end.

use super::canvas::Canvas;
use super::scrolled::scrolled;
use super::theme::Role;
use crate::app::{Action, App, Area, Layout, Offered, Typing};
use crate::keymap::Keymap;
use crate::model::visible;
use crate::present::{width, wrap};

/// The texts at the right end of the bar.
type Counts = Vec<(String, Role)>;

/// Draws the bar.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout, counts: Counts) {
    let area = layout.bar;
    if area.is_empty() {
        return;
    }
    let key = keymap.key_of(&app.pane_contexts(), Action::EditFilter).unwrap_or_default();
    let mut end = area.x + area.width.saturating_sub(1);
    // The key stays on the narrowest screen too.
    let start = area.x + 2 + width(&key) as u16;
    for (text, role) in right(app, area, counts.clone()) {
        let cells = (width(&text) as u16).min(end.saturating_sub(start));
        end -= cells;
        canvas.cut(end, area.y, cells, &text, role);
    }
    let editing = is_edited(app);
    canvas.text(area.x + 1, area.y, area.width, &key, if editing { Role::Accent } else { Role::Dim });
    let (x, room) = text_place(app, keymap, area, counts);
    match &app.typing {
        Some(Typing::Filter { line, .. }) => {
            let (text, _) = scrolled(line.text(), line.cursor(), room);
            canvas.text(x, area.y, room, &text, Role::Text);
        }
        _ if app.parts().filter.text.is_empty() => {
            canvas.cut(x, area.y, room, "filter", Role::Dim);
        }
        _ => _ = canvas.cut(x, area.y, room, &visible(&app.parts().filter.text), Role::Strong),
    }
}

/// The counts that fit. A narrow screen shows none while the user types a filter. Texts and separators alternate.
fn right(app: &App, area: Area, mut parts: Vec<(String, Role)>) -> Vec<(String, Role)> {
    if is_edited(app) && area.width < 60 {
        return Vec::new();
    }
    let mut left = usize::from(area.width * 2 / 3);
    let fitting = parts.iter().take_while(|(text, _)| {
        let fits = width(text) <= left;
        left = left.saturating_sub(width(text));
        fits
    });
    // Keep at least the first text, and never end with a separator.
    let mut count = fitting.count().max(1);
    count -= usize::from(count % 2 == 0);
    parts.truncate(count);
    parts
}

/// The first column of the filter's text, and its width in cells.
fn text_place(app: &App, keymap: &Keymap, area: Area, counts: Counts) -> (u16, u16) {
    let key = keymap.key_of(&app.pane_contexts(), Action::EditFilter).unwrap_or_default();
    let x = area.x + 2 + width(&key) as u16;
    let taken: usize = right(app, area, counts).iter().map(|(text, _)| width(text)).sum();
    let taken = if taken > 0 { taken as u16 + 3 } else { 1 };
    (x, (area.x + area.width).saturating_sub(x + taken))
}

fn is_edited(app: &App) -> bool {
    matches!(app.typing, Some(Typing::Filter { .. }))
}

/// Draws the error of the typed filter: carets below its position, the explanation beside or below them.
pub(super) fn draw_error(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout, counts: Counts) {
    let Some(Typing::Filter { line, error: Some(error), .. }) = &app.typing else { return };
    // The list of candidates has the place.
    if app.offered() != Offered::default() {
        return;
    }
    let bar = layout.bar;
    let (x, room) = text_place(app, keymap, bar, counts);
    let (_, hidden) = scrolled(line.text(), line.cursor(), room);
    let text = line.text();
    let cells = |range: std::ops::Range<usize>| width(&visible(text.get(range).unwrap_or_default()));
    // Leading space is not part of the expression that was parsed.
    let lead = text.len() - text.trim_start().len();
    let (start, end) = (lead + error.at.start, lead + error.at.end);
    let from = cells(0..start).saturating_sub(hidden).min(room.saturating_sub(1).into()) as u16;
    let seen = cells(start..end).saturating_sub(hidden.saturating_sub(cells(0..start)));
    let carets = seen.clamp(1, usize::from(room.saturating_sub(from)).max(1)) as u16;
    let explanation = error.explanation();
    let beside = x + from + carets + 1;
    let whole = bar.width.saturating_sub(4);
    let mut rows = vec![(x + from, "^".repeat(carets.into()))];
    if usize::from(bar.width.saturating_sub(beside + 1)) >= width(&explanation) {
        rows[0].1 += &format!(" {explanation}");
    } else {
        let lines = wrap(&explanation, whole.into());
        rows.extend(lines.into_iter().take(2).map(|part| (bar.x + 3, explanation[part].to_owned())));
    }
    for ((x, text), y) in rows.into_iter().zip(bar.y + 1..layout.status.y) {
        canvas.clear(Area { x: bar.x, y, width: bar.width, height: 1 });
        canvas.cut(x, y, (bar.x + bar.width).saturating_sub(x + 1), &text, Role::Error);
    }
}

/// The position of the cursor in the typed filter.
pub(super) fn cursor(app: &App, keymap: &Keymap, layout: &Layout, counts: Counts) -> Option<(u16, u16)> {
    let Some(Typing::Filter { line, .. }) = &app.typing else { return None };
    let area = layout.bar;
    let (x, room) = text_place(app, keymap, area, counts);
    let (_, hidden) = scrolled(line.text(), line.cursor(), room);
    let at = width(&visible(&line.text()[..line.cursor()])).saturating_sub(hidden);
    (!area.is_empty()).then_some((x + at as u16, area.y))
}
