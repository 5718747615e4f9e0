//! `--self-telemetry`: checks the destination of otail's own metrics before anything starts.

use super::args::Everywhere;
use super::{Refusal, variables, warn};
use crate::config::{self, Config, Exporter, Loaded};
use crate::runtime::SelfTelemetry;
use crate::source::Source;

/// The destination from the flag, otherwise from the configuration. `None`: no metrics are sent.
pub(super) fn self_telemetry(
    sources: &[Source],
    loaded: &Loaded,
    everywhere: &Everywhere,
) -> Result<Option<SelfTelemetry>, Refusal> {
    let mut settings: config::SelfTelemetry = loaded.config.self_telemetry.clone();
    if let Some(url) = &everywhere.self_telemetry {
        settings.url.clone_from(url);
    }
    if settings.url.is_empty() {
        return Ok(None);
    }
    let (exporter, ignored) = Exporter::read(&variables());
    ignored.iter().for_each(|why| warn(why));
    let located = |error: String| match everywhere.self_telemetry {
        Some(_) => format!("--self-telemetry: {error}"),
        None => loaded.origins.located("self_telemetry", &format!("url: {error}")),
    };
    SelfTelemetry::new(&settings, &exporter, &listeners(sources, &loaded.config))
        .map_err(|error| Refusal::Usage(located(error)))
}

/// The addresses that otail is going to receive on.
fn listeners(sources: &[Source], config: &Config) -> Vec<String> {
    let usual = || vec![config.listen.grpc.clone(), config.listen.http.clone()];
    let of = |source: &Source| source.spec.addresses();
    if sources.is_empty() { usual() } else { sources.iter().flat_map(of).collect() }
}
