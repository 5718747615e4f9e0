//! The bytes that a body becomes, counted while it is decoded.

use super::hold::{Budget, Hold, NoRoom};
use std::cell::{Cell, RefCell};

/// A batch may take this many times the bytes of its body …
pub const FACTOR: usize = 8;
/// … and this many bytes more: a small body may become proportionally more.
pub const SLACK: usize = 1 << 20;

/// After about this many bytes the batch is measured again.
const LOOK: isize = 64 << 10;
/// The hold grows by at least this many bytes.
const STEP: usize = 256 << 10;

/// Why a body cannot become a batch, or not all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Over {
    /// It takes more than this many bytes.
    #[error(
        "one request may take {0} bytes of memory, 8 times its unpacked size and 1 MiB; send fewer empty items, or \
         fewer items in one request"
    )]
    Factor(usize),
    /// It takes more than the whole budget, of this many bytes.
    #[error(
        "one request may take {0} bytes of memory (listen.max_in_flight); send less in one request, or raise the setting"
    )]
    Budget(usize),
    /// Other requests hold the memory at the moment.
    #[error("other requests take all of the memory that requests may take (listen.max_in_flight); send it again later")]
    Busy,
}

/// Counts what one body becomes against its hold. Once it is over, it stays over: all further items are rejected.
///
/// A decoder notes cheaply what it writes ([`Meter::wrote`]), and measures its batch where the meter asks for it. Memory that
/// the decoder needs beside the batch is [scratch](Meter::scratch).
#[derive(Debug)]
pub struct Meter {
    limit: Cell<usize>,
    hold: RefCell<Hold>,
    /// Bytes of the hold that are not for what is made of the body.
    base: usize,
    /// Bytes of the hold that are.
    granted: Cell<usize>,
    /// Bytes that may be written before the next look.
    unseen: Cell<isize>,
    /// Bytes of columns and of the dictionary at the last look.
    columns: Cell<usize>,
    dictionary: Cell<usize>,
    scratch: Cell<usize>,
    beside: Cell<usize>,
    over: Cell<Option<Over>>,
}

impl Meter {
    /// For a body of this many bytes, unpacked. `hold` has what the body itself holds.
    pub fn new(body: usize, hold: Hold) -> Meter {
        Meter {
            limit: Cell::new(body.saturating_mul(FACTOR).saturating_add(SLACK)),
            base: hold.held(),
            hold: RefCell::new(hold),
            granted: Cell::new(0),
            unseen: Cell::new(LOOK),
            columns: Cell::new(0),
            dictionary: Cell::new(0),
            scratch: Cell::new(0),
            beside: Cell::new(0),
            over: Cell::new(None),
        }
    }

    /// The same without a budget.
    pub fn of_body(body: usize) -> Meter {
        Meter::new(body, Budget::unlimited().hold())
    }

    /// Notes that about this many bytes were written. True where it is time to measure the batch ([`Meter::look`]).
    #[inline]
    pub fn wrote(&self, bytes: usize) -> bool {
        let unseen = self.unseen.get() - bytes as isize;
        self.unseen.set(unseen);
        unseen < 0
    }

    /// The batch takes this many bytes.
    ///
    /// # Errors
    ///
    /// [`Over`] where that is too much, or was before.
    pub fn look(&self, columns: usize, dictionary: usize) -> Result<(), Over> {
        self.columns.set(columns);
        self.look_at_dictionary(dictionary)
    }

    /// The same by one who does not know the columns.
    ///
    /// # Errors
    ///
    /// As [`Meter::look`].
    pub fn look_at_dictionary(&self, dictionary: usize) -> Result<(), Over> {
        self.dictionary.set(dictionary);
        self.unseen.set(LOOK);
        self.settle()
    }

    /// Memory beside the batch is about to grow by this many bytes.
    ///
    /// # Errors
    ///
    /// As [`Meter::look`].
    pub fn scratch(&self, bytes: usize) -> Result<(), Over> {
        self.scratch.set(self.scratch.get().saturating_add(bytes));
        self.settle()
    }

    /// How much scratch there is, for [`Meter::release`].
    pub fn scratched(&self) -> usize {
        self.scratch.get()
    }

    /// Goes back to so much scratch as there was: the rest was given back.
    pub fn release(&self, scratched: usize) {
        self.scratch.set(scratched);
    }

    /// Whether it is over.
    ///
    /// # Errors
    ///
    /// [`Over`], for each item that comes after.
    #[inline]
    pub fn check(&self) -> Result<(), Over> {
        self.over.get().map_or(Ok(()), Err)
    }

