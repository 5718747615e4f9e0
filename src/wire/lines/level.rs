//! The severity numbers of loggers.

use crate::model::Severity;

/// The severity of a syslog number, 0 (emergency) to 7 (debug): the severity of its name.
pub(super) fn of_syslog(number: i64) -> Option<Severity> {
    const WORDS: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    WORDS.get(usize::try_from(number).ok()?).and_then(|word| Severity::of_word(word))
}

/// The severity of a pino or bunyan level: 10 is trace, 20 debug, and so on to 60, fatal. A level between two of them rounds
/// down.
pub(super) fn of_pino(number: i64) -> Option<Severity> {
    range(number / 10 - 1)
}

/// The severity of a level of Python's `logging`: 10 is debug, 20 info, and so on to 50, critical.
pub(super) fn of_python(number: i64) -> Option<Severity> {
    range(number / 10).filter(|_| number > 0)
}

/// The lowest severity number of one of OpenTelemetry's six ranges.
fn range(at: i64) -> Option<Severity> {
    i32::try_from(at).ok().filter(|at| (0..6).contains(at)).map(|at| Severity(at * 4 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_loggers_rank_on_their_own_scale() {
        let s = |number| Some(Severity(number));
        assert_eq!((of_pino(30), of_pino(35), of_pino(60), of_pino(70), of_pino(9)), (s(9), s(9), s(21), None, None));
        assert_eq!((of_syslog(3), of_syslog(6), of_syslog(8), of_syslog(-1)), (s(17), s(9), None, None));
        assert_eq!((of_python(20), of_python(50), of_python(0)), (s(9), s(21), None));
    }
}
