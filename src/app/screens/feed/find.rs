//! A search in the Feed: for the next error, or for the next match.

use crate::columns::Item;
use crate::filter::Filter;
use crate::model::{Row, Severity, StatusCode};
use std::sync::Arc;

/// A search for one row.
#[derive(Clone, Debug)]
pub struct Find {
    /// What the row must be.
    pub wanted: Wanted,
    /// The search begins next to this row.
    pub from: Row,
    /// Towards the end of the list, or towards its start.
    pub forward: bool,
    /// Whether that row itself may be the one.
    pub including: bool,
}

/// What a search looks for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A failed span, or a log record of severity error or above.
    Error,
    /// An item that matches the searched text.
    Match(Arc<Filter>),
    /// The span of an exemplar.
    Exemplar(Arc<Filter>),
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The search.
    pub find: Find,
    /// The row; `None` if none matches.
    pub row: Option<Row>,
}

impl PartialEq for Find {
    fn eq(&self, other: &Find) -> bool {
        let wanted = match (&self.wanted, &other.wanted) {
            (Wanted::Error, Wanted::Error) => true,
            (Wanted::Match(a), Wanted::Match(b)) | (Wanted::Exemplar(a), Wanted::Exemplar(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        wanted && (self.from, self.forward, self.including) == (other.from, other.forward, other.including)
    }
}

/// Whether `e` stops at an item.
pub(super) fn is_error(item: Item<'_>) -> bool {
    match item {
        Item::Span(span) => span.status() == StatusCode::Error,
        Item::Log(log) => log.rank() >= Severity::ERROR,
        Item::Point(_) | Item::Event(_) => false,
    }
}
