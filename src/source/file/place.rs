//! Where lines come from.

use std::path::PathBuf;

/// Where lines come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) enum FilePlace {
    /// A file, followed by its name.
    Path(PathBuf),
    /// Standard input, to its end.
    Stdin,
}
