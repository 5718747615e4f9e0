//! How the Feed looks: its rows, and the right end of its bar.

mod columns;
mod counts;
mod empty;
mod header;
mod list;
mod row;
mod summary;

use crate::app::screens::feed::Feed;
use crate::app::{App, Layout};
use crate::keymap::Keymap;
use crate::ui::canvas::Canvas;
use crate::ui::screens::Paint;
use crate::ui::theme::Role;

impl Paint for Feed {
    fn list(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        list::draw(canvas, app, keymap, layout);
    }

    fn counts(&self, app: &App) -> Vec<(String, Role)> {
        counts::counts(app)
    }

    /// Only the time can be sorted by its title.
    fn title_at(&self, app: &App, layout: &Layout, column: u16) -> Option<usize> {
        let time = list::columns(app, layout.list.width).time;
        (time.is_shown() && (time.x..time.end() + 1).contains(&column)).then_some(0)
    }

    fn note(&self, _: &App) -> Option<(String, Role)> {
        let gone = self.selected.as_ref().is_some_and(|selected| selected.gone);
        gone.then(|| ("has left the buffer".to_owned(), Role::Warning))
    }
}
