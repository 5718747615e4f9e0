//! Parses the numbers of a line: values, counts, and times in both dialects.

use crate::model::Time;

/// A value, as Prometheus parses it: decimal with or without an exponent, `NaN`, `Inf` and `Infinity` in any case. Prometheus
/// also refuses hexadecimal numbers, underscores, and numbers that overflow a double.
pub(super) fn value(token: &str) -> Option<f64> {
    // Fewer than 16 plain digits are exact in a double.
    if token.len() < 16
        && let Some(whole) = digits(token)
    {
        return Some(whole as f64);
    }
    let value: f64 = token.parse().ok()?;
    let overflow = value.is_infinite() && token.bytes().any(|byte| byte.is_ascii_digit());
    (!overflow).then_some(value)
}

/// A count: a whole value, not negative. One written only in digits is exact up to [`u64::MAX`].
pub(super) fn count(token: &str) -> Option<u64> {
    /// 2^64.
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    if let Some(count) = digits(token) {
        return Some(count);
    }
    let value = value(token)?;
    (value.fract() == 0.0 && (0.0..BEYOND).contains(&value)).then_some(value as u64)
}

/// A time in the format 0.0.4: whole milliseconds since 1970.
pub(super) fn milliseconds(token: &str) -> Option<Time> {
    let milliseconds: u64 = token.parse().ok()?;
    milliseconds.checked_mul(1_000_000).map(Time)
}

/// A time in OpenMetrics: seconds since 1970, exact to the nanosecond if written without an exponent.
pub(super) fn seconds(token: &str) -> Option<Time> {
    let token = token.strip_prefix('+').unwrap_or(token);
    let (whole, fraction) = token.split_once('.').unwrap_or((token, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if plain(whole) && plain(fraction) && token != "." {
        let seconds = digits(if whole.is_empty() { "0" } else { whole })?;
        let fraction = fraction.as_bytes().get(..9).unwrap_or(fraction.as_bytes());
        let digit = |at| u64::from(fraction.get(at).map_or(0, |digit: &u8| digit - b'0'));
        let nanos = (0..9).fold(0, |nanos, at| nanos * 10 + digit(at));
        return seconds.checked_mul(1_000_000_000)?.checked_add(nanos).map(Time);
    }
    let nanos = value(token)? * 1e9;
    (0.0..u64::MAX as f64).contains(&nanos).then_some(Time(nanos as u64))
}

fn digits(token: &str) -> Option<u64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let add = |sum: u64, byte: u8| sum.checked_mul(10)?.checked_add(digit(byte)?);
    (!token.is_empty()).then(|| token.bytes().try_fold(0, add)).flatten()
}
