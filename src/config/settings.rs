//! The settings and their defaults.

use super::human;
use super::secret::Secret;
use super::shown::shown;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// All settings.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Receiving OTLP.
    pub listen: Listen,
    /// Rolling memory.
    pub buffer: Buffer,
    /// Connections to sources.
    pub provider: Provider,
    /// The sources to connect to if the command line names none; `[[source]]` in the file.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// The screen.
    pub ui: Ui,
    /// otail's own log.
    pub log: Log,
    /// otail's own metrics.
    pub self_telemetry: SelfTelemetry,
}

/// Receiving OTLP.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Address for gRPC; empty: do not listen.
    pub grpc: String,
    /// Address for HTTP; empty: do not listen.
    pub http: String,
    /// `Host` names accepted in addition to the loopback names of this machine.
    pub hosts: Vec<String>,
    /// `Origin`s from which a web page may send, as `https://app.example:8443`.
    pub origins: Vec<String>,
    /// The bearer token required of senders; if this, `token_env` and `token_file` are empty, everybody may send.
    pub token: Secret,
    /// The environment variable that holds the token; empty: none.
    pub token_env: String,
    /// A file that holds the token, read again once a second; empty: none.
    pub token_file: PathBuf,
    /// A header that may contain just the token, as an alternative to `authorization: Bearer TOKEN`; empty: none.
    pub api_key_header: String,
    /// File with the TLS server certificate and its chain, PEM; empty: no TLS.
    pub cert: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// File with the CA certificates that must have signed each sender's certificate, PEM; empty: senders need none.
    pub client_ca: PathBuf,
    /// Largest body after decompression, in bytes.
    #[serde(with = "human::bytes")]
    pub max_body: usize,
    /// Memory limit in bytes for all requests until they are stored, before and after decoding. At least one largest body.
    #[serde(with = "human::bytes")]
    pub max_in_flight: usize,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen {
            grpc: "127.0.0.1:4317".into(),
            http: "127.0.0.1:4318".into(),
            hosts: Vec::new(),
            origins: Vec::new(),
            token: Secret::default(),
            token_env: String::new(),
            token_file: PathBuf::new(),
            api_key_header: String::new(),
            cert: PathBuf::new(),
            key: PathBuf::new(),
            client_ca: PathBuf::new(),
            max_body: 64 << 20,
            max_in_flight: 256 << 20,
        }
    }
}

/// Rolling memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Buffer {
    /// Bytes of telemetry to keep, over all signals.
    #[serde(with = "human::bytes")]
    pub max_bytes: usize,
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer { max_bytes: 256 << 20 }
    }
}

/// Settings of connections to sources.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provider {
    /// Maximum number of simultaneous connections.
    pub max_connections: usize,
    /// Between two polls of a URL.
    #[serde(with = "human::duration")]
    pub interval: Duration,
    /// For connecting, TLS and the response's headers together.
    #[serde(with = "human::duration")]
    pub connection_timeout: Duration,
    /// How long a stream may be silent before otail reconnects; 0: no limit, unless it has sent heartbeats.
    #[serde(with = "human::duration")]
    pub idle_timeout: Duration,
    /// Largest response to a poll after decompression, in bytes.
    #[serde(with = "human::bytes")]
    pub max_body: usize,
    /// Whether to reconnect after a lost connection.
    pub auto_reconnect: bool,
    /// Consecutive retries without an item before otail gives up a source; 0: no limit.
    pub auto_reconnect_max_attempts: u32,
    /// Whether a source that has delivered is retried without a limit.
    pub auto_reconnect_forever: bool,
}

impl Default for Provider {
    fn default() -> Provider {
        Provider {
            max_connections: 5,
            interval: Duration::from_secs(10),
            connection_timeout: Duration::from_secs(30),
            idle_timeout: Duration::ZERO,
            max_body: 64 << 20,
            auto_reconnect: true,
            auto_reconnect_max_attempts: 5,
            auto_reconnect_forever: true,
        }
    }
}

