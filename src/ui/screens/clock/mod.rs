//! How the trivial screen looks: a line a source.

use crate::app::screens::clock::Clock;
use crate::app::{App, Area, Layout, Pane};
use crate::keymap::Keymap;
use crate::model::visible;
use crate::present::short_time;
use crate::ui::canvas::Canvas;
use crate::ui::screens::Paint;
use crate::ui::theme::Role;

impl Paint for Clock {
    fn list(&self, canvas: &mut Canvas<'_>, app: &App, _: &Keymap, layout: &Layout) {
        let rows = self.table.rows.iter().skip(self.table.top);
        for (id, y) in rows.zip(layout.list.y..layout.list.y + layout.list.height) {
            let Some(connection) = app.connections.iter().find(|known| known.id == *id) else { continue };
            if self.table.selected == Some(*id) {
                let look = if app.has_keys(Pane::List) { Role::Selection } else { Role::Away };
                canvas.fill(Area { y, height: 1, ..layout.list }, look);
                canvas.text(layout.list.x, y, 1, "▌", Role::Accent);
            }
            let mut time = String::new();
            short_time(app.traffic.last_item(connection), app.now, &app.settings.zone, 12, &mut time);
            canvas.text(layout.list.x + 1, y, 12, &time, Role::Text);
            canvas.cut(
                layout.list.x + 15,
                y,
                layout.list.width.saturating_sub(16),
                &visible(&connection.label),
                Role::Strong,
            );
        }
    }

    fn bar(&self, _: &mut Canvas<'_>, _: &App, _: &Keymap, _: &Layout) {}
}
