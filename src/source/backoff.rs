//! When to try again (rulings G4 and G5). Pure: the clock and the dice are arguments.

use std::time::Duration;

/// The first retry comes within this.
const FIRST: Duration = Duration::from_millis(250);
const BASE: Duration = Duration::from_millis(500);
/// The cap in the first part of an outage, so that a restarted server is back well within 5 s …
const EARLY_CAP: Duration = Duration::from_secs(2);
/// … which is this long; …
const EARLY: Duration = Duration::from_secs(30);
/// … and the cap after it.
const LATE_CAP: Duration = Duration::from_secs(30);
/// Growth is forgotten after so long a time of health, so a flapping server does not spin us.
const HEALTH: Duration = Duration::from_secs(60);
const HINT: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

/// The state of one source's retries. Times are since any fixed moment.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    retries: u32,
    outage_began: Option<Duration>,
    healthy_since: Option<Duration>,
    /// Whether an item ever came, or the connection ever stood for a minute.
    has_proved: bool,
    /// Attempts in a row without one item received.
    pub attempts: u32,
}

impl Backoff {
    /// An attempt begins.
    pub fn attempt(&mut self) {
        self.attempts += 1;
    }

    /// The connection was made: health begins.
    pub fn connected(&mut self, now: Duration) {
        self.healthy_since.get_or_insert(now);
    }

    /// An item came: the outage is over, and attempts are counted anew. Growth is not: a server that delivers a little and
    /// breaks off again is asked about once a second, not in a spin.
    pub fn item(&mut self) {
        self.attempts = 0;
        self.outage_began = None;
        self.has_proved = true;
    }

    /// Whether there is something for sure: an item came once, or the connection stood for a minute, be it silent.
    pub fn has_proved(&self) -> bool {
        self.has_proved
    }

    /// Begins anew, by the user's wish.
    pub fn reset(&mut self) {
        *self = Backoff { has_proved: self.has_proved, ..Backoff::default() };
    }

    /// The connection is lost, or was never made. A minute of health, be it silent, undoes growth and counts attempts anew.
    pub fn lost(&mut self, now: Duration) {
        if self.healthy_since.take().is_some_and(|since| now.saturating_sub(since) >= HEALTH) {
            *self = Backoff { has_proved: true, ..Backoff::default() };
        }
    }

    /// How long to wait before the next attempt: at most 250 ms for the first, then random(0, min(cap, 500 ms · 2ⁿ)), and
    /// never less than the server's hint, held to 100 ms … 5 min. What has never [proved](Backoff::has_proved) to be there is asked in the later half of
    /// that: it is given up after a few attempts, and may just be starting. `dice` is uniform in 0..1.
    pub fn wait(&mut self, now: Duration, hint: Option<Duration>, dice: f64) -> Duration {
        self.lost(now);
        let began = *self.outage_began.get_or_insert(now);
        let cap = if now.saturating_sub(began) < EARLY { EARLY_CAP } else { LATE_CAP };
        let most = match self.retries {
            0 => FIRST,
            n => cap.min(BASE.saturating_mul(1 << (n - 1).min(16))),
        };
        self.retries += 1;
        let dice = dice.clamp(0.0, 1.0);
        let wait = most.mul_f64(if self.has_proved { dice } else { (1.0 + dice) / 2.0 });
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
        assert_eq!(Backoff::default().wait(seconds(5), None, 1.0), FIRST);
    }

    #[test]
    fn waits_grow_to_two_seconds_and_after_half_a_minute_to_thirty() {
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = (0..6).map(|_| backoff.wait(seconds(1), None, 1.0)).collect();
        assert_eq!(waits[1..4], [BASE, seconds(1), seconds(2)]);
        assert_eq!(waits[5], EARLY_CAP);
        let late: Vec<Duration> = (0..8).map(|_| backoff.wait(seconds(40), None, 1.0)).collect();
        assert_eq!(late.last(), Some(&LATE_CAP));
    }