/// A source from a `[[source]]` table. A field that is `None` uses the value of `[provider]`. Prefer the environment or
/// files for secrets; `Debug` prints the serialized form of the fields that are set.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// A SOURCE as on the command line; serialized without credentials.
    #[serde(serialize_with = "as_shown")]
    pub url: String,
    /// The displayed name; derived from the URL if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The displayed group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Filter for its items, in the query language; empty: all items.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Between two polls.
    #[serde(with = "human::duration::option", skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// How a poll asks.
    #[serde(skip_serializing_if = "is_usual")]
    pub method: Method,
    /// What a poll's answer is.
    #[serde(skip_serializing_if = "is_usual")]
    pub format: Format,
    /// Headers for every request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Secret>,
    /// A file of further headers, `Name: value` a line; read for every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_file: Option<PathBuf>,
    /// A bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The variable of the environment that holds a bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// A file that holds a bearer token; read for every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// `SERVICE/USER` of the operating system's keyring, whose secret is a bearer token. Needs the feature `keyring`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    /// `user:password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<Secret>,
    /// The variable of the environment that holds `user:password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic_env: Option<String>,
    /// File with certificates to trust in addition to the system's, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cacert: Option<PathBuf>,
    /// The client's certificate, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// Its key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// Whether to accept any server certificate.
    #[serde(skip_serializing_if = "is_usual")]
    pub insecure: bool,
    /// Largest response to a poll after decompression, in bytes.
    #[serde(with = "human::bytes::option", skip_serializing_if = "Option::is_none")]
    pub max_body: Option<usize>,
    /// How long a stream may be silent; 0: no limit.
    #[serde(with = "human::duration::option", skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
    /// For connecting, TLS and the response's headers together.
    #[serde(with = "human::duration::option", skip_serializing_if = "Option::is_none")]
    pub connection_timeout: Option<Duration>,
    /// Whether a lost connection is made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_reconnect: Option<bool>,
    /// Consecutive retries without an item before otail gives up the source; 0: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_reconnect_max_attempts: Option<u32>,
    /// Whether to retry without a limit once the source has delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_reconnect_forever: Option<bool>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&toml::Table::try_from(self).map_err(|_| fmt::Error)?).finish()
    }
}

fn as_shown<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown(url))
}

/// How a poll asks.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `POST`, with an empty body.
    Post,
}

/// The format of a poll's response.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Told by its content type and its first bytes.
    #[default]
    Auto,
    /// OTLP JSON.
    Json,
    /// OTLP protobuf.
    Protobuf,
    /// Prometheus text or OpenMetrics.
    Prometheus,
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Values of `ui.theme` that are not file paths.
pub(super) const BUILT_IN_THEMES: [&str; 3] = ["default", "dark", "light"];

/// The screen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ui {
    /// `default` (or `dark`), `light`, or the path of a theme file.
    pub theme: String,
    /// The path of a keymap file that overrides the built-in keys; empty: built-in keys only.
    pub keymap: PathBuf,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

impl Default for Ui {
    fn default() -> Ui {
        Ui { theme: "default".into(), keymap: PathBuf::new(), mouse: true, ascii: false }
    }
}

/// otail's own log, which never goes to the screen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter as `tracing` reads it.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
    /// The log file; empty: no log.
    pub file: PathBuf,
}

impl Default for Log {
    fn default() -> Log {
        Log { level: "info".into(), format: LogFormat::Text, file: PathBuf::new() }
    }
}

/// How a line of otail's own log looks.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// otail's own metrics, sent as OTLP.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelfTelemetry {
    /// The base URL of the OTLP/HTTP receiver; empty: send nothing. Serialized like the URL of a source.
    #[serde(serialize_with = "as_shown")]
    pub url: String,
    /// Between two requests.
    #[serde(with = "human::duration")]
    pub interval: Duration,
}

impl fmt::Debug for SelfTelemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SelfTelemetry { url, interval } = self;
        f.debug_struct("SelfTelemetry").field("url", &shown(url)).field("interval", interval).finish()
    }
}

impl Default for SelfTelemetry {
    fn default() -> SelfTelemetry {
        SelfTelemetry { url: String::new(), interval: Duration::from_secs(10) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_url_are_neither_serialized_nor_in_debug() {
        let url = "https://me:canary@h/x?a=1&token=canary".to_owned();
        let mut config = Config::default();
        config.self_telemetry.url.clone_from(&url);
        config.sources.push(Source { url, ..Source::default() });
        for text in [format!("{config:?}"), toml::to_string(&config).unwrap()] {
            assert!(!text.contains("canary") && text.matches("https://h/x?a=1&token=…").count() == 2, "{text}");
        }
    }
}
