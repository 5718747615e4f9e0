//! Bytes ⇄ batches: OTLP protobuf, OTLP JSON, span records, SSE framing.

pub mod sse;