    /// Batches of other signals, which are made of the same body, take this many bytes.
    pub fn beside(&self, others: usize) {
        self.beside.set(others);
    }

    /// Begins other batches of the same body: those so far take this many bytes, which count on.
    pub fn next_batch(&self, made: usize) {
        self.limit.set(self.limit.get().saturating_sub(made));
        for bytes in [&self.columns, &self.dictionary, &self.scratch, &self.beside] {
            bytes.set(0);
        }
    }

    /// What the batch holds, of this many bytes; the body and the scratch are given back.
    pub fn finish(self, batch: usize) -> Hold {
        let mut hold = self.hold.into_inner();
        hold.shrink_to(batch);
        hold
    }

    fn settle(&self) -> Result<(), Over> {
        self.check()?;
        let parts = [&self.columns, &self.dictionary, &self.scratch, &self.beside];
        let taken = parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.get()));
        let (limit, granted) = (self.limit.get(), self.granted.get());
        let grown = match () {
            () if taken > limit => Err(Over::Factor(limit)),
            () if taken <= granted => Ok(()),
            () => self.grow(taken - granted),
        };
        grown.inspect_err(|over| self.over.set(Some(*over)))
    }

    /// Grows the hold by a step, or by just as much as is needed.
    fn grow(&self, bytes: usize) -> Result<(), Over> {
        let mut hold = self.hold.borrow_mut();
        let step = bytes.max(if self.granted.get() == 0 { 0 } else { STEP });
        let grown = hold.grow(step).or_else(|_| hold.grow(bytes));
        self.granted.set(hold.held() - self.base);
        grown.map_err(|why| match why {
            NoRoom::Now => Over::Busy,
            NoRoom::Ever(total) => Over::Budget(total),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_may_take_eight_bodies_and_a_mebibyte() {
        let meter = Meter::of_body(1_000);
        assert_eq!(meter.look(8_000, 1 << 20), Ok(()));
        let over = Err(Over::Factor(8_000 + (1 << 20)));
        assert_eq!(meter.look(8_001, 1 << 20), over);
        assert_eq!(meter.look(0, 0), over, "it stays over");
        assert_eq!(meter.check(), over);
    }

    #[test]
    fn scratch_counts_until_it_is_released() {
        let meter = Meter::of_body(0);
        assert_eq!(meter.scratch(SLACK / 2), Ok(()));
        let before = meter.scratched();
        assert_eq!(meter.scratch(SLACK / 2), Ok(()));
        meter.release(before);
        assert_eq!(meter.scratch(SLACK / 2), Ok(()));
        assert_eq!(meter.scratch(1), Err(Over::Factor(SLACK)));
    }

    #[test]
    fn the_batch_is_held_beside_its_body_and_then_alone() {
        let budget = Budget::new(10 << 20);
        let mut hold = budget.hold();
        hold.grow(1 << 20).unwrap();
        let meter = Meter::new(1 << 20, hold);
        meter.look(2 << 20, 1 << 20).unwrap();
        assert_eq!(budget.left(), 6 << 20);
        let hold = meter.finish(3 << 20);
        assert_eq!(budget.left(), 7 << 20);
        drop(hold);
        assert_eq!(budget.left(), 10 << 20);
    }

    #[test]
    fn over_the_budget_is_for_good_and_busy_is_not() {
        let budget = Budget::new(3 << 20);
        let mut other = budget.hold();
        other.grow(1 << 20).unwrap();
        let meter = || Meter::new(1 << 20, budget.hold());
        assert_eq!(meter().look(2 << 20, 1), Err(Over::Busy));
        assert_eq!(meter().look(3 << 20, 1), Err(Over::Budget(3 << 20)));
        assert_eq!(meter().look(2 << 20, 0), Ok(()));
        assert_eq!(budget.left(), 2 << 20);
    }

    #[test]
    fn all_batches_of_a_body_count_together() {
        let meter = Meter::of_body(0);
        meter.look(SLACK - 10, 0).unwrap();
        meter.next_batch(SLACK - 10);
        assert_eq!(meter.look(10, 0), Ok(()));
        assert_eq!(meter.look(11, 0), Err(Over::Factor(10)));
    }

    #[test]
    fn it_asks_for_a_look_once_enough_was_written() {
        let meter = Meter::of_body(0);
        assert!(!meter.wrote(60_000));
        assert!(meter.wrote(10_000));
        meter.look(0, 0).unwrap();
        assert!(!meter.wrote(10));
    }
}
