//! Receives OTLP: gRPC and HTTP, protobuf and JSON; every port accepts both protocols.
//!
//! ```text
//!  net::serve ─► bind::answer ─┬─ application/grpc over HTTP/2 ─► grpc ─┐
//!                             └─ anything else ────────────────► http ─┴─► Receiver::take ─► Link::deliver
//! ```
//!
//! Both protocols handle a request alike: the body is unpacked within limits, decoded, and delivered within 100 ms; otherwise
//! the sender is asked to retry. Acknowledged items are in the queue. gRPC is implemented directly on hyper, since it needs
//! only a path, a prefix of five bytes and two trailers. This way its bytes reach the decoder without a copy, and otail
//! controls its limits.
//!
//! Before the body is read, `Guard` checks hosts and origins, TLS checks client certificates, and `admission` checks the
//! token. `access` reloads the files of the last two. Refused requests are reported with a reason (`request_info`), also
//! telemetry that was sent to the path of another signal (`misdirected`).

mod access;
mod admission;
mod bind;
mod request_info;
mod spec;

mod grpc;
mod http;
mod kind;
mod misdirected;
mod port_owner;
mod problem;
mod receive;
#[cfg(test)]
mod tests;

pub use access::check;
pub(super) use spec::ListenSpec;
