//! A set of ids against which a column is tested.

use std::ops::Range;

/// Ids of texts, origins or streams.
pub(super) enum Ids {
    /// Few ranges; comparing is faster than a look-up and uses vector instructions.
    Ranges(Vec<Range<u32>>),
    /// A table by id.
    Table(Vec<bool>),
}

/// The largest number of ranges that are compared.
const FEW: usize = 4;

impl Ids {
    /// A set of these ids, given in any order.
    pub fn new(mut ids: Vec<u32>) -> Ids {
        ids.sort_unstable();
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for id in &ids {
            match ranges.last_mut() {
                Some(last) if last.end == *id || last.contains(id) => last.end = id + 1,
                _ => ranges.push(*id..id + 1),
            }
        }
        if ranges.len() <= FEW {
            return Ids::Ranges(ranges);
        }
        let mut table = vec![false; ids.last().map_or(0, |last| *last as usize + 1)];
        ids.iter().for_each(|id| table[*id as usize] = true);
        Ids::Table(table)
    }

    /// Tests each entry of a column.
    pub fn fill<T: Copy>(&self, column: &[T], id: impl Fn(T) -> u32, out: &mut [bool]) {
        match self {
            Ids::Table(table) => {
                for (out, entry) in out.iter_mut().zip(column) {
                    *out = table.get(id(*entry) as usize).copied().unwrap_or_default();
                }
            }
            Ids::Ranges(ranges) => {
                let Some((first, others)) = ranges.split_first() else { return out.fill(false) };
                test(first, column, &id, out, |_, found| found);
                others.iter().for_each(|range| test(range, column, &id, out, |before, found| before | found));
            }
        }
    }
}

/// Combines the previous answer with whether the entry is in the range.
#[inline]
fn test<T: Copy>(
    range: &Range<u32>,
    column: &[T],
    id: impl Fn(T) -> u32,
    out: &mut [bool],
    join: impl Fn(bool, bool) -> bool,
) {
    let Range { start, end } = *range;
    if end - start == 1 {
        out.iter_mut().zip(column).for_each(|(out, entry)| *out = join(*out, id(*entry) == start));
    } else {
        let inside = |entry: T| id(entry).wrapping_sub(start) < end - start;
        out.iter_mut().zip(column).for_each(|(out, entry)| *out = join(*out, inside(*entry)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_entry_is_in_where_its_id_was_given(
            ids in prop::collection::vec(0..40_u32, 0..20),
            column in prop::collection::vec(0..45_u32, 0..50),
        ) {
            let mut out = vec![true; column.len()];
            Ids::new(ids.clone()).fill(&column, |id| id, &mut out);
            let expected: Vec<bool> = column.iter().map(|id| ids.contains(id)).collect();
            prop_assert_eq!(out, expected);
        }
    }
}
