//! Settings of all connections.

use crate::config;
use std::sync::Arc;

/// Settings of all connections.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Settings {
    /// Limits on connections and retries.
    pub provider: config::Provider,
    /// Settings of receivers.
    pub listen: Arc<config::Listen>,
    /// Whether to wait without limit for a program of this machine that has not started yet: true if a user is watching.
    pub awaits_local: bool,
}
