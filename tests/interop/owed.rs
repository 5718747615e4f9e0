//! Compares a sender's manifest, the lines that otail owes it, with the printed lines.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Checks that otail printed each owed line once and complete, and nothing else.
#[track_caller]
pub fn paid(owed: Vec<Value>, printed: Vec<Value>) {
    let count = owed.len();
    assert_ne!(count, 0, "a sender that sends nothing proves nothing");
    let mut owed = by_identity(owed);
    let mut unexpected = Vec::new();
    for line in printed {
        let line = tidied(line);
        match owed.get_mut(&identity(&line)).and_then(Vec::pop) {
            Some(expected) if expected == line => {}
            Some(expected) => panic!("of {count} lines one differs: {}", difference(&expected, &line)),
            None => unexpected.push(line),
        }
    }
    let missing: Vec<_> = owed.into_values().flatten().collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "of {count} lines {} are missing, the first {:#?}; {} were printed beyond, the first {:#?}",
        missing.len(),
        missing.first(),
        unexpected.len(),
        unexpected.first(),
    );
}

fn by_identity(lines: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for line in lines {
        let line = tidied(line);
        all.entry(identity(&line)).or_default().push(line);
    }
    all
}

/// The identity of an item, to match its owed and its printed line.
fn identity(line: &Value) -> String {
    let keys: &[&str] = match line["signal"].as_str() {
        Some("span") => &["trace_id", "span_id"],
        Some("log") => &["service", "time"],
        _ => &["service", "name", "temporality", "time", "start", "attributes"],
    };
    keys.iter().fold(line["signal"].to_string(), |text, key| text + &line[*key].to_string())
}

/// The line in the form of a manifest: without fields that depend on the transport, and without empty fields, since OTLP does
/// not distinguish empty from absent there. Attributes and bodies stay complete.
fn tidied(mut line: Value) -> Value {
    let fields = line.as_object_mut().expect("a line is an object");
    fields.remove("source");
    fields.remove("received");
    tidy(fields);
    whole_numbers(&mut line);
    line
}

fn tidy(fields: &mut Map<String, Value>) {
    for (key, field) in fields.iter_mut() {
        match (key.as_str(), field) {
            ("scope" | "exponential", Value::Object(inner)) => tidy(inner),
            ("events" | "links" | "exemplars", Value::Array(items)) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(tidy);
            }
            _ => {}
        }
    }
    fields.retain(|_, field| match field {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(inner) => !inner.is_empty(),
        _ => true,
    });
}

/// Turns 3.0 into 3: JSON has one kind of number, and JavaScript cannot write 3.0.
fn whole_numbers(value: &mut Value) {
    const EXACT: f64 = (1_u64 << 53) as f64;
    match value {
        Value::Number(number) if number.is_f64() => {
            let double = number.as_f64().unwrap_or_default();
            if double.fract() == 0.0 && double.abs() < EXACT {
                *value = Value::from(double as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// The paths at which two lines differ.
pub fn difference(expected: &Value, printed: &Value) -> String {
    let mut text = String::new();
    for key in ["signal", "name", "trace_id", "span_id", "time", "body"] {
        if let Some(field) = expected.get(key) {
            text += &format!("{key} {field} ");
        }
    }
    compare("", expected, printed, &mut text);
    text
}

fn compare(path: &str, expected: &Value, printed: &Value, text: &mut String) {
    match (expected, printed) {
        _ if expected == printed => {}
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                compare(&format!("{path}.{key}"), a, b, text);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, text);
            }
        }
        _ => *text += &format!("\n  {path}: owed {expected}, printed {printed}"),
    }
}
