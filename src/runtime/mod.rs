//! Wiring and the loop.
