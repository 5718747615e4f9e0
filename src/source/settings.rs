//! What is asked for: a source and its options, and what applies to all of them.

use super::options::Options;
use super::spec::SourceSpec;
use crate::config;
use std::sync::Arc;

/// What applies to every connection.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Settings {
    /// Connections, retries, giving up.
    pub provider: config::Provider,
    /// What receivers do.
    pub listen: Arc<config::Listen>,
    /// Whether to wait without a limit for a program of this machine that is not up yet: somebody is watching.
    pub awaits_local: bool,
}

/// A source, with its options.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// What it is.
    pub spec: SourceSpec,
    /// Its name for people; without one it is made from the URL.
    pub name: Option<String>,
    /// What it belongs to, for people.
    pub group: Option<String>,
    /// How it is asked, trusted and kept.
    pub options: Options,
}
