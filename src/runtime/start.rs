//! What the command line and the configuration say about a run.

use super::self_telemetry::SelfTelemetry;
use crate::config::Config;
use crate::source::Source;

/// What to begin with.
pub struct Start {
    /// Settings.
    pub config: Config,
    /// Sources; empty: listening where the settings say.
    pub sources: Vec<Source>,
    /// Where otail's own numbers go, if anywhere.
    pub self_telemetry: Option<SelfTelemetry>,
}
