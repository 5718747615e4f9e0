//! What became of everything that came (ruling G2).

use super::Time;

/// Why something that had come was dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DropReason {
    /// The queue was full, and the stream has no way to be told to wait.
    Overflow,
    /// Nobody reads any more.
    Closed,
    /// This item alone is larger than the buffer.
    Oversize,
}

impl DropReason {
    /// All of them.
    pub const ALL: [DropReason; 3] = [DropReason::Overflow, DropReason::Closed, DropReason::Oversize];

    /// The lower-case word for it; the type of its gap row.
    pub fn word(self) -> &'static str {
        match self {
            DropReason::Overflow => "overflow",
            DropReason::Closed => "closed",
            DropReason::Oversize => "oversize",
        }
    }
}

/// What became of the items of one source, or of all. At all times
/// `received = stored + filtered + skipped + duplicate + dropped + rejected + waiting`, and `waiting` is 0 as soon as the
/// reader has caught up.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Came, and was not refused with "come back later".
    pub received: u64,
    /// Of the received, by signal, in the order of [`Signal::ALL`](super::Signal::ALL); what was rejected, skipped
    /// or left out unseen has none.
    pub received_by_signal: [u64; 4],
    /// Kept by the engine, or printed by the tail.
    pub stored: u64,
    /// Left out by a filter, or by `--tail` and `--since` where a file begins.
    pub filtered: u64,
    /// Came while its connection was paused.
    pub skipped: u64,
    /// Spans that had come before.
    pub duplicate: u64,
    /// Lost, in the order of [`DropReason::ALL`].
    pub dropped: [u64; 3],
    /// Undecodable, over a limit, or against the data model.
    pub rejected: u64,
    /// In the queue, or in the reader's hands.
    pub waiting: u64,
    /// Offered while there was no room, and told to come back: their senders still have them. Not among the received.
    pub refused: u64,
    /// Points whose numbers contradict each other, among the received. They are kept, and marked.
    pub inconsistent: u64,
    /// Gap rows that were handed on, or wait to be: those of sources, of this queue and of the store. They are stored like
    /// items (the store's law: `stored + gaps = resident + evicted`).
    pub gaps: u64,
    /// Resident bytes of what was taken in.
    pub bytes: u64,
    /// When the last item came; unknown while none has.
    pub last_received: Time,
    /// When the newest item that was taken in last happened, and when it came; unknown while none has told.
    pub newest: (Time, Time),
}

impl Counts {
    /// Dropped for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// What came and is news, whether there was room for it or not: it had not come before, was not skipped, and is no rubbish.
    /// It never falls, and each rise of it makes a view.
    pub fn taken(&self) -> u64 {
        self.stored + self.filtered + self.dropped()
    }

    /// Dropped or rejected: what came and is not there.
    pub fn lost(&self) -> u64 {
        self.dropped() + self.rejected
    }

    /// Whether the conservation law holds.
    pub fn balanced(&self) -> bool {
        let gone = self.stored + self.filtered + self.skipped + self.duplicate + self.dropped() + self.rejected;
        self.received == gone + self.waiting
    }

    /// Items that came, whatever becomes of them.
    pub fn came(&mut self, items: u64, now: Time) {
        self.received += items;
        if items > 0 {
            self.last_received = now;
        }
    }

    /// Adds those of another source; of the two newest items the one that came last counts.
    pub fn add(&mut self, other: &Counts) {
        self.received += other.received;
        add_each(&mut self.received_by_signal, &other.received_by_signal);
        self.stored += other.stored;
        self.filtered += other.filtered;
        self.skipped += other.skipped;
        self.duplicate += other.duplicate;
        add_each(&mut self.dropped, &other.dropped);
        self.rejected += other.rejected;
        self.waiting += other.waiting;
        self.refused += other.refused;
        self.inconsistent += other.inconsistent;
        self.gaps += other.gaps;
        self.bytes += other.bytes;
        self.last_received = self.last_received.max(other.last_received);
        if other.newest.1 > self.newest.1 {
            self.newest = other.newest;
        }
    }
}

fn add_each<const N: usize>(sums: &mut [u64; N], more: &[u64; N]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Signal;

    #[test]
    fn the_number_of_a_signal_or_a_reason_is_its_place_among_all() {
        assert_eq!(Signal::ALL.map(|signal| signal as usize), [0, 1, 2, 3]);
        assert_eq!(DropReason::ALL.map(|reason| reason as usize), [0, 1, 2]);
    }
}
