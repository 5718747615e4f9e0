//! What telemetry is: ids, time, values, kinds, in the words of the OpenTelemetry data model; and what a
//! connection to a source of it is, and what became of what it sent.
//!
//! Imports nothing of otail. Start with [`Value`], then [`TraceId`] and its kin. Deliberately not here: how items are kept (that
//! is `columns`) and how they look on the wire (`wire`).

mod connection;
mod counts;
mod digits;
mod history;
mod ids;
mod kinds;
mod nested;
mod severity;
mod time;
mod value;
mod visible;

pub use connection::{
    Connection, ConnectionEvent, ConnectionState, CredentialsOrigin, Endpoint, Protocol, Rejection, SourceId,
    SourceKind,
};
pub use counts::{Counts, DropReason};
pub use digits::eight_digits;
pub use history::{History, StateChange};
pub use ids::{Row, SpanId, TraceId};
pub use kinds::{MetricType, Signal, SpanKind, StatusCode, Temporality};
pub use nested::{MAX_NESTING, Nested, NestedError, NestedWriter};
pub use severity::Severity;
pub use time::{DurationNs, Time, human_duration};
pub use value::Value;
pub use visible::{is_harmless, is_harmless_char, visible, visible_into, write_json_string};
