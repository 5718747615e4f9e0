//! Rolling memory: chunk, ring, retention, view; no async, no clock.
