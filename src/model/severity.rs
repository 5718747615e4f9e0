//! The severity of a log record: OTLP's number, and the table of the words for it.

/// A log record's severity number. 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0: not given. Other
/// numbers have no meaning and are kept as received.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Severity(pub i32);

/// The lower-case name of each number in OTLP.
const WORDS: [&str; 24] = [
    "trace", "trace2", "trace3", "trace4", "debug", "debug2", "debug3", "debug4", "info", "info2", "info3", "info4",
    "warn", "warn2", "warn3", "warn4", "error", "error2", "error3", "error4", "fatal", "fatal2", "fatal3", "fatal4",
];

/// The level names of loggers, in lower case, and their numbers. A logger's worse level has the higher number. If loggers
/// disagree about a word, the more common logger decides (`critical` of Python and .NET is `fatal`, although the data model
/// ranks syslog's three worst levels lower).
const ALIASES: &[(&str, i32)] = &[
    ("t", 1),
    ("all", 1),
    ("finest", 1),
    ("silly", 1),
    ("trce", 1),
    ("trc", 1),
    ("v", 1),
    ("verbose", 1),
    ("vrb", 1),
    ("finer", 2),
    ("d", 5),
    ("dbg", 5),
    ("dbug", 5),
    ("fine", 6),
    ("config", 7),
    ("i", 9),
    ("inf", 9),
    ("information", 9),
    ("informational", 9),
    ("http", 9),
    ("log", 9),
    ("notice", 10),
    ("success", 10),
    ("audit", 10),
    ("w", 13),
    ("warning", 13),
    ("wrn", 13),
    ("e", 17),
    ("err", 17),
    ("fail", 17),
    ("failure", 17),
    ("severe", 17),
    ("c", 21),
    ("crit", 21),
    ("critical", 21),
    ("crt", 21),
    ("dpanic", 21),
    ("f", 21),
    ("ftl", 21),
    ("alert", 22),
    ("panic", 22),
    ("pnc", 22),
    ("emerg", 23),
    ("emergency", 23),
];

impl Severity {
    /// The lowest number of `warn`.
    pub const WARN: Severity = Severity(13);
    /// The lowest number of `error`.
    pub const ERROR: Severity = Severity(17);

    /// The name of the range with the step inside it (`info`, `info2`); `unspecified` for 0 and unknown numbers.
    pub fn word(self) -> &'static str {
        let place = usize::try_from(self.0).ok().and_then(|number| number.checked_sub(1));
        place.and_then(|place| WORDS.get(place)).copied().unwrap_or("unspecified")
    }

    /// Whether it is one of the numbers from 1 to 24, which can be ordered.
    pub fn is_known(self) -> bool {
        (1..=24).contains(&self.0)
    }

    /// The number of a word, ignoring case and surrounding blanks or brackets: OTLP's words with their steps (`warn2`),
    /// slog's offsets (`INFO+2`), and the levels of syslog, log4j, java.util.logging, Python, .NET, zap, serilog and glog.
    /// `None` for any other text.
    pub fn of_word(word: &str) -> Option<Severity> {
        const LONGEST: usize = 16;
        let word = word.trim_matches([' ', '\t', '[', ']', '<', '>', ':']);
        if word.is_empty() || word.len() > LONGEST {
            return None;
        }
        if let Some(at) = word.find(['+', '-']) {
            let (name, offset) = word.split_at(at);
            let number = Severity::of_name(name)?.checked_add(offset.parse().ok()?)?;
            return Some(Severity(number.clamp(1, 24)));
        }
        Severity::of_name(word).map(Severity)
    }

    fn of_name(name: &str) -> Option<i32> {
        let place = WORDS.iter().position(|word| word.eq_ignore_ascii_case(name));
        let alias = || ALIASES.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)).map(|(_, number)| *number);
        place.and_then(|place| i32::try_from(place + 1).ok()).or_else(alias)
    }

    /// The severity of a record: its number if that is known, else the number of its text, else 0.
    pub fn or_word(self, text: &str) -> Severity {
        if self.is_known() || text.is_empty() {
            return if self.is_known() { self } else { Severity(0) };
        }
        Severity::of_word(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_loggers_have_their_number() {
        for (number, words) in [
            (1, "trace TRACE Finest verbose silly TRC t all"),
            (5, "debug DBG dbug Debug d"),
            (9, "info Information informational INF i"),
            (10, "notice NOTICE info2"),
            (13, "warn WARNING Wrn w"),
            (17, "error Error err SEVERE fail e"),
            (19, "error3"),
            (21, "fatal critical CRIT Critical dpanic ftl"),
            (22, "panic alert"),
            (23, "emerg emergency"),
        ] {
            for word in words.split(' ') {
                assert_eq!(Severity::of_word(word), Some(Severity(number)), "{word}");
            }
        }
        for (word, number) in [("[WARN]", 13), (" info ", 9), ("INFO+2", 11), ("ERROR-1", 16), ("DEBUG-40", 1)] {
            assert_eq!(Severity::of_word(word), Some(Severity(number)), "{word}");
        }
        for word in ["", "loud", "warn1", "warn5", "FATAL-ISH", "info+", "unspecified", "17", "errör", "[]"] {
            assert_eq!(Severity::of_word(word), None, "{word}");
        }
    }

    #[test]
    fn only_known_numbers_have_a_word() {
        assert_eq!(Severity(10).word(), "info2");
        for number in [0, -1, 25, 200, i32::MIN, i32::MAX] {
            assert_eq!(Severity(number).word(), "unspecified", "{number}");
        }
    }

    #[test]
    fn a_known_number_outranks_its_text() {
        assert_eq!(Severity(13).or_word("fatal"), Severity(13));
        assert_eq!(Severity(0).or_word("Error"), Severity(17));
        assert_eq!(Severity(99).or_word("Error"), Severity(17));
        assert_eq!(Severity(99).or_word("loud"), Severity(0));
    }

    #[test]
    fn every_word_stands_in_the_table_once() {
        let mut words: Vec<&str> = WORDS.iter().chain(ALIASES.iter().map(|(word, _)| word)).copied().collect();
        words.sort_unstable();
        let many = words.len();
        words.dedup();
        assert_eq!(words.len(), many);
        assert!(words.iter().all(|word| *word == word.to_lowercase()));
    }
}
