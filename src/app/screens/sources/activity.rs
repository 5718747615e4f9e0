//! How much comes from each source: a minute of seconds, from what the intake counts.
//!
//! Nothing here moves by itself: once what came has left the window of every rate, the seconds stand still, so that a
//! screen of sources that are silent is drawn no more.

use crate::model::{Connection, Counts, SourceId, Time};
use std::collections::BTreeMap;

/// Seconds that are remembered.
pub const SECONDS: usize = 60;
const SECOND: u64 = 1_000_000_000;
/// A rate is a mean over so many seconds, or over the time between two arrivals where that is longer.
const LEAST_WINDOW: u64 = 5;

/// The last minute of every source.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    rings: BTreeMap<SourceId, Ring>,
    /// Seconds between two polls, where that is known.
    polled: BTreeMap<SourceId, u64>,
}

#[derive(Clone, Debug)]
struct Ring {
    /// Items by second; the place of a second is its remainder.
    slots: [u64; SECONDS],
    /// The youngest second that has its slot.
    newest: u64,
    /// The first second in which something came, and the last.
    first: u64,
    last: u64,
    total: u64,
    /// Seconds between two arrivals, the longest of late; 0 while that is not known.
    usual: u64,
}

impl Activity {
    /// A source is asked again and again, every so many nanoseconds.
    pub(super) fn expect(&mut self, id: SourceId, interval: u64) {
        self.polled.insert(id, interval.div_ceil(SECOND));
    }

    /// Forgets all sources but these.
    pub(super) fn keep(&mut self, connections: &[Connection]) {
        let is_known = |id: &SourceId| connections.iter().any(|connection| connection.id == *id);
        self.rings.retain(|id, _| is_known(id));
        self.polled.retain(|id, _| is_known(id));
    }

    /// Takes what was counted by now.
    pub(super) fn take(&mut self, counts: &[(SourceId, Counts)], now: Time) {
        let second = now.0 / SECOND;
        for (id, counts) in counts {
            let known = self.rings.get(id).map_or(0, |ring| ring.total);
            let came = counts.received.saturating_sub(known);
            if came > 0 {
                let ring = self.rings.entry(*id).or_insert_with(|| Ring::new(second));
                ring.add(came, second);
                ring.total = counts.received;
            }
        }
    }

    /// Items a second of late.
    pub fn per_second(&self, id: SourceId, now: Time) -> f64 {
        let Some(ring) = self.rings.get(&id) else { return 0.0 };
        let second = now.0 / SECOND;
        let polled = self.polled.get(&id).copied();
        // The second that is not over says too little, but for the first of all.
        if second <= ring.first && polled.is_none() {
            return ring.at(second) as f64;
        }
        let window = ring.window(polled);
        let window = if polled.is_some() { window } else { window.min(second - ring.first) };
        let sum: u64 = (second.saturating_sub(window)..second).map(|second| ring.at(second)).sum();
        sum as f64 / window as f64
    }

    /// Items by second, the newest last; none for a source of which nothing came.
    pub fn seconds(&self, id: SourceId, now: Time) -> Option<[u64; SECONDS]> {
        let ring = self.rings.get(&id)?;
        let edge = self.edge(now);
        Some(std::array::from_fn(|index| ring.at((edge + index as u64).saturating_sub(SECONDS as u64))))
    }

    /// Nanoseconds between two arrivals, the longest of late; none while there were not enough of them.
    pub fn usual(&self, id: SourceId) -> Option<u64> {
        self.rings.get(&id).map(|ring| ring.usual * SECOND).filter(|usual| *usual > 0)
    }

    /// When a rate or a second changes by itself next.
    pub(super) fn moves_at(&self, now: Time) -> Option<Time> {
        let second = now.0 / SECOND;
        (second < self.stop()).then_some(Time((second + 1) * SECOND))
    }

    /// The second that the newest one shown lies before.
    fn edge(&self, now: Time) -> u64 {
        (now.0 / SECOND).min(self.stop())
    }

    /// The second from which on nothing changes.
    fn stop(&self) -> u64 {
        let window = |id, ring: &Ring| ring.window(self.polled.get(id).copied());
        self.rings.iter().map(|(id, ring)| ring.last + window(id, ring) + 1).max().unwrap_or_default()
    }
}

