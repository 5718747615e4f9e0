//! The flags of the SOURCEs of the command line, as the configuration would say them; and those of every file.

use super::Refusal;
use super::args::{BeginFlags, Formats, Methods, SourceFlags};
use crate::config::{self, Format, Method};
use crate::source::{Beginning, Source};

impl BeginFlags {
    /// Says it of every file among the sources. What only sends what is new has no beginning to leave out.
    pub(super) fn say(self, mut sources: Vec<Source>) -> Result<Vec<Source>, Refusal> {
        let BeginFlags { tail, since } = self;
        let beginning = Beginning { tail, since };
        if beginning.is_everything() {
            return Ok(sources);
        }
        let flag = if tail.is_some() { "--tail" } else { "--since" };
        if tail == Some(0) && sources.iter().any(|source| source.spec.is_stdin()) {
            let message =
                "--tail 0 would leave nothing of standard input, whose last items are known at its end; leave it out";
            return Err(Refusal::Usage(message.into()));
        }
        let mut files = sources.iter_mut().filter(|source| source.spec.kind().is_read()).peekable();
        if files.peek().is_none() {
            return Err(Refusal::Usage(format!(
                "{flag} is for files and standard input, and no SOURCE is one: what else there is sends what it has; \
                 --filter and --limit say what is written of it"
            )));
        }
        files.for_each(|file| file.options.beginning = beginning);
        Ok(sources)
    }
}

/// Why a flag goes with one SOURCE alone.
const OF_ONE: &str = "the name is that of one";
const SECRET: &str = "a secret could reach the wrong server";
const TRUST: &str = "whom to trust blindly is said of one at a time";

impl SourceFlags {
    /// Refuses the flags that need a single SOURCE when there are several.
    pub(super) fn fit(&self, sources: usize) -> Result<(), String> {
        let mut given = self.flags().into_iter().filter(|(_, is_given, _)| *is_given);
        match sources {
            0 => match given.next() {
                Some((flag, ..)) => Err(format!(
                    "--{flag} is for SOURCEs on the command line, and none is named there; those of the configuration have it \
                     in their [[source]]"
                )),
                None => Ok(()),
            },
            1 => Ok(()),
            several => match given.find_map(|(flag, _, why)| Some((flag, why?))) {
                Some((flag, why)) => Err(format!(
                    "--{flag} is for one SOURCE on the command line, and {several} are named: {why}; give each its own \
                     [[source]] in the configuration (otail config example)"
                )),
                None => Ok(()),
            },
        }
    }

    /// The name of the flag that says what a key of the configuration would, if it was given.
    pub(super) fn flag(&self, key: &str) -> Option<&'static str> {
        let is_of_key = |name: &str| name.replace('-', "_") == key;
        self.flags().into_iter().find_map(|(name, given, _)| (given && is_of_key(name)).then_some(name))
    }

    /// Each flag, whether it was given, and why it goes with one SOURCE alone, if it does.
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
