//! A set of rows of one batch: what a filter answers.

/// One bit a row. Two sets that are combined must be of the same length.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowSet {
    words: Vec<u64>,
    len: usize,
}

impl RowSet {
    /// No row of `len`.
    pub fn none(len: usize) -> RowSet {
        RowSet { words: vec![0; len.div_ceil(64)], len }
    }

    /// Every row of `len`.
    pub fn all(len: usize) -> RowSet {
        let mut set = RowSet { words: vec![!0; len.div_ceil(64)], len };
        set.cut();
        set
    }

    /// The rows of `len` for which `belongs` says so, asked in order and a word at a time.
    pub fn from_fn(len: usize, mut belongs: impl FnMut(usize) -> bool) -> RowSet {
        let word = |start: usize| {
            (start..len.min(start + 64)).fold(0, |word, row| word | u64::from(belongs(row)) << (row - start))
        };
        RowSet { words: (0..len).step_by(64).map(word).collect(), len }
    }

    /// How many rows it speaks of.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// How many rows are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether a row is in it.
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Puts a row in.
    pub fn insert(&mut self, row: usize) {
        if row < self.len {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// Keeps what is in the other too.
    pub fn intersect(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Adds what is in the other.
    pub fn unite(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Turns it round.
    pub fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.cut();
    }

    /// The first row at or after `row`.
    pub fn next(&self, row: usize) -> Option<usize> {
        let mut index = row / 64;
        let mut word = self.words.get(index)? & (!0 << (row % 64));
        while word == 0 {
            index += 1;
            word = *self.words.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }

    /// The last row before `row`.
    pub fn previous(&self, row: usize) -> Option<usize> {
        let row = row.min(self.len).checked_sub(1)?;
        let mut index = row / 64;
        let mut word = self.words[index] & (!0 >> (63 - row % 64));
        while word == 0 {
            index = index.checked_sub(1)?;
            word = self.words[index];
        }
        Some(index * 64 + 63 - word.leading_zeros() as usize)
    }

    /// How many rows below `row` are in it.
    pub fn rank(&self, row: usize) -> usize {
        let row = row.min(self.len);
        let whole: usize = self.words[..row / 64].iter().map(|word| word.count_ones() as usize).sum();
        let part =
            if row.is_multiple_of(64) { 0 } else { (self.words[row / 64] & !(!0 << (row % 64))).count_ones() as usize };
        whole + part
    }

    /// Its rows, rising.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let mut row = 0;
        std::iter::from_fn(move || {
            let found = self.next(row)?;
            row = found + 1;
            Some(found)
        })
    }

    /// Clears the bits beyond the last row.
    fn cut(&mut self) {
        if let Some(last) = self.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= !(!0 << (self.len % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_set_is_a_list_of_bools(bits in prop::collection::vec(any::<bool>(), 0..200), at in 0usize..210) {
            let set = RowSet::from_fn(bits.len(), |row| bits[row]);
            let rows: Vec<usize> = (0..bits.len()).filter(|row| bits[*row]).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), rows.clone());
            prop_assert_eq!(set.count(), rows.len());
            prop_assert_eq!(set.next(at), rows.iter().copied().find(|row| *row >= at));
            prop_assert_eq!(set.previous(at), rows.iter().copied().rfind(|row| *row < at));
            prop_assert_eq!(set.rank(at), rows.iter().filter(|row| **row < at).count());
            let mut turned = set.clone();
            turned.invert();
            prop_assert_eq!(turned.count(), bits.len() - rows.len());
            turned.unite(&set);
            prop_assert_eq!(turned, RowSet::all(bits.len()));
        }
    }
}
