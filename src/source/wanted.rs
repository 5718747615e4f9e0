//! The state that the user wants for a connection.

/// The state that the user wants for a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Running,
    Paused,
    Ended,
}
