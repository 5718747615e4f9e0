//! The output of `otail tail`: filters, signals and formats.

use crate::documents::{log, names, request, spans};
use crate::http::post;
use crate::otail::{Otail, json};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// The lines that `otail tail ARGUMENTS -` prints for this input.
#[track_caller]
fn tail(arguments: &[&str], input: &str) -> Vec<String> {
    let mut otail = Otail::tail(&[arguments, &["-"]].concat());
    otail.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = otail.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.out
}

/// A line without the fields that depend on time and source.
fn bare(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let object = line.as_object_mut().unwrap();
    assert!(object.remove("received").is_some() && object.remove("source").is_some());
    line
}

#[test]
fn a_filter_leaves_what_it_matches() {
    let input = spans(&["GET /cart", "POST /orders"]) + &log("POST of a log");
    assert_eq!(names(&tail(&["-o", "json", "--filter", "name~\"^POST\""], &input)), ["POST /orders"]);
    assert_eq!(tail(&["-o", "json", "--filter", "POST"], &input).len(), 2);
}

#[test]
fn signals_are_chosen_by_name() {
    let input = spans(&["a"]) + &log("b");
    let signals = |chosen: &str| {
        json(&tail(&["-o", "json", "--signal", chosen], &input))
            .iter()
            .map(|line| line["signal"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(signals("spans"), ["span"]);
    assert_eq!(signals("logs"), ["log"]);
    assert_eq!(signals("logs,spans"), ["span", "log"]);
    assert_eq!(signals("metrics"), Vec::<Value>::new());
}

#[test]
fn otlp_lines_read_again_are_the_same_items() {
    let events = json!([{"name": "e", "timeUnixNano": "1755000000000000001", "attributes": [{"key": "n", "value": {"intValue": "9007199254740993"}}]}]);
    let links =
        json!([{"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "traceState": "a=b"}]);
    let attributes = json!([
        {"key": "bytes", "value": {"bytesValue": "AP8="}},
        {"key": "empty", "value": {}},
        {"key": "nested", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"doubleValue": 0.1}, {"boolValue": false}]}}}]}}},
    ]);
    let span = json!({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "parentSpanId": "00f067aa0ba902b6",
        "name": "x", "kind": 3, "startTimeUnixNano": "1755000000000000000", "endTimeUnixNano": "1755000000000000007",
        "status": {"code": 2, "message": "no"}, "attributes": attributes, "events": events, "links": links,
    });
    let input = request(json!([span])).to_string() + "\n" + &log("b") + &spans(&["y"]);
    let direct: Vec<_> = tail(&["-o", "json"], &input).iter().map(|line| bare(line)).collect();
    let otlp = tail(&["-o", "otlp"], &input).join("\n") + "\n";
    let again: Vec<_> = tail(&["-o", "json"], &otlp).iter().map(|line| bare(line)).collect();
    assert_eq!(direct.len(), 3);
    assert_eq!(again, direct, "{otlp}");
}

#[test]
fn a_severity_is_its_number_and_its_text() {
    let log = |number: i64, text: &str| {
        let record = json!({"timeUnixNano": "1755000000000000000", "severityNumber": number, "severityText": text,
            "body": {"stringValue": format!("{number} {text}")}});
        json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).to_string() + "\n"
    };
    let records = [(0, "Error"), (17, "FATAL-ISH"), (13, "notice"), (0, "notice"), (99, ""), (9, ""), (0, "")];
    let input: String = records.iter().map(|(number, text)| log(*number, text)).collect();
    let taken = |filter: &str| -> Vec<String> {
        let lines = json(&tail(&["-o", "json", "--filter", filter], &input));
        lines.iter().map(|line| line["body"].as_str().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(taken("severity:Error"), ["0 Error", "17 FATAL-ISH"]);
    assert_eq!(taken("severity=FATAL-ISH"), ["17 FATAL-ISH"]);
    assert_eq!(taken("severity~^not"), ["13 notice", "0 notice"]);
    assert_eq!(taken("severity>=warn"), ["0 Error", "17 FATAL-ISH", "13 notice"]);
    assert_eq!(taken("severity:99"), ["99"]);
    assert_eq!(taken("severity:*"), ["0 Error", "17 FATAL-ISH", "13 notice", "0 notice", "99", "9"]);

    let shown = |line: &Value| [line["severity"].clone(), line["severity_number"].clone()];
    let direct: Vec<_> = json(&tail(&["-o", "json"], &input)).iter().map(shown).collect();
    assert_eq!(direct[..2], [[json!("Error"), json!(0)], [json!("FATAL-ISH"), json!(17)]]);
    assert_eq!(direct[4..], [[json!("99"), json!(99)], [json!("info"), json!(9)], [Value::Null, Value::Null]]);
    let otlp = tail(&["-o", "otlp"], &input).join("\n") + "\n";
    assert_eq!(json(&tail(&["-o", "json"], &otlp)).iter().map(shown).collect::<Vec<_>>(), direct, "{otlp}");
    let text = tail(&["-o", "text", "--color", "always"], &input);
    assert!(text[0].contains("\x1b[31mError"), "{:?}", text[0]);
}

#[test]
fn contradicting_numbers_are_kept_marked_and_counted() {
    let point = |count: u32, flags: u32| {
        json!({"timeUnixNano": "1755000000000000000", "count": count, "bucketCounts": ["3", "1"], "explicitBounds": [1],
            "flags": flags})
    };
    let metric = json!({"name": "h", "histogram": {"dataPoints": [point(4, 0), point(7, 0), point(7, 1)]}});
    let input = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).to_string() + "\n";
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = otail.end();
    assert_eq!(ended.err, "otail: 3 received, 1 inconsistent but kept");
    let lines = json(&ended.out);
    let marks: Vec<_> = lines.iter().map(|line| (line["inconsistent"].clone(), line["count"].clone())).collect();
    let reason = json!("the buckets hold 4 values, the count is 7");
    assert_eq!(marks, [(Value::Null, json!(4)), (reason, json!(7)), (Value::Null, Value::Null)]);
    let text = tail(&["-o", "text", "--color", "never"], &input);
    assert!(text[1].contains("count=7 inconsistent (the buckets hold 4 values, the count is 7)"), "{text:?}");
    assert!(text[2].contains("no value"), "{text:?}");
}

