//! Formats things for people and scripts: numbers and units, times, items as text, JSON and detail.
//!
//! Knows no screen and no output: `app`, `ui` and `tail` use this layer, so that a number or an item reads the same in each
//! of them. Everything it returns is safe to print on a terminal. May import `model`, `columns`, `filter` (a line of the
//! detail has a filter term). Start with [`fields`], which reads an item; the formats of `tail` ([`json`],
//! [`line`](mod@line)) and the sections of the detail ([`item`]) build on it. Deliberately not here: colours and cells
//! (`ui`), state and selection (`app`), writing to an output (`tail`).

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

/// Facts about an item that its batch does not contain.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The name of its source.
    pub source: &'a str,
    /// The time of receipt.
    pub received: Time,
}
