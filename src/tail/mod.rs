//! Headless output: one line for each item, as text, JSON or OTLP JSON.
//!
//! It reads the intake directly, without a store: filters and writes each item, then frees it. Only data goes to the output.
//! May import `model`, `columns`, `wire`, `filter`, `present`, `intake`. Start with [`run()`]. Deliberately not here: the
//! text of an item (`present`), sources, clocks, arguments (`cli`).

mod named_fields;
mod run;

pub use run::{Ending, Format, Options, Select, run};
