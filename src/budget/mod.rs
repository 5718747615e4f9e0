//! Limits the memory that telemetry takes on its way from the socket to the store.
//!
//! All requests share one [`Budget`]. A request takes a [`Hold`] of it, first for its body, then for the batch that the body
//! becomes, until that batch is stored. A [`Meter`] counts the batch while it is decoded. May import nothing. Start with
//! [`Meter`]. Deliberately not here: the layout of the bytes (`columns`), how long rows are kept (`store`).

mod hold;
mod meter;

pub use hold::{Budget, Hold, NoRoom};
pub use meter::{FACTOR, Meter, Over, SLACK};
