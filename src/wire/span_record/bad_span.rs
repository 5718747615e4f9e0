//! Why a record was not taken.

use crate::model::MAX_NESTING;

/// What is wrong with a span record. It costs that span; the others of its event are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum BadSpan {
    /// No trace id, or one that is not 32 hex digits, or all zeros.
    #[error("a span record's trace id is missing or not 32 hex digits")]
    TraceId,
    /// No span id, or one that is not 16 hex digits, or all zeros.
    #[error("a span record's span id is missing or not 16 hex digits")]
    SpanId,
    /// A time or duration that cannot be read, or lies outside 1970–2554.
    #[error("a span record's {0} time cannot be read")]
    Time(&'static str),
    /// A value that is nested too deep.
    #[error("a span record's value is nested deeper than {MAX_NESTING} levels")]
    TooDeep,
}
