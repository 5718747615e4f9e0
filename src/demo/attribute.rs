//! Builds OTLP attributes.

use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value};

/// The attributes of a span, a log record or a data point.
pub(super) type Attributes = Vec<KeyValue>;

pub(super) fn text(key: &str, value: impl Into<String>) -> KeyValue {
    pair(key, Value::StringValue(value.into()))
}

pub(super) fn int(key: &str, value: i64) -> KeyValue {
    pair(key, Value::IntValue(value))
}

pub(super) fn double(key: &str, value: f64) -> KeyValue {
    pair(key, Value::DoubleValue(value))
}

pub(super) fn boolean(key: &str, value: bool) -> KeyValue {
    pair(key, Value::BoolValue(value))
}

pub(super) fn texts(key: &str, values: &[&str]) -> KeyValue {
    let values = values.iter().map(|value| any(Value::StringValue((*value).to_owned()))).collect();
    pair(key, Value::ArrayValue(ArrayValue { values }))
}

/// A list of maps, such as the messages of a conversation.
pub(super) fn maps(key: &str, maps: Vec<Attributes>) -> KeyValue {
    pair(key, Value::ArrayValue(ArrayValue { values: maps.into_iter().map(map_value).collect() }))
}

/// A map as a value, such as a structured log body.
pub(super) fn map_value(values: Attributes) -> AnyValue {
    any(Value::KvlistValue(KeyValueList { values }))
}

pub(super) fn text_value(value: impl Into<String>) -> AnyValue {
    any(Value::StringValue(value.into()))
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(any(value)), ..KeyValue::default() }
}
