//! The settings of the app at the start; [`Event::Configured`](super::Event::Configured) renews some of it.

use jiff::tz::TimeZone;

/// How this run was set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// The filter in force at the start; empty for none. One that does not parse is shown with its error.
    pub filter: String,
    /// Bytes that the buffer may hold, for the fill in the status line.
    pub max_bytes: usize,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Sources that are configured, as they would be typed, without credentials.
    pub known_sources: Vec<String>,
    /// What a sender's environment must have beside the address and the protocol, as `NAME=value`, secrets left out.
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
