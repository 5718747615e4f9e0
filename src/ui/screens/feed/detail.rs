//! The detail of the selected row: a rule with its title and tabs, facts and content below.

use crate::app::{App, Area, Layout, Pane};
use crate::present::item::Tab;
use crate::present::{fitting, width};
use crate::ui::canvas::Canvas;
use crate::ui::entries::draw_column;
use crate::ui::theme::Role;
use std::ops::Range;

/// Draws the pane.
pub(in crate::ui) fn draw_detail(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    if layout.title.is_empty() {
        return;
    }
    let detail = &app.feed.detail;
    draw_title(canvas, app, layout);
    let search = app.marked();
    let focused = app.feed.panes.focus == Pane::Detail && app.help.is_none();
    let on_facts = detail.tab == Tab::Facts;
    if layout.facts.is_empty() {
        let column = if on_facts { &detail.facts } else { &detail.content };
        draw_column(canvas, layout.content, column, focused);
    } else {
        draw_column(canvas, layout.facts, &detail.facts, focused && on_facts);
        draw_column(canvas, layout.content, &detail.content, focused && !on_facts);
    }
    canvas.mark(layout.facts, &search);
    canvas.mark(layout.content, &search);
}

fn draw_title(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let area = layout.title;
    let detail = &app.feed.detail;
    let focused = app.feed.panes.focus == Pane::Detail && app.help.is_none();
    let rule = if focused { Role::Accent } else { Role::Rule };
    canvas.text(area.x, area.y, area.width, &"─".repeat(area.width.into()), rule);
    let places = tab_places(app, layout);
    let first = places.first().map_or(area.width, |(range, _)| range.start);
    let room = first.saturating_sub(area.x + 4);
    let (kind, name) = &detail.title;
    if room > 6 {
        let gone = app.feed.selected.as_ref().is_some_and(|selected| selected.gone);
        let said = if gone { "has left the buffer " } else { "" };
        let start = area.x + 2;
        let name_x = start + 2 + width(kind) as u16;
        let left = first.saturating_sub(name_x + 3 + width(said) as u16);
        let (_, cells) = fitting(name, left.into());
        canvas.clear(Area { x: start, width: width(kind) as u16 + 3 + cells as u16 + width(said) as u16, ..area });
        canvas.text(start + 1, area.y, room, kind, Role::Dim);
        let x = canvas.cut(name_x, area.y, left, name, Role::Strong);
        canvas.text(x + 1, area.y, first.saturating_sub(x + 1), said, Role::Warning);
    }
    for (index, (range, tab)) in places.iter().enumerate() {
        let title = detail.tabs[*tab];
        let active = title.tab == detail.tab || (title.tab == detail.content_tab() && !layout.facts.is_empty());
        let role = match (title.tab == detail.tab, active) {
            (true, _) if focused => Role::Accent,
            (_, true) => Role::Strong,
            _ => Role::Dim,
        };
        let text = tab_text(app, *tab);
        canvas.clear(Area { x: range.start - 1, width: range.end - range.start + 2, ..area });
        let x = canvas.text(range.start, area.y, range.end - range.start, &text, role);
        let last = index + 1 == places.len();
        canvas.text(x, area.y, 3, if last { " " } else { " │ " }, Role::Rule);
        // Not told by the look alone.
        if title.tab == detail.tab {
            canvas.fill(
                Area { x: range.start, y: area.y, width: range.end - range.start, height: 1 },
                ratatui::style::Style::new().add_modifier(ratatui::style::Modifier::UNDERLINED),
            );
        }
    }
}

/// Where the titles of the tabs lie: columns and which. On a narrow screen only some are shown, the open one among them.
pub(in crate::ui) fn tab_places(app: &App, layout: &Layout) -> Vec<(Range<u16>, usize)> {
    let area = layout.title;
    let detail = &app.feed.detail;
    let widths: Vec<u16> = (0..detail.tabs.len()).map(|tab| width(&tab_text(app, tab)) as u16).collect();
    let open = detail.tabs.iter().position(|title| title.tab == detail.tab).unwrap_or_default();
    let room = area.width.saturating_sub(if area.width >= 60 { 18 } else { 4 });
    let total = |range: &Range<usize>| widths[range.clone()].iter().map(|width| width + 3).sum::<u16>();
    let mut shown = 0..widths.len();
    while total(&shown) > room && shown.len() > 1 {
        if open + 1 < shown.end { shown.end -= 1 } else { shown.start += 1 }
    }
    let mut x = (area.x + area.width).saturating_sub(total(&shown));
    let mut places = Vec::new();
    for tab in shown {
        let start = x.max(area.x + 1);
        let end = (start + widths[tab]).min(area.x + area.width);
        if start < end {
            places.push((start..end, tab));
        }
        x += widths[tab] + 3;
    }
    places
}

fn tab_text(app: &App, tab: usize) -> String {
    let detail = &app.feed.detail;
    let Some(title) = detail.tabs.get(tab) else { return String::new() };
    let word = if title.tab == Tab::Facts { detail.title.0 } else { title.tab.word() };
    match title.count {
        Some(count) if count > 0 => format!("{word} {count}"),
        _ => word.to_owned(),
    }
}
