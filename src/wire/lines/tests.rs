//! A line of every known logger and its log record.

use crate::columns::{Item, LogItem};
use crate::model::{Nested, Value};
use crate::wire::lines::container_line;
use crate::wire::span_record::{Decoded, Decoder};
use serde_json::{Value as Json, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn json_of(value: Value<'_>) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Text(text) => text.into(),
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::Bytes(_) => unreachable!("JSON has no bytes"),
        Value::Nested(nested) => nested_json(nested),
    }
}

fn nested_json(nested: Nested<'_>) -> Json {
    match nested.is_map() {
        true => Json::Object(nested.entries().map(|(key, value)| (key.to_owned(), json_of(value))).collect()),
        false => nested.items().map(json_of).collect(),
    }
}

fn log_json(log: LogItem<'_>) -> Json {
    let dictionary = log.dictionary;
    let resource = dictionary.resource(log.origin());
    let attributes: serde_json::Map<_, _> =
        log.attributes().map(|(key, value)| (key.to_owned(), json_of(value))).collect();
    json!({
        "time": log.time().rfc3339().replace("000000Z", "Z"),
        "severity": log.severity().0,
        "text": log.severity_text(),
        "body": json_of(log.body()),
        "trace": log.trace().to_string().trim_start_matches('0'),
        "span": log.span().to_string().trim_start_matches('0'),
        "service": dictionary.text(resource.service),
        "attributes": attributes,
    })
}

fn taken(decoder: &mut Decoder) -> Vec<Json> {
    let taken = decoder.take();
    assert_eq!(taken.rejected.count, 0);
    let items: Vec<_> = taken.batches.iter().flat_map(|batch| batch.items()).collect();
    let logs = items.into_iter().map(|item| match item {
        Item::Log(log) => log_json(log),
        _ => json!("no log record"),
    });
    logs.collect()
}

/// The log record of a line, without the usual fields.
#[track_caller]
fn read(line: &str) -> Json {
    let mut decoder = Decoder::of_lines();
    assert_eq!(decoder.read("message", "", line), Decoded::Items(1), "{line}");
    let mut log = taken(&mut decoder).remove(0);
    let usual = json!({"trace": "", "span": "", "service": "", "attributes": {}, "text": ""});
    let object = log.as_object_mut().unwrap();
    object.retain(|key, value| usual.get(key) != Some(value));
    log
}

const AT: &str = "2026-10-31T21:00:41.875Z";

