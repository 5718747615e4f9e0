//! Telemetry in: the live stream provider, receivers, SSE, files.
