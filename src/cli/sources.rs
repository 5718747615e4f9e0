//! The SOURCEs of the command line, else of the configuration: understood, each once, and no more than may be.

use super::args::SourceFlags;
use super::{Refusal, args};
use crate::config::{self, Config, Method};
use crate::net::Trust;
use crate::source::{Auth, FilePlace, Headers, HttpSpec, ListenSpec, Options, Source, SourceSpec, check_listen};
use std::path::{Path, PathBuf};

/// What was named, else what is configured; nothing where otail shall listen as configured.
pub(super) fn sources(named: &[String], flags: &SourceFlags, config: &Config) -> Result<Vec<Source>, Refusal> {
    // Behind an option a subcommand reads as a path; waiting for a file of that name would be no help.
    let misplaced = |text: &&String| args::is_subcommand(text) && !Path::new(text).exists();
    if let Some(command) = named.iter().find(misplaced) {
        let message = format!("there is no file `{command}`; for the command, put it first: otail {command} [OPTIONS]");
        return Err(Refusal::Usage(message));
    }
    match (named, flags.given()) {
        ([] | [_, _, ..], Some(flag)) => Err(Refusal::Usage(format!(
            "--{flag} is for one SOURCE on the command line, and {} are named: a secret could reach the wrong server; give \
             each source its own [[source]] in the configuration (otail config example)",
            named.len()
        ))),
        ([], None) => configured(config),
        ([url], _) => fit(vec![source(&flags.entry(url), config)?], config),
        (several, None) => {
            let read = several.iter().map(|url| source(&SourceFlags::default().entry(url), config));
            fit(read.collect::<Result<_, _>>()?, config)
        }
    }
}

/// What the configuration names.
pub(super) fn configured(config: &Config) -> Result<Vec<Source>, Refusal> {
    let listen = &config.listen;
    if config.sources.is_empty() && listen.grpc.is_empty() && listen.http.is_empty() {
        let message = "no SOURCE is named, and listen.grpc and listen.http are both empty: there is nothing to read";
        return Err(Refusal::Usage(message.into()));
    }
    let read = config.sources.iter().enumerate().map(|(index, entry)| {
        source(entry, config).map_err(|refusal| match refusal {
            Refusal::Usage(message) => Refusal::Usage(format!("the {} [[source]]: {message}", nth(index + 1))),
            other => other,
        })
    });
    fit(read.collect::<Result<_, _>>()?, config)
}

/// Refuses settings by which no receiver could be, where one is wanted.
pub(super) fn check_receivers(sources: &[Source], config: &Config) -> Result<(), Refusal> {
    let receives = |source: &Source| matches!(source.spec, SourceSpec::Listen(_));
    match sources.is_empty() || sources.iter().any(receives) {
        true => check_listen(&config.listen).map_err(|error| Refusal::Usage(format!("listen.{error}"))),
        false => Ok(()),
    }
}

fn nth(number: usize) -> String {
    match number {
        1 => "first".into(),
        2 => "second".into(),
        3 => "third".into(),
        number => format!("{number}th"),
    }
}

fn source(entry: &config::Source, config: &Config) -> Result<Source, Refusal> {
    let spec = SourceSpec::parse(&entry.url).map_err(|error| Refusal::Usage(error.to_string()))?;
    let options = Options::of_source(entry, &config.provider, |name| std::env::var(name).ok());
    let options = options.map_err(|error| Refusal::Usage(format!("{}: {error}", spec.url())))?;
    Ok(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options })
}