#[test]
fn every_loggers_time_severity_and_body_are_found() {
    let record = |severity: i32, text: &str, attributes: Json| {
        let mut log = json!({"time": AT, "severity": severity, "body": "hi"});
        if !text.is_empty() {
            log["text"] = text.into();
        }
        if attributes != json!({}) {
            log["attributes"] = attributes;
        }
        log
    };
    for (line, expected) in [
        // zap, with seconds and with text.
        (
            r#"{"level":"error","ts":1793480441.875,"caller":"a.go:1","msg":"hi"}"#,
            record(17, "error", json!({"caller": "a.go:1"})),
        ),
        (
            r#"{"L":"x","level":"dpanic","ts":"2026-10-31T21:00:41.875Z","msg":"hi"}"#,
            record(21, "dpanic", json!({"L": "x"})),
        ),
        // slog
        (
            r#"{"time":"2026-10-31T22:00:41.875+01:00","level":"WARN","msg":"hi","n":{"a":[1]}}"#,
            record(13, "WARN", json!({"n": {"a": [1]}})),
        ),
        // zerolog
        (r#"{"level":"trace","time":1793480441875,"message":"hi"}"#, record(1, "trace", json!({}))),
        // logrus
        (r#"{"level":"warning","msg":"hi","time":"2026-10-31T21:00:41.875Z"}"#, record(13, "warning", json!({}))),
        // pino and bunyan
        (r#"{"level":30,"time":1793480441875,"pid":1,"msg":"hi"}"#, record(9, "", json!({"level": 30, "pid": 1}))),
        (
            r#"{"name":"app","hostname":"h","pid":1,"level":50,"msg":"hi","time":"2026-10-31T21:00:41.875Z","v":0}"#,
            record(17, "", json!({"name": "app", "hostname": "h", "pid": 1, "level": 50, "v": 0})),
        ),
        // ECS, flat and nested
        (
            r#"{"@timestamp":"2026-10-31T21:00:41.875Z","log.level":"warn","message":"hi"}"#,
            record(13, "warn", json!({})),
        ),
        (
            r#"{"@timestamp":"2026-10-31T21:00:41.875Z","log":{"level":"ERROR","logger":"l"},"message":"hi"}"#,
            record(17, "ERROR", json!({"log": {"level": "ERROR", "logger": "l"}})),
        ),
        // serilog
        (r#"{"@t":"2026-10-31T21:00:41.875Z","@m":"hi","@l":"Fatal"}"#, record(21, "Fatal", json!({}))),
        (
            r#"{"@t":"2026-10-31T21:00:41.875Z","@mt":"{G}","@m":"hi","G":1}"#,
            record(9, "", json!({"@mt": "{G}", "G": 1})),
        ),
        (
            r#"{"Timestamp":"2026-10-31T21:00:41.875Z","Level":"Information","RenderedMessage":"hi"}"#,
            record(9, "Information", json!({})),
        ),
        // journald
        (
            r#"{"__REALTIME_TIMESTAMP":"1793480441875000","PRIORITY":"3","MESSAGE":"hi","_PID":"7"}"#,
            record(17, "", json!({"PRIORITY": "3", "_PID": "7"})),
        ),
        // GCP
        (
            r#"{"severity":"NOTICE","timestamp":{"seconds":1793480441,"nanos":875000000},"message":"hi"}"#,
            record(10, "NOTICE", json!({})),
        ),
        (
            r#"{"severity":"ERROR","timestamp":"2026-10-31T21:00:41.875Z","textPayload":"hi"}"#,
            record(17, "ERROR", json!({})),
        ),
        // syslog, GELF
        (
            r#"{"version":"1.1","short_message":"hi","timestamp":1793480441.875,"level":4}"#,
            record(13, "", json!({"version": "1.1", "level": 4})),
        ),
        (
            r#"{"timestamp":"2026-10-31T21:00:41.875Z","severity":"emerg","message":"hi"}"#,
            record(23, "emerg", json!({})),
        ),
        // Python, log4j, structlog
        (
            r#"{"asctime":"2026-10-31 21:00:41,875","levelname":"CRITICAL","message":"hi"}"#,
            record(21, "CRITICAL", json!({})),
        ),
        (
            r#"{"asctime":"2026-10-31 21:00:41,875","levelno":30,"message":"hi"}"#,
            record(13, "", json!({"levelno": 30})),
        ),
        (
            r#"{"instant":{"epochSecond":1793480441,"nanoOfSecond":875000000},"level":"FATAL","message":"hi"}"#,
            record(21, "FATAL", json!({})),
        ),
        (r#"{"timeMillis":1793480441875,"level":"INFO","message":"hi"}"#, record(9, "INFO", json!({}))),
        (r#"{"event":"hi","level":"info","timestamp":"2026-10-31T21:00:41.875Z"}"#, record(9, "info", json!({}))),
        // OpenTelemetry
        (
            r#"{"timeUnixNano":"1793480441875000000","severityNumber":11,"severityText":"notable","body":"hi"}"#,
            record(11, "notable", json!({})),
        ),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

#[test]
fn every_spelling_of_trace_and_service_is_read() {
    for line in [
        format!(r#"{{"level":"info","msg":"hi","trace_id":"{TRACE}","span_id":"{SPAN}","service":"shop"}}"#),
        format!(r#"{{"level":"info","msg":"hi","traceId":"{TRACE}","spanId":"{SPAN}","service.name":"shop"}}"#),
        format!(
            r#"{{"level":"info","msg":"hi","trace":{{"id":"{TRACE}"}},"span":{{"id":"{SPAN}"}},"service":{{"name":"shop"}}}}"#
        ),
        format!(r#"{{"level":"info","msg":"hi","trace.id":"{TRACE}","span.id":"{SPAN}","service_name":"shop"}}"#),
        format!(r#"{{"@l":"info","@m":"hi","@t":0,"@tr":"{TRACE}","@sp":"{SPAN}","dd.service":"shop"}}"#)
            .replace(r#""@t":0,"#, ""),
        format!(
            r#"{{"severity":"info","message":"hi","logging.googleapis.com/trace":"projects/p/traces/{TRACE}","logging.googleapis.com/spanId":"{SPAN}","serviceContext":{{"service":"shop"}}}}"#
        ),
        format!(
            r#"{{"level":"info","msg":"hi","dd.trace_id":"{TRACE}","dd.span_id":"{}","dd.service":"shop"}}"#,
            0xb7ad_6b71_6920_3331_u64
        ),
    ] {
        let log = read(&line);
        assert_eq!(
            (&log["trace"], &log["span"], &log["service"]),
            (&json!(&TRACE[1..]), &json!(SPAN), &json!("shop")),
            "{line}"
        );
        assert_eq!(log.get("attributes"), None, "{line}");
    }
    let log = read(r#"{"level":"info","msg":"hi","dd.trace_id":"255","dd.span_id":"16"}"#);
    assert_eq!((&log["trace"], &log["span"]), (&json!("ff"), &json!("10")));
}

#[test]
fn no_part_of_a_line_is_lost() {
    let log = read(
        r#"{"level":"info","msg":"hi","message":"other","time":"soon","trace_id":"none","service":{"name":"a","version":"1"},"deep":{"x":[{"y":null}]},"dup":1,"dup":2}"#,
    );
    assert_eq!(
        log["attributes"],
        json!({"message": "other", "time": "soon", "trace_id": "none", "service": {"name": "a", "version": "1"},
            "deep": {"x": [{"y": null}]}, "dup": 2})
    );
    let deep = format!(r#"{{"level":"info","msg":"hi","deep":{}1{}}}"#, "[".repeat(60), "]".repeat(60));
    assert_eq!(read(&deep)["attributes"]["deep"], json!("[".repeat(60) + "1" + &"]".repeat(60)), "too deep: its text");
}

#[test]
fn other_objects_stay_events() {
    for line in [
        r#"{"msg":"hi"}"#,
        r#"{"level":"info"}"#,
        r#"{"time":1793480441}"#,
        r#"{"event":{"kind":"x"},"time":1793480441}"#,
        r#"{"message":null,"level":"info"}"#,
        r#"{"hello":1}"#,
        "words",
    ] {
        let mut decoder = Decoder::of_lines();
        assert_eq!(decoder.read("message", "", line), Decoded::Event, "{line}");
    }
}

#[test]
fn events_of_a_stream_are_not_log_lines() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.read("alert", "", r#"{"message":"x","severity":"critical","time":1793480441}"#), Decoded::Event);
}

#[test]
fn a_log_line_may_have_span_ids() {
    let log = read(&format!(r#"{{"name":"app","level":30,"msg":"hi","trace_id":"{TRACE}","span_id":"{SPAN}"}}"#));
    assert_eq!((&log["span"], &log["attributes"]["name"]), (&json!(SPAN), &json!("app")));
}

/// The items of a container's line.
fn contained(line: &str) -> Vec<Json> {
    let mut decoder = Decoder::of_lines();
    decoder.read_container_line(&container_line(line).unwrap());
    taken(&mut decoder)
}

#[test]
fn container_lines_become_log_records_with_their_stream() {
    let time = "2026-07-03T05:55:55.000Z";
    for (text, body) in
        [("plain words", json!("plain words")), (r#"{\"hello\":[1]}"#, json!({"hello": [1]})), ("42", json!("42"))]
    {
        let docker =
            format!(r#"{{"log":"{text}\n","stream":"stderr","attrs":{{"tag":"t"}},"time":"2026-07-03T05:55:55Z"}}"#);
        let log = contained(&docker).remove(0);
        assert_eq!((&log["body"], &log["time"]), (&body, &json!(time)), "{docker}");
        assert_eq!(log["attributes"], json!({"stream": "stderr", "attrs": {"tag": "t"}}));
    }
    let log = contained(r#"2026-07-03T05:55:55Z stdout F {"level":"warn","msg":"hi","n":1}"#).remove(0);
    assert_eq!((&log["body"], &log["time"], &log["severity"]), (&json!("hi"), &json!(time), &json!(13)));
    assert_eq!(log["attributes"], json!({"n": 1, "stream": "stdout"}));
    assert!(contained("2026-07-03T05:55:55Z stdout F ").is_empty());
}

#[test]
fn telemetry_in_a_containers_line_is_telemetry() {
    let document = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}}]}]}]}"#;
    let logs = contained(&format!("2026-07-03T05:55:55Z stdout F {document}"));
    assert_eq!(logs.iter().map(|log| log["body"].clone()).collect::<Vec<_>>(), ["a", "b"]);
}
