//! The list of completions: above a line at the bottom, below a line in the bar.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::{App, Area, Completion, Layout, Typing};
use crate::present::width;

/// Draws the completions, if there are any.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let (line, cycle, in_bar) = match &app.typing {
        Some(Typing::Command { line, cycle, .. }) => (line, cycle, false),
        Some(Typing::Add { line, cycle, error: None, .. }) => (line, cycle, true),
        _ => return,
    };
    let completions = app.completions();
    if completions.is_empty() {
        return;
    }
    let (top, bottom) =
        if in_bar { (layout.bar.y + layout.bar.height, layout.status.y) } else { (layout.list.y, layout.status.y) };
    let chosen = cycle.as_ref().map(|(_, at)| *at);
    let rows = completions.len().min(usize::from(bottom.saturating_sub(top)));
    // Scroll so that the chosen completion is visible.
    let first = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(rows));
    let rows = rows as u16;
    let name = |completion: &Completion| format!("{} {}", completion.name, completion.argument).trim_end().to_owned();
    let whole = layout.status.width;
    let names = completions.iter().map(|completion| width(&name(completion))).max().unwrap_or_default();
    let names = names.min(usize::from(whole.saturating_sub(6))) as u16;
    let abouts = completions.iter().map(|completion| width(&completion.about)).max().unwrap_or_default();
    let area = Area {
        x: 0,
        y: if in_bar { top } else { bottom.saturating_sub(rows) },
        width: (usize::from(names) + abouts + 6).min(whole.into()) as u16,
        height: rows,
    };
    canvas.clear(area);
    canvas.fill(area, Role::Away);
    for ((index, completion), y) in completions.iter().enumerate().skip(first).zip(area.y..area.y + area.height) {
        let taken = chosen == Some(index) || completions.len() == 1 && line.text().trim() == completion.line.trim();
        if taken {
            canvas.fill(Area { y, height: 1, ..area }, Role::Selection);
            canvas.text(area.x, y, 1, "▌", Role::Accent);
        }
        canvas.cut(area.x + 2, y, names, &name(completion), Role::Strong);
        let x = area.x + 2 + names + 2;
        canvas.cut(x, y, area.width.saturating_sub(x + 1), &completion.about, Role::Dim);
        if taken {
            canvas.cover(Area { y, height: 1, ..area }, Role::Selection);
        }
    }
}
