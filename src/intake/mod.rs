//! The bounded queue between the sources and the reader; counters; de-duplication.
//!
//! ```text
//!  source ── Parcel ──► Intake ══ queue, bounded in items and bytes ══► Reader::drain ── Vec<Parcel> ──► engine, tail
//!                          └───────────── Counts: one lock, so the conservation law holds at all times ──────┘
//! ```
//!
//! The sending side is for tokio tasks, the reading side for one plain thread. May import `model`, `columns` and `budget`. Start
//! with [`Intake::push`], then [`Reader::drain`]; what is counted is [`Counts`](crate::model::Counts). Deliberately not
//! here: decoding, clocks (sources stamp their parcels), arrival numbers (`engine`).

mod counts;
mod duplicates;
mod newest;
mod parcel;
mod queue;
mod reader;
#[cfg(test)]
mod tests;

pub use counts::{CountsSnapshot, Fill};
pub use duplicates::{DUPLICATE_WINDOW, Duplicates};
pub use newest::happened;
pub use parcel::Parcel;
pub use queue::{Intake, Limits, Overflow, PATIENCE, PushError};
pub use reader::Reader;
