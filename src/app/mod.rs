//! What the user is doing: action, state, effect; pure: no I/O, no clock, no ratatui.
