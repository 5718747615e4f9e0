//! The detail of the selected row: a rule with its title and section titles, then facts and sections.

use super::canvas::Canvas;
use super::entries::draw_column;
use super::screens;
use super::theme::Role;
use crate::app::{App, Area, Layout, Pane};
use crate::present::width;
use ratatui::style::{Modifier, Style};
use std::ops::Range;

/// Draws the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    if layout.title.is_empty() {
        return;
    }
    let detail = &app.parts().detail;
    draw_title(canvas, app, layout);
    let search = app.marked();
    let focused = app.has_keys(Pane::Detail);
    draw_column(canvas, layout.facts, &detail.facts, focused && detail.on_facts);
    draw_column(canvas, layout.content, &detail.content, focused && !detail.on_facts);
    canvas.mark(layout.facts, &search);
    canvas.mark(layout.content, &search);
}

fn draw_title(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let area = layout.title;
    let detail = &app.parts().detail;
    let focused = app.has_keys(Pane::Detail);
    let rule = if focused { Role::Accent } else { Role::Rule };
    canvas.text(area.x, area.y, area.width, &"─".repeat(area.width.into()), rule);
    let places = section_places(app, layout);
    let first = places.first().map_or(area.width, |(range, _)| range.start);
    let room = first.saturating_sub(area.x + 4);
    if room > 6 {
        let (kind, name) = &detail.title;
        let (note, role) = screens::shown(app).note(app).unwrap_or((String::new(), Role::Text));
        let note_cells = if note.is_empty() { 0 } else { width(&note) as u16 + 1 };
        let start = area.x + 2;
        let name_x = start + 2 + width(kind) as u16;
        let left = first.saturating_sub(name_x + 2 + note_cells);
        let cells = (width(name) as u16).min(left);
        canvas.clear(Area { x: start, width: width(kind) as u16 + 3 + cells + note_cells, ..area });
        canvas.text(start + 1, area.y, room, kind, Role::Dim);
        let x = canvas.cut(name_x, area.y, left, name, Role::Strong);
        canvas.text(x + 1, area.y, first.saturating_sub(x + 1), &note, role);
    }
    let titles: Vec<&str> = detail.sections().collect();
    for (index, (range, section)) in places.iter().enumerate() {
        let here = *section == detail.section();
        let role = match (here, focused) {
            (true, true) => Role::Accent,
            (true, false) => Role::Strong,
            _ => Role::Dim,
        };
        canvas.clear(Area { x: range.start - 1, width: range.end - range.start + 2, ..area });
        let x = canvas.text(range.start, area.y, range.end - range.start, titles[*section], role);
        let last = index + 1 == places.len();
        canvas.text(x, area.y, 3, if last { " " } else { " │ " }, Role::Rule);
        // Underlined, since colour alone must not carry meaning.
        if here {
            let place = Area { x: range.start, y: area.y, width: range.end - range.start, height: 1 };
            canvas.fill(place, Style::new().add_modifier(Modifier::UNDERLINED));
        }
    }
}

/// The columns and indexes of the visible section titles. A narrow screen shows only some, including the current one.
pub(super) fn section_places(app: &App, layout: &Layout) -> Vec<(Range<u16>, usize)> {
    let area = layout.title;
    let detail = &app.parts().detail;
    let widths: Vec<u16> = detail.sections().map(|title| width(title) as u16).collect();
    let open = detail.section();
    let room = area.width.saturating_sub(if area.width >= 60 { 18 } else { 4 });
    let total = |range: &Range<usize>| widths[range.clone()].iter().map(|width| width + 3).sum::<u16>();
    let mut shown = 0..widths.len();
    while total(&shown) > room && shown.len() > 1 {
        if open + 1 < shown.end { shown.end -= 1 } else { shown.start += 1 }
    }
    let mut x = (area.x + area.width).saturating_sub(total(&shown));
    let mut places = Vec::new();
    for section in shown {
        let start = x.max(area.x + 1);
        let end = (start + widths[section]).min(area.x + area.width);
        if start < end {
            places.push((start..end, section));
        }
        x += widths[section] + 3;
    }
    places
}
