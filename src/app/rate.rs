//! How many items come a second, from what the views count.

use crate::model::Time;
use std::collections::VecDeque;

const SECOND: u64 = 1_000_000_000;
/// The rate is a mean over so long.
const WINDOW: u64 = 5 * SECOND;
/// Samples are taken no closer than this.
const STEP: u64 = SECOND / 5;

/// The last seconds' counts.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    samples: VecDeque<(Time, u64)>,
}

impl Rate {
    /// So many had come by then.
    pub fn sample(&mut self, total: u64, now: Time) {
        if let [.., before, last] = self.samples.make_contiguous()
            && last.0.since(before.0) < STEP
        {
            *last = (now, total);
        } else {
            self.samples.push_back((now, total));
        }
        while self.samples.get(1).is_some_and(|(time, _)| now.since(*time) > WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Items a second, over the last five.
    pub fn per_second(&self, now: Time) -> f64 {
        let Some((last, total)) = self.samples.back() else { return 0.0 };
        if now.since(*last) > WINDOW {
            return 0.0;
        }
        let first = self.samples.iter().find(|(time, _)| now.since(*time) <= WINDOW);
        let Some((time, before)) = first else { return 0.0 };
        let seconds = (now.since(*time).max(SECOND)) as f64 / SECOND as f64;
        total.saturating_sub(*before) as f64 / seconds
    }

    /// When it is to be looked at again although nothing came: each second while it fades, and when nothing is left of it,
    /// so that a screen without data is still after five seconds, whatever else it looked at meanwhile.
    pub fn fades_at(&self, now: Time) -> Option<Time> {
        let (last, _) = self.samples.back().filter(|_| self.per_second(now) > 0.0)?;
        Some(Time((now.0 + SECOND).min(last.0 + WINDOW + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tenths: u64) -> Time {
        Time(1_000 * SECOND + tenths * SECOND / 10)
    }

    #[test]
    fn it_is_zero_five_seconds_after_the_last_whenever_it_was_looked_at() {
        let mut rate = Rate::default();
        rate.sample(0, at(0));
        rate.sample(100, at(3));
        assert_eq!(rate.fades_at(at(3)), Some(at(13)), "each second");
        let zero = rate.fades_at(at(50)).unwrap();
        assert_eq!(zero, Time(at(53).0 + 1));
        assert_eq!((rate.per_second(zero), rate.fades_at(zero)), (0.0, None));
    }

    #[test]
    fn a_steady_stream_has_its_rate_and_a_silence_has_none() {
        let mut rate = Rate::default();
        for tenth in 0..100 {
            rate.sample(tenth * 10, at(tenth));
        }
        assert!((rate.per_second(at(99)) - 100.0).abs() < 3.0, "{}", rate.per_second(at(99)));
        assert!(rate.per_second(at(130)) < 50.0);
        assert_eq!(rate.per_second(at(151)), 0.0);
        assert_eq!(rate.fades_at(at(151)), None);
    }

    #[test]
    fn the_first_view_is_no_rate() {
        let mut rate = Rate::default();
        rate.sample(1_000_000, at(0));
        assert_eq!(rate.per_second(at(1)), 0.0);
    }
}
