//! Counts the memory that a body becomes while it is decoded.

use super::hold::{Budget, Hold, NoRoom};
use std::cell::{Cell, RefCell};

/// A batch may take this many times the bytes of its body, …
pub const FACTOR: usize = 8;
/// … plus this many bytes: a small body may become proportionally larger.
pub const SLACK: usize = 1 << 20;

/// After about this many bytes the batch is measured again.
const LOOK: isize = 64 << 10;
/// The smallest step by which the hold grows, in bytes.
const STEP: usize = 256 << 10;

/// Why a body, or a part of it, cannot become a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Over {
    /// It needs more than this many bytes.
    #[error(
        "the request needs more than {0} bytes of memory (8 times its unpacked size plus 1 MiB); send fewer empty \
         fewer items in one request"
    )]
    Factor(usize),
    /// It needs more than the whole budget, which has this many bytes.
    #[error(
        "the request needs more than {0} bytes of memory (listen.max_in_flight); send smaller requests or raise the setting"
    )]
    Budget(usize),
    /// Other requests use the memory now.
    #[error("other requests use all the memory for requests (listen.max_in_flight); send it again later")]
    Busy,
}

/// Counts the memory that one body becomes against its hold. Once it is over the limit, it stays over: all further items are
/// rejected.
///
/// A decoder reports cheaply how much it writes ([`Meter::wrote`]), and measures its batch when the meter asks for it. Memory
/// that the decoder needs beside the batch is [scratch](Meter::scratch).
#[derive(Debug)]
pub struct Meter {
    limit: Cell<usize>,
    hold: RefCell<Hold>,
    /// Bytes of the hold for the body itself.
    base: usize,
    /// Bytes of the hold for its batch and the scratch.
    granted: Cell<usize>,
    /// Bytes that may be written before the next measurement.
    unseen: Cell<isize>,
    /// Bytes of columns and of the dictionary at the last measurement.
    columns: Cell<usize>,
    dictionary: Cell<usize>,
    scratch: Cell<usize>,
    beside: Cell<usize>,
    over: Cell<Option<Over>>,
}

impl Meter {
    /// A meter for a body of this many bytes, unpacked. `hold` already contains the body itself.
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

    /// A meter without a budget.
    pub fn of_body(body: usize) -> Meter {
        Meter::new(body, Budget::unlimited().hold())
    }

    /// Notes that about this many bytes were written. True when it is time to measure the batch ([`Meter::look`]).
    #[inline]
    pub fn wrote(&self, bytes: usize) -> bool {
        let unseen = self.unseen.get() - bytes as isize;
        self.unseen.set(unseen);
        unseen < 0
    }

    /// Reports the size of the batch's columns and dictionary, in bytes.
    ///
    /// # Errors
    ///
    /// [`Over`] if that is too much, or was at an earlier call.
    pub fn look(&self, columns: usize, dictionary: usize) -> Result<(), Over> {
        self.columns.set(columns);
        self.look_at_dictionary(dictionary)
    }

    /// The same for a caller that knows only the dictionary.
    ///
    /// # Errors
    ///
    /// As [`Meter::look`].
    pub fn look_at_dictionary(&self, dictionary: usize) -> Result<(), Over> {
        self.dictionary.set(dictionary);
        self.unseen.set(LOOK);
        self.settle()
    }

    /// Asks to use this many more bytes beside the batch.
    ///
    /// # Errors
    ///
    /// As [`Meter::look`].
    pub fn scratch(&self, bytes: usize) -> Result<(), Over> {
        self.scratch.set(self.scratch.get().saturating_add(bytes));
        self.settle()
    }

    /// How much scratch is in use, for [`Meter::release`].
    pub fn scratched(&self) -> usize {
        self.scratch.get()
    }

    /// Resets the scratch to an earlier amount: the memory above it was freed.
    pub fn release(&self, scratched: usize) {
        self.scratch.set(scratched);
    }

    /// Checks the limit.
    ///
    /// # Errors
    ///
    /// [`Over`] once the limit was exceeded; every further item must then be rejected.
    #[inline]
    pub fn check(&self) -> Result<(), Over> {
        self.over.get().map_or(Ok(()), Err)
    }

    /// Reports the size, in bytes, of the batches of other signals from the same body.
    pub fn beside(&self, others: usize) {
        self.beside.set(others);
    }

    /// Starts new batches of the same body; the finished ones take this many bytes, which still count.
    pub fn next_batch(&self, made: usize) {
        self.limit.set(self.limit.get().saturating_sub(made));
        for bytes in [&self.columns, &self.dictionary, &self.scratch, &self.beside] {
            bytes.set(0);
        }
    }

    /// Returns the hold for the batch, of this many bytes; gives the body and the scratch back.
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

    /// Grows the hold by one step, or only by the bytes needed if a step does not fit.
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
    fn a_batch_may_take_eight_times_its_body() {
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
    fn the_hold_ends_with_the_batch_alone() {
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
    fn over_budget_is_final_and_busy_is_temporary() {
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
    fn it_asks_for_a_measurement_after_enough_bytes() {
        let meter = Meter::of_body(0);
        assert!(!meter.wrote(60_000));
        assert!(meter.wrote(10_000));
        meter.look(0, 0).unwrap();
        assert!(!meter.wrote(10));
    }
}
