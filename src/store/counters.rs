//! How many rows and bytes there are, and what became of rows that are gone.

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
}

impl StoreCounters {
    /// Bytes of all signals.
    pub fn total_bytes(&self) -> usize {
        self.bytes.iter().sum()
    }
}
