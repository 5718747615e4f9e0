//! Headless output: text, JSON lines, OTLP JSON lines.
