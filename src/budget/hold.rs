//! One memory budget for everything that is held at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes all connections together may hold at once. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    total: usize,
    left: Arc<AtomicUsize>,
}

/// A part of the budget. Dropping it gives the part back.
#[derive(Debug)]
pub struct Hold {
    budget: Budget,
    held: usize,
}

/// Why a hold could not grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoRoom {
    /// Other holds use too much of the budget now.
    Now,
    /// It exceeds the whole budget, which has this many bytes.
    Ever(usize),
}

impl Budget {
    /// A budget of this many bytes.
    pub fn new(bytes: usize) -> Budget {
        Budget { total: bytes, left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A budget without a limit, for input that arrives one piece at a time.
    pub fn unlimited() -> Budget {
        Budget::new(usize::MAX)
    }

    /// A hold of zero bytes.
    pub fn hold(&self) -> Hold {
        Hold { budget: self.clone(), held: 0 }
    }

    /// The size of the budget, in bytes.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many bytes are free.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

impl Hold {
    /// Adds bytes to the hold.
    ///
    /// # Errors
    ///
    /// [`NoRoom`] if the budget has fewer bytes left; the hold then stays as it is.
    pub fn grow(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let total = self.budget.total;
        if self.held.checked_add(bytes).is_none_or(|held| held > total) {
            return Err(NoRoom::Ever(total));
        }
        let less = |left: usize| left.checked_sub(bytes);
        let grown = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        grown.map_err(|_| NoRoom::Now)?;
        self.held += bytes;
        Ok(())
    }

    /// Gives back this many bytes early.
    pub fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.budget.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives back all bytes above this number.
    pub fn shrink_to(&mut self, bytes: usize) {
        self.shrink(self.held.saturating_sub(bytes));
    }

    /// How many bytes it holds.
    pub fn held(&self) -> usize {
        self.held
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shrink(self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_share_one_budget_and_give_it_back() {
        let budget = Budget::new(100);
        let mut first = budget.hold();
        assert_eq!(first.grow(60), Ok(()));
        let mut second = budget.hold();
        assert_eq!(second.grow(41), Err(NoRoom::Now));
        assert_eq!(second.grow(40), Ok(()));
        first.shrink(10);
        assert_eq!(budget.left(), 10);
        second.shrink_to(5);
        assert_eq!((second.held(), budget.left()), (5, 45));
        drop((first, second));
        assert_eq!(budget.left(), 100);
    }

    #[test]
    fn more_than_the_whole_budget_never_fits() {
        let mut hold = Budget::new(100).hold();
        assert_eq!(hold.grow(90), Ok(()));
        assert_eq!(hold.grow(11), Err(NoRoom::Ever(100)));
        assert_eq!(hold.grow(usize::MAX), Err(NoRoom::Ever(100)));
        assert_eq!(hold.grow(10), Ok(()));
    }
}
