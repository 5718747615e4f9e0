//! otail's own log, written to a file and never to the screen.

use super::Refusal;
use super::args::Everywhere;
use crate::config::{Loaded, LogFormat};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Opens the log if a file is configured. It is written until the guard is dropped.
pub(super) fn open(loaded: &Loaded, everywhere: &Everywhere) -> Result<Option<WorkerGuard>, Refusal> {
    let config = &loaded.config;
    let path = everywhere.log_file.clone().unwrap_or_else(|| config.log.file.clone());
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let level = level(loaded)?;
    let file = opened(&path).map_err(|error| {
        let about = format!("file: the log {} cannot be opened: {error}", path.display());
        Refusal::Usage(match everywhere.log_file {
            Some(_) => format!("--log-{about}"),
            None => loaded.origins.located("log", &about),
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

/// Opens the file for appending. Opening a pipe does not wait for a reader; writing to it does.
fn opened(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    // Only the user may read it: the log names hosts and services.
    options.create(true).append(true).mode(0o600).custom_flags(flags.bits().cast_signed());
    let file = options.open(path).map_err(|error| match path.metadata() {
        Ok(about) if about.file_type().is_fifo() => {
            io::Error::new(error.kind(), "nothing reads this pipe; start its reader first, or name a file")
        }
        _ => error,
    })?;
    let flags = fcntl_getfl(&file)?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    Ok(file)
}

/// The configured level.
pub(super) fn level(loaded: &Loaded) -> Result<EnvFilter, Refusal> {
    let level = &loaded.config.log.level;
    EnvFilter::try_new(level).map_err(|error| {
        Refusal::Usage(loaded.origins.located("log", &format!("level: `{level}` is not a log level: {error}")))
    })
}
