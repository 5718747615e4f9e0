//! What the user wants of a connection.

/// What the user wants of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Running,
    Paused,
    Ended,
}
