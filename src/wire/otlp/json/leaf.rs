//! Numbers, enums, times and ids as JSON spells them: 64-bit integers as strings or numbers, doubles as numbers or
//! strings, enums as numbers or names, ids in hex, bytes in base64.

use super::read::{Leaf, Scalar};
use crate::model::{Severity, SpanId, SpanKind, StatusCode, Temporality, Time, TraceId};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

impl Leaf for bool {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<bool> {
        match scalar {
            Scalar::Bool(value) => Some(value),
            Scalar::Text("true", _) => Some(true),
            Scalar::Text("false", _) => Some(false),
            _ => None,
        }
    }
}

impl Leaf for u64 {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<u64> {
        match scalar {
            Scalar::Unsigned(value) => Some(value),
            Scalar::Text(text, _) => match text.parse() {
                Ok(value) => Some(value),
                Err(_) => whole(text.parse().ok()?, 0.0, 18_446_744_073_709_551_616.0).map(|value| value as u64),
            },
            Scalar::Double(value) => whole(value, 0.0, 18_446_744_073_709_551_616.0).map(|value| value as u64),
            Scalar::Bool(_) | Scalar::Int(_) => None,
        }
    }
}

impl Leaf for i64 {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<i64> {
        const END: f64 = 9_223_372_036_854_775_808.0;
        match scalar {
            Scalar::Unsigned(value) => value.try_into().ok(),
            Scalar::Int(value) => Some(value),
            Scalar::Text(text, _) => match text.parse() {
                Ok(value) => Some(value),
                Err(_) => whole(text.parse().ok()?, -END, END).map(|value| value as i64),
            },
            Scalar::Double(value) => whole(value, -END, END).map(|value| value as i64),
            Scalar::Bool(_) => None,
        }
    }
}

/// An integer, or a number beyond its 64 bits. JavaScript has doubles alone, and its SDK calls each that is whole an
/// integer (`{"intValue":100000000000000000000}`): what comes as such is the double that it was.
pub(super) enum Integer {
    Int(i64),
    Beyond(f64),
}

impl Leaf for Integer {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Integer> {
        match scalar {
            Scalar::Unsigned(value) => Some(i64::try_from(value).map_or(Integer::Beyond(value as f64), Integer::Int)),
            Scalar::Double(value) if value.fract() == 0.0 && i64::from_scalar(Scalar::Double(value)).is_none() => {
                Some(Integer::Beyond(value))
            }
            scalar => i64::from_scalar(scalar).map(Integer::Int),
        }
    }
}

impl Leaf for u32 {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<u32> {
        u64::from_scalar(scalar)?.try_into().ok()
    }
}

impl Leaf for i32 {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<i32> {
        i64::from_scalar(scalar)?.try_into().ok()
    }
}

impl Leaf for f64 {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<f64> {
        match scalar {
            Scalar::Unsigned(value) => Some(value as f64),
            Scalar::Int(value) => Some(value as f64),
            Scalar::Double(value) => Some(value),
            // `NaN`, `Infinity` and `-Infinity` are among what this reads.
            Scalar::Text(text, _) => text.parse().ok(),
            Scalar::Bool(_) => None,
        }
    }
}

impl Leaf for Time {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Time> {
        match scalar {
            Scalar::Text(text, borrowed) => {
                u64::from_scalar(Scalar::Text(text, borrowed)).map(Time).or_else(|| Time::from_rfc3339(text))
            }
            scalar => u64::from_scalar(scalar).map(Time),
        }
    }
}

/// An id of another length, or of other digits, is none.
impl Leaf for TraceId {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<TraceId> {
        match scalar {
            Scalar::Text(text, _) => Some(TraceId::from_hex(text.as_bytes()).unwrap_or_default()),
            _ => None,
        }
    }
}

/// An id of another length, or of other digits, is none.
impl Leaf for SpanId {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<SpanId> {
        match scalar {
            Scalar::Text(text, _) => Some(SpanId::from_hex(text.as_bytes()).unwrap_or_default()),
            _ => None,
        }
    }
}

impl Leaf for SpanKind {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<SpanKind> {
        named(scalar, "SPAN_KIND_", SpanKind::from_code, SpanKind::from_word)
    }
}

impl Leaf for StatusCode {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<StatusCode> {
        named(scalar, "STATUS_CODE_", StatusCode::from_code, StatusCode::from_word)
    }
}

impl Leaf for Temporality {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Temporality> {
        named(scalar, "AGGREGATION_TEMPORALITY_", Temporality::from_code, Temporality::from_word)
    }
}

impl Leaf for Severity {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Severity> {
        let from_code = |code| u8::try_from(code).ok().filter(|code| *code <= 24).map(Severity);
        named(scalar, "SEVERITY_NUMBER_", from_code, Severity::from_word)
    }
}

/// Bytes in base64.
pub(super) struct Bytes(pub Vec<u8>);

impl Leaf for Bytes {
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Bytes> {
        const LIBERAL: GeneralPurposeConfig = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LIBERAL);
        const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LIBERAL);
        match scalar {
            Scalar::Text(text, _) => PLAIN.decode(text).or_else(|_| URL.decode(text)).ok().map(Bytes),
            _ => None,
        }
    }
}

/// A number that this version does not know says nothing, and so does a name.
fn named<T: Default>(
    scalar: Scalar<'_, '_>,
    prefix: &str,
    from_code: impl Fn(i64) -> Option<T>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match scalar {
        Scalar::Text(text, _) => {
            let named = from_word(text.strip_prefix(prefix).unwrap_or(text));
            Some(named.or_else(|| from_code(text.parse().ok()?)).unwrap_or_default())
        }
        scalar => i64::from_scalar(scalar).map(|code| from_code(code).unwrap_or_default()),
    }
}

/// A double that is a whole number within the range, the end not included.
fn whole(value: f64, start: f64, end: f64) -> Option<f64> {
    (value.fract() == 0.0 && value >= start && value < end).then_some(value)
}
