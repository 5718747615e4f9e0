//! Loads the configured theme, reduced to the colours that this terminal can show.

use crate::config;
use crate::files;
use crate::terminal::{Capabilities, ColorDepth};
use crate::ui::{Depth, Scheme, Theme};
use std::path::Path;

/// The built-in theme, or the user's theme file on top of it.
///
/// # Errors
///
/// A message: the file cannot be read, or it is not a valid theme.
pub fn load_theme(settings: &config::Ui) -> Result<Theme, String> {
    let capabilities = Capabilities::of_environment();
    let depth = match capabilities.colors {
        ColorDepth::Mono => Depth::Mono,
        ColorDepth::Ansi16 => Depth::Ansi,
        ColorDepth::Indexed256 => Depth::Indexed,
        ColorDepth::TrueColor => Depth::True,
    };
    let (scheme, user) = match settings.theme.as_str() {
        "default" | "dark" => (Scheme::Dark, String::new()),
        "light" => (Scheme::Light, String::new()),
        path => {
            let read = files::read_text(Path::new(path), files::TEXT);
            (
                Scheme::Dark,
                read.map_err(|error| format!("{path} is not a built-in theme, and cannot be read as a file: {error}"))?,
            )
        }
    };
    Theme::with(&user, depth, scheme, capabilities.ascii || settings.ascii).map_err(|error| error.to_string())
}
