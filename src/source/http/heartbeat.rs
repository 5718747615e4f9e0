//! Silence on a stream.

use std::time::{Duration, Instant};

/// So many heartbeats missed are an end (ruling S4).
const MISSED_HEARTBEATS: u32 = 3;
/// Heartbeats closer than this say nothing about the next one.
const SHORTEST_HEARTBEAT: Duration = Duration::from_secs(1);
/// What a server's heartbeats are taken to be until two have come.
const USUAL_HEARTBEAT: Duration = Duration::from_secs(15);
/// Two heartbeats further apart (a laptop that slept) say no more about the next one than this.
const LONGEST_HEARTBEAT: Duration = Duration::from_secs(120);

/// When a silent stream is a dead one: known only once it has shown that it beats (ruling S4).
#[derive(Default)]
pub(super) struct Heartbeat {
    last: Option<Instant>,
    interval: Option<Duration>,
}

impl Heartbeat {
    pub fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            // The longest that was seen: two that come close together must not make us impatient.
            let seen = (now - last).clamp(SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT);
            self.interval = Some(self.interval.map_or(seen, |interval| interval.max(seen)));
        }
    }

    pub fn patience(&self) -> Option<Duration> {
        self.last.map(|_| self.interval.unwrap_or(USUAL_HEARTBEAT) * MISSED_HEARTBEATS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_dead_after_three_missed_heartbeats_once_it_has_beaten() {
        let begin = Instant::now();
        let mut heartbeat = Heartbeat::default();
        assert_eq!(heartbeat.patience(), None, "one that never beats may be silent");
        heartbeat.beat(begin);
        assert_eq!(heartbeat.patience(), Some(USUAL_HEARTBEAT * 3));
        heartbeat.beat(begin + Duration::from_secs(5));
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(15)));
        heartbeat.beat(begin + Duration::from_millis(5_001));
        assert_eq!(heartbeat.patience(), Some(Duration::from_secs(15)), "two in a row make nobody impatient");
        heartbeat.beat(begin + Duration::from_secs(9_999));
        assert_eq!(heartbeat.patience(), Some(LONGEST_HEARTBEAT * 3));
    }
}
