//! The thread that owns the store.
