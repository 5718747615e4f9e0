//! The time of day, read in one place.
//!
//! It is a layer of its own, so that the table of layers shows who may read it. Layers that are functions of their arguments
//! (`store`, `engine`, `app`, `ui`, …) may not; they get the time as an argument. May import `model`. Deliberately not here:
//! monotonic time for waiting and pacing (`std::time::Instant`).

use crate::model::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// The current time of this machine's clock; 1970 if the clock is set earlier.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
