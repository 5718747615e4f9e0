//! How an attempt at a source ends.

use std::time::Duration;

/// Why an attempt ended. Each says what was tried, on whom, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// May work again: dropped connections, timeouts, 429, 5xx.
    #[error("{message}")]
    Passing {
        /// What happened, in words.
        message: String,
        /// What the server asked for: not before.
        not_before: Option<Duration>,
    },
    /// Nobody listens yet at an address of this machine: the program is perhaps not started yet.
    #[error("{0}")]
    NotUp(String),
    /// Will not work again by itself.
    #[error("{0}")]
    Final(String),
    /// The server wants credentials (401), or better ones.
    #[error("{0}")]
    Credentials(String),
}

impl SourceError {
    /// What may work again, without a hint from the server.
    pub fn passing(message: impl Into<String>) -> SourceError {
        SourceError::Passing { message: message.into(), not_before: None }
    }

    /// Whether another attempt makes sense.
    pub fn is_passing(&self) -> bool {
        matches!(self, SourceError::Passing { .. } | SourceError::NotUp(_))
    }
}
