//! A source that is read over HTTP.

use crate::net::shown;
use std::fmt;

/// A URL and the expected kind of answer.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct HttpSpec {
    /// The URL, with scheme `http` or `https`; it may contain credentials.
    pub(super) url: String,
    /// The expected kind of answer.
    pub(super) expect: Expect,
}

/// The expected kind of answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expect {
    /// Unknown: an event stream is followed, anything else is polled.
    Anything,
    /// A stream of server-sent events.
    Stream,
    /// A polled answer.
    Poll,
    /// Polled Prometheus text or OpenMetrics.
    Prometheus,
}

impl Expect {
    /// The prefix of the scheme, before `http`.
    pub fn prefix(self) -> &'static str {
        match self {
            Expect::Anything => "",
            Expect::Stream => "sse+",
            Expect::Poll => "poll+",
            Expect::Prometheus => "prom+",
        }
    }
}

impl fmt::Debug for HttpSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpSpec { url, expect } = self;
        f.debug_struct("HttpSpec").field("url", &shown(url)).field("expect", expect).finish()
    }
}
