//! The flags of the one SOURCE of the command line, as the configuration would say them.

use super::args::{Formats, Methods, SourceFlags};
use crate::config::{self, Format, Method};

impl SourceFlags {
    /// The name of a flag that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        self.flags().into_iter().find_map(|(name, given)| given.then_some(name))
    }

    /// The name of the flag that says what a key of the configuration would, if it was given.
    pub(super) fn flag(&self, key: &str) -> Option<&'static str> {
        let is_of_key = |name: &str| name.replace('-', "_") == key;
        self.flags().into_iter().find_map(|(name, given)| (given && is_of_key(name)).then_some(name))
    }

    fn flags(&self) -> [(&'static str, bool); 11] {
        [
            ("name", self.name.is_some()),
            ("interval", self.interval.is_some()),
            ("format", self.format.is_some()),
            ("method", self.method.is_some()),
            ("header-file", self.header_file.is_some()),
            ("token-env", self.token_env.is_some()),
            ("basic-env", self.basic_env.is_some()),
            ("cacert", self.cacert.is_some()),
            ("cert", self.cert.is_some()),
            ("key", self.key.is_some()),
            ("insecure", self.insecure),
        ]
    }

    /// As the configuration would say it.
    pub(super) fn entry(&self, url: &str) -> config::Source {
        config::Source {
            url: url.to_owned(),
            name: self.name.clone(),
            interval: self.interval,
            format: match self.format.unwrap_or_default() {
                Formats::Auto => Format::Auto,
                Formats::Json => Format::Json,
                Formats::Protobuf => Format::Protobuf,
                Formats::Prometheus => Format::Prometheus,
            },
            method: match self.method.unwrap_or_default() {
                Methods::Get => Method::Get,
                Methods::Post => Method::Post,
            },
            header_file: self.header_file.clone(),
            token_env: self.token_env.clone(),
            basic_env: self.basic_env.clone(),
            cacert: self.cacert.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
            insecure: self.insecure,
            ..config::Source::default()
        }
    }
}
