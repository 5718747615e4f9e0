//! Decides when a silent stream is dead.

use std::time::{Duration, Instant};

/// A stream is dead after this many missed heartbeats.
const MISSED_HEARTBEATS: u32 = 3;
/// The shortest allowed silence while few gaps between heartbeats are known.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(45);
/// After this many gaps the longest one is trusted.
const ENOUGH_GAPS: u32 = 10;
/// Heartbeats may come in bursts; shorter gaps than this count as one second.
const SHORTEST_HEARTBEAT: Duration = Duration::from_secs(1);

/// The heartbeats of one stream. A stream that never sent one may be silent for ever.
#[derive(Default)]
pub(super) struct Heartbeat {
    last: Option<Instant>,
    /// The longest gap between two heartbeats.
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
    fn a_stream_without_heartbeats_may_be_silent() {
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
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(1_800)), "two in quick succession do not shorten it");
    }
}
