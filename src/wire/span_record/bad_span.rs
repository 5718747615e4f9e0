//! Why a span record was rejected.

use crate::model::MAX_NESTING;

/// The fault of a span record. It costs only that span; the others of its event are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum BadSpan {
    /// No trace id, or one that is not 32 hex digits, or all zeros.
    #[error("a span record needs a trace id of 32 hex digits, not all zero")]
    TraceId,
    /// No span id, or one that is not 16 hex digits, or all zeros.
    #[error("a span record needs a span id of 16 hex digits, not all zero")]
    SpanId,
    /// A time or duration that cannot be parsed or lies outside 1970–2554.
    #[error("a span record's {0} time cannot be read")]
    Time(&'static str),
    /// A value nested too deeply.
    #[error("a span record's value is nested deeper than {MAX_NESTING} levels")]
    TooDeep,
}
