//! Reads the SOURCEs of the command line, or those of the configuration, and refuses duplicates and too many.

use super::args::SourceFlags;
use super::{Refusal, args};
use crate::config::{self, Config, Loaded, Method};
use crate::net::Trust;
use crate::source::{Auth, Claim, Headers, Options, Source, SourceSpec, SpecError, check_listen};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The sources of the command line, otherwise those of the configuration. Empty: otail listens as configured.
pub(super) fn sources(named: &[OsString], flags: &SourceFlags, loaded: &Loaded) -> Result<Vec<Source>, Refusal> {
    let config = &loaded.config;
    if let Some(word) = named.iter().filter_map(|name| name.to_str()).find(|name| is_bare_word(name)) {
        return Err(Refusal::Usage(no_such_file(word)));
    }
    flags.fit(named.len()).map_err(Refusal::Usage)?;
    if named.is_empty() {
        return configured(loaded);
    }
    let read = named.iter().map(|name| match name.to_str() {
        Some(url) => of_flags(url, flags, config),
        None => of_raw_path(name, flags, config),
    });
    fit(read.collect::<Result<_, _>>()?, config)
}

/// The sources of the configuration.
pub(super) fn configured(loaded: &Loaded) -> Result<Vec<Source>, Refusal> {
    let Loaded { config, origins } = loaded;
    let listen = &config.listen;
    if config.sources.is_empty() && listen.grpc.is_empty() && listen.http.is_empty() {
        let message = "there is nothing to read: no SOURCE is named, and listen.grpc and listen.http are both empty";
        return Err(Refusal::Usage(message.into()));
    }
    let read = config.sources.iter().enumerate().map(|(index, entry)| {
        source(entry, config).map_err(|Fault { about, key, message }| {
            let origin = origins.of_source(index, &key);
            let origin = origin.map(|origin| format!("{origin}: ")).unwrap_or_default();
            Refusal::Usage(format!("{origin}the {} [[source]]: {about}{message}", nth(index + 1)))
        })
    });
    fit(read.collect::<Result<_, _>>()?, config)
}

/// A source of the command line, with its flags.
fn of_flags(url: &str, flags: &SourceFlags, config: &Config) -> Result<Source, Refusal> {
    source(&flags.entry(url), config).map_err(|Fault { about, key, message }| {
        Refusal::Usage(match flags.flag(&key) {
            Some(flag) => format!("{about}--{flag}{}", &message[key.len()..]),
            None => about + &message,
        })
    })
}

/// A file whose name is not valid Unicode.
fn of_raw_path(name: &OsStr, flags: &SourceFlags, config: &Config) -> Result<Source, Refusal> {
    let path = OsStr::from_bytes(name.as_bytes().strip_prefix(b"file:").unwrap_or(name.as_bytes()));
    // Any file name gives the same options.
    let source = of_flags("file:named", flags, config)?;
    Ok(Source { spec: SourceSpec::file(path), ..source })
}

/// Whether a name looks like a mistyped command: not a URL, not a path, and not an existing file.
fn is_bare_word(name: &str) -> bool {
    !name.is_empty() && name != "-" && !name.contains(['.', '/', ':']) && !Path::new(name).exists()
}

/// The error for a word that is not a file. clap takes a subcommand after an option for a SOURCE; waiting for it would not help.
fn no_such_file(word: &str) -> String {
    let commands = args::subcommands();
    if commands.iter().any(|command| command == word) {
        return format!("there is no file `{word}`; if you mean the command, put it first: otail {word} [OPTIONS]");
    }
    let to_come = format!("to wait for a file of this name, write ./{word}");
    match config::nearest(word, commands.iter().map(String::as_str)) {
        Some(command) => format!("there is no file `{word}`; did you mean the command `{command}`? {to_come}"),
        None => format!("there is no file `{word}` and no such command ({}); {to_come}", commands.join(", ")),
    }
}

/// Why an entry is not a valid source.
struct Fault {
    /// `URL: `, or empty if the URL itself is wrong.
    about: String,
    /// The setting that is wrong.
    key: String,
    /// The error. It begins with the key, except for the key `url`.
    message: String,
}

