//! Counts of received items by outcome, so that no loss goes unseen.

use super::Time;

/// Why a received item was dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DropReason {
    /// The queue was full, and the protocol cannot make the sender wait.
    Overflow,
    /// The reader has stopped.
    Closed,
    /// The item alone is larger than the buffer.
    Oversize,
}

impl DropReason {
    /// All reasons.
    pub const ALL: [DropReason; 3] = [DropReason::Overflow, DropReason::Closed, DropReason::Oversize];

    /// The lower-case word, which is also the type of the gap row.
    pub fn word(self) -> &'static str {
        match self {
            DropReason::Overflow => "overflow",
            DropReason::Closed => "closed",
            DropReason::Oversize => "oversize",
        }
    }
}

/// Counts of the items of one source, or of all sources, by outcome. Always
/// `received = stored + filtered + skipped + duplicate + dropped + rejected + waiting`, and `waiting` is 0 as soon as the
/// reader has caught up.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Received items, without those refused with "retry later".
    pub received: u64,
    /// Received items by signal, in the order of [`Signal::ALL`](super::Signal::ALL). Items that were rejected, skipped
    /// or left out undecoded have no signal and are not counted here.
    pub received_by_signal: [u64; 4],
    /// Stored by the engine, or printed by the tail.
    pub stored: u64,
    /// Left out by a filter, or by `--tail` and `--since` at the start of a file.
    pub filtered: u64,
    /// Received while the connection was paused.
    pub skipped: u64,
    /// Duplicates of spans received earlier.
    pub duplicate: u64,
    /// Dropped items, in the order of [`DropReason::ALL`].
    pub dropped: [u64; 3],
    /// Undecodable, over a limit, or invalid in the data model.
    pub rejected: u64,
    /// In the queue, or drained by the reader but not settled yet.
    pub waiting: u64,
    /// Refused for lack of room. The senders still have these items; they are not in `received`.
    pub refused: u64,
    /// Received points whose numbers contradict each other. They are stored and marked.
    pub inconsistent: u64,
    /// Gap rows of the sources, of the queue and of the store, delivered or waiting. The store keeps them like
    /// items: `stored + gaps = resident + evicted`.
    pub gaps: u64,
    /// Resident bytes of all items taken in.
    pub bytes: u64,
    /// When the last item was received; unknown before the first.
    pub last_received: Time,
    /// The newest item's own time and its time of receipt; unknown until an item has a time.
    pub newest: (Time, Time),
}

impl Counts {
    /// Items dropped, for any reason.
    pub fn dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// Received items that are valid, new and not skipped, whether or not there was room for them.
    /// The number never falls, and each rise publishes a view.
    pub fn taken(&self) -> u64 {
        self.stored + self.filtered + self.dropped()
    }

    /// Items lost: dropped or rejected.
    pub fn lost(&self) -> u64 {
        self.dropped() + self.rejected
    }

    /// Whether every received item has exactly one outcome (the equation of [`Counts`]).
    pub fn balanced(&self) -> bool {
        let gone = self.stored + self.filtered + self.skipped + self.duplicate + self.dropped() + self.rejected;
        self.received == gone + self.waiting
    }

    /// Counts received items, before their outcome is known.
    pub fn came(&mut self, items: u64, now: Time) {
        self.received += items;
        if items > 0 {
            self.last_received = now;
        }
    }

    /// Adds the counts of another source; keeps the newest item that was received last.
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
