//! The detail of the selected connection: a rule with its name, what it is at the left, its states at the right.

use crate::app::{App, Area, Layout, Pane};
use crate::model::visible;
use crate::present::width;
use crate::ui::canvas::Canvas;
use crate::ui::entries::draw_column;
use crate::ui::state::state_of;
use crate::ui::theme::Role;

/// Draws the pane.
pub(in crate::ui) fn draw_detail(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let area = layout.title;
    let Some(connection) = app.sources.selected_of(&app.connections).filter(|_| !area.is_empty()) else { return };
    let detail = &app.sources.detail;
    let focused = app.sources.panes.focus == Pane::Detail && app.help.is_none();
    let rule = if focused { Role::Accent } else { Role::Rule };
    canvas.text(area.x, area.y, area.width, &"─".repeat(area.width.into()), rule);
    let state = state_of(connection, app.now);
    let words = format!("{} {}", state.sign, state.words());
    let end = area.x + area.width.saturating_sub(1);
    let x = blank(canvas, area, area.x + 2, "source", Role::Dim);
    let label = visible(&connection.label);
    let room = end.saturating_sub(x + width(&words) as u16 + 3);
    let (shown, _) = crate::present::fitting(&label, room.into());
    let x = blank(canvas, area, x.saturating_sub(1), shown, Role::Strong);
    blank(canvas, area, x.saturating_sub(1), &words, state.role);
    if layout.facts.is_empty() {
        return draw_column(canvas, layout.content, &detail.facts, focused);
    }
    let title = "states";
    let beside = layout.content.x + 1;
    if x + (width(&words) as u16) < beside {
        blank(canvas, area, beside.saturating_sub(1), title, Role::Dim);
    }
    draw_column(canvas, layout.facts, &detail.facts, focused && !detail.on_states);
    draw_column(canvas, layout.content, &detail.states, focused && detail.on_states);
}

/// Writes into the rule, with a space on both sides; the column after it.
fn blank(canvas: &mut Canvas<'_>, area: Area, x: u16, text: &str, role: Role) -> u16 {
    let cells = (width(text) as u16 + 2).min((area.x + area.width).saturating_sub(x));
    canvas.clear(Area { x, width: cells, ..area });
    canvas.text(x + 1, area.y, cells.saturating_sub(1), text, role);
    x + cells
}
