//! A column of entries (keys and values) with a cursor. Details consist of them.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::Area;
use crate::app::parts::Column;
use crate::present::item::EntryKind;
use crate::present::width;

/// Draws the visible lines of a column.
pub(super) fn draw_column(canvas: &mut Canvas<'_>, area: Area, column: &Column, focused: bool) {
    let lines = column.lines.iter().skip(column.top).take(area.height.into());
    for (line, y) in lines.zip(area.y..) {
        let Some(entry) = column.entry(line.entry) else { continue };
        let row = Area { y, height: 1, ..area };
        if focused && line.entry == column.cursor {
            canvas.fill(row, Role::Selection);
            canvas.text(area.x, y, 1, "▌", Role::Accent);
        }
        let (key, value) = match entry.kind {
            EntryKind::Plain => (Role::Dim, Role::Text),
            EntryKind::Heading => (Role::Dim, Role::Strong),
            EntryKind::Section => (Role::Dim, Role::Dim),
            EntryKind::Error => (Role::Dim, Role::Error),
            EntryKind::Warning => (Role::Dim, Role::Warning),
            EntryKind::Note => (Role::Dim, Role::Dim),
            EntryKind::Raw => (Role::Dim, Role::Text),
        };
        let end = area.x + area.width;
        if entry.kind == EntryKind::Section {
            let x = canvas.cut(area.x + 1, y, area.width.saturating_sub(1), &entry.value, Role::Dim) + 1;
            canvas.text(x, y, end.saturating_sub(x), &"─".repeat(area.width.into()), Role::Rule);
            continue;
        }
        let key_cells = column.key_width as u16;
        let mut x = area.x + 1;
        if line.first {
            canvas.cut(x, y, key_cells, &entry.key, key);
        }
        if key_cells > 0 {
            x += key_cells + 2;
        }
        let part = entry.value.get(line.part.clone()).unwrap_or_default();
        let more = if line.more > 0 { format!(" +{} lines", line.more) } else { String::new() };
        let room = end.saturating_sub(x + 1 + width(&more) as u16);
        let x = canvas.cut(x, y, room, part, value);
        canvas.text(x, y, end.saturating_sub(x), &more, Role::Dim);
        if focused && line.entry == column.cursor {
            canvas.cover(row, Role::Selection);
        }
    }
}
