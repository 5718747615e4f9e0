//! The commands that the command line may become, above it.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::{App, Area, Layout, Typing, width};

/// Draws them; nothing where no command is typed.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, layout: &Layout) {
    let Some(Typing::Command { line, cycle, .. }) = &app.typing else { return };
    let Some(commands) = app.typing.as_ref().map(Typing::completions).filter(|commands| !commands.is_empty()) else {
        return;
    };
    let bottom = layout.status.y;
    let rows = commands.len().min(usize::from(bottom.saturating_sub(layout.list.y))) as u16;
    let name = |command: &crate::app::Command| format!("{} {}", command.name, command.argument).trim_end().to_owned();
    let names = commands.iter().map(|command| width(&name(command))).max().unwrap_or_default() as u16;
    let abouts = commands.iter().map(|command| width(command.about)).max().unwrap_or_default() as u16;
    let area = Area {
        x: 0,
        y: bottom.saturating_sub(rows),
        width: (names + abouts + 6).min(layout.status.width),
        height: rows,
    };
    canvas.clear(area);
    canvas.fill(area, Role::Away);
    let chosen = cycle.as_ref().map(|(_, at)| *at);
    for ((index, command), y) in commands.iter().enumerate().zip(area.y..area.y + area.height) {
        let taken = chosen == Some(index) || commands.len() == 1 && line.text().trim() == command.name;
        if taken {
            canvas.fill(Area { y, height: 1, ..area }, Role::Selection);
            canvas.text(area.x, y, 1, "▌", Role::Accent);
        }
        canvas.cut(area.x + 2, y, names, &name(command), Role::Strong);
        let x = area.x + 2 + names + 2;
        canvas.cut(x, y, area.width.saturating_sub(x + 1), command.about, Role::Dim);
        if taken {
            canvas.cover(Area { y, height: 1, ..area }, Role::Selection);
        }
    }
}
