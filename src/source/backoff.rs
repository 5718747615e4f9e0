//! When to retry a connection. Pure: time and random numbers are arguments.
//!
//! A source that has never delivered is retried after about 1, 2, 4, 8 and 16 s, since people often start otail before their
//! program. A source that has delivered is retried sooner and at random moments, so that otail is back within 5 s after a
//! server restarts, and many clients do not reconnect at once.

use std::time::Duration;

/// The first wait for a source that has never delivered; each further one is twice as long.
const UNPROVED: Duration = Duration::from_secs(1);
/// Those waits vary by this fraction, up and down.
const UNPROVED_JITTER: f64 = 0.25;
/// The wait between attempts at a program of this machine that has not started yet.
pub(super) const NOT_UP: Duration = Duration::from_secs(2);
/// The longest first wait for a source that has delivered.
const FIRST: Duration = Duration::from_millis(250);
const BASE: Duration = Duration::from_millis(500);
/// The longest wait during the first [`EARLY`] of an outage, so that otail is back within 5 s after a server restarts.
const EARLY_CAP: Duration = Duration::from_secs(2);
/// The first part of an outage.
const EARLY: Duration = Duration::from_secs(30);
/// The longest wait after that.
const LATE_CAP: Duration = Duration::from_secs(30);
/// A connection that stood this long resets the waits. Less does not, so a flapping server is not asked in a tight loop.
const HEALTH: Duration = Duration::from_secs(60);
const HINT: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

/// The retry state of one source. Times count from any fixed moment.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    /// Waits since the last reset.
    waits: u32,
    /// Whether there was an attempt; all later ones are retries.
    has_begun: bool,
    outage_began: Option<Duration>,
    healthy_since: Option<Duration>,
    /// Whether an item ever arrived, or the connection ever stood for a minute.
    has_proved: bool,
    /// Retries in a row without an item.
    pub retries: u32,
}

impl Backoff {
    /// Counts an attempt; it is a retry unless it is the first one.
    pub fn attempt(&mut self) {
        self.retries += u32::from(std::mem::replace(&mut self.has_begun, true));
    }

    /// The connection is established.
    pub fn connected(&mut self, now: Duration) {
        self.healthy_since.get_or_insert(now);
    }

    /// An item arrived: the outage is over, and the count of retries restarts. The waits are not reset: a server that
    /// delivers a little and breaks off again is asked about once a second, not in a tight loop.
    pub fn item(&mut self) {
        self.retries = 0;
        self.outage_began = None;
        self.has_proved = true;
    }

    /// Whether the source has worked: an item arrived, or the connection stood for a minute, even a silent one.
    pub fn has_proved(&self) -> bool {
        self.has_proved
    }

    /// Starts over, because the user wants a retry.
    pub fn reset(&mut self) {
        *self = Backoff { has_proved: self.has_proved, ..Backoff::default() };
    }

    /// The connection is lost, or the attempt failed. A minute of connection, even a silent one, resets waits and retries.
    pub fn lost(&mut self, now: Duration) {
        if self.healthy_since.take().is_some_and(|since| now.saturating_sub(since) >= HEALTH) {
            *self = Backoff { has_proved: true, has_begun: true, ..Backoff::default() };
        }
    }

