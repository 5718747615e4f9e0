//! Server-sent events: bytes → frames, by the WHATWG HTML standard, section 9.2 ("Server-sent events").
//!
//! Pure: no async, no clock, no connection. Imports nothing of otail. Start with [`Framer`]. Deliberately not here: the
//! meaning of an event's data (`span_record`), and reconnecting, `Last-Event-ID` and the idle timeout (`source`).

mod frame;
mod framer;
#[cfg(test)]
mod tests;

pub use frame::{Frame, Limits};
pub use framer::Framer;
