//! The list of completions: above a line at the bottom, below a line in the bar.
//!
//! The list of a filter has few lines, because the rows behind it show what the filter matches.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::{App, Area, Completion, Layout, Offered, Typing};
use crate::present::{number, width};

/// Lines of a list for an expression.
const MOST_ROWS: usize = 8;

/// Draws the completions, if there are any.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let Some((line, completing)) = app.typing.as_ref().and_then(Typing::completing) else { return };
    let in_bar = !matches!(app.typing, Some(Typing::Command { .. }));
    if matches!(app.typing, Some(Typing::Add { error: Some(_), .. })) {
        return;
    }
    let Offered { completions, beyond, others } = app.offered();
    if completions.is_empty() {
        return;
    }
    let (top, bottom) =
        if in_bar { (layout.bar.y + layout.bar.height, layout.status.y) } else { (layout.list.y, layout.status.y) };
    let chosen = completing.cycle.as_ref().map(|cycle| cycle.at);
    let room = usize::from(bottom.saturating_sub(top));
    let most = if completing.is_open { MOST_ROWS } else { room };
    let total = completions.len() + beyond;
    let note_rows = usize::from((completing.is_open && total > most.min(room) || others > 0) && room > 1);
    let rows = completions.len().min(most).min(room.saturating_sub(note_rows));
    // Scroll so that the chosen completion is visible.
    let first = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(rows));
    let mut notes = Vec::new();
    if rows < total {
        notes.push(format!("{}–{} of {}", first + 1, first + rows, number::count(total as u64)));
    }
    if others > 0 {
        notes.push(format!("+ {} others", number::count(others)));
    }
    let note = notes.join("  ");
    let (rows, note_rows) = (rows as u16, note_rows as u16);
    let name = |completion: &Completion| format!("{} {}", completion.name, completion.argument).trim_end().to_owned();
    let whole = layout.status.width;
    let names = completions.iter().map(|completion| width(&name(completion))).max().unwrap_or_default();
    let abouts = completions.iter().map(|completion| width(&completion.about)).max().unwrap_or_default();
    // A count stands behind the longest value.
    let beside = if completing.is_open { abouts.min(usize::from(whole / 3)) } else { 0 };
    let names = names.min(usize::from(whole).saturating_sub(6 + beside)) as u16;
    let area = Area {
        x: 0,
        y: if in_bar { top } else { bottom.saturating_sub(rows + note_rows) },
        width: (usize::from(names) + abouts + 6).max(width(&note) + 4).min(whole.into()) as u16,
        height: rows + note_rows,
    };
    canvas.clear(area);
    canvas.fill(area, Role::Away);
    for ((index, completion), y) in completions.iter().enumerate().skip(first).zip(area.y..area.y + rows) {
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
    if note_rows > 0 {
        canvas.cut(area.x + 2, area.y + rows, area.width.saturating_sub(3), &note, Role::Dim);
    }
}
