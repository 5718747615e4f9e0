//! Lines that programs and container runtimes write → log records.
//!
//! `json_log` tells which JSON objects are log records of a known logger; `roles` says what each key means, `time` reads the
//! times that loggers write, `level` their numbers for severities. [`container_line`] takes apart what CRI and Docker write
//! around a line, [`Joiner`] puts the parts of a long line together again. [`Utf16`] and [`Cleaner`] make UTF-8 text of what
//! came. May import `model` and `columns`. Deliberately not here: reading files (`source`).

mod clean;
mod container;
mod join;
mod json_log;
mod level;
mod roles;
mod runs;
#[cfg(test)]
mod tests;
mod time;
mod utf16;

pub use clean::{Cleaner, HOLE, NoText, is_binary, is_text};
pub use container::{ContainerLine, container_line};
pub use join::Joiner;
pub(super) use json_log::{Around, LogLines, is_log};
pub use runs::{Run, runs};
pub use utf16::Utf16;
