//! An item as indented JSON, line by line, with the keys, order and values of `tail -o json`.

use super::walk::{Form, Line, NodePath, Visit, walk};
use crate::columns::Item;
use crate::model::{Value, write_json_string};
use crate::present::Receipt;
use crate::present::fields::{Group, Node};
use crate::present::json::write_node;
use std::ops::ControlFlow;

/// A list of numbers stays on one line up to this length.
const INLINE: usize = 64;

/// The item's tree with the outermost braces: its root has one child, the item.
pub(in crate::present) fn form(place: &NodePath<'_, '_>) -> Form {
    match place.node {
        Node::Group(group) if !is_inline(group) => Form::Brackets,
        _ => Form::Line,
    }
}

fn is_inline(group: Group<'_>) -> bool {
    let numbers = matches!(group, Group::Counts(_) | Group::Doubles(_));
    (numbers && group.flat().is_some_and(|numbers| numbers <= INLINE)) || group.is_empty()
}

/// Appends a line without its line feed. A text longer than `max` bytes is cut and marked as cut.
pub(in crate::present) fn write_line(line: Line<'_, '_>, max: usize, out: &mut Vec<u8>) {
    let place = line.place;
    out.resize(out.len() + 2 * (place.depth() + 1), b' ');
    if !line.closes && place.keyed {
        write_json_string(place.key, out);
        out.extend_from_slice(b": ");
    }
    match place.node {
        Node::Group(group) if line.opens => out.push(if group.is_map() { b'{' } else { b'[' }),
        Node::Group(group) if line.closes => out.push(if group.is_map() { b'}' } else { b']' }),
        Node::Group(group) => write_inline(group, out),
        Node::Leaf(Value::Text(text)) if text.len() > max => {
            let end = text.floor_char_boundary(max);
            write_json_string(&text[..end], out);
            out.extend_from_slice(format!("… ({} bytes)", text.len()).as_bytes());
        }
        Node::Leaf(Value::Bytes(bytes)) if bytes.len() > max / 2 => {
            write_node(Node::Leaf(Value::Bytes(&bytes[..max / 2])), out);
            out.extend_from_slice(format!("… ({} bytes)", bytes.len()).as_bytes());
        }
        node => write_node(node, out),
    }
    if place.more && !line.opens {
        out.push(b',');
    }
}

fn write_inline(group: Group<'_>, out: &mut Vec<u8>) {
    let (open, close) = if group.is_map() { (b'{', b'}') } else { (b'[', b']') };
    out.push(open);
    let mut first = true;
    let _ = group.each(0, &mut |_, _, node| {
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b", ");
        }
        write_node(node, out);
        ControlFlow::Continue(())
    });
    out.push(close);
}

/// The whole item, indented by two spaces, without a final line feed. Stops once it is longer than `max` bytes.
pub(in crate::present) fn pretty(item: Item<'_>, receipt: Receipt<'_>, max: usize) -> String {
    let mut whole = Whole { out: b"{".to_vec(), max };
    if walk(Group::Item(item, receipt), &[], &form, &mut whole).is_continue() {
        whole.out.extend_from_slice(b"\n}");
    }
    String::from_utf8_lossy(&whole.out).into_owned()
}

struct Whole {
    out: Vec<u8>,
    max: usize,
}

impl<'a> Visit<'a> for Whole {
    fn line(&mut self, line: Line<'_, 'a>) -> ControlFlow<()> {
        self.out.push(b'\n');
        write_line(line, self.max, &mut self.out);
        if self.out.len() > self.max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
