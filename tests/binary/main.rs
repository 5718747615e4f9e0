//! The binary as its users meet it: what it reads, what it prints, how it ends, and what it does to what means it harm.
//!
//! Nothing is needed but the binary itself. Ports are given by the system; no test asserts a time.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod documents;
mod exits;
mod files;
mod hostile;
mod http;
mod otail;
mod output;
mod proxies;
mod secrets;
mod self_telemetry;
mod tail_n;
mod together;
