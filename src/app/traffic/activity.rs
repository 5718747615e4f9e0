//! The rate of each source and its last minute second by second, from the intake's counts.
//!
//! ```text
//!  arrivals          5         5         5         5
//!  cover      ├─────────┼─────────┼─────────┼─────────┤ the rate ends here until the next arrival is overdue
//! ```
//!
//! An arrival covers the time since the previous one, but at most the usual gap between arrivals: a poll's answer covers its
//! interval; a batch that an exporter sends every five seconds covers five. The rate is the mean over a whole number of such
//! gaps. So a steady source has a constant rate and an even chart, however far apart its arrivals are. Once the last arrival
//! has left the window of every rate, nothing changes any more, and a screen of silent sources is not redrawn.

use crate::model::{Counts, SourceId, Time};
use std::collections::{BTreeMap, VecDeque};

/// Length of the chart in seconds.
pub const SECONDS: usize = 60;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = SECONDS as u64 * SECOND;
/// Minimum window of a rate, in nanoseconds. A longer gap between arrivals widens it.
const LEAST_WINDOW: u64 = 5 * SECOND;
/// Number of recent arrivals that determine the usual gap.
const TELLING: usize = 6;
/// An arrival is overdue after 1.5 times the usual gap, but at the latest after that gap plus this.
const LONGEST_GRACE: u64 = 5 * SECOND;

/// The last minute of each source.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    flows: BTreeMap<SourceId, Flow>,
    /// Poll intervals in nanoseconds, of polled sources only.
    polled: BTreeMap<SourceId, u64>,
    /// Whether the counts were ever read.
    looked: bool,
}

/// The arrivals of one source.
#[derive(Clone, Debug, Default)]
struct Flow {
    /// The arrivals of the last minute, and always the last few.
    arrivals: VecDeque<Arrival>,
    total: u64,
    /// The time of the very first arrival.
    first: Time,
    /// The longest recent gap between arrivals in nanoseconds; 0 until known.
    usual: u64,
}

/// Items that arrived within one second.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: Time,
    /// The time of the last of its items.
    until: Time,
    items: u64,
}

/// The usual gap between arrivals, in nanoseconds.
#[derive(Clone, Copy)]
struct Pace {
    apart: u64,
    /// Whether the source is polled, so that the gap is known in advance.
    polled: bool,
}

impl Activity {
    /// Sets the polled sources, with their intervals in nanoseconds.
    pub(super) fn expect(&mut self, polled: impl Iterator<Item = (SourceId, u64)>) {
        self.polled = polled.collect();
    }

    /// Takes the current counts. Items from before the first reading do not count towards a rate, since their time is
    /// unknown; items of a polled source do, since they cover its interval.
    pub(super) fn take(&mut self, counts: &[(SourceId, Counts)], now: Time) {
        let first_look = !std::mem::replace(&mut self.looked, true);
        // Forget sources that are no longer counted.
        self.flows.retain(|id, _| counts.iter().any(|(of, _)| of == id));
        for (id, counts) in counts {
            let flow = self.flows.entry(*id).or_default();
            let came = counts.taken().saturating_sub(flow.total);
            flow.total += came;
            if came > 0 && (!first_look || self.polled.contains_key(id)) {
                flow.add(came, now);
            }
        }
    }

    /// The current rate in items per second.
    pub(super) fn per_second(&self, id: SourceId, now: Time) -> f64 {
        self.flows.get(&id).map_or(0.0, |flow| flow.per_second(self.pace(id, flow), now))
    }

    /// Items of each second, newest last; `None` before the first item.
    pub fn seconds(&self, id: SourceId, now: Time) -> Option<[f64; SECONDS]> {
        let flow = self.flows.get(&id).filter(|flow| !flow.arrivals.is_empty())?;
        Some(flow.seconds(self.pace(id, flow), Time(now.0.min(self.stop()))))
    }

    /// The longest recent gap between arrivals in nanoseconds; `None` until known.
    pub(in crate::app) fn usual(&self, id: SourceId) -> Option<u64> {
        self.flows.get(&id).map(|flow| flow.usual).filter(|usual| *usual > 0)
    }

    /// The time of the next change of a rate or chart without a new arrival.
    pub(in crate::app) fn moves_at(&self, now: Time) -> Option<Time> {
        let stop = self.stop();
        let next = |(id, flow): (&SourceId, &Flow)| {
            let last = flow.arrivals.back()?.until;
            let overdue = last.0.saturating_add(self.pace(*id, flow).patience());
            match now.0 <= overdue {
                true => Some(Time(overdue.saturating_add(1))),
                // After a minute the last arrival has left the chart.
                false => (now.0 < stop && now.since(last) < MINUTE).then_some(Time((now.0 / SECOND + 1) * SECOND)),
            }
        };
        self.flows.iter().filter_map(next).min()
    }

