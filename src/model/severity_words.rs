//! The words and numbers that loggers have for severities, and the severity number that each stands for.

use super::Severity;

/// The severity that a logger's word stands for, in any case; `None` for a word that is not known.
///
/// syslog's words have the numbers of the OpenTelemetry log data model, "Mapping of `SeverityNumber`".
pub fn severity_of_word(word: &str) -> Option<Severity> {
    let word = word.trim();
    Severity::from_word(word).or_else(|| {
        let number = match word.to_ascii_lowercase().as_str() {
            "verbose" | "finest" | "trce" | "silly" | "t" | "v" => 1,
            "finer" => 2,
            "fine" | "dbug" | "dbg" | "d" => 5,
            "config" => 7,
            "informational" | "inf" | "i" | "default" | "http" => 9,
            "notice" => 10,
            "wrn" | "w" => 13,
            "severe" | "fail" | "failure" | "eror" | "e" => 17,
            "alert" => 19,
            "dpanic" | "panic" | "emerg" | "emergency" | "ftl" | "f" => 21,
            _ => return None,
        };
        Some(Severity(number))
    })
}

/// The severity of syslog's number, 0 (emergency) to 7 (debug), as in the OpenTelemetry log data model.
pub fn severity_of_syslog(number: i64) -> Option<Severity> {
    const NUMBERS: [u8; 8] = [21, 19, 18, 17, 13, 10, 9, 5];
    let at = usize::try_from(number).ok()?;
    NUMBERS.get(at).copied().map(Severity)
}

/// The severity of a level of pino or bunyan: 10 is trace, 20 debug, and so on to 60, fatal. A level between two of them is
/// the lower one.
pub fn severity_of_pino(number: i64) -> Option<Severity> {
    (10..70).contains(&number).then(|| Severity((number / 10 - 1) as u8 * 4 + 1))
}

/// The severity of a level of Python's `logging`: 10 is debug, 20 info, and so on to 50, critical.
pub fn severity_of_python(number: i64) -> Option<Severity> {
    (1..60).contains(&number).then(|| Severity((number / 10) as u8 * 4 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_loggers_rank_in_any_case() {
        for (word, number) in [
            ("Information", 9),
            ("WARNING", 13),
            ("err", 17),
            ("Notice", 10),
            ("dpanic", 21),
            ("Verbose", 1),
            ("emerg", 21),
            ("I", 9),
            ("ERROR2", 18),
        ] {
            assert_eq!(severity_of_word(word), Some(Severity(number)), "{word}");
        }
        assert_eq!(severity_of_word("loud"), None);
    }

    #[test]
    fn numbers_of_loggers_rank_on_their_own_scale() {
        assert_eq!((severity_of_pino(30), severity_of_pino(35), severity_of_pino(60)), (s(9), s(9), s(21)));
        assert_eq!((severity_of_syslog(3), severity_of_syslog(6), severity_of_syslog(8)), (s(17), s(9), None));
        assert_eq!((severity_of_python(20), severity_of_python(50)), (s(9), s(21)));
    }

    fn s(number: u8) -> Option<Severity> {
        Some(Severity(number))
    }
}
