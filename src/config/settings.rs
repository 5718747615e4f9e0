//! The settings and their defaults.

use super::human;
use serde::{Deserialize, Serialize};
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
    /// What to connect to when the command line names nothing; `[[source]]` in the file.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// The screen.
    pub ui: Ui,
    /// otail's own log.
    pub log: Log,
}

/// Receiving OTLP.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Address for gRPC; empty: none.
    pub grpc: String,
    /// Address for HTTP; empty: none.
    pub http: String,
    /// `Host` names accepted beside those of this machine's loopback (ruling G17).
    pub hosts: Vec<String>,
    /// `Origin`s from which a web page may send, as `https://app.example:8443`.
    pub origins: Vec<String>,
    /// Largest body after decompression, in bytes (ruling G10).
    #[serde(with = "human::bytes")]
    pub max_body: usize,
    /// Bytes of bodies that may be held at once, over all connections; at least one largest body.
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
            max_body: 64 << 20,
            max_in_flight: 256 << 20,
        }
    }
}

/// Rolling memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Buffer {
    /// Bytes of telemetry kept, over all signals.
    #[serde(with = "human::bytes")]
    pub max_bytes: usize,
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer { max_bytes: 256 << 20 }
    }
}

/// Connections to sources (seed 000, rulings G4 to G6).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provider {
    /// Connections at the same time.
    pub max_connections: usize,
    /// For connecting, TLS and the response's headers together.
    #[serde(with = "human::duration")]
    pub connection_timeout: Duration,
    /// Whether a lost connection is made again.
    pub auto_reconnect: bool,
    /// Attempts without one item received after which a source is given up; 0: no limit.
    pub auto_reconnect_max_attempts: u32,
    /// Whether a source that has delivered is retried for as long as it is wanted.
    pub auto_reconnect_forever: bool,
}

impl Default for Provider {
    fn default() -> Provider {
        Provider {
            max_connections: 5,
            connection_timeout: Duration::from_secs(30),
            auto_reconnect: true,
            auto_reconnect_max_attempts: 5,
            auto_reconnect_forever: true,
        }
    }
}

/// A source, as `[[source]]` gives it.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A SOURCE as on the command line.
    pub url: String,
    /// Its name for people; without one it is made from the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The screen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ui {
    /// `default`, `light`, or the path of a theme file.
    pub theme: String,
    /// The path of a keymap file that goes on top of the built-in keys; empty: those alone.
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

/// otail's own log (ruling G18). It never goes to the screen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter as `tracing` reads it.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
    /// Where it goes; empty: nowhere.
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
