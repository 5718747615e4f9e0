//! The built-in shop: a dozen services that sell tea, and emit the OTLP that real SDKs would.
//!
//! Imports `model`, `clock`, and the OTLP messages of `opentelemetry-proto`, since what leaves here is what any SDK sends.
//! Start with [`Shop::advance`], the loop over an agenda in time; then `stories`, which is what happens in the
//! shop, written as one reads a trace. `trace` and `calls` turn a story into spans, logs and measurements; `meter`
//! turns measurements into metrics; [`run`] is the only place with a clock and a socket.
//!
//! Deliberately not here: anything that reads telemetry. The same seed gives the same telemetry, whatever the clock
//! says and however large the steps are in which the shop is advanced.

mod attribute;
mod calls;
mod cast;
mod exporter;
mod grpc;
mod histogram;
mod instrument;
mod language;
mod meter;
mod random;
mod scenario;
mod shop;
mod stage;
mod stories;
mod trace;
mod vitals;

pub use exporter::{DemoError, Target, run};
pub use grpc::GrpcExporter;
pub use scenario::{Scenario, UnknownScenario};
pub use shop::{Export, Protocol, Request, Shop};

#[cfg(test)]
mod tests;
