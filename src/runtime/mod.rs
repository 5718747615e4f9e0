//! Wiring: what runs where, and the loops.
//!
//! ```text
//!             main thread                 tokio workers          engine thread      query thread
//!  tail       tail::run (reads intake)    provider's tasks       –                  –
//!  explore    keys, handle, draw          provider's tasks       store, views       answers
//! ```
//!
//! May import everything. Start with [`Plant`], what both ways of running share; then [`tail()`] and [`explore()`].
//! Deliberately not here: arguments (`cli`), decisions about what the user does (`app`).

mod accounts;
mod explore;
mod looks;
mod plant;
mod query;
mod reload;
mod self_telemetry;
mod sender;
mod sources;
mod story;
mod tail;

pub use explore::{Explore, Reloaded, explore};
pub use looks::theme;
pub use plant::{Outcome, Plant, Start};
pub use reload::Reload;
pub use self_telemetry::SelfTelemetry;
pub use tail::{Tail, tail};
