//! Tests of the binary: input, output, exit codes, and hostile input.
//!
//! They need only the binary. The system assigns the ports; no test asserts a time.

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
