//! The titles of the columns, which stand there while the list is sorted.

use super::columns::{Column, Columns};
use crate::app::Area;
use crate::app::screens::feed::{Feed, SortBy};
use crate::present::width;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Draws the titles; `▴` and `▾` stand at the sorted column.
pub(super) fn draw(canvas: &mut Canvas<'_>, feed: &Feed, columns: &Columns, area: Area) {
    if area.is_empty() {
        return;
    }
    let sign = if feed.sort.rises() { "▴" } else { "▾" };
    let time = match feed.sort.by {
        SortBy::Arrival => "arrival",
        SortBy::Time => "time",
    };
    // Where the time has no column, the first one has the sign.
    let name = if columns.time.is_shown() { "name".to_owned() } else { format!("{time} {sign}") };
    let titles = [
        (columns.time, format!("{time} {sign}"), Role::Accent),
        (columns.source, "source".to_owned(), Role::Dim),
        (columns.service, "service".to_owned(), Role::Dim),
        (columns.name, name, if columns.time.is_shown() { Role::Dim } else { Role::Accent }),
        (columns.kind, "kind".to_owned(), Role::Dim),
        (columns.state, "state".to_owned(), Role::Dim),
        (columns.message, "message".to_owned(), Role::Dim),
    ];
    let fits = |column: &Column, title: &str| width(title) <= column.width.into();
    for (column, title, role) in titles.into_iter().filter(|(column, title, _)| fits(column, title)) {
        canvas.text(column.x, area.y, column.width, &title, role);
    }
    let value = columns.value;
    if fits(&value, "value") {
        canvas.right(value.x, area.y, value.width, "value", Role::Dim);
    }
}
