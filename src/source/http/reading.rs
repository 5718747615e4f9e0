//! Files that an attempt needs, while they are read.

use super::super::error::SourceError;
use reqwest::Client;
use reqwest::header::HeaderMap;
use tokio::task::JoinHandle;

/// The client, and the headers that are secrets.
#[derive(Debug)]
pub(super) struct Prepared {
    pub client: Client,
    pub secrets: HeaderMap,
}

/// A reading under way. One that nobody waits for any more does not begin.
#[derive(Debug)]
pub(super) struct Reading(pub JoinHandle<Result<Prepared, SourceError>>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}
