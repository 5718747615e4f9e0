//! The built-in demo shop: a dozen services that sell tea and emit OTLP like real SDKs.
//!
//! Imports `model`, `clock`, and the OTLP messages of `opentelemetry-proto`, since it sends the same messages as any SDK.
//! Start with [`Shop::advance`], the loop over an agenda in time; then `stories`, the events in the shop, each written in the
//! order of its trace. `trace` and `calls` turn a story into spans, logs and measurements; `meter` turns measurements into
//! metrics; only [`run`] has a clock and a socket.
//!
//! Deliberately not here: anything that reads telemetry. The same seed gives the same telemetry, independent of the clock and
//! of the size of the steps in which the shop advances.

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
mod simulation;
mod stories;
mod trace;
mod vitals;

pub use exporter::{DemoError, Target, run};
pub use grpc::GrpcExporter;
pub use scenario::{Scenario, UnknownScenario};
pub use shop::{Export, Protocol, Request, Shop};

#[cfg(test)]
mod tests;
