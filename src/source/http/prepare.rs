//! Prepares a request: a client with its certificates, and the headers with credentials. Their files may be on a disk that
//! hangs, so they are read off the async workers, with the same time limit as a connection.

use super::super::error::SourceError;
use super::super::options::Options;
use super::pending_files::{PendingFiles, Prepared};
use super::session::Session;
use crate::net::{self, ClientSettings};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url};
use tokio::task::{JoinError, spawn_blocking};

/// Prepares a request to `url`.
///
/// # Errors
///
/// Passing for credentials, which may be rotated, and for files not read in time; final for certificates.
pub(super) async fn prepare(url: &Url, options: &Options, session: &mut Session) -> Result<Prepared, SourceError> {
    if let Some(client) = &session.client
        && !options.are_secrets_in_files()
    {
        return Ok(Prepared { client: client.clone(), secrets: secrets(options)? });
    }
    // A hanging disk blocks one thread per source, not one per attempt. A finished read belongs to an earlier attempt and may
    // be outdated.
    let under_way = session.reading.take().filter(|reading| !reading.0.is_finished());
    let reading = session.reading.insert(under_way.unwrap_or_else(|| begin(url, options, session.client.clone())));
    match tokio::time::timeout(options.connection_timeout, &mut reading.0).await {
        Err(_) => Err(SourceError::passing(too_slow(options))),
        Ok(read) => {
            session.reading = None;
            let failed = |error: JoinError| SourceError::passing(format!("its files could not be read: {error}"));
            let prepared = read.map_err(failed)??;
            session.client = Some(prepared.client.clone());
            Ok(prepared)
        }
    }
}

fn begin(url: &Url, options: &Options, client: Option<Client>) -> PendingFiles {
    let confidential = options.is_confidential() || net::is_confidential(url);
    let options = options.clone();
    PendingFiles(spawn_blocking(move || {
        let secrets = secrets(&options)?;
        let client_settings = || ClientSettings {
            trust: options.trust.clone(),
            connect_timeout: options.connection_timeout,
            confidential,
        };
        let client = client.map_or_else(|| net::client(&client_settings()).map_err(SourceError::Final), Ok)?;
        Ok(Prepared { client, secrets })
    }))
}

fn secrets(options: &Options) -> Result<HeaderMap, SourceError> {
    let mut secrets = HeaderMap::new();
    let applied = options.auth.apply(&mut secrets).and_then(|()| options.headers.apply(&mut secrets));
    applied.map(|()| secrets).map_err(SourceError::passing)
}

fn too_slow(options: &Options) -> String {
    let files: Vec<String> = options.files().map(|(key, path)| format!("{key} {}", path.display())).collect();
    let files = if files.is_empty() { "the system's certificates".to_owned() } else { files.join(", ") };
    let seconds = options.connection_timeout.as_secs_f64();
    format!("{files}: not read within {seconds} s; check whether the disk responds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Auth;
    use std::time::Duration;

    #[tokio::test]
    async fn a_hanging_file_blocks_only_one_thread() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        crate::net::install_tls();
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("hangs");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let mut options = Options::of_all(&crate::config::Provider::default());
        (options.auth, options.connection_timeout) = (Auth::BearerFile(pipe.clone()), Duration::from_millis(20));
        let (url, mut session) = (Url::parse("http://h/").unwrap(), Session::default());
        let mut readings = Vec::new();
        for _ in 0..3 {
            prepare(&url, &options, &mut session).await.unwrap_err();
            readings.push(session.reading.as_ref().unwrap().0.id());
        }
        assert!(readings.iter().all(|id| *id == readings[0]), "{readings:?}");
        let write = tokio::task::spawn_blocking(move || std::fs::write(pipe, "token").unwrap());
        options.connection_timeout = Duration::from_secs(20);
        let prepared = prepare(&url, &options, &mut session).await.unwrap();
        assert_eq!(prepared.secrets["authorization"], "Bearer token");
        write.await.unwrap();
    }
}
