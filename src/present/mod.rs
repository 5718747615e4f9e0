//! How a thing is put in words: numbers and units, times, items as text, JSON and detail.
//!
//! No screen and no output is known here: `app`, `ui` and `tail` take their words from this layer, so that a number or an
//! item reads the same in each of them. Everything it returns is harmless to a terminal. May import `model`, `columns`,
//! `filter` (a line of the detail knows the filter term that it makes). Start with [`fields`], the one reading
//! of an item, on which the formats of `tail` ([`json`], [`line`](mod@line)) and the sections of the detail ([`item`]) stand.
//! Deliberately not here: colours and cells (`ui`), state and selection (`app`), writing to an output (`tail`).

pub mod clock;
pub mod fields;
pub mod item;
pub mod json;
pub mod line;
pub mod number;
mod outline;
mod text;

pub use clock::{minute as minute_time, short as short_time};
pub use text::{fitting, width, wrap};

use crate::model::Time;

/// What an item does not know itself.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The name of the source that it came from.
    pub source: &'a str,
    /// When it came.
    pub received: Time,
}
