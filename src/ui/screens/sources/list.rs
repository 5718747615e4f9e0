//! The list of connections with column titles, or instructions if it is empty.

use super::row::RowPainter;
use crate::app::screens::sources::Column;
use crate::app::{Action, App, Area, Layout, Pane};
use crate::keymap::Keymap;
use crate::model::SourceId;
use crate::present::width;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Draws the titles and the rows.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let area = layout.list;
    let columns = app.screens.sources.columns(&app.connections, &app.traffic, layout.list.width);
    draw_header(canvas, app, layout, &columns);
    if app.connections.is_empty() {
        return draw_empty(canvas, app, keymap, area);
    }
    let table = &app.screens.sources.table;
    let look = if app.has_keys(Pane::List) { Role::Selection } else { Role::Away };
    let search = app.marked();
    let connection = |id: &SourceId| app.connections.iter().find(|known| known.id == *id);
    let rows = table.rows.iter().skip(table.top).filter_map(connection);
    for (connection, y) in rows.zip(area.y..area.y + area.height) {
        let line = Area { y, height: 1, ..area };
        let selected = table.selected == Some(connection.id);
        if selected {
            canvas.fill(line, look);
        }
        RowPainter { canvas, columns: &columns, app, keymap }.row(connection, y);
        if selected {
            canvas.text(area.x, y, 1, "▌", Role::Accent);
            canvas.cover(line, look);
        }
        canvas.mark(line, &search);
    }
}

fn draw_header(canvas: &mut Canvas<'_>, app: &App, layout: &Layout, columns: &[Column]) {
    let area = layout.header;
    if area.is_empty() {
        return;
    }
    let sort = app.screens.sources.sort;
    for column in columns {
        let sorted = column.what.sort() == Some(sort.by);
        let title = column.what.title();
        let sign = if sort.rises() { "▴" } else { "▾" };
        let role = if sorted { Role::Accent } else { Role::Dim };
        let text = match sorted {
            // Put the sign where it does not move the title.
            true if width(title) + 1 < column.width.into() => format!("{title} {sign}"),
            true => sign.to_owned(),
            false => title.to_owned(),
        };
        if width(&text) > column.width.into() {
            continue;
        }
        match column.what.is_number() {
            true => _ = canvas.right(column.x, area.y, column.width, &text, role),
            false => _ = canvas.text(column.x, area.y, column.width, &text, role),
        }
    }
}

fn draw_empty(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, area: Area) {
    let key = |action| keymap.key_of(&app.pane_contexts(), action).unwrap_or_default();
    let lines = [
        ("There are no sources.".to_owned(), "", Role::Strong),
        (key(Action::Add), "connects to a URL, a path or listen://ADDRESS", Role::Accent),
        (key(Action::Help), "shows the keys", Role::Accent),
    ];
    for ((key, words, role), y) in lines.into_iter().zip(area.y..area.y + area.height) {
        let x = canvas.text(area.x + 2, y, area.width.saturating_sub(3), &key, role);
        canvas.cut(x + 1, y, (area.x + area.width).saturating_sub(x + 2), words, Role::Dim);
    }
}
