//! Drawing of the Sources screen: its bar and its rows.

mod bar;
mod list;
mod row;

use crate::app::screens::sources::Sources;
use crate::app::{App, Layout};
use crate::keymap::Keymap;
use crate::ui::canvas::Canvas;
use crate::ui::screens::Paint;
use crate::ui::state::state_of;
use crate::ui::theme::Role;

impl Paint for Sources {
    fn list(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        list::draw(canvas, app, keymap, layout);
    }

    fn bar(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        bar::draw(canvas, app, keymap, layout);
    }

    fn cursor(&self, app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
        bar::cursor(app, keymap, layout)
    }

    fn problem(&self, canvas: &mut Canvas<'_>, app: &App, _: &Keymap, layout: &Layout) {
        bar::draw_error(canvas, app, layout);
    }

    /// The state of the selected connection.
    fn note(&self, app: &App) -> Option<(String, Role)> {
        let state = state_of(self.selected_of(&app.connections)?, app.now);
        Some((format!("{} {}", state.sign, state.words()), state.role))
    }

    fn title_at(&self, app: &App, layout: &Layout, column: u16) -> Option<usize> {
        let shown = self.columns(&app.connections, &app.traffic, layout.list.width);
        shown.into_iter().position(|known| (known.x..known.x + known.width + 1).contains(&column))
    }
}
