//! Reads the files that a request needs, off the async workers.

use super::super::error::SourceError;
use reqwest::Client;
use reqwest::header::HeaderMap;
use tokio::task::JoinHandle;

/// The client, and the secret headers.
#[derive(Debug)]
pub(super) struct Prepared {
    pub client: Client,
    pub secrets: HeaderMap,
}

/// A running read of files. If it is dropped before it starts, it does not start.
#[derive(Debug)]
pub(super) struct PendingFiles(pub JoinHandle<Result<Prepared, SourceError>>);

impl Drop for PendingFiles {
    fn drop(&mut self) {
        self.0.abort();
    }
}
