//! From a file and the environment to settings.

use super::check::{Wrong, check};
use super::otel::Endpoints;
use super::settings::Config;
use super::suggest::nearest;
use std::path::{Path, PathBuf};

/// What is wrong with the settings, in words that are meant for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no TOML, has a key that does not exist, or a value that does not fit or cannot be meant.
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
}

/// Reads a file (without one, the defaults are the start, with the addresses of `OTEL_EXPORTER_OTLP_*`), then lays `OTAIL_SECTION_KEY` variables over it: `OTAIL_LISTEN_GRPC`
/// is `grpc` of `[listen]`. A list is separated by commas. Variables that name no key are left alone, since container
/// platforms make such names too ([`meant_variables`] finds the misspelt ones); sources come from the file and the command
/// line only. A relative `ui.keymap` in the file lies beside it.
///
/// # Errors
///
/// [`ConfigError`], for the first thing that is wrong.
pub fn load(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let environment: Vec<(String, String)> = environment.into_iter().collect();
    let (endpoints, _) = Endpoints::read(&environment);
    let mut config = match path {
        Some(path) => read(path, endpoints)?,
        None => with_endpoints(Config::default(), &toml::Table::new(), endpoints),
    };
    let mut variables = Vec::new();
    for (name, value) in environment {
        let Some((section, key)) = name.strip_prefix(PREFIX).and_then(section_and_key) else { continue };
        match overlay(&config, &section, &key, &value) {
            None => {}
            Some(Ok(changed)) => {
                config = changed;
                variables.push((name, section, key));
            }
            Some(Err(message)) => return Err(ConfigError::Variable { name, message }),
        }
    }
    match (check(&config), path) {
        (Ok(()), _) => Ok(config),
        (Err(Wrong { section, key, message }), path) => {
            let variable = variables.into_iter().find(|(_, in_section, of)| in_section == section && of == key);
            Err(match (variable, path) {
                (None, Some(path)) => {
                    ConfigError::File { path: path.into(), message: format!("{section}.{key}: {message}") }
                }
                // Without either, the defaults are wrong, and a test holds that they are not.
                (variable, _) => {
                    let name = variable.map_or_else(|| variable_name(section, key), |(name, ..)| name);
                    ConfigError::Variable { name, message }
                }
            })
        }
    }
}

/// The addresses that programs around here send to, where the file says nothing else (ruling M19).
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

/// `LISTEN_GRPC`, `SELF_TELEMETRY_URL`: of the sections one has two words.
fn section_and_key(name: &str) -> Option<(String, String)> {
    const TWO_WORDS: &str = "self_telemetry";
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix(TWO_WORDS).and_then(|rest| rest.strip_prefix('_'));
    let (section, key) = rest.map(|key| (TWO_WORDS, key)).or_else(|| name.split_once('_'))?;
    Some((section.to_owned(), key.to_owned()))
}

/// The variables of the environment that name no setting and nearly name one, each with the name that was probably meant.
pub fn meant_variables(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    let Ok(settings) = toml::Table::try_from(Config::default()) else { return Vec::new() };
    let keys = settings.iter().filter_map(|(section, value)| Some((section, value.as_table()?)));
    let known: Vec<String> =
        keys.flat_map(|(section, table)| table.keys().map(move |key| variable_name(section, key))).collect();
    let meant = |name: String| {
        let given = name.strip_prefix(PREFIX)?.to_ascii_uppercase();
        let mut bare = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
        if bare.clone().any(|known| known == given) {
            return None;
        }
        let meant = nearest(&given, bare.by_ref())?;
        Some((name.clone(), format!("{PREFIX}{meant}")))
    };
    names.into_iter().filter_map(meant).collect()
}

/// The variable of a key.
pub fn variable_name(section: &str, key: &str) -> String {
    format!("{PREFIX}{section}_{key}").to_ascii_uppercase()
}

const PREFIX: &str = "OTAIL_";

/// Where the file lies when nobody says otherwise: `otail/config.toml` in the user's configuration folder. `None` if there is
/// no such folder; the file need not exist.
pub fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "otail").map(|folders| folders.config_dir().join("config.toml"))
}

fn read(path: &Path, endpoints: Endpoints) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
    let config: Config = toml::from_str(&text).map_err(|error| {
        let mut message = told(&error, &text);
        if let Some(meant) = meant(error.message()) {
            message.push_str(&format!("; did you mean `{meant}`?"));
        }
        ConfigError::File { path: path.into(), message }
    })?;
    let mut config = with_endpoints(config, &toml::from_str(&text).unwrap_or_default(), endpoints);
    // A file that moves with its folder goes on meaning the same.
    let keymap = &mut config.ui.keymap;
    if !keymap.as_os_str().is_empty()
        && let Some(folder) = path.parent()
    {
        *keymap = folder.join(&keymap);
    }
    Ok(config)
}

