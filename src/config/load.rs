//! From a file and the environment to settings.

use super::check::{Wrong, check};
use super::origins::Origins;
use super::otel::Endpoints;
use super::settings::{BUILT_IN_THEMES, Config, Ui};
use super::toml_error::toml_error;
use super::variables::{overlay, section_and_key};
use crate::files::{self, FileError};
use std::path::{Path, PathBuf};

/// Settings, and where each was said.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Where they were said.
    pub origins: Origins,
}

/// What is wrong with the settings, in words that are meant for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: FileError,
    },
    /// The file is no TOML, has a key that does not exist, or a value that does not fit.
    #[error("in the configuration {}: {message}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The place, pointed at, and what was meant.
        message: String,
    },
    /// A variable of the environment does not fit.
    #[error("in the environment: {name}: {message}")]
    Variable {
        /// Which variable.
        name: String,
        /// Why it does not fit.
        message: String,
    },
    /// A value fits and cannot be meant: with where it was said.
    #[error("{0}")]
    Value(String),
}

/// Reads a file (without one, the defaults are the start, with the addresses of `OTEL_EXPORTER_OTLP_*`), then lays
/// `OTAIL_SECTION_KEY` variables over it: `OTAIL_LISTEN_GRPC` is `grpc` of `[listen]`. A list is separated by commas. Variables
/// that name no key are left alone, since container platforms make such names too ([`meant_variables`](super::meant_variables)
/// finds the misspelt ones); sources come from the file and the command line only. A relative `ui.keymap` or
/// `ui.theme` in the file lies beside it.
///
/// # Errors
///
/// [`ConfigError`], for the first thing that is wrong.
pub fn load(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let environment: Vec<(String, String)> = environment.into_iter().collect();
    let (endpoints, _) = Endpoints::read(&environment);
    let Loaded { mut config, mut origins } = match path {
        Some(path) => read(path, endpoints)?,
        None => Loaded {
            config: with_endpoints(Config::default(), &toml::Table::new(), endpoints),
            origins: Origins::default(),
        },
    };
    for (name, value) in environment {
        let Some((section, key)) = section_and_key(&name) else { continue };
        match overlay(&config, &section, &key, &value) {
            None => {}
            Some(Ok(changed)) => {
                config = changed;
                origins.add_variable(&name, &section, &key);
            }
            Some(Err(message)) => return Err(ConfigError::Variable { name, message }),
        }
    }
    check(&config).map_err(|wrong| ConfigError::Value(located(&wrong, &origins)))?;
    Ok(Loaded { config, origins })
}

/// What cannot be meant, with where it was said, or where that was said that makes it wrong.
fn located(wrong: &Wrong, origins: &Origins) -> String {
    let Wrong { section, key, because_of, source, message } = wrong;
    let about = format!("{key}: {message}");
    if let Some(index) = source {
        let origin = origins.of_source(*index, key).map(|origin| format!("{origin}: ")).unwrap_or_default();
        return format!("{origin}{section}.{about}");
    }
    match because_of.and_then(|other| origins.of(section, other)) {
        Some(origin) if origins.of(section, key).is_none() => format!("{origin}: {section}.{about}"),
        _ => origins.located(section, &about),
    }
}

/// Where the file lies when nobody says otherwise: `otail/config.toml` in the user's configuration folder. `None` if there is
/// no such folder; the file need not exist.
pub fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "otail").map(|folders| folders.config_dir().join("config.toml"))
}

/// The addresses that programs in this environment send to, unless the file sets others.
fn with_endpoints(mut config: Config, file: &toml::Table, endpoints: Endpoints) -> Config {
    let is_said = |key: &str| file.get("listen").and_then(|listen| listen.get(key)).is_some();
    let Endpoints { grpc, http } = endpoints;
    if let Some(address) = grpc.filter(|_| !is_said("grpc")) {
        config.listen.grpc = address;
    }
    if let Some(address) = http.filter(|_| !is_said("http")) {
        config.listen.http = address;
    }
    config
}

