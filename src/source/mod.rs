//! Telemetry in: the live stream provider and the kinds of source.
//!
//! ```text
//! Provider ── connect(Source) ─► a supervised task a connection ── Link ─► Intake
//!    │                                 listen │ http (streams, polls) │ file
//!    └── list, pause, resume, retry, disconnect;  ConnectionEvents on a broadcast
//! ```
//!
//! A connection cannot fail, only change state: what goes wrong is told in its reference, and the others never notice. May
//! import `model`, `clock`, `columns`, `wire`, `config`, `intake`, `net`, `supervision`. Start with [`Provider`], then
//! [`SourceSpec`], then one kind. Deliberately not here: what becomes of the items (`intake`), how states are drawn (`ui`).

mod backoff;
mod board;
mod credentials;
mod describe;
mod entries;
mod error;
mod file;
mod http;
mod link;
mod listen;
mod options;
mod provider;
mod reconfigure;
mod records;
mod replace;
mod secret;
mod spec;
mod supervisor;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use credentials::{Auth, Headers};
pub use error::SourceError;
pub use file::Beginning;
pub use link::Link;
pub use listen::check as check_listen;
pub use options::Options;
pub use provider::{Provider, Settings, Source};
pub use reconfigure::Changes;
pub use spec::{Expect, FilePlace, HttpSpec, ListenSpec, SourceSpec, SpecError};
