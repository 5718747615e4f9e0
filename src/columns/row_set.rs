//! A set of rows of one batch, one bit per row: the result of a filter.

/// A set of rows of one batch.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RowSet {
    words: Vec<u64>,
    len: usize,
    count: usize,
}

impl RowSet {
    /// The empty set for a batch of this number of rows.
    pub fn none(rows: usize) -> RowSet {
        RowSet { words: vec![0; rows.div_ceil(64)], len: rows, count: 0 }
    }

    /// The full set for a batch of this number of rows.
    pub fn all(rows: usize) -> RowSet {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        if let (Some(last), 1..) = (words.last_mut(), rows % 64) {
            *last = (1 << (rows % 64)) - 1;
        }
        RowSet { words, len: rows, count: rows }
    }

    /// A set from one boolean per row, in order.
    pub fn from_bools(rows: &[bool]) -> RowSet {
        let mut set = RowSet::default();
        set.extend(rows);
        set
    }

    /// The rows for which `belongs` is true; calls it for each row in order.
    pub fn from_fn(rows: usize, belongs: impl FnMut(usize) -> bool) -> RowSet {
        RowSet::from_bools(&(0..rows).map(belongs).collect::<Vec<_>>())
    }

    /// Number of rows of the batch.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Number of rows in the set.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the set contains a row.
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The number of rows in the set before this one.
    pub fn rank(&self, row: usize) -> usize {
        if row >= self.len {
            return self.count;
        }
        let whole: u32 = self.words[..row / 64].iter().map(|word| word.count_ones()).sum();
        whole as usize + (self.words[row / 64] & ((1 << (row % 64)) - 1)).count_ones() as usize
    }

    /// The first row in the set at or after this one.
    pub fn next(&self, row: usize) -> Option<usize> {
        let mut at = row / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (row % 64));
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }

    /// The last row in the set before this one.
    pub fn previous(&self, row: usize) -> Option<usize> {
        let row = row.min(self.len);
        let mut at = row / 64;
        let mut word = self.words.get(at).map_or(0, |word| word & ((1 << (row % 64)) - 1));
        while word == 0 {
            at = at.checked_sub(1)?;
            word = self.words[at];
        }
        Some(at * 64 + 63 - word.leading_zeros() as usize)
    }

    /// The rows in the set, in ascending or descending order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.words.len()).flat_map(|at| Ones(self.words[at]).map(move |bit| at * 64 + bit))
    }

    /// Keeps only the rows that are also in `other`, a set of the same length.
    pub fn intersect(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self.count = self.words.iter().map(|word| word.count_ones() as usize).sum();
    }

    /// Resident bytes.
    pub fn bytes(&self) -> usize {
        size_of::<RowSet>() + self.words.capacity() * 8
    }

    /// An empty set with capacity for this number of rows, to be extended.
    pub fn with_capacity(rows: usize) -> RowSet {
        RowSet { words: Vec::with_capacity(rows.div_ceil(64)), len: 0, count: 0 }
    }

    /// Appends rows; the length of every piece but the last must be a multiple of 64.
    pub fn extend(&mut self, rows: &[bool]) {
        debug_assert!(self.len.is_multiple_of(64), "pieces are whole words");
        let before = self.words.len();
        self.words.extend(rows.chunks(64).map(pack));
        self.count += self.words[before..].iter().map(|word| word.count_ones() as usize).sum::<usize>();
        self.len += rows.len();
    }

    /// Appends the rows of another set.
    pub fn append(&mut self, other: &RowSet) {
        match self.len % 64 {
            0 => self.words.extend_from_slice(&other.words),
            shift => {
                for word in &other.words {
                    if let Some(last) = self.words.last_mut() {
                        *last |= word << shift;
                    }
                    self.words.push(word >> (64 - shift));
                }
            }
        }
        self.len += other.len;
        self.count += other.count;
        self.words.truncate(self.len.div_ceil(64));
    }
}

/// Up to 64 booleans as bits, the first lowest.
fn pack(rows: &[bool]) -> u64 {
    match rows.as_chunks::<8>() {
        (eights, []) if eights.len() == 8 => {
            // Bit `i` of byte `j` is row `8i + j`, which is where row `8j + i` belongs.
            let gather =
                |gathered, (at, eight): (usize, &[bool; 8])| gathered | u64::from_le_bytes(eight.map(u8::from)) << at;
            transposed(eights.iter().enumerate().fold(0, gather))
        }
        _ => rows.iter().enumerate().fold(0, |word, (at, row)| word | u64::from(*row) << at),
    }
}

/// Transposes a matrix of 8 × 8 bits (Hacker's Delight, 7-3).
fn transposed(mut square: u64) -> u64 {
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let swapped = (square ^ square >> shift) & mask;
        square ^= swapped ^ swapped << shift;
    }
    square
}

/// The positions of the bits that are set in a word.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (bit < 64).then_some(bit)
    }
}

impl DoubleEndedIterator for Ones {
    fn next_back(&mut self) -> Option<usize> {
        let bit = 63_usize.checked_sub(self.0.leading_zeros() as usize)?;
        self.0 &= !(1 << bit);
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_says_what_its_bools_say(rows in prop::collection::vec(any::<bool>(), 0..300), row in 0..320_usize) {
            let set = RowSet::from_bools(&rows);
            let ones: Vec<usize> = (0..rows.len()).filter(|row| rows[*row]).collect();
            prop_assert_eq!(set.len(), rows.len());
            prop_assert_eq!(set.count(), ones.len());
            prop_assert_eq!(set.contains(row), rows.get(row) == Some(&true));
            prop_assert_eq!(set.rank(row), ones.iter().filter(|one| **one < row).count());
            prop_assert_eq!(set.next(row), ones.iter().copied().find(|one| *one >= row));
            prop_assert_eq!(set.previous(row), ones.iter().copied().rfind(|one| *one < row));
            let mut both = RowSet::all(rows.len());
            both.intersect(&set);
            prop_assert_eq!(&both, &set);
            let (first, second) = rows.split_at(row.min(rows.len()));
            let mut joined = RowSet::from_bools(first);
            joined.append(&RowSet::from_bools(second));
            prop_assert_eq!(&joined, &set);
            prop_assert_eq!(set.iter().rev().collect::<Vec<_>>(), ones.iter().copied().rev().collect::<Vec<_>>());
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), ones);
        }
    }

    #[test]
    fn all_and_none_are_whole() {
        for rows in [0, 1, 63, 64, 65, 200] {
            assert_eq!(RowSet::all(rows), RowSet::from_bools(&vec![true; rows]));
            assert_eq!(RowSet::none(rows), RowSet::from_bools(&vec![false; rows]));
        }
    }
}
