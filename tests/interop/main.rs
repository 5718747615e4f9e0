//! Real senders and real servers against the binary: the OpenTelemetry SDKs of Python and Node, sse-starlette,
//! prometheus_client, node_exporter.
//!
//! `.ci/run interop` installs them before it runs these tests; `cargo test` does not build or run them. A missing program is a
//! failure that names the remedy; no test is skipped.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod limits;
#[path = "../binary/otail.rs"]
mod otail;
mod owed;
mod poll;
mod sdk;
mod stream;

use std::path::PathBuf;
use std::process::Command;

/// A path in the folder where `.ci/run` installs programs.
fn installed(path: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/interop").join(path);
    assert!(path.exists(), "{} is missing: run `.ci/run interop`, which installs it", path.display());
    path
}

/// A script of `tests/interop/python`, in the virtual environment.
fn python(script: &str) -> Command {
    let mut command = Command::new(installed("venv/bin/python"));
    command.arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/interop/python").join(script));
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "*");
    command
}

/// A script of `tests/interop/node`.
fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/interop/node").join(script));
    command.env("NODE_PATH", installed("node/node_modules")).env("NO_PROXY", "*");
    command
}
