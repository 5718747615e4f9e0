//! Headless output: one line an item, as text, JSON or OTLP JSON.
//!
//! It reads the intake itself, without a store: what came is filtered, written and forgotten. Data alone goes to the
//! output. May import `model`, `columns`, `wire`, `filter`, `intake`. Start with [`run()`]; each format is one file.
//! Deliberately not here: sources, clocks, arguments (`cli`).

mod json;
mod run;
mod text;

pub use json::write_item as write_json;
pub use run::{Ending, Format, Options, Select, run};
pub use text::{Style, write_item as write_text};

use crate::model::Time;

/// What an item does not know itself.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The name of the source that it came from.
    pub source: &'a str,
    /// When it came.
    pub received: Time,
}