    #[test]
    fn a_servers_hint_is_a_floor_within_bounds() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.wait(seconds(1), Some(seconds(7)), 0.5), seconds(7));
        assert_eq!(backoff.wait(seconds(1), Some(seconds(9_000)), 0.5), seconds(300));
        assert_eq!(delivered().wait(seconds(1), Some(Duration::ZERO), 0.0), Duration::from_millis(100));
    }

    #[test]
    fn growth_is_forgotten_after_a_minute_of_health_and_not_before() {
        let mut backoff = Backoff::default();
        (0..5).for_each(|_| _ = backoff.wait(seconds(1), None, 1.0));
        backoff.connected(seconds(2));
        assert!(backoff.wait(seconds(10), None, 1.0) > FIRST, "a flapping server");
        backoff.connected(seconds(12));
        assert_eq!(backoff.wait(seconds(72), None, 1.0), FIRST);
    }

    #[test]
    fn an_item_counts_attempts_anew() {
        let mut backoff = Backoff::default();
        (0..3).for_each(|_| backoff.attempt());
        assert_eq!(backoff.attempts, 3);
        backoff.item();
        assert_eq!(backoff.attempts, 0);
    }

    #[test]
    fn a_server_that_delivers_and_breaks_off_is_asked_again_within_two_seconds_however_long() {
        let mut backoff = Backoff::default();
        for second in 0..500 {
            assert!(backoff.wait(seconds(second), None, 1.0) <= EARLY_CAP);
            backoff.connected(seconds(second));
            backoff.item();
        }
    }

    #[test]
    fn a_connection_that_is_made_and_delivers_nothing_is_an_outage_still() {
        let mut backoff = Backoff::default();
        for second in 0..100 {
            backoff.wait(seconds(second), None, 1.0);
            backoff.connected(seconds(second));
        }
        assert_eq!(backoff.wait(seconds(101), None, 1.0), LATE_CAP);
    }

    #[test]
    fn a_minute_of_health_without_an_item_counts_attempts_anew_too() {
        let mut backoff = Backoff::default();
        (0..3).for_each(|_| backoff.attempt());
        backoff.connected(seconds(1));
        backoff.lost(seconds(62));
        assert_eq!(backoff.attempts, 0);
    }

    proptest! {
        /// A server that is gone for up to 30 s is asked again within 5 s of its return, whatever the dice.
        #[test]
        fn an_outage_heals_within_five_seconds(
            outage_ms in 0u64..30_000,
            has_proved: bool,
            dice in prop::collection::vec(0.0f64..1.0, 400),
        ) {
            let mut backoff = Backoff { has_proved, ..Backoff::default() };
            let mut now = Duration::ZERO;
            let back = Duration::from_millis(outage_ms);
            let mut dice = dice.into_iter().chain(std::iter::repeat(0.5));
            while now < back {
                now += backoff.wait(now, None, dice.next().unwrap()).max(Duration::from_millis(1));
            }
            prop_assert!(now - back <= seconds(5));
        }
    }

    /// A server that is away for `outage` from second 100 on and refuses at once; every attempt before its return fails. How
    /// long after its return the attempt comes that finds it, and how many there were.
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
    fn no_outage_of_half_a_minute_or_less_takes_longer_than_two_seconds_to_heal_after_it() {
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
                let mut backoff = Backoff { retries: 3, ..delivered() };
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
    fn what_has_never_delivered_has_two_seconds_to_start_before_the_fifth_attempt_and_is_not_asked_later_than_others() {
        let last_attempt = |mut backoff: Backoff, dice: &mut dyn FnMut() -> f64| -> Duration {
            let mut now = Duration::ZERO;
            (0..4).for_each(|_| now += backoff.wait(now, None, dice()));
            now
        };
        // 250 ms, 500 ms, 1 s and 2 s at most, and half of that at least.
        for (dice, expected) in [(0.0, 1_875), (1.0, 3_750)] {
            assert_eq!(last_attempt(Backoff::default(), &mut || dice).as_millis(), expected);
        }
        assert_eq!(last_attempt(delivered(), &mut || 0.0), Duration::ZERO);
        let mut dice = fastrand::Rng::with_seed(7);
        let soon = (0..10_000).filter(|_| last_attempt(Backoff::default(), &mut || dice.f64()) < seconds(2)).count();
        assert!(soon < 20, "{soon} of 10 000 within two seconds");
    }

    #[test]
    fn having_delivered_is_remembered_through_health() {
        let mut backoff = delivered();
        backoff.connected(seconds(1));
        assert_eq!(backoff.wait(seconds(100), None, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_server_that_flaps_once_a_second_is_asked_ever_less_often() {
        let mut dice = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::default();
        let (mut now, mut attempts) = (Duration::ZERO, Vec::new());
        // It takes the connection and lets it go a moment later, and never sends anything.
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
