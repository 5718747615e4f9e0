//! How many rows and bytes there are, and what became of rows that are gone.

use crate::model::Time;

/// What happened to everything that was stored: `stored = resident + evicted`, in items, by signal.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct StoreCounters {
    /// Ever pushed.
    pub stored: [u64; 4],
    /// Pushed out by younger ones, or cleared.
    pub evicted: [u64; 4],
    /// Still there.
    pub resident: [u64; 4],
    /// Bytes of what is there.
    pub bytes: [usize; 4],
    /// The latest time of receipt of a row that younger ones pushed out: what was received later is all there. `None` until
    /// the buffer is full, and after clearing.
    pub back_to: Option<Time>,
}

impl StoreCounters {
    /// Bytes of all signals.
    pub fn total_bytes(&self) -> usize {
        self.bytes.iter().sum()
    }

    /// A row that was received at this time was pushed out.
    pub(super) fn lost_until(&mut self, received: Time) {
        self.back_to = self.back_to.max(Some(received));
    }
}