/// A fault with its place, pointed at. Where secrets stand, values are not shown: not even one at a misspelled key.
fn told(error: &toml::de::Error, text: &str) -> String {
    const HARMLESS: [&str; 4] = ["buffer", "provider", "ui", "log"];
    let whole = error.to_string().trim_end().to_owned();
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return whole };
    let section = before.lines().rev().map(str::trim_start).find(|line| line.starts_with('['));
    let section = section.map(|line| line.trim_matches(['[', ']', ' ']));
    if section.is_some_and(|section| HARMLESS.contains(&section)) {
        return whole;
    }
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let is_inside = ["\"\"\"", "'''"].iter().any(|quotes| text[..begin].matches(quotes).count() % 2 == 1);
    // A line of a text, or of a list, is a value from its beginning.
    let Some((key, value)) = line.split_once('=').filter(|_| !is_inside) else {
        let place = whole.lines().next().unwrap_or_default();
        return format!("{place}\n{}", without_text(error.message()));
    };
    let shown = whole.replace(line, &format!("{key}= …"));
    if !error.message().starts_with("invalid") {
        return shown;
    }
    let parts = value.split(['"', '\'', '{', '}', '[', ']', ',', '=']).map(str::trim).filter(|part| !part.is_empty());
    // The longest first: a part of another is in it.
    let mut parts: Vec<&str> = parts.collect();
    parts.sort_unstable_by_key(|part| std::cmp::Reverse(part.len()));
    let (excerpt, message) = shown.split_at(shown.rfind(error.message()).unwrap_or(shown.len()));
    let message = without_text(message);
    excerpt.to_owned() + &parts.iter().fold(message, |message, part| message.replace(part, "…"))
}

/// ``invalid type: string "…", expected a boolean``: a text of several lines is in there whole.
fn without_text(message: &str) -> String {
    let quoted = message.starts_with("invalid").then(|| Some((message.find('"')?, message.rfind("\", expected")?)));
    match quoted.flatten() {
        Some((begin, end)) if begin < end => format!("{}…{}", &message[..=begin], &message[end..]),
        _ => message.to_owned(),
    }
}

/// The nearest of the names that serde lists: ``unknown field `gprc`, expected one of `grpc`, `http` ``.
fn meant(message: &str) -> Option<&str> {
    let mut names = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let unknown = names.next()?;
    nearest(unknown, names)
}

/// The settings with one key changed; `None` if there is no such key.
fn overlay(config: &Config, section: &str, key: &str, value: &str) -> Option<Result<Config, String>> {
    let mut table = toml::Table::try_from(config).ok()?;
    let place = table.get_mut(section)?.as_table_mut()?.get_mut(key)?;
    let text = || toml::Value::String(value.to_owned());
    *place = match place {
        toml::Value::Boolean(_) => value.parse().map(toml::Value::Boolean).unwrap_or_else(|_| text()),
        toml::Value::Integer(_) => value.parse().map(toml::Value::Integer).unwrap_or_else(|_| text()),
        toml::Value::Array(_) => {
            let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
            toml::Value::Array(parts.map(|part| toml::Value::String(part.to_owned())).collect())
        }
        _ => text(),
    };
    let changed: Result<Config, String> = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned());
    // Secrets do not go into a table.
    Some(changed.map(|mut changed| {
        changed.sources.clone_from(&config.sources);
        if (section, key) != ("listen", "token") {
            changed.listen.token = config.listen.token.clone();
        }
        if (section, key) != ("self_telemetry", "url") {
            changed.self_telemetry.url.clone_from(&config.self_telemetry.url);
        }
        changed
    }))
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
        load(Some(&path), environment).map_err(|error| error.to_string())
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
        assert_eq!(load(None, variables).unwrap().listen.http, "127.0.0.1:5318");
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
    fn a_value_that_cannot_be_meant_is_refused_where_it_was_said() {
        let error = from_text("[listen]\ngrpc = \"0.0.0.0\"\n", &[]).unwrap_err();
        assert!(error.contains("config.toml") && error.contains("listen.grpc: `0.0.0.0`"), "{error}");
        let error = from_text("", &[("OTAIL_BUFFER_MAX_BYTES", "10B")]).unwrap_err();
        assert!(error.contains("OTAIL_BUFFER_MAX_BYTES: 10B is too little"), "{error}");
    }

    #[test]
    fn a_variable_that_nearly_names_a_setting_is_found_and_what_platforms_set_is_not() {
        let meant = |name: &str| meant_variables([name.to_owned()]).pop().map(|(_, meant)| meant);
        assert_eq!(meant("OTAIL_BUFFER_MAX_BYTE").as_deref(), Some("OTAIL_BUFFER_MAX_BYTES"));
        assert_eq!(meant("OTAIL_LISTENGRPC").as_deref(), Some("OTAIL_LISTEN_GRPC"));
        for name in [
            "OTAIL_BUFFER_MAX_BYTES",
            "OTAIL_PORT",
            "OTAIL_SERVICE_HOST",
            "OTAIL_SERVICE_PORT",
            "OTAIL_UI_PORT",
            "OTAIL_PORT_4317_TCP",
            "OTAIL_PORT_4317_TCP_ADDR",
            "OTAIL_UI_SERVICE_HOST",
            "OTEL_LISTEN_GRPC",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
    }

    #[test]
    fn a_keymap_lies_beside_the_file_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[ui]\nkeymap = \"keys.toml\"\n").unwrap();
        assert_eq!(load(Some(&path), []).unwrap().ui.keymap, folder.path().join("keys.toml"));
        std::fs::write(&path, "[ui]\nkeymap = \"/a/keys.toml\"\n").unwrap();
        assert_eq!(load(Some(&path), []).unwrap().ui.keymap, Path::new("/a/keys.toml"));
        let variable = ("OTAIL_UI_KEYMAP".to_owned(), "keys.toml".to_owned());
        assert_eq!(load(Some(&path), [variable]).unwrap().ui.keymap, Path::new("keys.toml"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = load(Some(Path::new("/nowhere/otail.toml")), []).unwrap_err().to_string();
        assert!(error.contains("/nowhere/otail.toml"), "{error}");
        assert_eq!(load(None, []).unwrap(), Config::default());
    }
}
