//! The bar of the Sources screen: a prompt for a source or credentials, else the number of connections.

use crate::app::parts::Sort;
use crate::app::{Action, App, Area, Layout, Typing, is_open_connection};
use crate::keymap::Keymap;
use crate::model::visible;
use crate::present::{number, width, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::scrolled::scrolled;
use crate::ui::theme::Role;

/// Draws the bar.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let area = layout.bar;
    if area.is_empty() {
        return;
    }
    let end = area.x + area.width.saturating_sub(1);
    let prompt = prompt(app, keymap);
    let x = canvas.text(area.x + 1, area.y, area.width, &prompt.key, prompt.role);
    let x = canvas.text(x + 1, area.y, end.saturating_sub(x + 1), &prompt.words, Role::Dim);
    let room = end.saturating_sub(x + 1);
    match &app.typing {
        Some(Typing::Add { line, .. }) => {
            let (text, _) = scrolled(line.text(), line.cursor(), room);
            canvas.text(x + 1, area.y, room, &text, Role::Text);
            if line.text().is_empty() {
                canvas.cut(x + 2, area.y, room.saturating_sub(1), "URL, path or listen://ADDRESS", Role::Dim);
            }
        }
        Some(Typing::Credentials { line, .. }) => {
            let dots = "•".repeat(line.len().min(room.saturating_sub(1).into()));
            canvas.text(x + 1, area.y, room, &dots, Role::Text);
            if line.is_empty() {
                canvas.cut(x + 2, area.y, room.saturating_sub(1), "user:password, or a token", Role::Dim);
            }
        }
        _ => {
            let open = app.connections.iter().filter(|connection| is_open_connection(connection)).count();
            let all = app.connections.len();
            let text = match (open, all) {
                (_, 0) => "no source".to_owned(),
                (open, all) if open == all => format!("{} open", number::count(open as u64)),
                (open, all) => format!("{} of {} open", number::count(open as u64), number::count(all as u64)),
            };
            // Name the order here if no column title shows it.
            let shown = app.screens.sources.columns(&app.connections, &app.traffic, layout.list.width);
            let sort = app.screens.sources.sort;
            let hidden = sort != Sort::default() && !shown.iter().any(|column| column.what.sort() == Some(sort.by));
            let order = if hidden { format!("by {}  ", sort.words()) } else { String::new() };
            let text = order + &text;
            let cells = width(&text) as u16;
            if cells + 2 <= end.saturating_sub(x) {
                canvas.text(end - cells, area.y, cells, &text, Role::Text);
            }
        }
    }
}

/// The text before the typed line.
struct Prompt {
    key: String,
    words: String,
    role: Role,
}

fn prompt(app: &App, keymap: &Keymap) -> Prompt {
    let key = |action| keymap.key_of(&app.pane_contexts(), action).unwrap_or_default();
    let (action, words, role) = match &app.typing {
        Some(Typing::Add { instead_of: Some(id), .. }) => {
            let label = app.connections.iter().find(|connection| connection.id == *id);
            let label = label.map(|connection| visible(&connection.label)).unwrap_or_default();
            (Action::Edit, format!("replace {} with", short(&label, app)), Role::Accent)
        }
        Some(Typing::Add { .. }) => (Action::Add, "connect to".to_owned(), Role::Accent),
        Some(Typing::Credentials { label, .. }) => {
            (Action::Credentials, format!("credentials for {}", short(label, app)), Role::Accent)
        }
        _ => (Action::Add, "adds a source".to_owned(), Role::Dim),
    };
    Prompt { key: key(action), words, role }
}

/// Shortens a name, to leave space for the typed text.
fn short(label: &str, app: &App) -> String {
    let cells = usize::from(app.size.0) / 4;
    let (part, _) = crate::present::fitting(label, cells);
    if part.len() < label.len() { format!("{part}…") } else { label.to_owned() }
}

/// The cursor's position while a line is typed here.
pub(super) fn cursor(app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
    let area = layout.bar;
    let prompt = prompt(app, keymap);
    let x = area.x + 1 + (width(&prompt.key) + 1 + width(&prompt.words) + 1) as u16;
    let room = (area.x + area.width.saturating_sub(1)).saturating_sub(x);
    let at = match &app.typing {
        Some(Typing::Add { line, .. }) => {
            let (_, hidden) = scrolled(line.text(), line.cursor(), room);
            width(&visible(&line.text()[..line.cursor()])).saturating_sub(hidden)
        }
        Some(Typing::Credentials { line, .. }) => line.len().min(room.saturating_sub(1).into()),
        _ => return None,
    };
    (!area.is_empty()).then_some(((x + at as u16).min(area.width.saturating_sub(1)), area.y))
}

/// Draws the error of the typed line below it.
pub(super) fn draw_error(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let Some(Typing::Add { error: Some(error), .. }) = &app.typing else { return };
    let bar = layout.bar;
    let text = visible(error);
    let lines = wrap(&text, bar.width.saturating_sub(5).max(2).into());
    for (index, (part, y)) in lines.into_iter().take(4).zip(bar.y + bar.height..layout.status.y).enumerate() {
        canvas.clear(Area { x: bar.x, y, width: bar.width, height: 1 });
        let sign = if index == 0 { "✕" } else { " " };
        canvas.text(bar.x + 1, y, bar.width, sign, Role::Error);
        canvas.cut(bar.x + 3, y, bar.width.saturating_sub(4), &text[part], Role::Error);
    }
}
