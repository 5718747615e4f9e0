//! Drawing of the screens. The folders have the same names as in `app::screens`.
//!
//! A screen's state implements [`Paint`] here. The registry in `app::screens` declares the folders.

use super::canvas::Canvas;
use super::filter_bar;
use super::theme::Role;
use crate::app::screens::{Screen, for_each_screen};
use crate::app::{App, Layout};
use crate::keymap::Keymap;

macro_rules! define {
    ($($folder:ident: $State:ident = $about:literal,)*) => {
        $(mod $folder;)*

        /// The current screen's drawing.
        pub(super) fn shown(app: &App) -> &dyn Paint {
            match app.screen { $(Screen::$State => &app.screens.$folder,)* }
        }
    };
}

for_each_screen!(define);

/// The parts that each screen draws itself. Tabs, detail, help and status line are shared.
pub(super) trait Paint {
    /// Draws the list and its column titles.
    fn list(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout);

    /// Draws the bar: the filter bar by default.
    fn bar(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        filter_bar::draw(canvas, app, keymap, layout, self.counts(app));
    }

    /// The cursor's position while a line is typed in the bar.
    fn cursor(&self, app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
        filter_bar::cursor(app, keymap, layout, self.counts(app))
    }

    /// Draws the error of the line in the bar, over the list.
    fn problem(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        filter_bar::draw_error(canvas, app, keymap, layout, self.counts(app));
    }

    /// Texts for the right end of the filter bar. The last ones are left out first if space is short.
    fn counts(&self, _: &App) -> Vec<(String, Role)> {
        Vec::new()
    }

    /// A text after the name in the detail's title.
    fn note(&self, _: &App) -> Option<(String, Role)> {
        None
    }

    /// The index of the column title at a cell column.
    fn title_at(&self, _: &App, _: &Layout, _: u16) -> Option<usize> {
        None
    }
}
