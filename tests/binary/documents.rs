//! OTLP JSON as input for the binary.

use serde_json::json;

/// One line of OTLP JSON: a request with a span for each name.
pub fn spans(names: &[&str]) -> String {
    let spans: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            json!({
                "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                "spanId": format!("{:016x}", hash(name) | 1),
                "name": name,
                "kind": 2,
                "startTimeUnixNano": "1755000000000000000",
                "endTimeUnixNano": (1_755_000_000_001_000_000 + index as u64).to_string(),
                "status": {},
            })
        })
        .collect();
    request(json!(spans)).to_string() + "\n"
}

/// A request with these spans, of the service `checkout`.
pub fn request(spans: serde_json::Value) -> serde_json::Value {
    let service = json!({"key": "service.name", "value": {"stringValue": "checkout"}});
    json!({"resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]})
}

/// One line of OTLP JSON: a request with a log record of this body.
pub fn log(body: &str) -> String {
    let record = json!({"timeUnixNano": "1755000000000000000", "severityNumber": 9, "body": {"stringValue": body}});
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).to_string() + "\n"
}

/// The names of the spans in lines of `tail -o json`, in order.
#[track_caller]
pub fn names(lines: &[String]) -> Vec<String> {
    let name = |line: &serde_json::Value| line["name"].as_str().unwrap_or_default().to_owned();
    crate::otail::json(lines).iter().map(name).collect()
}

/// The span id of a name (FNV-1a): always the same, and different for different names.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
