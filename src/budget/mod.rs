//! How many bytes telemetry may take on its way from the socket to the store.
//!
//! One [`Budget`] is shared by all requests. A request takes a [`Hold`] of it: first for its body, then for the batch that the
//! body becomes, until that batch is stored. A [`Meter`] counts the batch while it is decoded. May import nothing. Start with
//! [`Meter`]. Deliberately not here: what the bytes are (`columns`), how long rows are kept (`store`).

mod hold;
mod meter;

pub use hold::{Budget, Hold, NoRoom};
pub use meter::{FACTOR, Meter, Over, SLACK};
