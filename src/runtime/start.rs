//! The input of a run, from the command line and the configuration.

use super::self_telemetry::SelfTelemetry;
use crate::config::Config;
use crate::source::Source;

/// Settings and sources of a run.
pub struct Start {
    /// The settings.
    pub config: Config,
    /// The sources. Empty: otail listens on the configured addresses.
    pub sources: Vec<Source>,
    /// The export of otail's own metrics, if it is configured.
    pub self_telemetry: Option<SelfTelemetry>,
}
