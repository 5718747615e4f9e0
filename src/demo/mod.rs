//! The built-in shop that emits real OTLP.
