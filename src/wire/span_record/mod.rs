//! The JSON of event streams → batches: span records in all their shapes, and every other event.
//!
//! ```text
//! event name, id, data ─► envelope: unwrap, sort ─┬─► record ─► spans      names: the meaning of each key
//!                                                 ├─► events               everything else; gaps
//!                                                 ├─► connected, heartbeat (not kept)
//!                                                 └─► otlp                 OTLP JSON, by its own reader
//! ```
//!
//! May import `model` and `columns`. Start with [`Decoder`], then `names`. Deliberately not here: framing (`sse`), duplicates
//! (`intake`), and a stream's path, resumption and idle timeout (`source`).

mod bad_span;
mod decoder;
mod envelope;
mod fields;
mod gen_ai;
mod names;
mod origin;
mod record;
mod spans;
#[cfg(test)]
mod tests;

use bad_span::BadSpan;
pub use decoder::{Decoded, Decoder, Taken};
