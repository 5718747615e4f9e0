//! Why an attempt to connect ended.

use std::time::Duration;

/// Why an attempt ended. The messages say what was tried, on which URL, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A retry may succeed: lost connections, timeouts, 429, 5xx.
    #[error("{message}")]
    Passing {
        /// What happened.
        message: String,
        /// The minimum wait that the server asked for.
        not_before: Option<Duration>,
    },
    /// Nothing listens yet at an address of this machine: perhaps the program has not started yet.
    #[error("{0}")]
    NotUp(String),
    /// A retry would fail in the same way.
    #[error("{0}")]
    Final(String),
    /// The server requires credentials (401), or other ones.
    #[error("{0}")]
    Credentials(String),
}

impl SourceError {
    /// An error after which a retry may succeed, without a hint from the server.
    pub fn passing(message: impl Into<String>) -> SourceError {
        SourceError::Passing { message: message.into(), not_before: None }
    }

    /// Whether a retry may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, SourceError::Passing { .. } | SourceError::NotUp(_))
    }
}
