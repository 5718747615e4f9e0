//! The addresses of an OTLP receiver.

/// The addresses of an OTLP receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct ListenSpec {
    /// Address for gRPC, such as `127.0.0.1:4317`. Port 0 lets the system choose; empty means none.
    pub grpc: String,
    /// Address for HTTP, in the same form.
    pub http: String,
}
