//! One budget of bytes for everything that is held at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes may be held at once, over all connections. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    total: usize,
    left: Arc<AtomicUsize>,
}

/// A part of the budget. Dropping it gives it back.
#[derive(Debug)]
pub struct Hold {
    budget: Budget,
    held: usize,
}

/// Why a hold did not grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoRoom {
    /// Others hold too much at the moment.
    Now,
    /// The whole budget, of this many bytes, is too small for it.
    Ever(usize),
}

impl Budget {
    /// A budget of this many bytes.
    pub fn new(bytes: usize) -> Budget {
        Budget { total: bytes, left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A budget that never ends: for input of which there is one piece at a time.
    pub fn unlimited() -> Budget {
        Budget::new(usize::MAX)
    }

    /// Holds nothing yet.
    pub fn hold(&self) -> Hold {
        Hold { budget: self.clone(), held: 0 }
    }

    /// Bytes in all.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Bytes that nobody holds.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

impl Hold {
    /// Takes more.
    ///
    /// # Errors
    ///
    /// [`NoRoom`] where that much is not left; then nothing is taken.
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

    /// Gives some of it back early.
    pub fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.budget.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives back what is more than this.
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
