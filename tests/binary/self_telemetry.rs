//! Another otail receives otail's own metrics.

use crate::documents::{log, spans};
use crate::http::post;
use crate::otail::{Otail, json};
use serde_json::Value;
use std::io::Write;
use std::net::TcpListener;
use std::process::Command;

const LISTEN: &str = "listen://127.0.0.1?grpc=0&http=0";
const JSON: (&str, &str) = ("content-type", "application/json");

/// Waits until the newest value of a metric's series in the receiver's lines is `expected`.
#[track_caller]
fn await_value(receiver: &Otail, name: &str, with: &[(&str, &str)], expected: f64) {
    let fits = |line: &Value| {
        let attributes = &line["attributes"];
        line["name"] == name && with.iter().all(|(key, value)| attributes[key] == *value)
    };
    receiver.out.wait(&format!("{name} {with:?} = {expected}"), |lines| {
        let last = json(lines).into_iter().rfind(fits)?;
        (last["value"].as_f64() == Some(expected)).then_some(())
    });
}

#[test]
fn another_otail_sees_the_right_numbers() {
    let receiver = Otail::tail(&["-o", "json", LISTEN]);
    let url = format!("http://{}", receiver.addresses().1);
    let variables = [("OTAIL_SELF_TELEMETRY_INTERVAL", "100ms")];
    let arguments = ["-o", "json", "--filter", "signal:span", "--self-telemetry", &url, LISTEN];
    let sender = Otail::tail_with(&arguments, &variables);
    let (_, http) = sender.addresses();
    for _ in 0..2 {
        assert_eq!(post(http, "/v1/traces", &[JSON], spans(&["a", "b"]).as_bytes()).0, 200);
    }
    assert_eq!(post(http, "/v1/logs", &[JSON], log("x").as_bytes()).0, 200);
    assert_eq!(post(http, "/v1/nowhere", &[JSON], b"{}").0, 404);
    let source = ("otail.source.name", "otlp");
    for (name, expected) in [
        ("otail.source.received", 6.0),
        ("otail.source.stored", 2.0),
        ("otail.source.filtered", 1.0),
        ("otail.source.duplicate", 2.0),
        ("otail.source.rejected", 1.0),
        ("otail.source.refused", 0.0),
    ] {
        await_value(&receiver, name, &[source, ("otail.source.kind", "listen")], expected);
    }
    await_value(&receiver, "otail.source.dropped", &[source, ("otail.drop.reason", "overflow")], 0.0);
    await_value(&receiver, "otail.connection.count", &[("otail.connection.state", "active")], 1.0);
    let ended = sender.stop();
    assert_eq!(ended.code, Some(143), "{}", ended.err);
    // The last request has this value, after the connection has ended.
    await_value(&receiver, "otail.connection.count", &[("otail.connection.state", "disconnected")], 1.0);
    let lines = json(&receiver.stop().out);
    let received = lines.iter().rfind(|line| line["name"] == "otail.source.received").unwrap();
    for (key, value) in [("type", "sum"), ("temporality", "cumulative"), ("unit", "{item}"), ("service", "otail")] {
        assert_eq!(received[key], value, "{received}");
    }
    assert_eq!(received["monotonic"], true);
    assert!(received["start"].as_str() < received["time"].as_str());
    assert_eq!(received["resource"]["service.version"], env!("CARGO_PKG_VERSION"));
    let instances = |line: &Value| line["resource"]["service.instance.id"].clone();
    assert!(lines.iter().all(|line| instances(line) == instances(&lines[0])));
}

#[test]
fn the_token_comes_from_the_environment() {
    let token = "canary7f3a9canary7f3a9";
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let receiver = Otail::tail_with(&["-o", "json", LISTEN], &[("OTAIL_LISTEN_TOKEN", token)]);
    let url = format!("http://{}", receiver.addresses().1);
    let headers = format!("authorization=Bearer%20{token}");
    let right = [("OTEL_EXPORTER_OTLP_HEADERS", headers.as_str()), ("OTAIL_LOG_LEVEL", "trace")];
    let arguments = ["--self-telemetry", &url, "--log-file", log.to_str().unwrap(), LISTEN];
    let sender = Otail::tail_with(&arguments, &right);
    await_value(&receiver, "otail.connection.count", &[("otail.connection.state", "error")], 0.0);
    let ended = sender.stop();
    let told = ended.err + &ended.out.join("\n") + &std::fs::read_to_string(&log).unwrap();
    assert!(told.contains("TRACE") && !told.contains("canary"), "{told}");
    let refused = Otail::tail_with(&["--self-telemetry", &url, LISTEN], &[("OTEL_EXPORTER_OTLP_HEADERS", "nonsense")]);
    refused.err.wait("the refusal", |lines| lines.iter().find(|line| line.contains("401")).cloned());
    let ended = refused.stop();
    for part in ["OTEL_EXPORTER_OTLP_HEADERS in the environment is ignored", "self-telemetry: http://127.0.0.1:"] {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
    assert!(!(ended.err + &receiver.stop().err).contains("canary"));
}

#[test]
fn an_unreachable_receiver_is_reported_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let variables = [("OTAIL_SELF_TELEMETRY_INTERVAL", "100ms"), ("OTAIL_SELF_TELEMETRY_URL", url.as_str())];
    let mut otail = Otail::tail_with(&["-o", "json", "-"], &variables);
    otail.err.wait("the trouble", |lines| lines.iter().find(|line| line.contains("cannot be reached")).cloned());
    otail.stdin.take().unwrap().write_all(spans(&["a"]).as_bytes()).unwrap();
    let ended = otail.end();
    assert_eq!((ended.code, ended.out.len()), (Some(0), 1), "{}", ended.err);
    assert_eq!(ended.err.matches("self-telemetry").count(), 1, "{}", ended.err);
}

#[test]
fn an_invalid_receiver_is_a_usage_error() {
    for (arguments, said) in [
        (["--self-telemetry", "127.0.0.1:4318", LISTEN], "--self-telemetry: `127.0.0.1:4318` is not"),
        (
            ["--self-telemetry", "http://localhost:54321", "listen://127.0.0.1?grpc=0&http=54321"],
            "its metrics would count themselves",
        ),
        (["--self-telemetry", "http://me:canary@h", LISTEN], "OTEL_EXPORTER_OTLP_HEADERS"),
    ] {
        let ended = Otail::tail(&arguments).end();
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains(said) && !ended.err.contains("canary"), "{}", ended.err);
    }
    let mut check = Command::new(env!("CARGO_BIN_EXE_otail"));
    let check = check.args(["config", "check"]).env("OTAIL_SELF_TELEMETRY_URL", "http://me:canary@h").output().unwrap();
    assert_eq!(check.status.code(), Some(2), "{check:?}");
    assert!(!format!("{check:?}").contains("canary"), "{check:?}");
}

#[test]
fn the_endpoint_of_senders_is_the_default_address() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://localhost:{port}");
    // The test must not take a fixed port, so gRPC gets a free one.
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTAIL_LISTEN_GRPC", "127.0.0.1:0")];
    let otail = Otail::tail_with(&["-o", "json"], &variables);
    let (_, http) = otail.addresses();
    assert_eq!(http.port(), port);
    let elsewhere = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318")];
    let said = [("OTAIL_LISTEN_GRPC", "127.0.0.1:0"), ("OTAIL_LISTEN_HTTP", "127.0.0.1:0")];
    let otail = Otail::tail_with(&["-o", "json"], &[&elsewhere[..], &said].concat());
    otail.addresses();
    assert!(!otail.stop().err.contains("ignored"));
}
