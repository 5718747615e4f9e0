//! The closed sets of words to which some fields are compared, as bits.

use super::value_test::ValueTest;
use crate::model::{Severity, Signal};
use std::ops::RangeInclusive;

/// Words with their bits. Several words may share a bit, and a word may have several bits.
pub(super) struct Vocabulary {
    /// The noun for one of them, for messages.
    pub noun: &'static str,
    /// Whether the bit numbers are codes that an expression may use instead of words.
    coded: bool,
    /// The bit number and its words, the preferred one first.
    words: &'static [(u8, &'static [&'static str])],
}

/// The bit of a gap row; gap rows are stored among the events.
pub(super) const GAP: u8 = 4;

/// By position in [`Signal::ALL`], then gaps.
pub(super) const SIGNALS: Vocabulary = Vocabulary {
    noun: "signal",
    coded: false,
    words: &[
        (0, &["span", "spans", "traces"]),
        (1, &["metric", "metrics", "point", "points"]),
        (2, &["log", "logs"]),
        (3, &["event", "events"]),
        (GAP, &["gap", "gaps"]),
    ],
};

/// By OTLP code. An unspecified kind is read as internal.
pub(super) const KINDS: Vocabulary = Vocabulary {
    noun: "span kind",
    coded: true,
    words: &[
        (0, &["unspecified", "internal"]),
        (1, &["internal"]),
        (2, &["server"]),
        (3, &["client"]),
        (4, &["producer"]),
        (5, &["consumer"]),
    ],
};

/// By OTLP code.
pub(super) const STATUSES: Vocabulary =
    Vocabulary { noun: "status", coded: true, words: &[(0, &["unset"]), (1, &["ok"]), (2, &["error"])] };

impl Vocabulary {
    /// Every bit.
    pub fn all(&self) -> u32 {
        self.words.iter().fold(0, |set, (bit, _)| set | 1 << bit)
    }

    /// The bits of a word, in any case, or of a code.
    pub fn named(&self, text: &str) -> Option<u32> {
        let code: Option<u8> = text.parse().ok().filter(|_| self.coded);
        let named = |(bit, words): &&(u8, &[&str])| {
            code == Some(*bit) || words.iter().any(|word| word.eq_ignore_ascii_case(text))
        };
        let set = self.words.iter().filter(named).fold(0, |set, (bit, _)| set | 1 << bit);
        (set != 0).then_some(set)
    }

    /// The bits of the words that satisfy a test.
    pub fn like(&self, test: &ValueTest) -> u32 {
        let holds = |words: &[&str]| words.iter().any(|word| test.holds_text(word));
        self.words.iter().filter(|(_, words)| holds(words)).fold(0, |set, (bit, _)| set | 1 << bit)
    }

    /// The preferred word of each, for messages.
    pub fn list(&self) -> String {
        let words: Vec<&str> = self.words.iter().filter_map(|(_, words)| words.first().copied()).collect();
        match words.split_last() {
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

/// The bit of a signal.
pub(super) fn signal_bit(signal: Signal) -> u32 {
    1 << Signal::ALL.iter().position(|one| *one == signal).unwrap_or_default()
}

/// The severity numbers of a word: a whole range if it names the first of one (`warn`, `err`), else one number (`warn2`,
/// `notice`).
pub(super) fn severity_range(text: &str) -> Option<RangeInclusive<i32>> {
    if let Ok(number) = text.parse() {
        return (1..=24).contains(&number).then_some(number..=number);
    }
    let Severity(first) = Severity::of_word(text)?;
    Some(first..=if first % 4 == 1 { first + 3 } else { first })
}

/// The numbers whose word satisfies a test.
pub(super) fn severities_like(test: &ValueTest) -> u32 {
    let holds = |number: &i32| test.holds_text(Severity(*number).word());
    (1..=24).filter(holds).fold(0, |set, number| set | 1 << number)
}

/// A test keeps these equal to the words of the model.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SpanKind, StatusCode};

    #[test]
    fn the_words_are_the_models() {
        for kind in SpanKind::ALL {
            assert_eq!(KINDS.words[usize::from(kind.code())].1[0], kind.word());
        }
        for status in StatusCode::ALL {
            assert_eq!(STATUSES.words[usize::from(status.code())].1[0], status.word());
        }
        for signal in Signal::ALL {
            assert_eq!(SIGNALS.named(signal.word()), Some(signal_bit(signal)));
            assert_eq!(SIGNALS.named(signal.singular()), Some(signal_bit(signal)));
        }
    }

    #[test]
    fn a_severity_word_means_its_range_and_a_step_means_itself() {
        for (text, range) in [
            ("warn", 13..=16),
            ("ERROR", 17..=20),
            ("warn2", 14..=14),
            ("err", 17..=20),
            ("9", 9..=9),
            ("notice", 10..=10),
            ("CRITICAL", 21..=24),
        ] {
            assert_eq!(severity_range(text), Some(range), "{text}");
        }
        for text in ["0", "25", "banana", "-1", "warn1"] {
            assert_eq!(severity_range(text), None, "{text}");
        }
    }
}
