//! Headless output: one line an item, as text, JSON or OTLP JSON.
//!
//! It reads the intake itself, without a store: each item is filtered, written and forgotten. Only data goes to the
//! output. May import `model`, `columns`, `wire`, `filter`, `present`, `intake`. Start with [`run()`].
//! Deliberately not here: how an item reads (`present`), sources, clocks, arguments (`cli`).

mod named_fields;
mod run;

pub use run::{Ending, Format, Options, Select, run};