/// Refuses what is there twice, and more than there may be.
fn fit(sources: Vec<Source>, config: &Config) -> Result<Vec<Source>, Refusal> {
    let mut seen: Vec<(Vec<Place<'_>>, String)> = Vec::new();
    for source in &sources {
        let (places, url) = (places(source), source.spec.url());
        let meets = |before: &[Place<'_>]| places.iter().find(|place| before.contains(place));
        if let Some((place, before)) = seen.iter().find_map(|(places, url)| Some((meets(places)?, url))) {
            let both = match place {
                _ if *before == url => format!("{url} is named twice"),
                Place::Address(address) => format!("{before} and {url} both listen on {address}"),
                _ => format!("{before} and {url} are one"),
            };
            let why = match place {
                Place::Stdin => "it can be read once",
                Place::File(_) | Place::Url(..) => "everything would be counted twice",
                Place::Address(_) => "a port can be listened on once",
            };
            return Err(Refusal::Usage(format!("{both}: {why}; name it once")));
        }
        seen.push((places, url));
    }
    let (count, most) = (sources.len(), config.provider.max_connections);
    if count > most {
        let variable = config::variable_name("provider", "max_connections");
        return Err(Refusal::Usage(format!(
            "{count} SOURCEs are named and provider.max_connections allows {most}; raise it in the configuration's \
             [provider], or with {variable}={count}"
        )));
    }
    Ok(sources)
}

/// What cannot be read, or bound, by two.
#[derive(PartialEq)]
enum Place<'a> {
    Stdin,
    File(PathBuf),
    /// With who is asking: another may be shown something else at the same URL.
    Url(String, Method, &'a Headers, &'a Auth, &'a Trust),
    Address(String),
}

fn places(source: &Source) -> Vec<Place<'_>> {
    match &source.spec {
        SourceSpec::File(FilePlace::Stdin) => vec![Place::Stdin],
        // What is not there yet is awaited by its name.
        SourceSpec::File(FilePlace::Path(path)) => {
            vec![Place::File(
                path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.clone()),
            )]
        }
        SourceSpec::Http(HttpSpec { url, .. }) => {
            let Options { method, headers, auth, trust, .. } = &source.options;
            let url = reqwest::Url::parse(url).map_or_else(|_| url.clone(), String::from);
            vec![Place::Url(url, *method, headers, auth, trust)]
        }
        SourceSpec::Listen(ListenSpec { grpc, http }) => [grpc, http]
            .into_iter()
            .filter(|address| !address.is_empty() && !address.ends_with(":0"))
            .map(|address| Place::Address(address.clone()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(named: &[&str]) -> Option<String> {
        let named: Vec<String> = named.iter().map(|text| (*text).to_owned()).collect();
        match sources(&named, &SourceFlags::default(), &Config::default()) {
            Ok(_) => None,
            Err(Refusal::Usage(message) | Refusal::Failed(message)) => Some(message),
        }
    }

    #[test]
    fn a_source_that_is_named_twice_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let (file, link) = (file.to_str().unwrap(), link.to_str().unwrap());
        for (twice, why) in [
            (["-", "file:-"], "- is named twice: it can be read once"),
            ([file, file], "counted twice"),
            ([file, link], "counted twice"),
            (["later.jsonl", "./later.jsonl"], "are one: everything would be counted twice"),
            (["http://Host/x", "sse+http://host:80/x"], "are one: everything would be counted twice"),
            (["listen://127.0.0.1", "listen://127.0.0.1:4318"], "both listen on 127.0.0.1:4318"),
        ] {
            let said = said(&twice).unwrap_or_else(|| panic!("{twice:?} is taken"));
            assert!(said.contains(why), "{said}");
        }
        assert!(said(&[file, file]).unwrap().contains(&format!("file:{file} is named twice")));
        for good in [["listen://127.0.0.1?grpc=0&http=0"; 2], ["http://h/x", "http://h/y"], ["a", "b"]] {
            assert_eq!(said(&good), None);
        }
    }

    #[test]
    fn one_url_with_other_credentials_is_another_source() {
        let of = |token: &str| {
            let token = Some(token.to_owned().into());
            config::Source { url: "https://h/x".into(), token, ..config::Source::default() }
        };
        let with = |tokens: [&str; 2]| Config { sources: tokens.map(of).to_vec(), ..Config::default() };
        assert!(configured(&with(["a", "b"])).is_ok());
        assert!(configured(&with(["a", "a"])).is_err());
    }

    #[test]
    fn more_sources_than_connections_are_refused_with_what_raises_the_limit() {
        assert_eq!(said(&["a", "b", "c", "d", "e"]), None);
        let said = said(&["a", "b", "c", "d", "e", "f"]).unwrap();
        for part in ["6 SOURCEs", "provider.max_connections allows 5", "OTAIL_PROVIDER_MAX_CONNECTIONS=6"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn nothing_to_read_is_refused() {
        let mut config = Config::default();
        config.listen.grpc.clear();
        config.listen.http.clear();
        assert!(sources(&[], &SourceFlags::default(), &config).is_err());
        assert!(sources(&["-".into()], &SourceFlags::default(), &config).is_ok());
    }

    #[test]
    fn a_command_behind_an_option_is_told_from_a_file() {
        assert!(said(&["completions"]).unwrap().contains("put it first"));
    }
}
