//! Where lines are read from.

use std::path::PathBuf;

/// Where lines are read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) enum FileInput {
    /// A file, followed by its name.
    Path(PathBuf),
    /// Standard input, read to its end.
    Stdin,
}
