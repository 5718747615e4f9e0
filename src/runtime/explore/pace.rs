//! Decides when to draw: at once after a key, at most 30 times a second for new data, and never without a change. Frames for
//! data are rarer if drawing is slow (a huge terminal), and if the rows are frozen and only numbers change.

use std::time::{Duration, Instant};

/// The minimum time between two frames for data.
pub(super) const FRAME: Duration = Duration::from_millis(33);
/// The longest time that the loop takes messages before it checks whether a frame is due.
pub(super) const BATCH: Duration = Duration::from_millis(8);
/// The maximum time between two frames for data. Up to it, drawing takes at most an eighth of the time. A frame of
/// 200 × 60 takes half a millisecond, so only a huge terminal notices.
const DEAR_FRAME: Duration = Duration::from_millis(250);
const SHARE: u32 = 8;
/// The time between two frames while the rows are frozen: faster numbers cannot be read.
const NUMBERS: Duration = Duration::from_millis(250);
/// How long a frame for data waits for the answer to its question. Otherwise a new row would appear one frame after the
/// counts that include it.
const ANSWER: Duration = Duration::from_millis(8);
/// The time until the next attempt to draw on a slow terminal.
const BEHIND: Duration = Duration::from_millis(16);
/// The waiting time if nothing is pending.
const IDLE: Duration = Duration::from_secs(3_600);

/// The last frame, and the reasons for the next one.
pub(super) struct Pace {
    /// The revision of the app on the screen.
    drawn: Option<u64>,
    /// The effect of a key has not been drawn yet.
    urgent: bool,
    last_frame: Option<Instant>,
    /// The time between two frames for data, from the cost of the last frame.
    between: Duration,
    is_frozen: bool,
    /// The time of the oldest question without an answer.
    asked: Option<Instant>,
}

impl Pace {
    /// The state before the first frame.
    pub fn new() -> Pace {
        Pace { drawn: None, urgent: true, last_frame: None, between: FRAME, is_frozen: false, asked: None }
    }

    /// The user did something: the next frame is due at once.
    pub fn hurry(&mut self) {
        self.urgent = true;
    }

    /// The screen no longer shows the last frame, or must look different.
    pub fn outdated(&mut self) {
        self.drawn = None;
    }

    /// A question was asked whose answer the next frame should show.
    pub fn asked(&mut self) {
        self.asked.get_or_insert_with(Instant::now);
    }

    /// The question was answered.
    pub fn answered(&mut self) {
        self.asked = None;
    }

    /// Sets whether the rows are frozen, so that data changes only numbers.
    pub fn freeze(&mut self, is_frozen: bool) {
        self.is_frozen = is_frozen;
    }

    /// This revision was drawn, which took `cost`.
    pub fn drew(&mut self, revision: u64, cost: Duration) {
        self.drawn = Some(revision);
        self.urgent = false;
        self.last_frame = Some(Instant::now());
        self.between = (cost * SHARE).clamp(FRAME, DEAR_FRAME);
    }

    /// How long the loop may wait for messages. `wake`: when the app needs a tick.
    pub fn patience(&self, revision: u64, is_behind: bool, wake: Option<Duration>) -> Duration {
        let frame = self.last_frame.map_or(Duration::ZERO, |last| self.between().saturating_sub(last.elapsed()));
        let frame = frame.max(self.asked.map_or(Duration::ZERO, |asked| ANSWER.saturating_sub(asked.elapsed())));
        let pending = match (is_behind, self.is_dirty(revision)) {
            (true, _) => BEHIND,
            (_, true) => frame,
            _ => IDLE,
        };
        pending.min(wake.map_or(pending, |wake| wake.max(frame)))
    }

    /// Whether to draw now.
    pub fn is_due(&self, revision: u64, is_behind: bool) -> bool {
        let paced = self.last_frame.is_none_or(|last| last.elapsed() >= self.between());
        let answered = self.asked.is_none_or(|asked| asked.elapsed() >= ANSWER);
        is_behind || self.is_dirty(revision) && (self.urgent || paced && answered)
    }

    fn between(&self) -> Duration {
        if self.is_frozen { NUMBERS } else { self.between }
    }

    fn is_dirty(&self, revision: u64) -> bool {
        self.drawn != Some(revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_when_nothing_changed() {
        let mut pace = Pace::new();
        assert!(pace.is_due(1, false));
        pace.drew(1, Duration::ZERO);
        pace.hurry();
        assert!(!pace.is_due(1, false));
        assert_eq!(pace.patience(1, false, None), IDLE);
        pace.outdated();
        assert!(pace.is_due(1, false));
    }

    #[test]
    fn a_key_does_not_wait_for_an_answer() {
        let mut pace = Pace::new();
        pace.drew(1, Duration::ZERO);
        pace.asked();
        pace.hurry();
        assert!(pace.is_due(2, false));
    }

    #[test]
    fn a_slow_terminal_is_always_tried_again() {
        let mut pace = Pace::new();
        pace.drew(1, Duration::ZERO);
        assert!(pace.is_due(1, true));
        assert_eq!(pace.patience(1, true, None), BEHIND);
    }

    #[test]
    fn slow_frames_and_frozen_rows_draw_less_often() {
        let mut pace = Pace::new();
        for (cost_ms, frozen, expected) in
            [(0, false, 33), (4, false, 33), (10, false, 80), (99, false, 250), (0, true, 250)]
        {
            pace.freeze(frozen);
            pace.drew(1, Duration::from_millis(cost_ms));
            assert_eq!(pace.between(), Duration::from_millis(expected));
        }
        pace.hurry();
        assert!(pace.is_due(2, false), "a key does not wait");
    }

    #[test]
    fn the_app_is_woken_at_its_time() {
        let mut pace = Pace::new();
        pace.drew(1, Duration::ZERO);
        assert_eq!(pace.patience(1, false, Some(Duration::from_secs(5))), Duration::from_secs(5));
    }
}
