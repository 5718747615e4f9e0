//! Drawing: turns the app's state into cells, with layout, theme roles and widgets.
//!
//! Drawing takes `&App` and changes nothing. Drawing and the mouse share `app::Layout`. May import `app`'s imports, `app` and
//! `keymap`. Start with [`draw`], then `screens::feed`; styles are in [`Theme`]. Text from outside passes through
//! `model::visible` before it reaches the canvas. Deliberately not here: the terminal, and any change of state.

mod bars;
mod canvas;
mod completions;
mod detail;
mod entries;
mod filter_bar;
mod help;
mod mouse;
mod screens;
mod scrolled;
mod spark;
mod state;
mod status;
mod tabs;
#[cfg(test)]
mod tests;
mod theme;

pub use help::help_end;
pub use mouse::{pointer, target};
pub use theme::{Depth, Role, Scheme, Theme, ThemeError};

use crate::app::App;
use crate::keymap::Keymap;
use canvas::Canvas;
use ratatui::Frame;

/// Draws the app. The time is that of the app's last event, and the layout follows the app's size; cells outside the frame
/// are not drawn.
pub fn draw(frame: &mut Frame<'_>, app: &App, keymap: &Keymap, theme: &Theme) {
    let layout = app.layout();
    let area = frame.area();
    let canvas = &mut Canvas::new(frame.buffer_mut(), theme);
    tabs::draw(canvas, app, &layout);
    let screen = screens::shown(app);
    screen.bar(canvas, app, keymap, &layout);
    screen.list(canvas, app, keymap, &layout);
    detail::draw(canvas, app, &layout);
    help::draw(canvas, app, keymap, &layout);
    screen.problem(canvas, app, keymap, &layout);
    status::draw(canvas, app, keymap, &layout);
    completions::draw(canvas, app, &layout);
    let cursor = screen.cursor(app, keymap, &layout).or_else(|| status::cursor(app, keymap, &layout));
    if let Some((x, y)) = cursor.filter(|(x, y)| *x < area.width && *y < area.height) {
        frame.set_cursor_position((x, y));
    }
}
