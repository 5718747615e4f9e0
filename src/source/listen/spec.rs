//! Where to receive OTLP.

/// Where to receive OTLP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct ListenSpec {
    /// Address for gRPC, as `127.0.0.1:4317`; port 0 lets the system pick; empty: none.
    pub grpc: String,
    /// Address for HTTP.
    pub http: String,
}
