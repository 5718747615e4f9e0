//! OTLP/gRPC for the exporter: bytes in, bytes out, so that one piece of code encodes every body. The load generator
//! (`examples/load`) uses it too.

use axum::http::uri::PathAndQuery;
use bytes::{Buf, BufMut, Bytes};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// A connection that is opened on first use and reopened after a failure.
pub struct GrpcExporter(Grpc<Channel>);

impl GrpcExporter {
    /// A client for `http://host:port`.
    pub fn new(endpoint: &str) -> Result<GrpcExporter, tonic::transport::Error> {
        Ok(GrpcExporter(Grpc::new(Endpoint::from_shared(endpoint.to_owned())?.connect_lazy())))
    }

    /// Makes one call with an encoded message; returns the encoded response.
    pub async fn call(&mut self, path: &'static str, message: Bytes) -> Result<Bytes, Status> {
        self.0.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static(path);
        Ok(self.0.unary(Request::new(message), path, Raw).await?.into_inner())
    }
}

/// Passes encoded messages through unchanged.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
