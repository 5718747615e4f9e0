//! Lines of programs and container runtimes → log records.
//!
//! `json_log` recognizes the JSON log records of known loggers; `roles` maps their keys, `time` parses their times, `level`
//! their severity numbers. [`container_line`] takes apart the lines of CRI and Docker, and [`Joiner`] joins the parts of a
//! long line. [`Utf16`] and [`Cleaner`] turn the input into UTF-8 text. May import `model` and `columns`. Deliberately not
//! here: reading files (`source`).

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
