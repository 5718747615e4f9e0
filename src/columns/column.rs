//! The operations that all columns of a batch share.

/// A column with an entry for every row, or a table with entries for few of them.
pub(super) trait Column {
    /// Reserves room for exactly this number of additional rows.
    fn reserve(&mut self, rows: usize);

    /// Releases unused capacity.
    fn shrink(&mut self);

    /// Drops the rows for which `keep`, with one entry per row, is false.
    fn keep(&mut self, keep: &[bool]);
}

impl<T> Column for Vec<T> {
    fn reserve(&mut self, rows: usize) {
        self.reserve_exact(rows);
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }

    fn keep(&mut self, keep: &[bool]) {
        let mut keep = keep.iter().copied();
        self.retain(|_| keep.next().unwrap_or(true));
    }
}