    /// The time after which nothing changes.
    fn stop(&self) -> u64 {
        let until = |(id, flow): (&SourceId, &Flow)| {
            let pace = self.pace(*id, flow);
            Some(flow.arrivals.back()?.until.0.saturating_add(pace.patience()).saturating_add(pace.window()))
        };
        let stop = self.flows.iter().filter_map(until).max().unwrap_or_default();
        stop.div_ceil(SECOND).saturating_mul(SECOND)
    }

    fn pace(&self, id: SourceId, flow: &Flow) -> Pace {
        let polled = self.polled.get(&id).copied();
        let apart = polled.max(flow.apart(polled.is_some())).unwrap_or_default().max(SECOND);
        Pace { apart, polled: polled.is_some() }
    }
}

impl Pace {
    /// The window of the rate: the gaps that fill five seconds, or one longer gap.
    fn window(self) -> u64 {
        self.apart.saturating_mul(LEAST_WINDOW.div_ceil(self.apart))
    }

    /// The time after the last arrival until the next one is overdue.
    fn patience(self) -> u64 {
        self.apart.saturating_add((self.apart / 2).min(LONGEST_GRACE))
    }
}

impl Flow {
    fn add(&mut self, items: u64, now: Time) {
        if self.arrivals.back().is_some_and(|last| last.until.since(now) > SECOND) {
            // The clock was set back: the recorded times are in the future.
            *self = Flow { total: self.total, ..Flow::default() };
        }
        if self.arrivals.is_empty() {
            self.first = now;
        }
        match self.arrivals.back_mut() {
            // The very first arrival stays separate, since the time it covers is unknown.
            Some(last) if now.since(last.at) < SECOND && last.at != self.first => {
                last.until = last.until.max(now);
                last.items += items;
            }
            last => {
                if let Some(last) = last {
                    self.usual = now.since(last.until).max(self.usual / 5 * 4).max(SECOND);
                }
                self.arrivals.push_back(Arrival { at: now, until: now, items });
            }
        }
        while self.arrivals.len() > TELLING && now.since(self.arrivals[1].until) > MINUTE {
            self.arrivals.pop_front();
        }
    }

    /// The usual gap: the second longest of the last gaps, since one long gap may be an accident. `None` with too few
    /// arrivals.
    fn apart(&self, polled: bool) -> Option<u64> {
        let last = self.arrivals.len().saturating_sub(TELLING);
        let (mut longest, mut second) = (None, None);
        for (before, arrival) in self.arrivals.range(last..).zip(self.arrivals.range(last..).skip(1)) {
            let gap = Some(arrival.at.since(before.at));
            (longest, second) = if gap > longest { (gap, longest) } else { (longest, second.max(gap)) };
        }
        second.or(longest.filter(|_| !polled))
    }

    /// The arrivals, each with the start of the time it covers; newest first.
    fn spans(&self, pace: Pace) -> impl Iterator<Item = (Time, Arrival)> {
        (0..self.arrivals.len()).rev().map(move |index| {
            let arrival = self.arrivals[index];
            let before = index.checked_sub(1).map(|before| self.arrivals[before].until);
            let in_time = before.filter(|before| arrival.at.since(*before) <= pace.patience());
            (in_time.unwrap_or(Time(arrival.at.0.saturating_sub(pace.apart))), arrival)
        })
    }

    /// The end of the known time: the last arrival until the next one is overdue, then now.
    fn edge(&self, pace: Pace, now: Time) -> Time {
        let last = self.arrivals.back().map_or(now, |last| last.until);
        // After the clock was set back, the recorded times are in the future and nothing is known.
        let is_known = now.since(last) <= pace.patience() && last.since(now) <= SECOND;
        if is_known { last } else { now }
    }

    fn per_second(&self, pace: Pace, now: Time) -> f64 {
        let edge = self.edge(pace, now);
        let whole = Time(edge.0.saturating_sub(pace.window()));
        let first = self.arrivals.front().filter(|first| first.at == self.first);
        let begin = match (first, self.arrivals.len()) {
            (Some(first), 1) if !pace.polled => {
                // The only arrival's items, over the time since it.
                let items = if whole < first.until { first.items } else { 0 };
                return items as f64 / seconds(edge.since(first.at).max(SECOND));
            }
            (Some(first), _) if !pace.polled => whole.max(first.until),
            (Some(first), _) => whole.max(Time(first.at.0.saturating_sub(pace.apart))),
            (None, _) => whole,
        };
        let items: f64 = self
            .spans(pace)
            .take_while(|(_, arrival)| arrival.until > begin)
            .map(|(from, arrival)| share(from, arrival, begin, edge))
            .sum();
        items / seconds(edge.since(begin).max(SECOND))
    }

