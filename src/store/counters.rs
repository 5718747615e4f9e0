//! Counts of stored and evicted rows and bytes.

use crate::model::Time;

/// Counts of everything that was stored: `stored = resident + evicted`, in items, by signal.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct StoreCounters {
    /// Stored since the start.
    pub stored: [u64; 4],
    /// Evicted by younger rows, or cleared.
    pub evicted: [u64; 4],
    /// Resident now.
    pub resident: [u64; 4],
    /// Resident bytes.
    pub bytes: [usize; 4],
    /// The latest time of receipt of a row that younger ones evicted: everything received later is still resident. `None`
    /// until the buffer is full, and after clearing.
    pub back_to: Option<Time>,
}

impl StoreCounters {
    /// Bytes of all signals.
    pub fn total_bytes(&self) -> usize {
        self.bytes.iter().sum()
    }

    /// Records the eviction of a row that was received at this time.
    pub(super) fn lost_until(&mut self, received: Time) {
        self.back_to = self.back_to.max(Some(received));
    }
}
