//! One item for people: facts, the contents of its tabs, and all of it as JSON.
//!
//! Everything here is safe to print: no text from outside reaches a cell or the clipboard unescaped. Start with [`tabs`] and
//! [`Section`].

mod distribution;
mod entry;
mod facts;
mod section;
mod tab;
mod term;

pub use entry::{Entry, EntryKind};
pub use facts::{About, facts};
pub use section::{Section, json};
pub use tab::{Tab, TabTitle, tabs};
pub use term::Term;

use crate::columns::Item;
use crate::model::{Value, visible};

/// A one-line title: a span's name; a log's event name, the beginning of its body, or its logger; a metric's name; an event's
/// type.
pub fn name(item: Item<'_>) -> String {
    match item {
        Item::Span(span) => visible(span.name()),
        Item::Log(log) if !log.event_name().is_empty() => visible(log.event_name()),
        Item::Log(log) => match log.body() {
            Value::Text(text) if !text.trim().is_empty() => {
                visible(&text.trim_start().lines().next().unwrap_or_default().chars().take(200).collect::<String>())
            }
            _ => visible(log.dictionary.text(log.dictionary.scope(log.origin()).name)),
        },
        Item::Point(point) => visible(point.name()),
        Item::Event(event) => visible(event.kind()),
    }
}

/// The word for the item's kind.
pub fn kind(item: Item<'_>) -> &'static str {
    match item {
        Item::Event(event) if event.gap().is_some() => "gap",
        item => item.signal().singular(),
    }
}
