//! What outlives a connection: the client with its open connections, where to resume, what the server wished for.

use super::super::credentials::Auth;
use super::super::error::SourceError;
use super::reading::Reading;
use crate::wire::prometheus::Scraper;
use crate::wire::sse::Framer;
use reqwest::Client;
use reqwest::header::{ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use std::time::Duration;

/// The memory of one source.
#[derive(Default)]
pub(super) struct Session {
    /// The credentials of the last attempt.
    auth: Option<Auth>,
    pub(super) client: Option<Client>,
    /// Of files that an attempt needs, or needed.
    pub(super) reading: Option<Reading>,
    /// Whether the URL that was asked what it is turned out to be a stream.
    pub(super) is_stream: Option<bool>,
    pub(super) framer: Framer,
    /// The server's `retry:`.
    pub(super) retry: Option<Duration>,
    /// How many of the known paths were tried.
    pub(super) fallback: usize,
    /// The server has no filtered stream.
    pub(super) is_unfiltered: bool,
    pub(super) validators: Validators,
    /// A hash of the last answer to a poll, and how many items it held.
    pub(super) last_answer: Option<(u64, u64)>,
    /// Answers in a row of which nothing could be taken.
    pub(super) useless_answers: u32,
    /// What is remembered of the series of a Prometheus endpoint, once it is known to be one.
    pub(super) scraper: Option<Scraper>,
}

impl Session {
    pub(super) fn passing(&self, message: String, hint: Option<Duration>) -> SourceError {
        SourceError::Passing { message, not_before: hint.max(self.retry) }
    }

    /// An attempt begins. Files of certificates may have changed since the last one, so a client is made anew. With other
    /// credentials, what the server gave to the old ones is forgotten.
    pub fn begin(&mut self, auth: &Auth) {
        self.client = None;
        if self.auth.as_ref().is_some_and(|before| before != auth) {
            self.reading = None;
            self.validators = Validators::default();
            self.last_answer = None;
        }
        self.auth = Some(auth.clone());
    }
}

/// What a server gave to ask with whether there is anything new.
#[derive(Default)]
pub(super) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// Takes those of an answer; one without any takes the old ones away.
    pub fn of(headers: &HeaderMap) -> Validators {
        Validators { etag: headers.get(ETAG).cloned(), last_modified: headers.get(LAST_MODIFIED).cloned() }
    }

    pub fn apply(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            headers.insert(IF_NONE_MATCH, etag.clone());
        }
        if let Some(date) = &self.last_modified {
            headers.insert(IF_MODIFIED_SINCE, date.clone());
        }
    }
}
