//! One column of a batch, whatever is in it: what happens to all of a batch's columns alike.

/// A column with an entry for every row, or a table with entries for few of them.
pub(super) trait Column {
    /// Reserves room for exactly this number of additional rows.
    fn reserve(&mut self, rows: usize);

    /// Gives back what it has no rows for.
    fn shrink(&mut self);

    /// Drops the rows for which `keep`, one entry a row, says false.
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
