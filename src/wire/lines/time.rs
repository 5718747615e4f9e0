//! Parses times as loggers write them.

use crate::model::Time;
use crate::wire::decimal::{self, Fraction};
use crate::wire::json::{JsonValue, View};

/// A time: a number (or its digits) of seconds, milli-, micro- or nanoseconds since 1970, whichever gives the date nearest to
/// today; RFC 3339 with or without a zone (default UTC), also with a space, a decimal comma or slashes (`2026/10/31
/// 21:00:41,875`); or an object of seconds and nanoseconds. `None` for anything else.
pub(super) fn time(value: JsonValue<'_>) -> Option<Time> {
    match value.view() {
        View::Int(number) => number_time(&number.to_string()),
        View::Unsigned(number) => number_time(&number.to_string()),
        // The shortest digits of a double are the digits that were written.
        View::Double(number) => number_time(&number.to_string()),
        View::Text(text) => text_time(text),
        View::Object => parts(value),
        View::Null | View::Bool(_) | View::Array => None,
    }
}

/// Nanoseconds since 1970; the unit is not guessed.
pub(super) fn nanos(value: JsonValue<'_>) -> Option<Time> {
    scaled(value, 0)
}

/// Microseconds since 1970.
pub(super) fn micros(value: JsonValue<'_>) -> Option<Time> {
    scaled(value, 3)
}

/// Milliseconds since 1970.
pub(super) fn millis(value: JsonValue<'_>) -> Option<Time> {
    scaled(value, 6)
}

fn scaled(value: JsonValue<'_>, shift: i64) -> Option<Time> {
    match value.view() {
        View::Int(number) => known(&number.to_string(), shift),
        View::Unsigned(number) => known(&number.to_string(), shift),
        View::Double(number) => known(&number.to_string(), shift),
        View::Text(text) => known(text.trim(), shift).or_else(|| text_time(text)),
        View::Null | View::Bool(_) | View::Array | View::Object => None,
    }
}

fn known(digits: &str, shift: i64) -> Option<Time> {
    let nanos = u64::try_from(decimal::integer(digits, shift, Fraction::CutOff)?).ok()?;
    (nanos > 0).then_some(Time(nanos))
}

fn number_time(digits: &str) -> Option<Time> {
    let size = decimal::integer(digits, 0, Fraction::CutOff)?;
    // The unit that gives the date nearest to today.
    let shift = match size {
        ..=99_999_999_999 => 9,
        100_000_000_000..=99_999_999_999_999 => 6,
        100_000_000_000_000..=99_999_999_999_999_999 => 3,
        _ => 0,
    };
    known(digits, shift)
}

fn text_time(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Some(time) = Time::from_rfc3339(text) {
        return Some(time);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if !text.contains(['-', '/', ':']) {
        return number_time(text);
    }
    // `2026-10-31 21:00:41,875 UTC`, `2026/10/31 21:00:41`
    let text = text.trim_end_matches("UTC").trim_end_matches("GMT").trim_end();
    Time::from_rfc3339(&text.replacen(',', ".", 1).replacen('/', "-", 2))
}

/// `{"epochSecond":…,"nanoOfSecond":…}`, `{"seconds":…,"nanos":…}`, `{"$date":…}`.
fn parts(value: JsonValue<'_>) -> Option<Time> {
    if let Some(date) = value.get(&["$date"]).filter(|date| !matches!(date.view(), View::Object)) {
        return time(date);
    }
    let int = |keys: &[&str]| match value.get(keys)?.view() {
        View::Int(number) => u64::try_from(number).ok(),
        View::Text(digits) => digits.parse().ok(),
        _ => None,
    };
    let seconds = int(&["epochSecond", "seconds"])?;
    let nanos = int(&["nanoOfSecond", "nanos"]).unwrap_or_default();
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos).map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::{Json, Level, Room};

    fn read(text: &str) -> Option<u64> {
        let (mut room, text) = (Room::default(), text.to_owned());
        let json = Json::parse(&mut room, Level::Outer, &text).unwrap();
        time(json.root()).map(|time| time.0)
    }

    #[test]
    fn every_spelling_of_a_time_is_equal() {
        for text in [
            "1793480441.875",
            "1793480441875",
            "1793480441875000",
            "1793480441875000000",
            r#""1793480441.875""#,
            r#""1793480441875""#,
            r#""2026-10-31T21:00:41.875Z""#,
            r#""2026-10-31T22:00:41.875+01:00""#,
            r#""2026-10-31T22:00:41.875+0100""#,
            r#""2026-10-31T21:00:41.875""#,
            r#""2026-10-31 21:00:41,875""#,
            r#""2026-10-31 21:00:41.875 UTC""#,
            r#""2026/10/31 21:00:41.875""#,
            r#"{"epochSecond":1793480441,"nanoOfSecond":875000000}"#,
            r#"{"seconds":"1793480441","nanos":875000000}"#,
            r#"{"$date":"2026-10-31T21:00:41.875Z"}"#,
        ] {
            assert_eq!(read(text), Some(1_793_480_441_875_000_000), "{text}");
        }
    }

    #[test]
    fn seconds_keep_all_the_digits_that_were_written() {
        assert_eq!(read("1793480441.123456"), Some(1_793_480_441_123_456_000));
        assert_eq!(read(r#""1793480441.123456789""#), Some(1_793_480_441_123_456_789));
    }

    #[test]
    fn other_values_are_not_times() {
        for text in ["-5", "0", "true", "null", "[1]", "{}", r#""soon""#, r#""""#, r#""21:00:41""#, "1e300"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
