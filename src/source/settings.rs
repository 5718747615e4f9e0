//! What applies to every connection.

use crate::config;
use std::sync::Arc;

/// What applies to every connection.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Settings {
    /// Connections, retries, giving up.
    pub provider: config::Provider,
    /// What receivers do.
    pub listen: Arc<config::Listen>,
    /// Whether to wait without a limit for a program of this machine that is not up yet: somebody is watching.
    pub awaits_local: bool,
}