/// Checks the settings of the receivers, if there are any.
pub(super) fn check_receivers(sources: &[Source], loaded: &Loaded) -> Result<(), Refusal> {
    let receives = |source: &Source| source.spec.kind().is_received();
    match sources.is_empty() || sources.iter().any(receives) {
        true => check_listen(&loaded.config.listen)
            .map_err(|error| Refusal::Usage(loaded.origins.located("listen", &error))),
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

fn source(entry: &config::Source, config: &Config) -> Result<Source, Fault> {
    let bad_url = |error: SpecError| Fault { about: String::new(), key: "url".into(), message: error.to_string() };
    let spec = SourceSpec::parse(&entry.url).map_err(bad_url)?;
    let options = Options::of_source(entry, &config.provider, |name| std::env::var(name).ok());
    let options = options.map_err(|message| Fault {
        about: format!("{}: ", spec.url()),
        key: message.split([':', ' ']).next().unwrap_or_default().to_owned(),
        message,
    })?;
    Ok(Source { spec, name: entry.name.clone(), group: entry.group.clone(), options })
}

/// Refuses sources that are named twice, and more sources than `provider.max_connections`.
fn fit(sources: Vec<Source>, config: &Config) -> Result<Vec<Source>, Refusal> {
    let mut seen: Vec<(Vec<SourceClaim<'_>>, String)> = Vec::new();
    for source in &sources {
        let (places, url) = (places(source), source.spec.url());
        let meets = |before: &[SourceClaim<'_>]| places.iter().find(|place| before.contains(place));
        if let Some((place, before)) = seen.iter().find_map(|(places, url)| Some((meets(places)?, url))) {
            let both = match &place.claim {
                _ if *before == url => format!("{url} is named twice"),
                Claim::Address(address) => format!("{before} and {url} both listen on {address}"),
                _ => format!("{before} and {url} are the same source"),
            };
            let why = match &place.claim {
                Claim::Stdin => "it can be read only once",
                Claim::File(_) | Claim::Url(_) => "every item would count twice",
                Claim::Address(_) => "a port has room for one listener",
            };
            return Err(Refusal::Usage(format!("{both}: {why}; name it once")));
        }
        seen.push((places, url));
    }
    let (count, most) = (sources.len(), config.provider.max_connections);
    if count > most {
        let variable = config::variable_name("provider", "max_connections");
        return Err(Refusal::Usage(format!(
            "{count} SOURCEs are named, and provider.max_connections allows {most}; raise it in the configuration's \
             [provider] section, or set {variable}={count}"
        )));
    }
    Ok(sources)
}

/// Two sources must not have equal `Place`s. The same URL with other credentials is allowed: the answers may differ.
#[derive(PartialEq)]
struct SourceClaim<'a> {
    claim: Claim,
    asker: Option<(Method, &'a Headers, &'a Auth, &'a Trust)>,
}

fn places(source: &Source) -> Vec<SourceClaim<'_>> {
    let Options { method, headers, auth, trust, .. } = &source.options;
    let place = |claim: Claim| SourceClaim {
        asker: matches!(claim, Claim::Url(_)).then_some((*method, headers, auth, trust)),
        claim,
    };
    source.spec.claims().into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(named: &[&str]) -> Option<String> {
        let named: Vec<OsString> = named.iter().map(OsString::from).collect();
        match sources(&named, &SourceFlags::default(), &Loaded::default()) {
            Ok(_) => None,
            Err(Refusal::Usage(message) | Refusal::Failed(message)) => Some(message),
        }
    }

    #[test]
    fn a_source_that_is_named_twice_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let (file, link) = (file.to_str().unwrap(), link.to_str().unwrap());
        for (twice, why) in [
            (["-", "file:-"], "- is named twice: it can be read only once"),
            ([file, file], "would count twice"),
            ([file, link], "would count twice"),
            (["later.jsonl", "./later.jsonl"], "are the same source: every item would count twice"),
            (["http://Host/x", "sse+http://host:80/x"], "are the same source: every item would count twice"),
            (["listen://127.0.0.1", "listen://127.0.0.1:4318"], "both listen on 127.0.0.1:4318"),
        ] {
            let error = error_of(&twice).unwrap_or_else(|| panic!("{twice:?} is taken"));
            assert!(error.contains(why), "{error}");
        }
        assert!(error_of(&[file, file]).unwrap().contains(&format!("file:{file} is named twice")));
        for good in [["listen://127.0.0.1?grpc=0&http=0"; 2], ["http://h/x", "http://h/y"], ["./a", "./b"]] {
            assert_eq!(error_of(&good), None);
        }
    }

    #[test]
    fn one_url_with_other_credentials_is_another_source() {
        let of = |token: &str| {
            let token = Some(token.to_owned().into());
            config::Source { url: "https://h/x".into(), token, ..config::Source::default() }
        };
        let with = |tokens: [&str; 2]| {
            let config = Config { sources: tokens.map(of).to_vec(), ..Config::default() };
            Loaded { config, ..Loaded::default() }
        };
        assert!(configured(&with(["a", "b"])).is_ok());
        assert!(configured(&with(["a", "a"])).is_err());
    }

    #[test]
    fn too_many_sources_are_refused_with_the_remedy() {
        assert_eq!(error_of(&["./a", "./b", "./c", "./d", "./e"]), None);
        let error = error_of(&["./a", "./b", "./c", "./d", "./e", "./f"]).unwrap();
        for part in ["6 SOURCEs", "provider.max_connections allows 5", "OTAIL_PROVIDER_MAX_CONNECTIONS=6"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn nothing_to_read_is_refused() {
        let mut loaded = Loaded::default();
        loaded.config.listen.grpc.clear();
        loaded.config.listen.http.clear();
        assert!(sources(&[], &SourceFlags::default(), &loaded).is_err());
        assert!(sources(&["-".into()], &SourceFlags::default(), &loaded).is_ok());
    }

    #[test]
    fn flags_with_secrets_need_a_single_source() {
        let two = ["http://h/a", "http://h/b"].map(OsString::from);
        let polled = SourceFlags {
            interval: Some(std::time::Duration::from_secs(2)),
            format: Some(args::Formats::Json),
            method: Some(args::Methods::Post),
            ..SourceFlags::default()
        };
        let Ok(read) = sources(&two, &polled, &Loaded::default()) else { panic!("refused") };
        for source in &read {
            let Options { interval, format, method, .. } = source.options;
            assert_eq!((interval.as_secs(), format, method), (2, config::Format::Json, Method::Post));
        }
        assert_eq!(read.len(), 2);
        let token = SourceFlags { token_env: Some("TOKEN".into()), ..polled.clone() };
        let insecure = SourceFlags { insecure: true, ..polled.clone() };
        let name = SourceFlags { name: Some("till".into()), ..SourceFlags::default() };
        for (flags, flag, why) in [
            (token, "--token-env needs a single SOURCE", "there are 2: a secret could reach the wrong server"),
            (insecure, "--insecure needs a single SOURCE", "certificates must not go unchecked"),
            (name, "--name needs a single SOURCE", "a name belongs to one source"),
        ] {
            let error = refused(sources(&two, &flags, &Loaded::default()));
            assert!(error.contains(flag) && error.contains(why), "{error}");
        }
        let error = refused(sources(&[], &polled, &Loaded::default()));
        assert!(error.contains("--interval applies to SOURCEs") && !error.contains("secret"), "{error}");
    }

    fn refused<T>(result: Result<T, Refusal>) -> String {
        match result {
            Ok(_) => panic!("it is taken"),
            Err(Refusal::Usage(message) | Refusal::Failed(message)) => message,
        }
    }

    #[test]
    fn errors_name_the_line_the_variable_or_flag() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        let loaded = |text: &str, variables: &[(&str, &str)]| {
            std::fs::write(&path, text).unwrap();
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            config::load(Some(&path), variables).unwrap()
        };
        for (text, words) in [
            (
                "[[source]]\nurl = \"-\"\n[[source]]\nurl = \"gopher://h\"\n",
                "line 4: the second [[source]]: `gopher://h`",
            ),
            (
                "[[source]]\nurl = \"http://h/\"\n\ntoken_env = \"NOT_SET\"\n",
                "line 4: the first [[source]]: http://h/: token_env: ",
            ),
            (
                "[[source]]\nurl = \"http://h/\"\ntoken = \"a\"\nbasic = \"b:c\"\n",
                "line 3: the first [[source]]: http://h/: token and basic are both set",
            ),
        ] {
            let error = refused(configured(&loaded(text, &[])));
            assert!(error.contains("c.toml, ") && error.contains(words), "{error}");
        }
        let of_receivers =
            |text: &str, variables: &[(&str, &str)]| refused(check_receivers(&[], &loaded(text, variables)));
        let listen = "[listen]\ncert = \"/nowhere/cert\"\nkey = \"/nowhere/key\"\n";
        let error = of_receivers(listen, &[]);
        assert!(error.contains("c.toml, line 2: listen.cert: /nowhere/cert"), "{error}");
        let error = of_receivers(listen, &[("OTAIL_LISTEN_CERT", "/elsewhere")]);
        assert!(error.starts_with("in the environment: OTAIL_LISTEN_CERT: /elsewhere"), "{error}");
        let flags = SourceFlags { token_env: Some("NOT_SET".into()), ..SourceFlags::default() };
        let error = refused(sources(&["http://h/".into()], &flags, &Loaded::default()));
        assert!(error.starts_with("http://h/: --token-env: the environment has no variable NOT_SET"), "{error}");
    }

    #[test]
    fn a_command_behind_an_option_is_refused() {
        assert!(error_of(&["completions"]).unwrap().contains("put it first"));
    }

    #[test]
    fn a_word_without_a_file_is_refused() {
        let refused = error_of(&["confg", "check"]).unwrap();
        assert!(refused.contains("did you mean the command `config`?") && refused.contains("./confg"), "{refused}");
        let refused = error_of(&["zebra"]).unwrap();
        assert!(refused.contains("no such command (") && refused.contains("tail, "), "{refused}");
        assert_eq!(error_of(&["later.jsonl", "./later", "logs/later", "file:awaited"]), None, "these are awaited");
    }

    #[test]
    fn a_file_name_need_not_be_unicode() {
        for name in [&b"/tmp/b\xffd.jsonl"[..], b"file:/tmp/b\xffd.jsonl"] {
            let name = OsStr::from_bytes(name).to_owned();
            let Ok(read) = sources(&[name], &SourceFlags::default(), &Loaded::default()) else { panic!("refused") };
            assert_eq!(read[0].spec, SourceSpec::file(OsStr::from_bytes(b"/tmp/b\xffd.jsonl")));
        }
    }
}
