//! Lines that programs and container runtimes write → log records.
//!
//! [`json_log`](self) tells which JSON objects are log records of a known logger; `roles` says what each key means, `time`
//! reads the times that loggers write, `level` their numbers for severities. [`container_line`] takes what CRI and Docker write around a line apart, and
//! [`Joiner`] puts the parts of a long line together again. May import `model` and `columns`. Deliberately not here: reading
//! files (`source`).

mod container;
mod join;
mod json_log;
mod level;
mod roles;
#[cfg(test)]
mod tests;
mod time;

pub use container::{ContainerLine, container_line};
pub use join::Joiner;
pub(super) use json_log::{Around, LogLines, is_log};
