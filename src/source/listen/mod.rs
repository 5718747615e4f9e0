//! Receiving OTLP: gRPC and HTTP, protobuf and JSON, on any of the ports (`protocol-rules` 1.1).
//!
//! ```text
//!  net::serve ─► bind::answer ─┬─ application/grpc over HTTP/2 ─► grpc ─┐
//!                             └─ anything else ────────────────► http ─┴─► Receiver::take ─► Link::deliver
//! ```
//!
//! Both doors make the same of the same: a body, unpacked within limits, decoded, delivered within 100 ms or refused with
//! "come back later"; what was acknowledged is in the queue. gRPC is spoken by hand over hyper: it is a path, a prefix of
//! five bytes and two trailers, and so its bytes reach the decoder without a copy and its limits are ours.
//!
//! Who may send is settled before a body is read: by the guard of hosts and origins, by TLS, by a token (`admission`);
//! what of that lies in files is renewed (`access`).
//! What is turned away is told with its reason (`request_info`), be it telemetry at the place of another signal (`misdirected`).

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
