//! One budget of bytes for all bodies that are held at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of bodies may be held at once, over all connections. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicUsize>,
}

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub struct Hold {
    budget: Budget,
    held: usize,
}

impl Budget {
    /// A budget of this many bytes.
    pub fn new(bytes: usize) -> Budget {
        Budget { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// Holds nothing yet.
    pub fn hold(&self) -> Hold {
        Hold { budget: self.clone(), held: 0 }
    }

    /// Bytes that nobody holds.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

impl Hold {
    /// Takes more; false, and nothing is taken, where that much is not left.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        let grown = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        self.held += if grown { bytes } else { 0 };
        grown
    }

    /// Gives some of it back early.
    pub fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.budget.left.fetch_add(bytes, Ordering::Relaxed);
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
        assert!(first.grow(60));
        let mut second = budget.hold();
        assert!(!second.grow(41));
        assert!(second.grow(40));
        first.shrink(10);
        assert_eq!(budget.left(), 10);
        drop((first, second));
        assert_eq!(budget.left(), 100);
    }
}
