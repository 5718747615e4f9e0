//! otail's own log: to a file, never to the screen (ruling G18).

use super::Refusal;
use super::args::Everywhere;
use crate::config::{Loaded, LogFormat};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Opens the log where one is wanted; it is written until the guard is dropped.
pub(super) fn open(loaded: &Loaded, everywhere: &Everywhere) -> Result<Option<WorkerGuard>, Refusal> {
    let config = &loaded.config;
    let path = everywhere.log_file.clone().unwrap_or_else(|| config.log.file.clone());
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let level = level(loaded)?;
    // The user's alone: what is logged names hosts and services.
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let file = file.map_err(|error| {
        let about = format!("file: the log {} cannot be opened: {error}", path.display());
        Refusal::Usage(match everywhere.log_file {
            Some(_) => format!("--log-{about}"),
            None => loaded.origins.told("log", &about),
        })
    })?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let subscriber = tracing_subscriber::fmt().with_env_filter(level).with_writer(writer).with_ansi(false);
    match config.log.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
    Ok(Some(guard))
}

/// The level that is configured.
pub(super) fn level(loaded: &Loaded) -> Result<EnvFilter, Refusal> {
    let level = &loaded.config.log.level;
    EnvFilter::try_new(level)
        .map_err(|error| Refusal::Usage(loaded.origins.told("log", &format!("level: `{level}` is no level: {error}"))))
}
