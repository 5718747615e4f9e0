//! An item as JSON on one line: `tail -o json`. Keys and their order are those of [`fields`](super::fields).

#[cfg(test)]
mod tests;

use super::Receipt;
use super::fields::{Group, Node};
use crate::columns::Item;
use crate::model::{Value, write_json_string};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::ops::ControlFlow;

/// Appends one item and a line feed. Text is escaped so that the line is safe to print on a terminal.
pub fn write_item(item: Item<'_>, receipt: Receipt<'_>, out: &mut Vec<u8>) {
    write_node(Node::Group(Group::Item(item, receipt)), out);
    out.push(b'\n');
}

/// Appends a node without spaces. Integers are numbers, bytes are base64, times are RFC 3339; doubles that JSON cannot write
/// are text (`"NaN"`, `"Infinity"`, `"-Infinity"`), as in OTLP.
pub(super) fn write_node(node: Node<'_>, out: &mut Vec<u8>) {
    match node {
        Node::Leaf(value) => write_leaf(value, out),
        Node::Count(count) => _ = write!(out, "{count}"),
        Node::Digits(number) => _ = write!(out, "\"{number}\""),
        Node::Inconsistent(reason) => write_json_string(&reason.to_string(), out),
        Node::Time(time) => write_json_string(&time.rfc3339(), out),
        Node::Trace(id) => _ = write!(out, "\"{id}\""),
        Node::Span(id) => _ = write!(out, "\"{id}\""),
        Node::Group(group) => write_group(group, out),
    }
}

fn write_group(group: Group<'_>, out: &mut Vec<u8>) {
    let keyed = group.is_map();
    out.push(if keyed { b'{' } else { b'[' });
    let mut first = true;
    let _ = group.each(0, &mut |_, key, node| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        if keyed {
            write_json_string(key, out);
            out.push(b':');
        }
        write_node(node, out);
        ControlFlow::Continue(())
    });
    out.push(if keyed { b'}' } else { b']' });
}

fn write_leaf(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Empty => out.extend_from_slice(b"null"),
        Value::Text(text) => write_json_string(text, out),
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::Int(value) => _ = write!(out, "{value}"),
        Value::Double(value) if value.is_finite() => _ = serde_json::to_writer(out, &value),
        Value::Double(value) if value.is_nan() => out.extend_from_slice(b"\"NaN\""),
        Value::Double(value) if value > 0.0 => out.extend_from_slice(b"\"Infinity\""),
        Value::Double(_) => out.extend_from_slice(b"\"-Infinity\""),
        Value::Bytes(bytes) => {
            out.push(b'"');
            out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
            out.push(b'"');
        }
        Value::Nested(nested) => write_group(Group::Nested(nested), out),
    }
}
