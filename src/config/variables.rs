//! `OTAIL_SECTION_KEY`: settings in the environment.

use super::settings::Config;
use super::suggest::nearest;

const PREFIX: &str = "OTAIL_";

/// The variable of a key.
pub fn variable_name(section: &str, key: &str) -> String {
    format!("{PREFIX}{section}_{key}").to_ascii_uppercase()
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

/// The section and the key that a variable is named for, which need not exist: `LISTEN_GRPC`, `SELF_TELEMETRY_URL`: of the sections
/// one has two words.
pub(super) fn section_and_key(name: &str) -> Option<(String, String)> {
    const TWO_WORDS: &str = "self_telemetry";
    let name = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let rest = name.strip_prefix(TWO_WORDS).and_then(|rest| rest.strip_prefix('_'));
    let (section, key) = rest.map(|key| (TWO_WORDS, key)).or_else(|| name.split_once('_'))?;
    Some((section.to_owned(), key.to_owned()))
}

/// The settings with one key changed; `None` if there is no such key.
pub(super) fn overlay(config: &Config, section: &str, key: &str, value: &str) -> Option<Result<Config, String>> {
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
}
