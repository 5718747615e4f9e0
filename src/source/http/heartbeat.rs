//! Silence on a stream.

use std::time::{Duration, Instant};

/// So many heartbeats missed are an end.
const MISSED_HEARTBEATS: u32 = 3;
/// The shortest patience with a stream of which few gaps between heartbeats are known.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(45);
/// So many gaps show how a stream beats.
const ENOUGH_GAPS: u32 = 10;
/// Heartbeats closer than this say nothing about the next one.
const SHORTEST_HEARTBEAT: Duration = Duration::from_secs(1);

/// When a silent stream is a dead one. This is known only of a stream that has shown that it beats.
#[derive(Default)]
pub(super) struct Heartbeat {
    last: Option<Instant>,
    /// The longest gap between two beats.
    longest: Duration,
    gaps: u32,
}

impl Heartbeat {
    pub fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            self.longest = self.longest.max(now - last);
            self.gaps = self.gaps.saturating_add(1);
        }
    }

    pub fn patience(&self) -> Option<Duration> {
        let shortest = if self.gaps < ENOUGH_GAPS { SHORTEST_PATIENCE } else { Duration::ZERO };
        self.last.map(|_| shortest.max(self.longest.max(SHORTEST_HEARTBEAT) * MISSED_HEARTBEATS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_never_beats_may_be_silent() {
        assert_eq!(Heartbeat::default().patience(), None);
    }

    #[test]
    fn patience_is_three_times_the_longest_gap() {
        let begin = Instant::now();
        let mut heartbeat = Heartbeat::default();
        for second in (0..=50).step_by(5) {
            assert!(
                heartbeat.gaps >= ENOUGH_GAPS
                    || heartbeat.patience().is_none_or(|patience| patience >= SHORTEST_PATIENCE)
            );
            heartbeat.beat(begin + Duration::from_secs(second));
        }
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(15)), "ten gaps are known");
        heartbeat.beat(begin + Duration::from_secs(650));
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(1_800)));
        heartbeat.beat(begin + Duration::from_millis(650_001));
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(1_800)), "two in a row make nobody impatient");
    }
}