#[test]
fn control_characters_are_visible_and_harmless() {
    let name = "a\x1b]52;c;Zm9v\x07b\x1b[2Jc\u{9b}31md\u{202e}e\rf\ng";
    let printed = tail(&["-o", "text", "--color", "never"], &(spans(&[name]) + &log(name)));
    assert_eq!(printed.len(), 2, "an item is a line: {printed:#?}");
    for line in &printed {
        let harmful = |c: &char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(line.chars().find(harmful), None, "{line:?}");
        assert!(line.contains("52;c;Zm9v"), "nothing is taken away: {line:?}");
    }
    let kept = &json(&tail(&["-o", "json"], &spans(&[name])))[0]["name"];
    assert_eq!(kept, name, "machines get it as it was");
}

#[test]
fn only_data_goes_to_standard_output() {
    let otail = Otail::tail(&["-o", "json", "listen://127.0.0.1?grpc=0&http=0"]);
    let (_, http) = otail.addresses();
    let (status, _) = post(http, "/v1/traces", &[("content-type", "application/json")], spans(&["a"]).as_bytes());
    assert_eq!(status, 200);
    otail.wait_for(1);
    assert_eq!(names(&otail.stop().out), ["a"]);
}

#[test]
fn rejections_are_reported_and_counted_on_stderr() {
    let otail = Otail::tail(&["-o", "json", "listen://127.0.0.1?grpc=0&http=0"]);
    let (_, http) = otail.addresses();
    let json = [("content-type", "application/json")];
    assert_eq!(post(http, "/v1/trace", &json, spans(&["lost"]).as_bytes()).0, 404);
    otail.err.wait("the reason", |lines| lines.iter().find(|line| line.contains("rejected 1 item: ")).cloned());
    assert_eq!(post(http, "/v1/traces", &json, log("lost").as_bytes()).0, 200);
    assert_eq!(post(http, "/v1/traces", &json, spans(&["a"]).as_bytes()).0, 200);
    otail.wait_for(1);
    let ended = otail.stop();
    assert_eq!(names(&ended.out), ["a"]);
    let said: Vec<&str> = ended.err.lines().collect();
    let [_, first, last] = said[..] else { panic!("{said:#?}") };
    assert!(first.contains("POST /v1/trace from 127.0.0.1:") && first.contains("no such path"), "{first}");
    let sum = "otail: 3 received, 2 rejected (last: POST /v1/traces from 127.0.0.1:";
    assert!(last.starts_with(sum) && last.ends_with("send logs to /v1/logs)"), "{last}");
}

#[test]
fn without_loss_there_is_no_summary() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.take().unwrap().write_all(spans(&["a"]).as_bytes()).unwrap();
    assert_eq!(otail.end().err, "");
}

#[test]
fn without_a_terminal_a_source_is_tailed() {
    let mut otail = Command::new(env!("CARGO_BIN_EXE_otail"));
    let mut otail = otail.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    otail.stdin.take().unwrap().write_all(spans(&["GET /cart"]).as_bytes()).unwrap();
    let output = otail.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("GET /cart"));
    assert_eq!(output.status.code(), Some(0));
}
