//! The order of a list.

/// By what rows are sorted, and which way.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sort<By> {
    /// By what.
    pub by: By,
    /// Against the usual way: names from A, numbers from the largest.
    pub inverted: bool,
}

impl<By: Copy + PartialEq + Default> Sort<By> {
    /// By the next of these, the usual way; by the first after the last one.
    pub(in crate::app) fn next(self, all: &[By], is_shown: impl Fn(By) -> bool) -> Sort<By> {
        let at = all.iter().position(|by| *by == self.by).unwrap_or_default();
        let mut following = all.iter().copied().cycle().skip(at + 1).take(all.len());
        Sort { by: following.find(|by| is_shown(*by)).unwrap_or_default(), inverted: false }
    }

    /// The other way round.
    pub(in crate::app) fn turned(self) -> Sort<By> {
        Sort { inverted: !self.inverted, ..self }
    }

    /// After a click on the title of a column: by that, or the other way round where it is so already.
    pub(in crate::app) fn clicked(self, by: By) -> Sort<By> {
        if self.by == by { self.turned() } else { Sort { by, inverted: false } }
    }
}