    /// Returns the wait before the next attempt. It is at least the server's hint, which is clamped to 100 ms … 5 min. `dice`
    /// is uniform in 0..1.
    ///
    /// Before the source has [proved](Backoff::has_proved) to work: 1 s · 2ⁿ, at most 30 s, ± 25 %. Afterwards random(0, 250
    /// ms) for the first wait, then random(0, min(cap, 500 ms · 2ⁿ)), with a cap of 2 s in the first 30 s of an outage and of
    /// 30 s after that.
    pub fn wait(&mut self, now: Duration, hint: Option<Duration>, dice: f64) -> Duration {
        self.lost(now);
        let began = *self.outage_began.get_or_insert(now);
        let (n, dice) = (self.waits, dice.clamp(0.0, 1.0));
        self.waits += 1;
        let doubled = |base: Duration, times: u32| base.saturating_mul(1 << times.min(16));
        let wait = match (self.has_proved, n) {
            (false, n) => doubled(UNPROVED, n).min(LATE_CAP).mul_f64(1.0 + UNPROVED_JITTER * (2.0 * dice - 1.0)),
            (true, 0) => FIRST.mul_f64(dice),
            (true, n) => {
                let cap = if now.saturating_sub(began) < EARLY { EARLY_CAP } else { LATE_CAP };
                cap.min(doubled(BASE, n - 1)).mul_f64(dice)
            }
        };
        hint.map_or(wait, |hint| wait.max(hint.clamp(*HINT.start(), *HINT.end())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn delivered() -> Backoff {
        Backoff { has_proved: true, ..Backoff::default() }
    }

    #[test]
    fn a_minute_of_silence_proves_as_much_as_an_item() {
        for (stood, expected) in [(59, false), (60, true)] {
            let mut backoff = Backoff::default();
            backoff.connected(seconds(5));
            backoff.lost(seconds(5 + stood));
            assert_eq!(backoff.has_proved(), expected, "{stood} s");
            backoff.reset();
            assert_eq!(backoff.has_proved(), expected);
        }
    }

    #[test]
    fn the_first_retry_comes_within_a_quarter_of_a_second() {
        assert_eq!(delivered().wait(seconds(5), None, 1.0), FIRST);
    }

    #[test]
    fn waits_are_capped_by_the_age_of_an_outage() {
        let mut backoff = delivered();
        let waits: Vec<Duration> = (0..6).map(|_| backoff.wait(seconds(1), None, 1.0)).collect();
        assert_eq!(waits[1..4], [BASE, seconds(1), seconds(2)]);
        assert_eq!(waits[5], EARLY_CAP);
        let late: Vec<Duration> = (0..8).map(|_| backoff.wait(seconds(40), None, 1.0)).collect();
        assert_eq!(late.last(), Some(&LATE_CAP));
    }

    #[test]
    fn a_servers_hint_is_a_floor_within_bounds() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.wait(seconds(1), Some(seconds(17)), 0.5), seconds(17));
        assert_eq!(backoff.wait(seconds(1), Some(seconds(9_000)), 0.5), seconds(300));
        assert_eq!(delivered().wait(seconds(1), Some(Duration::ZERO), 0.0), Duration::from_millis(100));
    }

    #[test]
    fn only_a_minute_of_connection_resets_the_waits() {
        let mut backoff = delivered();
        (0..5).for_each(|_| _ = backoff.wait(seconds(1), None, 1.0));
        backoff.connected(seconds(2));
        assert!(backoff.wait(seconds(10), None, 1.0) > FIRST, "a flapping server");
        backoff.connected(seconds(12));
        assert_eq!(backoff.wait(seconds(72), None, 1.0), FIRST);
    }

    #[test]
    fn an_item_restarts_the_count_of_retries() {
        let mut backoff = Backoff::default();
        (0..3).for_each(|_| backoff.attempt());
        assert_eq!(backoff.retries, 2, "the first attempt is not a retry");
        backoff.item();
        backoff.attempt();
        assert_eq!(backoff.retries, 1);
        backoff.reset();
        backoff.attempt();
        assert_eq!(backoff.retries, 0, "a retry by hand starts over");
    }

    #[test]
    fn a_server_that_breaks_off_is_retried_within_two_seconds() {
        let mut backoff = Backoff::default();
        for second in 0..500 {
            backoff.connected(seconds(second));
            backoff.item();
            assert!(backoff.wait(seconds(second), None, 1.0) <= EARLY_CAP);
        }
    }

    #[test]
    fn a_connection_without_items_continues_the_outage() {
        let mut backoff = Backoff::default();
        for second in 0..100 {
            backoff.wait(seconds(second), None, 1.0);
            backoff.connected(seconds(second));
        }
        assert_eq!(backoff.wait(seconds(101), None, 0.5), LATE_CAP);
    }

    #[test]
    fn a_silent_minute_restarts_the_count_of_retries() {
        let mut backoff = Backoff::default();
        (0..3).for_each(|_| backoff.attempt());
        backoff.connected(seconds(1));
        backoff.lost(seconds(62));
        assert_eq!(backoff.retries, 0);
    }

    proptest! {
        /// A server that delivered and is away for up to 30 s is asked again within 5 s after its return, whatever the dice.
        #[test]
        fn an_outage_heals_within_five_seconds(
            outage_ms in 0u64..30_000,
            dice in prop::collection::vec(0.0f64..1.0, 400),
        ) {
            let mut backoff = delivered();
            let mut now = Duration::ZERO;
            let back = Duration::from_millis(outage_ms);
            let mut dice = dice.into_iter().chain(std::iter::repeat(0.5));
            while now < back {
                now += backoff.wait(now, None, dice.next().unwrap()).max(Duration::from_millis(1));
            }
            prop_assert!(now - back <= seconds(5));
        }
    }

    /// A server is away for `outage` from second 100 on and refuses at once, so every attempt before its return fails.
    /// Returns the time from its return to the next attempt, and the number of attempts.
    fn healed(outage: Duration, seed: u64) -> (Duration, u32) {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut backoff = Backoff::default();
        backoff.connected(Duration::ZERO);
        backoff.item();
        let begin = seconds(100);
        let (mut now, mut attempts) = (begin, 0);
        loop {
            now += backoff.wait(now, None, dice.f64());
            attempts += 1;
            backoff.attempt();
            if now >= begin + outage {
                return (now - begin - outage, attempts);
            }
        }
    }

    #[test]
    fn short_outages_heal_within_two_seconds() {
        for seed in 0..2_000 {
            let outage = Duration::from_millis(15 * (seed + 1));
            let (late, attempts) = healed(outage, seed);
            assert!(late <= EARLY_CAP, "{outage:?}: {late:?} later");
            assert!(attempts < 120, "{outage:?}: {attempts} attempts");
        }
    }

    #[test]
    fn the_jitter_is_full_and_even() {
        let mut dice = fastrand::Rng::with_seed(7);
        let waits: Vec<Duration> = (0..4_000)
            .map(|_| {
                let mut backoff = Backoff { waits: 3, ..delivered() };
                backoff.wait(seconds(1), None, dice.f64())
            })
            .collect();
        for quarter in 0..4 {
            let range = EARLY_CAP * quarter / 4..EARLY_CAP * (quarter + 1) / 4;
            let share = waits.iter().filter(|wait| range.contains(*wait)).count();
            assert!((900..1_100).contains(&share), "{share} of 4 000 in {range:?}");
        }
    }

    #[test]
    fn five_retries_of_a_new_source_cover_half_a_minute() {
        let waits = |dice: f64| {
            let mut backoff = Backoff::default();
            (0..7).map(|_| backoff.wait(seconds(1), None, dice)).collect::<Vec<_>>()
        };
        assert_eq!(waits(0.5), [1, 2, 4, 8, 16, 30, 30].map(seconds));
        for (dice, of_it) in [(0.0, 0.75), (1.0, 1.25)] {
            assert_eq!(waits(dice), [1, 2, 4, 8, 16, 30, 30].map(|wait| seconds(wait).mul_f64(of_it)));
        }
    }

    #[test]
    fn a_reset_remembers_that_the_source_delivered() {
        let mut backoff = delivered();
        backoff.connected(seconds(1));
        assert_eq!(backoff.wait(seconds(100), None, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_flapping_server_is_asked_ever_less_often() {
        let mut dice = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::default();
        let (mut now, mut attempts) = (Duration::ZERO, Vec::new());
        // The server accepts the connection, closes it a moment later, and never sends anything.
        while now < seconds(300) {
            backoff.connected(now);
            now += Duration::from_millis(1);
            now += backoff.wait(now, None, dice.f64());
            attempts.push(now);
        }
        let in_minute = |minute: u64| {
            attempts.iter().filter(|at| (seconds(60 * minute)..seconds(60 * minute + 60)).contains(*at)).count()
        };
        assert!(in_minute(0) < 80 && in_minute(4) < 20, "{} then {}", in_minute(0), in_minute(4));
    }
}
