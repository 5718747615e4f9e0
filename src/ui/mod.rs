//! State → cells: layout, theme roles, widgets.

mod theme;

pub use theme::{Depth, Role, Scheme, Theme};

use crate::app::{App, Target};
use crate::keymap::Keymap;
use ratatui::Frame;

/// Draws the app. It changes nothing, and reads the clock nowhere: the time is that of the app's last event.
pub fn draw(frame: &mut Frame<'_>, app: &App, keymap: &Keymap, theme: &Theme) {
    _ = (frame, app, keymap, theme);
}

/// What lies under a cell of the screen, for the mouse.
pub fn target(app: &App, keymap: &Keymap, theme: &Theme, column: u16, row: u16) -> Target {
    _ = (app, keymap, theme, column, row);
    Target::Nothing
}
