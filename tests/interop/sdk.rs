//! The SDKs as senders: otail prints every sent item once, with all its fields.

use crate::otail::{Otail, json};
use crate::owed::paid;
use std::process::Command;

/// Runs a sender against `otail tail`, and compares the printed lines with the sender's manifest.
#[track_caller]
fn everything_arrives(sender: impl FnOnce(&Otail, &str) -> Command) {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("manifest.json");
    let otail = Otail::tail(&["-o", "json", "listen://127.0.0.1?grpc=0&http=0"]);
    let output = sender(&otail, manifest.to_str().unwrap()).output().expect("the sender can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let owed: Vec<_> = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    otail.wait_for(owed.len());
    let ended = otail.stop();
    paid(owed, json(&ended.out));
    assert_eq!(ended.code, Some(143), "{}", ended.err);
}

fn by_python(otail: &Otail, manifest: &str, protocol: &str, compression: &str) -> Command {
    let (grpc, http) = otail.addresses();
    let address = if protocol == "grpc" { grpc } else { http };
    let mut command = crate::python("send.py");
    command.args(["--protocol", protocol, "--compression", compression, "--manifest", manifest]);
    command.args(["--endpoint", &format!("http://{address}")]);
    command
}

fn by_node(otail: &Otail, manifest: &str, compression: &str) -> Command {
    let (_, http) = otail.addresses();
    let mut command = crate::node("send.js");
    command.args([&format!("http://{http}"), compression, manifest]);
    command
}

#[test]
fn the_python_sdk_over_grpc() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "grpc", "none"));
}

#[test]
fn the_python_sdk_over_grpc_with_gzip() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "grpc", "gzip"));
}

#[test]
fn the_python_sdk_over_http() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "http", "none"));
}

#[test]
fn the_python_sdk_over_http_with_gzip() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "http", "gzip"));
}

#[test]
fn the_python_sdk_over_http_with_deflate() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "http", "deflate"));
}

#[test]
fn the_python_sdk_over_grpc_with_deflate() {
    everything_arrives(|otail, manifest| by_python(otail, manifest, "grpc", "deflate"));
}

#[test]
fn bodies_packed_in_the_ways_of_the_collector() {
    for packed in ["zlib", "deflate.bare", "snappy", "snappy.framed", "x-snappy-framed", "lz4", "zstd"] {
        everything_arrives(|otail, manifest| by_python(otail, manifest, "http", packed));
    }
}

#[test]
fn the_node_sdk_in_json() {
    everything_arrives(|otail, manifest| by_node(otail, manifest, "none"));
}

#[test]
fn the_node_sdk_in_json_with_gzip() {
    everything_arrives(|otail, manifest| by_node(otail, manifest, "gzip"));
}
