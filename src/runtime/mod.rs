//! Wiring: assigns the work to threads and runs the loops.
//!
//! ```text
//!             main thread                 tokio workers          engine thread      query thread
//!  tail       tail::run (reads intake)    provider's tasks       –                  –
//!  explore    keys, handle, draw          provider's tasks       store, views       answers
//! ```
//!
//! May import everything. Start with [`Ingest`], which both modes share; then [`tail()`] and [`explore()`].
//! Deliberately not here: arguments (`cli`), decisions about what the user does (`app`).

mod explore;
mod ingest;
mod load_theme;
mod query;
mod reload;
mod run_totals;
mod sdk_env;
mod self_telemetry;
mod sources;
mod start;
mod status_log;
mod tail;

pub use explore::{Explore, explore};
pub use ingest::{Ingest, Outcome};
pub use load_theme::load_theme;
pub use reload::{Reload, Reloaded};
pub use self_telemetry::SelfTelemetry;
pub use start::Start;
pub use tail::{Tail, tail};
