//! Looks by role: what a cell is decides how it looks.

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, dim, underline and reverse remain.
    Mono,
    /// The 16 of the user's palette.
    Ansi,
    /// The 256 of the xterm palette.
    Indexed,
    /// Any.
    True,
}

/// What the terminal's own background is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Dark, or not known.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// What a cell is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Plain text.
    Text,
}

/// The looks of every role.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

impl Theme {
    /// The built-in looks for a terminal of this depth and background.
    pub fn new(depth: Depth, scheme: Scheme, ascii: bool) -> Theme {
        _ = (depth, scheme);
        Theme { ascii }
    }
}