fn read(path: &Path, endpoints: Endpoints) -> Result<Loaded, ConfigError> {
    let text = files::read_text(path, files::TEXT).map_err(|source| ConfigError::Read { path: path.into(), source })?;
    let config: Config = toml::from_str(&text)
        .map_err(|error| ConfigError::File { path: path.into(), message: toml_error(&error, &text) })?;
    let mut config = with_endpoints(config, &toml::from_str(&text).unwrap_or_default(), endpoints);
    // A file that moves with its folder goes on meaning the same.
    if let Some(folder) = path.parent() {
        let Ui { theme, keymap, .. } = &mut config.ui;
        if !keymap.as_os_str().is_empty() {
            *keymap = folder.join(&keymap);
        }
        if !BUILT_IN_THEMES.contains(&theme.as_str()) {
            *theme = folder.join(&theme).to_string_lossy().into_owned();
        }
    }
    Ok(Loaded { config, origins: Origins::of_file(path, &text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const EXAMPLE: &str = include_str!("../../config.example.toml");

    fn from_text(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load(Some(&path), environment).map(|loaded| loaded.config).map_err(|error| error.to_string())
    }

    /// `#key = value` is a setting; prose has a space after the `#`.
    fn uncommented(text: &str) -> String {
        let bare = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with([' ', '#']) => setting.to_owned(),
            _ => line.to_owned(),
        };
        text.lines().map(|line| bare(line) + "\n").collect()
    }

    #[test]
    fn the_example_is_the_defaults_with_every_key() {
        let (settings, sources) = EXAMPLE.split_at(EXAMPLE.find("#[[source]]").unwrap());
        assert_eq!(from_text(EXAMPLE, &[]), Ok(Config::default()), "as it stands it changes nothing");
        let shown: toml::Table = uncommented(settings).parse().unwrap();
        let mut defaults = toml::Table::try_from(Config::default()).unwrap();
        defaults.remove("source");
        assert_eq!(shown, defaults);
        assert!(!from_text(&uncommented(sources), &[]).unwrap().sources.is_empty());
    }

    #[test]
    fn the_file_stands_over_the_defaults_and_the_environment_over_the_file() {
        let text = "[listen]\ngrpc = \"[::1]:1\"\nmax_body = \"1MiB\"\n[[source]]\nurl = \"-\"\n";
        let environment = [
            ("OTAIL_LISTEN_GRPC", "[::1]:2"),
            ("OTAIL_LISTEN_HOSTS", "a.example, b.example"),
            ("OTAIL_PROVIDER_CONNECTION_TIMEOUT", "5s"),
            ("OTAIL_PROVIDER_MAX_CONNECTIONS", "9"),
            ("OTAIL_UI_MOUSE", "false"),
        ];
        let config = from_text(text, &environment).unwrap();
        assert_eq!(config.listen.grpc, "[::1]:2");
        assert_eq!(config.listen.max_body, 1 << 20);
        assert_eq!(config.listen.http, "127.0.0.1:4318");
        assert_eq!(config.listen.hosts, ["a.example", "b.example"]);
        assert_eq!(config.provider.connection_timeout, Duration::from_secs(5));
        assert_eq!((config.provider.max_connections, config.ui.mouse), (9, false));
        assert_eq!(config.sources, [super::super::Source { url: "-".into(), ..Default::default() }]);
    }

    #[test]
    fn an_endpoint_of_senders_stands_over_the_defaults_and_under_everything_else() {
        let otel = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:5318");
        let http = |text: &str, more: &[(&str, &str)]| {
            let config = from_text(text, &[&[otel], more].concat()).unwrap();
            (config.listen.grpc, config.listen.http)
        };
        let said = |http: &str| ("127.0.0.1:4317".to_owned(), http.to_owned());
        assert_eq!(http("", &[]), said("127.0.0.1:5318"));
        assert_eq!(http("[listen]\nmax_body = \"1MiB\"\n", &[]), said("127.0.0.1:5318"));
        let file = "[listen]\nhttp = \"127.0.0.1:6318\"\n";
        assert_eq!(http(file, &[]), said("127.0.0.1:6318"));
        assert_eq!(http("listen.http = \"127.0.0.1:4318\"\n", &[]), said("127.0.0.1:4318"), "the default, but said");
        assert_eq!(http(file, &[("OTAIL_LISTEN_HTTP", "127.0.0.1:7318")]), said("127.0.0.1:7318"));
        let variables = [(otel.0.to_owned(), otel.1.to_owned())];
        assert_eq!(load(None, variables).unwrap().config.listen.http, "127.0.0.1:5318");
    }

    #[test]
    fn a_section_of_two_words_has_variables_too() {
        let variables = [("OTAIL_SELF_TELEMETRY_URL", "http://h"), ("OTAIL_SELF_TELEMETRY_INTERVAL", "1s")];
        let own = from_text("", &variables).unwrap().self_telemetry;
        assert_eq!((own.url.as_str(), own.interval), ("http://h", Duration::from_secs(1)));
    }

    #[test]
    fn a_secret_of_the_file_or_the_environment_outlives_other_variables() {
        let token = |text: &str, first: (&str, &str)| {
            let config = from_text(text, &[first, ("OTAIL_LISTEN_HOSTS", "a.example")]).unwrap();
            config.listen.token.expose().to_owned()
        };
        assert_eq!(token("[listen]\ntoken = \"of the file\"\n", ("OTAIL_UI_MOUSE", "false")), "of the file");
        assert_eq!(
            token("[listen]\ntoken = \"x\"\n", ("OTAIL_LISTEN_TOKEN", "of the environment")),
            "of the environment"
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_what_was_meant() {
        let error = from_text("[listen]\ngprc = \"x\"\n", &[]).unwrap_err();
        for part in ["config.toml", "line 2, column 1", "^^^^", "unknown field `gprc`", "did you mean `grpc`?"] {
            assert!(error.contains(part), "{part}: {error}");
        }
        let error = from_text("[lisen]\n", &[]).unwrap_err();
        assert!(error.contains("did you mean `listen`?"), "{error}");
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_with_its_place() {
        let error = from_text("[provider]\nconnection_timeout = \"10 parsecs\"\n", &[]).unwrap_err();
        assert!(error.contains("line 2") && error.contains("`10 parsecs` is no length of time"), "{error}");
        let error = from_text("[log]\nformat = \"jsn\"\n", &[]).unwrap_err();
        assert!(error.contains("did you mean `json`?"), "{error}");
    }

    #[test]
    fn a_variable_that_does_not_fit_is_refused_by_name_and_a_foreign_one_is_left_alone() {
        let error = from_text("", &[("OTAIL_BUFFER_MAX_BYTES", "much")]).unwrap_err();
        assert!(error.contains("OTAIL_BUFFER_MAX_BYTES") && error.contains("`much` is no size"), "{error}");
        assert_eq!(from_text("", &[("OTAIL_SERVICE_HOST", "10.0.0.1"), ("OTAIL_PORT", "80")]), Ok(Config::default()));
    }

    #[test]
    fn a_value_that_cannot_be_meant_is_refused_with_the_line_or_the_variable_that_said_it() {
        let file = "[ui]\ntheme = \"\"\"\n[listen]\ngrpc = 1\n\"\"\"\n";
        for (text, environment, words) in [
            (format!("{file}[listen]\ngrpc = \"0.0.0.0\"\n"), &[][..], "config.toml, line 7: listen.grpc: `0.0.0.0`"),
            (
                String::new(),
                &[("OTAIL_BUFFER_MAX_BYTES", "10B")],
                "in the environment: OTAIL_BUFFER_MAX_BYTES: 10B is too small",
            ),
            (
                "[listen]\ngrpc = \"127.0.0.1:1\"\n".to_owned(),
                &[("OTAIL_LISTEN_GRPC", "0.0.0.0")],
                "in the environment: OTAIL_LISTEN_GRPC: `0.0.0.0`",
            ),
            // The one of the file is as it should be, and was good before the variable stood over it.
            (
                "[listen]\nmax_body = \"64MiB\"\n".to_owned(),
                &[("OTAIL_LISTEN_MAX_BODY", "1GiB")],
                "in the environment: OTAIL_LISTEN_MAX_BODY: listen.max_in_flight: 256MiB is less than",
            ),
            (
                "[listen]\nmax_body = \"1GiB\"\n".to_owned(),
                &[("OTAIL_LISTEN_MAX_IN_FLIGHT", "1MiB")],
                "in the environment: OTAIL_LISTEN_MAX_IN_FLIGHT: 1MiB is less than listen.max_body, 1GiB",
            ),
            (
                "[[source]]\nurl = \"-\"\n\n[[source]]\nurl = \"a\"\nconnection_timeout = \"0s\"\n".to_owned(),
                &[],
                "config.toml, line 6: source.connection_timeout: it is 0",
            ),
        ] {
            let error = from_text(&text, environment).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_theme_lies_beside_the_file_that_names_it_unless_it_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let theme = |name: &str| {
            std::fs::write(&path, format!("[ui]\ntheme = {name:?}\n")).unwrap();
            load(Some(&path), []).unwrap().config.ui.theme
        };
        assert_eq!(Path::new(&theme("mine.toml")), folder.path().join("mine.toml"));
        assert_eq!(theme("/a/mine.toml"), "/a/mine.toml");
        assert_eq!(theme("light"), "light");
    }

    #[test]
    fn a_keymap_lies_beside_the_file_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[ui]\nkeymap = \"keys.toml\"\n").unwrap();
        assert_eq!(load(Some(&path), []).unwrap().config.ui.keymap, folder.path().join("keys.toml"));
        std::fs::write(&path, "[ui]\nkeymap = \"/a/keys.toml\"\n").unwrap();
        assert_eq!(load(Some(&path), []).unwrap().config.ui.keymap, Path::new("/a/keys.toml"));
        let variable = ("OTAIL_UI_KEYMAP".to_owned(), "keys.toml".to_owned());
        assert_eq!(load(Some(&path), [variable]).unwrap().config.ui.keymap, Path::new("keys.toml"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = load(Some(Path::new("/nowhere/otail.toml")), []).unwrap_err().to_string();
        assert!(error.contains("/nowhere/otail.toml"), "{error}");
        assert_eq!(load(None, []).unwrap(), Loaded::default());
    }
}
