//! otail polls real processes: node_exporter, prometheus_client, OTLP JSON and protobuf.

use crate::otail::{Lines, Otail, json};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// A polled process, killed on drop.
struct Polled {
    child: Child,
    port: u16,
    /// The start of its counter, in seconds since 1970.
    begun: f64,
}

impl Polled {
    /// A server of `metrics.py`.
    fn metrics(port: u16) -> Polled {
        let mut command = crate::python("metrics.py");
        let mut child = command.args(["--port", &port.to_string()]).stdout(Stdio::piped()).spawn().unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let said = out.wait("the server's port", |lines| lines.first().cloned());
        let said: Value = serde_json::from_str(&said).unwrap();
        Polled { child, port: said["port"].as_u64().unwrap() as u16, begun: said["begun"].as_f64().unwrap() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A printed time in seconds since 1970.
fn seconds(time: &Value) -> f64 {
    let time: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
    time.as_nanosecond() as f64 / 1e9
}

/// The points of a metric among the lines of `otail tail`.
fn named<'a>(lines: &'a [Value], name: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["name"] == name).collect()
}

/// Checks that the values rise by ten a second since `begun`, at the points' own times.
#[track_caller]
fn assert_ten_a_second(points: &[&Value], begun: f64) {
    for point in points {
        let (value, expected) = (point["value"].as_f64().unwrap(), (seconds(&point["time"]) - begun) * 10.0);
        // The server takes the value slightly before or after the time of the point.
        assert!((value - expected).abs() < 6.0, "{value} is not {expected}: {point}");
    }
}

#[test]
fn open_metrics_have_starts_units_and_exemplars() {
    let server = Polled::metrics(0);
    let lines =
        json(&Otail::tail(&["-o", "json", &server.url("/metrics"), "--interval", "200ms", "--limit", "60"]).end().out);
    let jobs = named(&lines, "jobs_total");
    assert!(jobs.len() >= 3, "{lines:#?}");
    assert_ten_a_second(&jobs, server.begun);
    for job in &jobs {
        assert_eq!(
            (&job["type"], &job["monotonic"], &job["temporality"], &job["attributes"]),
            (&json!("sum"), &json!(true), &json!("cumulative"), &json!({"queue": "größe \\ \"mail\"\n"}))
        );
        assert!((seconds(&job["start"]) - server.begun).abs() < 0.001, "{job}");
    }
    let latency = named(&lines, "latency_seconds")[0];
    assert_eq!(
        (&latency["type"], &latency["unit"], &latency["count"], &latency["sum"]),
        (&json!("histogram"), &json!("s"), &json!(3), &json!(7.35)),
        "{latency}"
    );
    assert_eq!(latency["buckets"], json!({"bounds": [0.1, 0.5], "counts": [1, 1, 1]}), "{latency}");
    let exemplar = &latency["exemplars"][0];
    assert_eq!(
        (&exemplar["trace_id"], &exemplar["span_id"], &exemplar["value"]),
        (&json!("4bf92f3577b34da6a3ce929d0e0e4736"), &json!("00f067aa0ba902b7"), &json!(0.3)),
        "{latency}"
    );
    let depth = named(&lines, "depth_bytes")[0];
    assert_eq!((&depth["type"], &depth["unit"], &depth["value"]), (&json!("gauge"), &json!("By"), &json!(-1.5)));
    assert_eq!(depth["resource"]["server.port"], json!(server.port), "{depth}");
}

#[test]
fn otlp_is_polled_by_get_and_post() {
    let server = Polled::metrics(0);
    for path in ["/otlp/json", "/otlp/protobuf"] {
        for method in ["GET", "POST"] {
            let url = server.url(path);
            let otail = Otail::tail(&["-o", "json", &url, "--interval", "200ms", "--method", method, "--limit", "3"]);
            let lines = json(&otail.end().out);
            let points = named(&lines, "jobs.done");
            assert_eq!(points.len(), 3, "{method} {path}: {lines:?}");
            assert_ten_a_second(&points, server.begun);
            for point in points {
                assert_eq!(
                    (&point["service"], &point["unit"], &point["monotonic"]),
                    (&json!("jobs"), &json!("{job}"), &json!(true))
                );
                assert!((seconds(&point["start"]) - server.begun).abs() < 0.001, "{point}");
            }
        }
    }
}

#[test]
fn a_restarted_process_is_recognised() {
    for path in ["/metrics", "/otlp/json"] {
        let first = Polled::metrics(0);
        let otail = Otail::tail(&["-o", "json", &first.url(path), "--interval", "200ms", "--filter", "name:jobs*"]);
        otail.wait_for(12);
        let (port, begun) = (first.port, first.begun);
        drop(first);
        let second = Polled::metrics(port);
        let new_start =
            |line: &Value| line["start"].is_string() && (seconds(&line["start"]) - second.begun).abs() < 0.001;
        otail.out.wait("a point of the second process", |lines| json(lines).iter().any(new_start).then_some(()));
        let lines = json(&otail.stop().out);
        let values: Vec<(bool, f64)> = lines
            .iter()
            .filter(|line| line["value"].is_number())
            .map(|line| (new_start(line), line["value"].as_f64().unwrap()))
            .collect();
        let at = values.iter().position(|(is_new, _)| *is_new).unwrap();
        assert!(values[at - 1].1 >= 10.0 && values[at].1 < values[at - 1].1, "{path} since {begun}: {values:?}");
        assert!(values[at..].iter().all(|(is_new, _)| *is_new), "{path}: {values:?}");
    }
}

#[test]
fn node_exporter_is_read_to_the_last_line() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let child = Command::new("prometheus-node-exporter")
        .args([&format!("--web.listen-address={address}"), "--web.disable-exporter-metrics"])
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus-node-exporter is missing: run `.ci/run interop`, which installs it");
    let node = Polled { child, port, begun: 0.0 };
    let otail = Otail::tail(&["-o", "json", &node.url("/metrics"), "--interval", "300ms"]);
    let uptime = |lines: &[String]| lines.iter().filter(|line| line.contains("\"node_boot_time_seconds\"")).count();
    otail.out.wait("three scrapes", |lines| (uptime(lines) >= 3).then_some(()));
    let ended = otail.stop();
    assert!(!ended.err.contains("rejected"), "{}", ended.err);
    let lines = json(&ended.out);
    let idle: Vec<&Value> = named(&lines, "node_cpu_seconds_total")
        .into_iter()
        .filter(|line| line["attributes"] == json!({"cpu": "0", "mode": "idle"}))
        .collect();
    assert!(idle.len() >= 3 && idle.windows(2).all(|pair| pair[0]["value"].as_f64() <= pair[1]["value"].as_f64()));
    assert!(idle.iter().all(|point| point["start"] == idle[0]["start"]), "one series from its first scrape on");
    let names = named(&lines, "node_uname_info");
    assert_eq!(names[0]["attributes"]["sysname"], "Linux");
}

#[test]
fn wrong_credentials_end_with_exit_code_3() {
    let server = Polled::metrics(0);
    let arguments = ["-o", "json", &server.url("/locked"), "--basic-env", "READER", "--limit", "1"];
    let wrong = Otail::tail_with(&arguments, &[("READER", "reader:wrong")]).end();
    assert_eq!(wrong.code, Some(3), "{}", wrong.err);
    assert!(
        wrong.err.contains("401") && wrong.err.contains("who are you?") && !wrong.err.contains("wrong)"),
        "{}",
        wrong.err
    );
    let right = Otail::tail_with(&arguments, &[("READER", "reader:opensesame")]).end();
    assert_eq!((right.code, right.out.len()), (Some(0), 1), "{}", right.err);
}