    fn seconds(&self, pace: Pace, now: Time) -> [f64; SECONDS] {
        let mut edge = self.edge(pace, now).0;
        if pace.apart < 2 * SECOND {
            // Align to whole seconds, so that the bars do not flicker, unless that hides a source that has just begun.
            let hides_all = self.spans(pace).next().is_some_and(|(from, _)| edge / SECOND * SECOND <= from.0);
            edge = if hides_all { edge.div_ceil(SECOND) } else { edge / SECOND } * SECOND;
        }
        let begin = edge.saturating_sub(MINUTE);
        let mut seconds = [0.0; SECONDS];
        for (from, arrival) in self.spans(pace).take_while(|(_, arrival)| arrival.until.0 > begin) {
            let (from_second, until_second) = (from.0.max(begin) - begin, arrival.until.0.min(edge).max(begin) - begin);
            for second in from_second / SECOND..until_second.div_ceil(SECOND).min(SECONDS as u64) {
                let start = begin + second * SECOND;
                seconds[second as usize] += share(from, arrival, Time(start), Time(start + SECOND));
            }
        }
        seconds
    }
}

/// The number of an arrival's items between two times. The arrival covers the time from `from`.
fn share(from: Time, arrival: Arrival, begin: Time, end: Time) -> f64 {
    let within = arrival.until.min(end).since(from.max(begin));
    arrival.items as f64 * within as f64 / arrival.until.since(from).max(1) as f64
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / SECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SourceId = SourceId(1);
    const MILLISECOND: u64 = SECOND / 1_000;

    fn at(milliseconds: u64) -> Time {
        Time(1_000 * SECOND + milliseconds * MILLISECOND)
    }

    fn counted(stored: u64) -> [(SourceId, Counts); 1] {
        [(ID, Counts { received: stored, stored, ..Counts::default() })]
    }

    /// An activity whose counts were read before the first item.
    fn looked_at() -> Activity {
        let mut activity = Activity::default();
        activity.take(&[], at(0));
        activity
    }

    /// The activity of a source that delivers items at these times in milliseconds.
    fn of(arrivals: impl IntoIterator<Item = u64>, items: u64) -> Activity {
        let mut activity = looked_at();
        for (time, count) in arrivals.into_iter().zip(1..) {
            activity.take(&counted(count * items), at(time));
        }
        activity
    }

    /// Times with this gap in milliseconds, each up to 5 % late.
    fn about_every(apart: u64, until: u64) -> impl Iterator<Item = u64> {
        (0..until / apart).map(move |index| index * apart + index * 7_919 % (apart / 20).max(1))
    }

    #[test]
    fn a_steady_source_has_a_constant_rate() {
        for apart in [33, 200, 700, 1_000, 1_200, 2_000, 5_000, 10_000, 60_000] {
            let mut activity = looked_at();
            let true_rate = 100_000.0 / apart as f64;
            for (time, count) in about_every(apart, 12 * apart.max(1_000)).zip(1..) {
                if time > 3 * apart.max(1_000) {
                    for before in [1, apart / 3, apart * 2 / 3].map(|back| at(time - back)) {
                        let rate = activity.per_second(ID, before);
                        assert!((rate / true_rate - 1.0).abs() < 0.07, "{apart} ms apart: {rate} at {before:?}");
                    }
                }
                activity.take(&counted(count * 100), at(time));
            }
        }
    }

    #[test]
    fn a_polled_rate_ends_with_an_overdue_poll() {
        let mut activity = Activity::default();
        activity.expect([(ID, 10 * SECOND)].into_iter());
        activity.take(&counted(40), at(0));
        let rates = [1, 5_000, 10_000, 14_900].map(|time| activity.per_second(ID, at(time)));
        assert_eq!(rates, [4.0; 4]);
        assert_eq!(activity.per_second(ID, at(15_001)), 0.0);
    }

    #[test]
    fn items_before_the_first_reading_give_no_rate() {
        let mut activity = Activity::default();
        activity.take(&counted(1_000_000), at(0));
        assert_eq!((activity.per_second(ID, at(1)), activity.seconds(ID, at(1))), (0.0, None));
        activity.take(&counted(1_000_007), at(10));
        assert_eq!(activity.per_second(ID, at(20)), 7.0);
    }

    #[test]
    fn a_burst_is_seen_at_once() {
        let mut activity = of([0], 7);
        assert_eq!(activity.per_second(ID, at(0)), 7.0);
        assert!(activity.seconds(ID, at(0)).unwrap().iter().sum::<f64>() > 0.0);
        activity = of(about_every(1_000, 20_000), 10);
        activity.take(&counted(200 + 5_000), at(19_500));
        assert!(activity.per_second(ID, at(19_500)) > 800.0, "{}", activity.per_second(ID, at(19_500)));
    }

    #[test]
    fn a_fast_stream_has_its_rate_at_once() {
        let activity = of((0..1_000).step_by(20), 2);
        let rate = activity.per_second(ID, at(1_000));
        assert!((95.0..105.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_rate_ends_soon_after_the_last_arrival() {
        for (apart, zero) in [(100, 5_100), (1_000, 5_100), (10_000, 15_100)] {
            let last = apart * 20;
            let activity = of((0..=last).step_by(apart as usize), 10);
            assert!(activity.per_second(ID, at(last + 500)) > 0.0);
            assert_eq!(activity.per_second(ID, at(last + zero)), 0.0, "{apart} ms apart");
        }
    }

    #[test]
    fn one_long_gap_is_ignored() {
        let activity = of((0..10_000).step_by(1_000).chain((40_000..46_000).step_by(1_000)), 10);
        assert_eq!(activity.per_second(ID, at(46_000)).round(), 10.0);
        assert_eq!(activity.per_second(ID, at(52_000)), 0.0);
    }

    #[test]
    fn a_slow_steady_source_has_an_even_chart() {
        for apart in [1_000, 2_000, 5_000, 10_000] {
            let activity = of(about_every(apart, 120_000), 100);
            for later in [apart / 10, apart / 2, apart] {
                let seconds = activity.seconds(ID, at(120_000 - apart + later)).unwrap();
                // A cell of the chart covers a few seconds.
                for cell in seconds.chunks(3) {
                    let mean = cell.iter().sum::<f64>() / 3.0 * apart as f64 / 100_000.0;
                    assert!((0.85..1.15).contains(&mean), "{apart}: {mean} in {seconds:?}");
                }
            }
        }
    }

    #[test]
    fn the_chart_stops_after_the_last_item() {
        let activity = of((0..=30_000).step_by(1_000), 3);
        let mut now = at(30_000);
        let mut steps = 0;
        while let Some(next) = activity.moves_at(now) {
            assert!(next > now && next < at(60_000));
            (now, steps) = (next, steps + 1);
        }
        assert!(steps < 12, "{steps}");
        assert_eq!(activity.per_second(ID, now), 0.0);
        let seconds = activity.seconds(ID, now).unwrap();
        assert_eq!(activity.seconds(ID, at(3_000_000)), Some(seconds));
        assert!((seconds.iter().sum::<f64>() - 93.0).abs() < 0.01, "{seconds:?}");
    }

    #[test]
    fn between_two_polls_nothing_moves() {
        let activity = of((0..=100_000).step_by(10_000), 50);
        assert_eq!(activity.moves_at(at(100_001)), Some(Time(at(115_000).0 + 1)));
        assert_eq!(activity.seconds(ID, at(101_000)), activity.seconds(ID, at(114_000)));
    }

    #[test]
    fn arrivals_older_than_a_minute_disappear() {
        let mut activity = of((0..=10_000).step_by(1_000), 3);
        activity.take(&counted(34), at(500_000));
        let seconds = activity.seconds(ID, at(501_000)).unwrap();
        assert!((seconds.iter().sum::<f64>() - 1.0).abs() < 0.01 && seconds[SECONDS - 3] == 0.0, "{seconds:?}");
    }

    #[test]
    fn a_clock_set_back_clears_the_rates() {
        let activity = of(0..20, 7);
        assert!(activity.per_second(ID, at(20)) > 0.0);
        assert_eq!(activity.per_second(ID, Time(at(0).0 - 60 * SECOND)), 0.0);
    }

    #[test]
    fn a_clock_set_back_breaks_nothing() {
        let mut activity = of((0..=10_000).step_by(1_000), 3);
        activity.take(&counted(43), Time(5 * SECOND));
        assert_eq!(activity.per_second(ID, Time(5 * SECOND)), 10.0);
        assert!(activity.seconds(ID, Time(0)).is_some());
        activity.take(&counted(44), Time(u64::MAX));
        assert!(activity.per_second(ID, Time(u64::MAX)).is_finite());
        assert!(activity.seconds(ID, Time(u64::MAX)).is_some() && activity.moves_at(Time(u64::MAX)).is_some());
    }
}
