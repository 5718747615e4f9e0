//! The query language of the filter bar, `--filter`, subscriptions, watches and breakpoints.
//!
//! ```text
//! service:checkout status:error duration>250ms          terms side by side are ANDed
//! http.route="/cart" or not kind:client                 and / or / not, && || !, parentheses
//! name~"^GET /api"   attributes.user.id:*   timeout     regular expression · exists · bare word: anywhere in the item
//! ```
//!
//! A query is parsed ([`parse()`] → [`Expr`]), checked (`check`), and run over the columns of a batch
//! ([`Filter::select`] → [`RowSet`](crate::columns::RowSet)). May import `model` and `columns`. Start with [`Filter`], then `parse`, `check`,
//! `select`, `bind`. Deliberately not here: names of sources, which batches do not contain ([`Sources`]); facts across
//! rows, such as roots of traces; cancelling: the caller can stop between two batches.

mod ast;
mod bind;
mod check;
mod edit;
mod error;
mod expression;
mod field;
mod leaf;
mod named_field;
mod parse;
mod pattern;
mod quantity;
mod scan;
mod select;
mod severity;
mod value_test;
mod vocabulary;
mod word;

#[cfg(test)]
mod tests;

/// A summary of the language for `--help` and the manual page; `docs/filter.md` describes all of it.
pub const HELP: &str = "\
Filters, in the filter bar and with --filter:
  service:checkout status:error duration>250ms   terms side by side must all hold
  http.route=\"/cart\" or not kind:client          and, or, not; && || !; parentheses
  name~\"^GET /api\"  user.id:*  timeout           regular expression; the field exists; text anywhere in the item
  -service:shop  @http.route:/cart  trace:4bf9   not; an attribute by its key; an id by its first digits
: is equal ignoring case, with * for anything; = and != compare exactly; < <= > >= compare numbers and severities.
Units: ns us ms s m h, B kB MB GB KiB MiB GiB; a bare number for duration is milliseconds.
Fields: signal source service name kind status status_message duration trace span parent session severity body scope
scope.version type value unit payload genai; any other name is an attribute of the item or of its resource.";

pub use ast::{At, Comparison, Expr, Name, Operand, Operator};
pub use edit::{and_term, attribute_field, exclude_term, resource_field};
pub use error::FilterError;
pub use expression::{Filter, Sources};
pub use field::well_known_fields;
pub use named_field::{NamedField, attribute_keys, no_such_field};
pub use parse::{MAX_DEPTH, MAX_LENGTH, parse};
pub use quantity::{Dimension, NoQuantity, Number, Quantity};
