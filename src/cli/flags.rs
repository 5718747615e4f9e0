//! Turns flags of the command line into the settings of a source, in the form of a configuration entry.

use super::Refusal;
use super::args::{BeginFlags, Formats, Methods, SourceFlags};
use crate::config::{self, Format, Method};
use crate::source::{Beginning, Source};

impl BeginFlags {
    /// Sets the start of every file and of standard input. Other sources have no past to leave out.
    pub(super) fn apply(self, mut sources: Vec<Source>) -> Result<Vec<Source>, Refusal> {
        let BeginFlags { tail, since } = self;
        let beginning = Beginning { tail, since };
        if beginning.is_everything() {
            return Ok(sources);
        }
        let flag = if tail.is_some() { "--tail" } else { "--since" };
        if tail == Some(0) && sources.iter().any(|source| source.spec.is_stdin()) {
            let message =
                "--tail 0 would print nothing of standard input, which ends with its last item; leave the flag out";
            return Err(Refusal::Usage(message.into()));
        }
        let mut files = sources.iter_mut().filter(|source| source.spec.kind().is_read()).peekable();
        if files.peek().is_none() {
            return Err(Refusal::Usage(format!(
                "{flag} applies to files and standard input, and no SOURCE is one; to choose items of other sources, use \
                 --filter and --limit"
            )));
        }
        files.for_each(|file| file.options.beginning = beginning);
        Ok(sources)
    }
}

/// Reasons why a flag needs a single SOURCE.
const OF_ONE: &str = "a name belongs to one source";
const SECRET: &str = "a secret could reach the wrong server";
const TRUST: &str = "certificates must not go unchecked for several servers at once";

impl SourceFlags {
    /// Refuses the flags that need a single SOURCE when there are several.
    pub(super) fn fit(&self, sources: usize) -> Result<(), String> {
        let mut given = self.flags().into_iter().filter(|(_, is_given, _)| *is_given);
        match sources {
            0 => match given.next() {
                Some((flag, ..)) => Err(format!(
                    "--{flag} applies to SOURCEs on the command line, and there are none; for a source of the configuration, \
                     set it in its [[source]]"
                )),
                None => Ok(()),
            },
            1 => Ok(()),
            several => match given.find_map(|(flag, _, why)| Some((flag, why?))) {
                Some((flag, why)) => Err(format!(
                    "--{flag} needs a single SOURCE, and there are {several}: {why}; give each its own [[source]] in the \
                     configuration (otail config example)"
                )),
                None => Ok(()),
            },
        }
    }

    /// The flag that stands for a key of the configuration, if it was given.
    pub(super) fn flag(&self, key: &str) -> Option<&'static str> {
        let is_of_key = |name: &str| name.replace('-', "_") == key;
        self.flags().into_iter().find_map(|(name, given, _)| (given && is_of_key(name)).then_some(name))
    }

    /// Each flag, whether it was given, and why it needs a single SOURCE, if it does.
    fn flags(&self) -> [(&'static str, bool, Option<&'static str>); 11] {
        [
            ("interval", self.interval.is_some(), None),
            ("format", self.format.is_some(), None),
            ("method", self.method.is_some(), None),
            ("cacert", self.cacert.is_some(), None),
            ("name", self.name.is_some(), Some(OF_ONE)),
            ("header-file", self.header_file.is_some(), Some(SECRET)),
            ("token-env", self.token_env.is_some(), Some(SECRET)),
            ("basic-env", self.basic_env.is_some(), Some(SECRET)),
            ("cert", self.cert.is_some(), Some(SECRET)),
            ("key", self.key.is_some(), Some(SECRET)),
            ("insecure", self.insecure, Some(TRUST)),
        ]
    }

    /// The flags as an entry of the configuration.
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
