//! The OpenTelemetry data model: ids, times, values, kinds. Also the description of a connection to a source, and the counts
//! of the items that it sent.
//!
//! Imports no other module of otail. Start with [`Value`], then [`TraceId`] and the other ids. Deliberately not here: storage
//! of items (`columns`) and wire formats (`wire`).

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
