//! `--self-telemetry`: where otail's own numbers go, checked before anything starts.

use super::args::Everywhere;
use super::{Refusal, variables, warn};
use crate::config::{self, Config, Exporter};
use crate::runtime::SelfTelemetry;
use crate::source::{ListenSpec, Source, SourceSpec};

/// What the flag says, else the configuration; `None` where nothing is to be sent.
pub(super) fn self_telemetry(
    sources: &[Source],
    config: &Config,
    everywhere: &Everywhere,
) -> Result<Option<SelfTelemetry>, Refusal> {
    let mut settings: config::SelfTelemetry = config.self_telemetry.clone();
    let (said, url) = match &everywhere.self_telemetry {
        Some(url) => ("--self-telemetry", url.clone()),
        None => ("self_telemetry.url", settings.url),
    };
    settings.url = url;
    if settings.url.is_empty() {
        return Ok(None);
    }
    let (exporter, ignored) = Exporter::read(&variables());
    ignored.iter().for_each(|why| warn(why));
    SelfTelemetry::new(&settings, &exporter, &listeners(sources, config))
        .map_err(|error| Refusal::Usage(format!("{said}: {error}")))
}

/// The addresses that otail is going to receive on.
fn listeners(sources: &[Source], config: &Config) -> Vec<String> {
    let usual = || vec![config.listen.grpc.clone(), config.listen.http.clone()];
    let of = |source: &Source| match &source.spec {
        SourceSpec::Listen(ListenSpec { grpc, http }) => vec![grpc.clone(), http.clone()],
        _ => Vec::new(),
    };
    if sources.is_empty() { usual() } else { sources.iter().flat_map(of).collect() }
}
