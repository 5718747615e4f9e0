//! What a source remembers between attempts: the client with its open connections, where to resume, the server's hints.

use super::super::credentials::Auth;
use super::super::error::SourceError;
use super::pending_files::PendingFiles;
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
    /// A running read of files, of this attempt or an earlier one.
    pub(super) reading: Option<PendingFiles>,
    /// Whether the URL turned out to be a stream; `None` before the first answer.
    pub(super) is_stream: Option<bool>,
    pub(super) framer: Framer,
    /// The server's `retry:`.
    pub(super) retry: Option<Duration>,
    /// How many of the other known paths were tried.
    pub(super) fallback: usize,
    /// Whether the server has no filtered stream.
    pub(super) is_unfiltered: bool,
    pub(super) validators: Validators,
    /// The hash of the last polled answer, and its number of items.
    pub(super) last_answer: Option<(u64, u64)>,
    /// Rejected answers in a row.
    pub(super) useless_answers: u32,
    /// The known series of a Prometheus endpoint.
    pub(super) scraper: Option<Scraper>,
}

impl Session {
    pub(super) fn passing(&self, message: String, hint: Option<Duration>) -> SourceError {
        SourceError::Passing { message, not_before: hint.max(self.retry) }
    }

    /// Begins an attempt. Certificate files may have changed, so the client is created anew. If the credentials changed,
    /// drops the cache validators and the last answer.
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

/// Cache validators, to ask only for something new.
#[derive(Default)]
pub(super) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// Takes the validators of an answer; none if it has none.
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
