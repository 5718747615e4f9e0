//! The app's settings at the start. [`Event::Configured`](super::Event::Configured) updates some of them.

use jiff::tz::TimeZone;

/// Settings of this run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time zone for display.
    pub zone: TimeZone,
    /// The initial filter; empty for none. An invalid one is shown with its error.
    pub filter: String,
    /// The maximum size of the buffer in bytes, for its fill level in the status line.
    pub max_bytes: usize,
    /// Whether mouse support is on.
    pub mouse: bool,
    /// Configured sources as they would be typed, without credentials.
    pub known_sources: Vec<String>,
    /// Environment variables that an SDK needs besides endpoint and protocol, as `NAME=value`, without secrets.
    pub sender: Vec<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            zone: TimeZone::UTC,
            filter: String::new(),
            max_bytes: 256 << 20,
            mouse: true,
            known_sources: Vec::new(),
            sender: Vec::new(),
        }
    }
}
