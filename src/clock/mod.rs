//! The time of day, asked for in one place.
//!
//! A layer of its own, so that the table of layers tells who may ask: what is to be a function of its arguments (`store`,
//! `engine`, `app`, `ui`, …) may not, and is given the time. May import `model`. Deliberately not here: time that only
//! goes on, for waiting and pacing (`std::time::Instant`).

use crate::model::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// What this machine's clock says now; 1970 where it lies before.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
