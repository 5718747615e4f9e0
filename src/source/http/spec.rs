//! What is asked over HTTP.

use crate::net::shown;
use std::fmt;

/// What is asked over HTTP, and what the answer is known to be.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct HttpSpec {
    /// Where, with scheme `http` or `https`; it may hold credentials.
    pub(super) url: String,
    /// What is there.
    pub(super) expect: Expect,
}

/// What a URL leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expect {
    /// Asked once: an event stream is followed, anything else is polled.
    Anything,
    /// A stream of server-sent events.
    Stream,
    /// Something to poll.
    Poll,
    /// Prometheus text or OpenMetrics, to poll.
    Prometheus,
}

impl Expect {
    /// What stands before `http` in the scheme.
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
