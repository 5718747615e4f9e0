//! Receives telemetry: connections, and the kinds of source.
//!
//! ```text
//! Provider ── connect(Source) ─► a supervised task for each connection ── Link ─► Intake
//!    │                                  │ registry: listen │ http │ file
//!    └── list, pause, resume, retry, disconnect;  ConnectionEvents on a broadcast
//! ```
//!
//! A connection never fails as a whole: its state shows the error, and the other connections continue. May import `model`,
//! `clock`, `columns`, `wire`, `filter`, `config`, `files`, `intake`, `net`, `budget`, `supervision`. Start with
//! [`Provider`], then [`SourceSpec`], then `kind`, then one kind. Deliberately not here: the queue and its counts (`intake`),
//! how states are drawn (`ui`).
//!
//! A kind of source is a folder with a `kind` file that implements `kind::Kind`, and a line in `registry`. Backoff,
//! credentials, TLS, positions, the gate and the board are shared and lie outside the kinds.

mod backoff;
mod beginning;
mod board;
mod credentials;
mod describe;
mod entries;
mod error;
mod file;
mod http;
mod kind;
mod link;
mod listen;
mod naming;
mod options;
mod position;
mod provider;
mod reconfigure;
mod records;
mod registry;
mod replace;
mod secret;
mod settings;
mod spec;
mod supervisor;
#[cfg(test)]
mod tests;
mod wanted;

pub use backoff::Backoff;
pub use beginning::Beginning;
pub use credentials::{Auth, Headers};
pub use error::SourceError;
pub use kind::Claim;
pub use link::Link;
pub use listen::check as check_listen;
pub use options::Options;
pub use provider::Provider;
pub use reconfigure::Changes;
pub use registry::known_sources;
pub use settings::Settings;
pub use spec::{Source, SourceSpec, SpecError};
