//! How the screens look; the folders have the same names as in `app::screens`.
//!
//! A screen's state implements [`Paint`] here. The lines of the registry in `app::screens` declare the folders.

use super::canvas::Canvas;
use super::filter_bar;
use super::theme::Role;
use crate::app::screens::{Screen, for_each_screen};
use crate::app::{App, Layout};
use crate::keymap::Keymap;

macro_rules! define {
    ($($folder:ident: $State:ident = $about:literal,)*) => {
        $(mod $folder;)*

        /// How the screen that is shown is drawn.
        pub(super) fn shown(app: &App) -> &dyn Paint {
            match app.screen { $(Screen::$State => &app.screens.$folder,)* }
        }
    };
}

for_each_screen!(define);

/// What the frame wants of a screen. Tabs, detail, help and status line are the same on all.
pub(super) trait Paint {
    /// Draws the list, and the titles of its columns.
    fn list(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout);

    /// Draws the bar: the filter, unless the screen has another one.
    fn bar(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        filter_bar::draw(canvas, app, keymap, layout, self.counts(app));
    }

    /// Where the cursor stands while a line is typed in the bar.
    fn cursor(&self, app: &App, keymap: &Keymap, layout: &Layout) -> Option<(u16, u16)> {
        filter_bar::cursor(app, keymap, layout, self.counts(app))
    }

    /// Draws over the list: what is wrong with the line that is typed in the bar.
    fn problem(&self, canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
        filter_bar::draw_error(canvas, app, keymap, layout, self.counts(app));
    }

    /// What stands at the right end of the filter bar, from the end on. What comes last goes first where there is no room.
    fn counts(&self, _: &App) -> Vec<(String, Role)> {
        Vec::new()
    }

    /// What stands in the title of the detail behind the name.
    fn note(&self, _: &App) -> Option<(String, Role)> {
        None
    }

    /// The column whose title lies at a column of cells, counted from 0.
    fn title_at(&self, _: &App, _: &Layout, _: u16) -> Option<usize> {
        None
    }
}
