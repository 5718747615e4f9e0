//! Values that few rows have, stored apart from the columns.

use super::column::Column;
use super::heap;
use std::ops::Range;

/// Values with the rows that they belong to, in the order of rows; a row may have none, one or several.
#[derive(Debug)]
pub(super) struct Sparse<T>(Vec<(u32, T)>);

impl<T> Default for Sparse<T> {
    fn default() -> Sparse<T> {
        Sparse(Vec::new())
    }
}

impl<T> Sparse<T> {
    /// All values, with their rows.
    pub fn all(&self) -> &[(u32, T)] {
        &self.0
    }

    /// The values of one row.
    pub fn of(&self, row: usize) -> &[(u32, T)] {
        let row = row as u32;
        let start = self.0.partition_point(|(at, _)| *at < row);
        let count = self.0[start..].partition_point(|(at, _)| *at == row);
        &self.0[start..start + count]
    }

    /// The value of a row that has at most one.
    pub fn one(&self, row: usize) -> Option<&T> {
        self.of(row).first().map(|(_, value)| value)
    }

    /// The values of one row, in their order.
    pub fn values(&self, row: usize) -> impl ExactSizeIterator<Item = &T> {
        self.of(row).iter().map(|(_, value)| value)
    }

    /// [`Sparse::values`] without the first `skip` of them. Takes the same time for each `skip`.
    pub fn values_from(&self, row: usize, skip: usize) -> impl ExactSizeIterator<Item = &T> {
        self.of(row).get(skip..).unwrap_or_default().iter().map(|(_, value)| value)
    }

    /// Adds a value to a row; rows must be added in ascending order.
    #[inline]
    pub fn push(&mut self, row: usize, value: T) {
        self.0.push((row as u32, value));
    }

    /// Removes the values of the row that was not pushed yet.
    pub fn discard(&mut self, row: usize) {
        while self.0.last().is_some_and(|(at, _)| *at as usize == row) {
            self.0.pop();
        }
    }

    /// The values of a range of rows.
    pub fn within(&self, rows: &Range<usize>) -> &[(u32, T)] {
        let place = |row: usize| self.0.partition_point(|(at, _)| (*at as usize) < row);
        self.0.get(place(rows.start)..place(rows.end)).unwrap_or_default()
    }

    /// Copies a range of rows from another table; the first of them becomes row `base`.
    pub fn absorb(&mut self, other: &Sparse<T>, rows: &Range<usize>, base: usize, mut moved: impl FnMut(&T) -> T) {
        let place = |row: u32| (row as usize - rows.start + base) as u32;
        self.0.extend(other.within(rows).iter().map(|(row, value)| (place(*row), moved(value))));
    }

    /// Bytes of the values, without unused capacity.
    pub fn written(&self) -> usize {
        self.0.len() * size_of::<(u32, T)>()
    }

    /// Resident bytes.
    pub fn bytes(&self) -> usize {
        heap::of(&self.0)
    }
}

impl<T> Column for Sparse<T> {
    /// Does nothing, since it is not known how many rows will have a value.
    fn reserve(&mut self, _rows: usize) {}

    fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    fn keep(&mut self, keep: &[bool]) {
        if self.0.is_empty() {
            return;
        }
        let mut kept = 0;
        let places: Vec<Option<u32>> = keep
            .iter()
            .map(|keep| {
                kept += u32::from(*keep);
                keep.then(|| kept - 1)
            })
            .collect();
        self.0.retain_mut(|(row, _)| match places.get(*row as usize) {
            Some(Some(place)) => {
                *row = *place;
                true
            }
            _ => false,
        });
    }
}
