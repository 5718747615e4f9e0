//! The order of a list.

/// The column that a list is sorted by, and the direction.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sort<By> {
    /// The column.
    pub by: By,
    /// The reverse of the usual direction: names from A, numbers from the largest.
    pub inverted: bool,
}

impl<By: Copy + PartialEq + Default> Sort<By> {
    /// Sorts by the next of these columns in its usual direction; after the last by the first.
    pub(in crate::app) fn next(self, all: &[By], is_shown: impl Fn(By) -> bool) -> Sort<By> {
        let at = all.iter().position(|by| *by == self.by).unwrap_or_default();
        let mut following = all.iter().copied().cycle().skip(at + 1).take(all.len());
        Sort { by: following.find(|by| is_shown(*by)).unwrap_or_default(), inverted: false }
    }

    /// Reverses the direction.
    pub(in crate::app) fn turned(self) -> Sort<By> {
        Sort { inverted: !self.inverted, ..self }
    }

    /// After a click on a title: sorts by that column, or reverses the direction if it is sorted already.
    pub(in crate::app) fn clicked(self, by: By) -> Sort<By> {
        if self.by == by { self.turned() } else { Sort { by, inverted: false } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order_round() {
        let sort = Sort::<u8>::default().clicked(3);
        assert_eq!(
            (sort, sort.clicked(3).inverted, sort.turned().clicked(4).inverted),
            (Sort { by: 3, inverted: false }, true, false)
        );
    }

    #[test]
    fn the_next_order_is_one_that_is_shown() {
        let next = |by| Sort { by, inverted: true }.next(&[0, 1, 2, 3], |by| by != 2);
        assert_eq!([next(0), next(1), next(3)].map(|sort| sort.by), [1, 3, 0]);
        assert!(!next(0).inverted);
    }
}