impl Ring {
    fn new(second: u64) -> Ring {
        Ring { slots: [0; SECONDS], newest: second, first: second, last: second, total: 0, usual: 0 }
    }

    fn add(&mut self, items: u64, second: u64) {
        let second = second.max(self.newest);
        for empty in self.newest + 1..=second.min(self.newest + SECONDS as u64) {
            self.slots[place(empty)] = 0;
        }
        if second > self.last {
            self.usual = (second - self.last).max(self.usual * 4 / 5);
        }
        (self.newest, self.last) = (second, second);
        self.slots[place(second)] += items;
    }

    fn at(&self, second: u64) -> u64 {
        let kept = second <= self.newest && second + SECONDS as u64 > self.newest;
        if kept { self.slots[place(second)] } else { 0 }
    }

    /// Seconds that a rate is a mean over: as many arrivals as there are in five seconds, or one.
    fn window(&self, polled: Option<u64>) -> u64 {
        let apart = polled.unwrap_or(self.usual).max(1);
        (apart * LEAST_WINDOW.div_ceil(apart)).min(SECONDS as u64)
    }
}

fn place(second: u64) -> usize {
    (second % SECONDS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SourceId = SourceId(1);

    fn at(second: u64) -> Time {
        Time((1_000 + second) * SECOND)
    }

    fn counted(received: u64) -> [(SourceId, Counts); 1] {
        [(ID, Counts { received, ..Counts::default() })]
    }

    fn steady(until: u64, every: u64, items: u64) -> Activity {
        let mut activity = Activity::default();
        for second in (0..=until).step_by(every as usize) {
            activity.take(&counted((second / every + 1) * items), at(second));
        }
        activity
    }

    #[test]
    fn a_steady_source_has_its_rate_however_far_apart_its_answers_are() {
        assert_eq!(steady(100, 1, 40).per_second(ID, at(101)), 40.0);
        assert_eq!(steady(100, 10, 50).per_second(ID, at(101)), 5.0);
        assert_eq!(steady(100, 10, 50).per_second(ID, at(109)), 5.0);
        assert_eq!(Activity::default().per_second(ID, at(5)), 0.0);
    }

    #[test]
    fn what_is_polled_has_the_rate_of_its_interval_from_the_first_answer_on() {
        let mut activity = Activity::default();
        activity.expect(ID, 10 * SECOND);
        activity.take(&counted(40), at(0));
        let rates = [1, 5, 10].map(|second| activity.per_second(ID, at(second)));
        assert_eq!(rates, [4.0; 3]);
        assert_eq!(activity.per_second(ID, at(11)), 0.0);
    }

    #[test]
    fn the_first_second_has_a_rate() {
        let mut activity = Activity::default();
        activity.take(&counted(7), at(0));
        assert_eq!(activity.per_second(ID, at(0)), 7.0);
        assert_eq!(activity.per_second(ID, at(1)), 7.0);
    }

    #[test]
    fn seconds_stand_still_once_nothing_comes() {
        let activity = steady(30, 1, 3);
        let mut now = at(30);
        while let Some(next) = activity.moves_at(now) {
            assert!(next > now && next < at(60));
            now = next;
        }
        assert_eq!(activity.per_second(ID, now), 0.0);
        let seconds = activity.seconds(ID, now).unwrap();
        assert_eq!(activity.seconds(ID, at(3_000)), Some(seconds));
        assert_eq!(seconds.iter().filter(|items| **items == 3).count(), 31);
    }

    #[test]
    fn what_is_over_a_minute_old_is_forgotten() {
        let mut activity = steady(10, 1, 3);
        activity.take(&counted(34), at(500));
        let seconds = activity.seconds(ID, at(501)).unwrap();
        assert_eq!((seconds.iter().sum::<u64>(), seconds[SECONDS - 1]), (1, 1));
    }

    #[test]
    fn a_clock_that_is_set_back_breaks_nothing() {
        let mut activity = steady(10, 1, 3);
        activity.take(&counted(40), at(2));
        assert!(activity.per_second(ID, at(2)).is_finite());
        assert!(activity.seconds(ID, Time(0)).is_some());
        activity.take(&counted(41), Time(u64::MAX));
    }
}
