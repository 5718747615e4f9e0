//! The flags of the one SOURCE of the command line, as the configuration would say them; and those of every file.

use super::Refusal;
use super::args::{BeginFlags, Formats, Methods, SourceFlags};
use crate::config::{self, Format, Method};
use crate::source::{Beginning, FilePlace, Source, SourceSpec};

impl BeginFlags {
    /// Says it of every file among the sources. What only sends what is new has no beginning to leave out.
    pub(super) fn say(self, mut sources: Vec<Source>) -> Result<Vec<Source>, Refusal> {
        let BeginFlags { tail, since } = self;
        let beginning = Beginning { tail, since };
        if beginning.is_everything() {
            return Ok(sources);
        }
        let flag = if tail.is_some() { "--tail" } else { "--since" };
        if tail == Some(0) && sources.iter().any(|source| source.spec == SourceSpec::File(FilePlace::Stdin)) {
            let message =
                "--tail 0 would leave nothing of standard input, whose last items are known at its end; leave it out";
            return Err(Refusal::Usage(message.into()));
        }
        let mut files = sources.iter_mut().filter(|source| matches!(source.spec, SourceSpec::File(_))).peekable();
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

impl SourceFlags {
    /// The name of a flag that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let flags = [
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
        ];
        flags.into_iter().find_map(|(name, given)| given.then_some(name))
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
