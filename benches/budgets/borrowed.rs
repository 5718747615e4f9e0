//! The minimal work of serde_json for OTLP JSON: it reads every field of a span and borrows from the text. Also makes the texts
//! to read.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    #[serde(borrow)]
    resource_spans: Vec<ResourceSpans<'a>>,
}

impl Request<'_> {
    /// The number of spans.
    pub fn spans(&self) -> usize {
        self.resource_spans.iter().flat_map(|group| &group.scope_spans).map(|group| group.spans.len()).sum()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read by nobody: what is measured is making it")]
struct ResourceSpans<'a> {
    #[serde(borrow)]
    resource: Option<Resource<'a>>,
    #[serde(borrow)]
    scope_spans: Vec<ScopeSpans<'a>>,
    #[serde(borrow, default)]
    schema_url: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Resource<'a> {
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct ScopeSpans<'a> {
    #[serde(borrow)]
    scope: Option<Scope<'a>>,
    #[serde(borrow)]
    spans: Vec<BorrowedSpan<'a>>,
    #[serde(borrow, default)]
    schema_url: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Scope<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    version: Text<'a>,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct BorrowedSpan<'a> {
    #[serde(borrow)]
    trace_id: Text<'a>,
    #[serde(borrow)]
    span_id: Text<'a>,
    #[serde(borrow)]
    parent_span_id: Text<'a>,
    #[serde(borrow)]
    trace_state: Text<'a>,
    flags: u32,
    #[serde(borrow)]
    name: Text<'a>,
    kind: i32,
    #[serde(borrow)]
    start_time_unix_nano: Text<'a>,
    #[serde(borrow)]
    end_time_unix_nano: Text<'a>,
    #[serde(borrow)]
    attributes: Vec<Attribute<'a>>,
    dropped_attributes_count: u32,
    #[serde(borrow)]
    events: Vec<Event<'a>>,
    dropped_events_count: u32,
    #[serde(borrow)]
    links: Vec<Link<'a>>,
    dropped_links_count: u32,
    #[serde(borrow)]
    status: Option<Status<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct Event<'a> {
    #[serde(borrow, default)]
    time_unix_nano: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
struct Link<'a> {
    #[serde(borrow, default)]
    trace_id: Text<'a>,
    #[serde(borrow, default)]
    span_id: Text<'a>,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Status<'a> {
    #[serde(default)]
    code: i32,
    #[serde(borrow, default)]
    message: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Attribute<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    value: Any<'a>,
}

/// A value: one of these fields is present.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
#[expect(clippy::enum_variant_names, reason = "OTLP's names")]
enum Any<'a> {
    #[serde(borrow)]
    StringValue(Text<'a>),
    BoolValue(bool),
    #[serde(borrow)]
    IntValue(Text<'a>),
    DoubleValue(f64),
    #[serde(borrow)]
    BytesValue(Text<'a>),
    #[serde(borrow)]
    ArrayValue(Array<'a>),
    #[serde(borrow)]
    KvlistValue(Map<'a>),
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Array<'a> {
    #[serde(borrow)]
    values: Vec<Any<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Map<'a> {
    #[serde(borrow)]
    values: Vec<Attribute<'a>>,
}

/// A text that is borrowed if it has no escapes. (A `Cow` inside an `Option` would be copied.)
#[derive(Deserialize, Default)]
#[expect(dead_code, reason = "as above")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Converts a protobuf body to OTLP JSON. The keys have the order of the specification's fields, as SDKs write them.
pub fn json_of(body: &[u8]) -> String {
    let request = ExportTraceServiceRequest::decode(body).unwrap_or_default();
    let groups = request.resource_spans.into_iter().map(|group| {
        let scopes = group.scope_spans.into_iter().map(|inner| {
            let scope = inner.scope.unwrap_or_default();
            let (name, version) = (json!(scope.name), json!(scope.version));
            let spans = joined(inner.spans.into_iter().map(span));
            format!(r#"{{"scope":{{"name":{name},"version":{version}}},"spans":[{spans}]}}"#)
        });
        let (scopes, url) = (joined(scopes), json!(group.schema_url));
        let resource = attributes(group.resource.unwrap_or_default().attributes);
        format!(r#"{{"resource":{{"attributes":[{resource}]}},"scopeSpans":[{scopes}],"schemaUrl":{url}}}"#)
    });
    format!(r#"{{"resourceSpans":[{}]}}"#, joined(groups))
}

fn span(span: Span) -> String {
    let (trace, id) = (hex(&span.trace_id), hex(&span.span_id));
    let parent = match &span.parent_span_id[..] {
        [] => String::new(),
        parent => format!(r#""parentSpanId":"{}","#, hex(parent)),
    };
    let (flags, name, kind) = (span.flags, json!(span.name), span.kind);
    let (start, end) = (span.start_time_unix_nano, span.end_time_unix_nano);
    let status = match span.status {
        Some(status) => format!(r#""code":{},"message":{}"#, status.code, json!(status.message)),
        None => String::new(),
    };
    let attributes = attributes(span.attributes);
    format!(
        r#"{{"traceId":"{trace}","spanId":"{id}",{parent}"flags":{flags},"name":{name},"kind":{kind},"startTimeUnixNano":"{start}","endTimeUnixNano":"{end}","attributes":[{attributes}],"status":{{{status}}}}}"#
    )
}

fn attributes(pairs: Vec<KeyValue>) -> String {
    let value = |value| match value {
        Some(Value::StringValue(text)) => json!({ "stringValue": text }),
        Some(Value::IntValue(number)) => json!({ "intValue": number.to_string() }),
        _ => json!({}),
    };
    let pair = |pair: KeyValue| {
        format!(r#"{{"key":{},"value":{}}}"#, json!(pair.key), value(pair.value.and_then(|any| any.value)))
    };
    joined(pairs.into_iter().map(pair))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
