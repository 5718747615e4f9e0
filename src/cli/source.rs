//! What to connect to: what was named with its flags, else what is configured.

use super::Refusal;
use super::args::{Formats, Methods, SourceFlags};
use crate::config::{self, Config, Format, Method};
use crate::source::{Options, Source, SourceSpec};

/// The sources of a start; none: listen where the configuration says.
pub(super) fn sources(named: &[String], flags: &SourceFlags, config: &Config) -> Result<Vec<Source>, Refusal> {
    // Behind an option a subcommand reads as a path; waiting for a file of that name would be no help.
    let misplaced =
        |text: &&String| ["tail", "demo", "config"].contains(&text.as_str()) && !std::path::Path::new(text).exists();
    if let Some(command) = named.iter().find(misplaced) {
        let message = format!("there is no file `{command}`; for the command, put it first: otail {command} [OPTIONS]");
        return Err(Refusal::Usage(message));
    }
    match named {
        [] | [_, _, ..] if let Some(flag) = flags.given() => Err(Refusal::Usage(format!(
            "--{flag} is for one SOURCE on the command line, and here are {}: with several, a secret could reach the wrong \
             server; give each its own [[source]] in the configuration (otail config example)",
            named.len()
        ))),
        [] => configured(config),
        [url] => Ok(vec![source(&flags.entry(url), config)?]),
        several => several.iter().map(|url| source(&SourceFlags::default().entry(url), config)).collect(),
    }
}

/// The sources of the configuration.
pub(super) fn configured(config: &Config) -> Result<Vec<Source>, Refusal> {
    let numbered = config.sources.iter().enumerate();
    let read = numbered.map(|(index, entry)| {
        source(entry, config).map_err(|refusal| match refusal {
            Refusal::Usage(message) => Refusal::Usage(format!("[[source]] {}: {message}", index + 1)),
            other => other,
        })
    });
    read.collect()
}

fn source(entry: &config::Source, config: &Config) -> Result<Source, Refusal> {
    let spec = SourceSpec::parse(&entry.url).map_err(|error| Refusal::Usage(error.to_string()))?;
    let options = Options::of_source(entry, &config.provider, |name| std::env::var(name).ok());
    let options = options.map_err(|error| Refusal::Usage(format!("{}: {error}", spec.url())))?;
    Ok(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options })
}

impl SourceFlags {
    /// The name of a flag that was given.
    fn given(&self) -> Option<&'static str> {
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
    fn entry(&self, url: &str) -> config::Source {
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
