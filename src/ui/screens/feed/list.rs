//! The list of rows. Only the rows on the screen are read.

use super::columns::Columns;
use super::row::RowPainter;
use super::{empty, header};
use crate::app::{App, Area, FRESH, Layout, Pane};
use crate::keymap::Keymap;
use crate::model::{SourceId, visible};
use crate::present::width as cells;
use crate::store::Hit;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// The longest of this many names says how wide their column is.
const MOST_NAMES: usize = 64;
/// Cells of the title `source`.
const TITLE: usize = 6;

/// Draws the rows.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let area = layout.list;
    if area.is_empty() {
        return;
    }
    let feed = &app.screens.feed;
    let hits = &feed.page.hits[feed.window(area.height.into())];
    let columns = columns(app, area.width);
    header::draw(canvas, feed, &columns, layout.header);
    if hits.is_empty() {
        return empty::draw(canvas, app, keymap, area);
    }
    // If every row is new, none is tinted.
    let is_fresh = |received: crate::model::Time| app.now.since(received) < FRESH && received <= app.now;
    let fresh: Vec<bool> = hits.iter().map(|hit| is_fresh(hit.chunk.run(hit.index).received)).collect();
    let tint = fresh.contains(&false) || hits.len() < area.height.into();
    // With several sources, a thin line has the hue of the row's source on the Sources screen.
    let several = feed.sources.len() > 1;
    let search = app.marked();
    let selected = feed.selected_row();
    let focused = app.has_keys(Pane::List);
    let look = if focused { Role::Selection } else { Role::Away };
    for ((hit, fresh), y) in hits.iter().zip(fresh).zip(area.y..) {
        let line = Area { y, height: 1, ..area };
        let is_selected = selected == Some(hit.row);
        if is_selected {
            canvas.fill(line, look);
            canvas.text(area.x, y, 1, "▌", Role::Accent);
        } else if fresh && tint {
            canvas.fill(line, Role::Fresh);
        }
        if several && !is_selected {
            mark_source(canvas, app, hit, y);
        }
        RowPainter { canvas, columns, app, wanted: &search }.row(hit, y);
        if is_selected {
            canvas.cover(line, look);
        }
        canvas.mark(line, &search);
    }
}

/// The columns of the list.
pub(super) fn columns(app: &App, width: u16) -> Columns {
    let sources = &app.screens.feed.sources;
    let cells = |id: &SourceId| app.source(*id).map_or(0, |source| cells(&visible(&source.label)));
    let longest = sources.iter().take(MOST_NAMES).map(cells).max().filter(|_| sources.len() > 1);
    // A title fits too.
    Columns::fit(width, longest.map_or(0, |longest| longest.max(TITLE) as u16))
}

fn mark_source(canvas: &mut Canvas<'_>, app: &App, hit: &Hit, y: u16) {
    let source = hit.chunk.run(hit.index).source;
    if app.source(source).is_some() {
        let hue = canvas.theme.source(source);
        canvas.text(0, y, 1, "▎", hue);
    }
}
