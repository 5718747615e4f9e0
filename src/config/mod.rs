//! Settings as plain data: defaults < `OTEL_EXPORTER_OTLP_*` < file < `OTAIL_*` < flags.
//!
//! Imports nothing of otail; keys, themes and sources are strings here; their own layers parse them. Start with
//! [`Config`], whose `Default` is the settings without a file, then [`load()`]. `config.example.toml` lists every key and is
//! tested equal to the defaults. Secrets are [`Secret`]s,
//! which are never shown; [`shown()`] removes secrets from URLs. Deliberately not here: the effect of a setting on a screen.

mod authority;
mod check;
mod exposed;
pub mod human;
mod load;
mod origins;
mod otel;
mod place;
mod secret;
mod settings;
mod shown;
mod suggest;
mod toml_error;
mod variables;

pub use authority::{address, host_and_port, is_loopback};
pub use check::MIN_INTERVAL;
pub use exposed::exposed;
pub use load::{ConfigError, Loaded, default_path, load};
pub use origins::{Origin, Origins};
pub use otel::{Endpoints, Exporter};
pub use secret::Secret;
pub use settings::{Buffer, Config, Format, Listen, Log, LogFormat, Method, Provider, SelfTelemetry, Source, Ui};
pub use shown::{is_confidential, shown};
pub use suggest::nearest;
pub use variables::{meant_variables, variable_name};
