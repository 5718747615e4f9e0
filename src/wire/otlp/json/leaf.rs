//! Numbers, enums, times and ids as JSON spells them: 64-bit integers as strings or numbers, doubles as numbers or
//! strings, enums as numbers or names, ids in hex, bytes in base64.

use super::read::{Leaf, Scalar};
use crate::model::{Severity, SpanId, SpanKind, StatusCode, Temporality, Time, TraceId};
use crate::wire::decimal::{self, Fraction};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

impl Leaf for bool {
    fn from_scalar(scalar: Scalar<'_>) -> Option<bool> {
        match scalar {
            Scalar::Bool(value) => Some(value),
            Scalar::Text("true") => Some(true),
            Scalar::Text("false") => Some(false),
            _ => None,
        }
    }
}

impl Leaf for u64 {
    #[inline]
    fn from_scalar(scalar: Scalar<'_>) -> Option<u64> {
        let digits = digits(scalar)?;
        unsigned(digits.as_bytes()).or_else(|| exact(digits)?.try_into().ok())
    }
}

impl Leaf for i64 {
    #[inline]
    fn from_scalar(scalar: Scalar<'_>) -> Option<i64> {
        let digits = digits(scalar)?;
        let value = match digits.as_bytes() {
            [b'-', digits @ ..] => unsigned(digits).and_then(|value| 0i64.checked_sub_unsigned(value)),
            digits => unsigned(digits).and_then(|value| i64::try_from(value).ok()),
        };
        value.or_else(|| exact(digits)?.try_into().ok())
    }
}

/// An integer, or a number that overflows 64 bits. JavaScript has only doubles, and its SDK sends every whole one as an
/// integer (`{"intValue":100000000000000000000}`): such a number is kept as the original double.
pub(super) enum Integer {
    Int(i64),
    Beyond(f64),
}

impl Leaf for Integer {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Integer> {
        let int = i64::from_scalar(scalar).map(Integer::Int);
        match scalar {
            Scalar::Number(digits) => int.or_else(|| beyond(digits).map(Integer::Beyond)),
            _ => int,
        }
    }
}

impl Leaf for u32 {
    #[inline]
    fn from_scalar(scalar: Scalar<'_>) -> Option<u32> {
        u64::from_scalar(scalar)?.try_into().ok()
    }
}

impl Leaf for i32 {
    fn from_scalar(scalar: Scalar<'_>) -> Option<i32> {
        i64::from_scalar(scalar)?.try_into().ok()
    }
}

impl Leaf for f64 {
    fn from_scalar(scalar: Scalar<'_>) -> Option<f64> {
        match scalar {
            Scalar::Number(digits) => digits.parse().ok().filter(|value: &f64| value.is_finite()),
            // This also parses `NaN`, `Infinity` and `-Infinity`. Digits that overflow are not infinity.
            Scalar::Text(text) => text
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite() || !text.bytes().any(|byte| byte.is_ascii_digit())),
            Scalar::Bool(_) => None,
        }
    }
}

impl Leaf for Time {
    #[inline]
    fn from_scalar(scalar: Scalar<'_>) -> Option<Time> {
        match (u64::from_scalar(scalar), scalar) {
            (Some(nanos), _) => Some(Time(nanos)),
            (None, Scalar::Text(text)) => Time::from_rfc3339(text),
            _ => None,
        }
    }
}

/// Any other length, or a digit that is not hex, is an error.
impl Leaf for TraceId {
    fn from_scalar(scalar: Scalar<'_>) -> Option<TraceId> {
        match scalar {
            Scalar::Text(text) => Some(TraceId::from_hex(text.as_bytes()).unwrap_or_default()),
            _ => None,
        }
    }
}

/// Any other length, or a digit that is not hex, is an error.
impl Leaf for SpanId {
    fn from_scalar(scalar: Scalar<'_>) -> Option<SpanId> {
        match scalar {
            Scalar::Text(text) => Some(SpanId::from_hex(text.as_bytes()).unwrap_or_default()),
            _ => None,
        }
    }
}

impl Leaf for SpanKind {
    fn from_scalar(scalar: Scalar<'_>) -> Option<SpanKind> {
        named(scalar, "SPAN_KIND_", SpanKind::from_code, SpanKind::from_word)
    }
}

impl Leaf for StatusCode {
    fn from_scalar(scalar: Scalar<'_>) -> Option<StatusCode> {
        named(scalar, "STATUS_CODE_", StatusCode::from_code, StatusCode::from_word)
    }
}

impl Leaf for Temporality {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Temporality> {
        named(scalar, "AGGREGATION_TEMPORALITY_", Temporality::from_code, Temporality::from_word)
    }
}

impl Leaf for Severity {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Severity> {
        let from_code = |code| i32::try_from(code).ok().map(Severity);
        named(scalar, "SEVERITY_NUMBER_", from_code, Severity::of_word)
    }
}

/// Bytes, written in base64.
pub(super) struct Bytes(pub Vec<u8>);

impl Leaf for Bytes {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Bytes> {
        const LIBERAL: GeneralPurposeConfig = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LIBERAL);
        const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LIBERAL);
        match scalar {
            Scalar::Text(text) => PLAIN.decode(text).or_else(|_| URL.decode(text)).ok().map(Bytes),
            _ => None,
        }
    }
}

/// Unknown numbers and names become the default.
fn named<T: Default>(
    scalar: Scalar<'_>,
    prefix: &str,
    from_code: impl Fn(i64) -> Option<T>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match scalar {
        Scalar::Text(text) => {
            let named = from_word(text.strip_prefix(prefix).unwrap_or(text));
            Some(named.or_else(|| from_code(i64::from_scalar(scalar)?)).unwrap_or_default())
        }
        scalar => i64::from_scalar(scalar).map(|code| from_code(code).unwrap_or_default()),
    }
}

fn digits(scalar: Scalar<'_>) -> Option<&str> {
    match scalar {
        Scalar::Number(digits) | Scalar::Text(digits) => Some(digits),
        Scalar::Bool(_) => None,
    }
}

/// A whole number written only in digits.
#[inline]
fn unsigned(digits: &[u8]) -> Option<u64> {
    let value = |digits: &[u8]| {
        digits.iter().try_fold(0, |value: u64, digit| match digit.wrapping_sub(b'0') {
            digit @ 0..=9 => Some(value.wrapping_mul(10).wrapping_add(u64::from(digit))),
            _ => None,
        })
    };
    match digits.len() {
        // This many digits always fit.
        1..=19 => value(digits),
        20 => value(digits).and_then(|_| std::str::from_utf8(digits).ok()?.parse().ok()),
        _ => None,
    }
}

/// A whole number in another notation (`1e3`, `5.0`).
#[cold]
fn exact(digits: &str) -> Option<i128> {
    decimal::integer(digits, 0, Fraction::Refused)
}

/// A whole number that overflows 64 bits, as the nearest double.
#[cold]
fn beyond(digits: &str) -> Option<f64> {
    let value: f64 = digits.parse().ok()?;
    // From 2^63 on, every double is whole.
    (value.is_finite() && value.abs() >= 9_223_372_036_854_775_808.0).then_some(value)
}
