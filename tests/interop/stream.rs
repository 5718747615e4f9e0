//! sse-starlette serves a live stream with every fault that it can produce.

use crate::otail::{Lines, Otail, json};
use crate::owed::difference;
use serde_json::{Value, json};
use std::process::{Child, Stdio};
use std::time::{Duration, SystemTime};

/// A server of `stream.py`, killed when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(port: u16, more: &[&str]) -> Server {
        let mut command = crate::python("stream.py");
        let mut child = command.args(["--port", &port.to_string()]).args(more).stdout(Stdio::piped()).spawn().unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let said = out.wait("the server's port", |lines| lines.first().cloned());
        let said: Value = serde_json::from_str(&said).unwrap();
        Server { child, port: u16::try_from(said["port"].as_u64().unwrap()).unwrap() }
    }

    fn url(&self, path: &str) -> String {
        format!("sse+http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tails `/spans` of a server with these faults to its end, and checks that every span was printed once, in order.
/// Returns the other lines.
#[track_caller]
fn whole_stream(faults: &str) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("manifest.json");
    let server = Server::start(0, &["--manifest", manifest.to_str().unwrap()]);
    let otail = Otail::tail(&["-o", "json", &server.url(&format!("/spans?{faults}"))]);
    otail.out.wait("the last event", |lines| lines.iter().any(|line| line.contains("no JSON")).then_some(()));
    let (spans, rest): (Vec<_>, Vec<_>) =
        json(&otail.stop().out).into_iter().partition(|line| line["signal"] == "span");
    let owed: Vec<Value> = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    let ids = |lines: &[Value]| lines.iter().map(|line| line["span_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&spans), ids(&owed), "every span once, in order");
    for (owed, printed) in owed.iter().zip(&spans) {
        let printed = restricted(owed, printed);
        assert_eq!(printed, *owed, "{}", difference(owed, &printed));
    }
    rest
}

/// The printed object, reduced to the expected keys.
fn restricted(owed: &Value, printed: &Value) -> Value {
    match (owed, printed) {
        (Value::Object(owed), Value::Object(printed)) => {
            owed.iter().filter_map(|(key, owed)| Some((key.clone(), restricted(owed, printed.get(key)?)))).collect()
        }
        _ => printed.clone(),
    }
}

#[test]
fn every_span_shape_and_wrapping_is_read() {
    let rest = whole_stream("");
    let told: Vec<_> =
        rest.iter().map(|line| json!([line["signal"], line["type"], line["id"], line["payload"]])).collect();
    let deploy = json!(["event", "deploy", "e1-end", {"version": "1.2", "at": [1, null]}]);
    let note = json!(["event", "note", "e1-end", "no JSON\nin two lines"]);
    assert_eq!(told, [deploy, note]);
}

#[test]
fn lines_may_have_any_line_end() {
    for separator in ["crlf", "cr", "lf"] {
        whole_stream(&format!("separator={separator}"));
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    for separator in ["crlf", "cr", "lf"] {
        whole_stream(&format!("bom=1&separator={separator}&cut=2"));
    }
}

#[test]
fn characters_split_across_chunks_are_joined() {
    for separator in ["crlf", "cr", "lf"] {
        for size in [1, 3] {
            whole_stream(&format!("separator={separator}&cut={size}"));
        }
    }
}

#[test]
fn dropped_connections_lose_and_repeat_nothing() {
    whole_stream("drop=9&overlap=3");
    whole_stream("drop=11&overlap=4&separator=cr&cut=5&bom=1");
}

/// otail promises data within five seconds of the server's return. The times are those of the two processes.
#[test]
fn a_returned_server_delivers_within_5_seconds() {
    let server = Server::start(0, &[]);
    let otail = Otail::tail(&["-o", "json", &server.url("/live")]);
    let before = otail.wait_for(10).len();
    let port = server.port;
    drop(server);
    std::thread::sleep(Duration::from_secs(3));
    let before = otail.out.so_far().len().max(before);
    let server = Server::start(port, &[]);
    let returned = SystemTime::now();
    otail.wait_for(before + 1);
    let away = returned.elapsed().unwrap();
    assert!(away < Duration::from_secs(5), "data only after {away:?}");
    otail.wait_for(before + 10);
    drop(server);

    let lines = json(&otail.stop().out);
    let numbers: Vec<_> = lines
        .iter()
        .filter(|line| line["signal"] == "span")
        .map(|line| u64::from_str_radix(line["span_id"].as_str().unwrap(), 16).unwrap())
        .collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..first + numbers.len() as u64).collect::<Vec<_>>(), "every span once, in order");
}
