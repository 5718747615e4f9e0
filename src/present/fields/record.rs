//! Fields with fixed keys, passed to a visitor one by one.

use super::{Group, Node};
use crate::columns::{Attributes, Dictionary};
use crate::model::{SpanId, Time, TraceId, Value};
use std::ops::ControlFlow;

/// Passes fields to a visitor, from index `from` on, until the visitor breaks. Fields that are empty in OTLP's sense (an
/// unknown time, an id of zeros) are left out.
pub(super) struct Record<'f, F> {
    visit: &'f mut F,
    from: usize,
    at: usize,
    flow: ControlFlow<()>,
}

impl<'f, F> Record<'f, F> {
    pub fn new(from: usize, visit: &'f mut F) -> Record<'f, F> {
        Record { visit, from, at: 0, flow: ControlFlow::Continue(()) }
    }

    /// Whether the visitor has stopped.
    pub fn end(self) -> ControlFlow<()> {
        self.flow
    }
}

impl<'a, F: FnMut(usize, &'a str, Node<'a>) -> ControlFlow<()>> Record<'_, F> {
    pub fn put(&mut self, key: &'static str, node: Node<'a>) {
        if self.at >= self.from && self.flow.is_continue() {
            self.flow = (self.visit)(self.at, key, node);
        }
        self.at += 1;
    }

    pub fn value(&mut self, key: &'static str, value: Value<'a>) {
        self.put(key, Node::of(value));
    }

    pub fn text(&mut self, key: &'static str, text: &'a str) {
        self.put(key, Node::Leaf(Value::Text(text)));
    }

    pub fn some_text(&mut self, key: &'static str, text: &'a str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    pub fn time(&mut self, key: &'static str, time: Time) {
        if !time.is_unknown() {
            self.put(key, Node::Time(time));
        }
    }

    pub fn trace(&mut self, key: &'static str, trace: TraceId) {
        if !trace.is_none() {
            self.put(key, Node::Trace(trace));
        }
    }

    pub fn span(&mut self, key: &'static str, span: SpanId) {
        if !span.is_none() {
            self.put(key, Node::Span(span));
        }
    }

    /// A count; left out if it is 0.
    pub fn count(&mut self, key: &'static str, count: u32) {
        if count > 0 {
            self.put(key, Node::Count(u64::from(count)));
        }
    }

    pub fn attributes(&mut self, key: &'static str, dictionary: &'a Dictionary, attributes: Attributes) {
        self.put(key, Node::Group(Group::Attributes(dictionary, attributes)));
    }

    /// Attributes; left out if there are none.
    pub fn some_attributes(&mut self, key: &'static str, dictionary: &'a Dictionary, attributes: Attributes) {
        if attributes != Attributes::default() {
            self.attributes(key, dictionary, attributes);
        }
    }
}
