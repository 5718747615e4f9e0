//! Parses ids, times, kinds and statuses as span records write them. Each may be wrapped as `{"value": …}`.

use super::BadSpan;
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId};
use crate::wire::decimal::{self, Fraction};
use crate::wire::json::{JsonValue, View};

/// The unit of a number.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// Nanoseconds.
    Nanos,
    /// Unknown: seconds, milli-, micro- or nanoseconds since 1970, whichever gives the date nearest to today.
    Any,
}

#[inline]
pub(super) fn trace_id(value: Option<JsonValue<'_>>) -> Result<TraceId, BadSpan> {
    let id = value.and_then(text).and_then(|text| TraceId::from_hex(text.as_bytes()));
    id.filter(|id| !id.is_none()).ok_or(BadSpan::TraceId)
}

#[inline]
pub(super) fn span_id(value: Option<JsonValue<'_>>) -> Result<SpanId, BadSpan> {
    let id = value.and_then(text).and_then(|text| SpanId::from_hex(text.as_bytes()));
    id.filter(|id| !id.is_none()).ok_or(BadSpan::SpanId)
}

/// A parent's span id; empty text and zeros mean "none". `None` if it cannot be parsed.
#[inline]
pub(super) fn parent_id(value: JsonValue<'_>) -> Option<SpanId> {
    let text = text(value)?;
    if text.is_empty() { Some(SpanId::default()) } else { SpanId::from_hex(text.as_bytes()) }
}

/// A point in time: a number (or its digits) or ISO 8601. `None` if it cannot be parsed.
#[inline]
pub(super) fn time(value: JsonValue<'_>, unit: Unit) -> Option<Time> {
    match unwrapped(value).view() {
        View::Text(text) => match number(text.trim_ascii()) {
            Some(view) => number_time(view, unit),
            None => Time::from_rfc3339(text).or_else(|| text.trim_ascii().is_empty().then(Time::default)),
        },
        view => number_time(view, unit),
    }
}

/// A duration in nanoseconds, from a number (or its digits) times `unit` nanoseconds.
#[inline]
pub(super) fn duration(value: JsonValue<'_>, nanos: u64) -> Option<u64> {
    let view = match unwrapped(value).view() {
        View::Text(text) => number(text.trim_ascii())?,
        view => view,
    };
    scaled(view, nanos)
}

/// A kind as number, number as text, or word (`server`, `SPAN_KIND_SERVER`).
#[inline]
pub(super) fn kind(value: JsonValue<'_>) -> Option<SpanKind> {
    match unwrapped(value).view() {
        View::Int(code) => SpanKind::from_code(code),
        View::Text(text) => match text.parse() {
            Ok(code) => SpanKind::from_code(code),
            Err(_) => SpanKind::from_word(text.strip_prefix("SPAN_KIND_").unwrap_or(text)),
        },
        _ => None,
    }
}

/// A status as number, number as text, word (`error`, `STATUS_CODE_ERROR`), or OTLP's object with a `code`.
#[inline]
pub(super) fn status(value: JsonValue<'_>) -> Option<StatusCode> {
    match unwrapped(value).view() {
        View::Int(code) => StatusCode::from_code(code),
        View::Text(text) => match text.parse() {
            Ok(code) => StatusCode::from_code(code),
            Err(_) => StatusCode::from_word(text.strip_prefix("STATUS_CODE_").unwrap_or(text)),
        },
        View::Object => value.get(&["code"]).and_then(status),
        _ => None,
    }
}

#[inline]
fn unwrapped(value: JsonValue<'_>) -> JsonValue<'_> {
    match value.view() {
        View::Object => value.get(&["value", "Value"]).unwrap_or(value),
        _ => value,
    }
}

#[inline]
fn text(value: JsonValue<'_>) -> Option<&str> {
    unwrapped(value).text()
}

fn number(text: &str) -> Option<View<'_>> {
    // A date also begins with digits; this avoids parsing it twice.
    let is_date = matches!(text.as_bytes(), [_, _, _, b'0'..=b'9', b'-', ..]);
    if is_date || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse().map(View::Unsigned).or_else(|_| text.parse().map(View::Double)).ok()
}

fn number_time(view: View<'_>, unit: Unit) -> Option<Time> {
    let size = match view {
        View::Null => return Some(Time::default()),
        View::Int(number) => number as f64,
        View::Unsigned(number) => number as f64,
        View::Double(number) => number,
        _ => return None,
    };
    let nanos = match unit {
        Unit::Nanos => 1,
        Unit::Any if size < 1e11 => 1_000_000_000,
        Unit::Any if size < 1e14 => 1_000_000,
        Unit::Any if size < 1e17 => 1_000,
        Unit::Any => 1,
    };
    scaled(view, nanos).map(Time)
}

#[inline]
fn scaled(view: View<'_>, nanos: u64) -> Option<u64> {
    match view {
        View::Int(number) => u64::try_from(number).ok()?.checked_mul(nanos),
        View::Unsigned(number) => number.checked_mul(nanos),
        // The shortest digits of a double are the digits that were written; multiplying doubles would add new ones.
        View::Double(number) => {
            let product = decimal::integer(&number.to_string(), i64::from(nanos.ilog10()), Fraction::CutOff)?;
            product.try_into().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::{Json, Level, Room};

    fn parse(text: &str) -> Json<'_> {
        Json::parse(&mut Room::default(), Level::Outer, text).unwrap()
    }

    #[track_caller]
    fn check<T: PartialEq + std::fmt::Debug>(read: impl Fn(JsonValue<'_>) -> T, cases: &[(&str, T)]) {
        for (text, expected) in cases {
            assert_eq!(&read(parse(text).root()), expected, "{text}");
        }
    }

    #[test]
    fn times_in_nanoseconds_are_exact() {
        let nanos = 1_755_000_000_123_456_789;
        check(
            |value| time(value, Unit::Nanos).map(|time| time.0),
            &[
                ("1755000000123456789", Some(nanos)),
                (r#""1755000000123456789""#, Some(nanos)),
                (r#"{"value":1755000000123456789}"#, Some(nanos)),
                (r#"{"value":"1755000000123456789"}"#, Some(nanos)),
                ("18446744073709551615", Some(u64::MAX)),
                ("1.5e18", Some(1_500_000_000_000_000_000)),
                ("null", Some(0)),
                (r#""""#, Some(0)),
                (r#""2025-08-12T12:00:00.123456789Z""#, Some(nanos)),
                ("-1", None),
                ("1e20", None),
                (r#""soon""#, None),
                ("true", None),
                ("{}", None),
            ],
        );
    }

    #[test]
    fn times_without_a_unit_lie_near_our_days() {
        let nanos = 1_755_000_000_123_000_000;
        check(
            |value| time(value, Unit::Any).map(|time| time.0),
            &[
                (r#""2025-08-12T12:00:00.123Z""#, Some(nanos)),
                (r#""2025-08-12T14:00:00.123+02:00""#, Some(nanos)),
                (r#""2025-08-12T12:00:00.1230000""#, Some(nanos)),
                ("1755000000123", Some(nanos)),
                ("1755000000123000", Some(nanos)),
                ("1755000000123000000", Some(nanos)),
                ("1755000000", Some(1_755_000_000_000_000_000)),
                ("1755000000.5", Some(1_755_000_000_500_000_000)),
                (r#""1755000000123""#, Some(nanos)),
                (r#""1969-12-31T23:59:59Z""#, None),
            ],
        );
    }

    #[test]
    fn durations_are_numbers_of_a_unit() {
        check(
            |value| duration(value, 1_000_000),
            &[
                ("1.5", Some(1_500_000)),
                ("3", Some(3_000_000)),
                (r#""3""#, Some(3_000_000)),
                (r#""1.0e-3""#, Some(1_000)),
                ("-3", None),
                (r#""3ms""#, None),
                ("1e300", None),
            ],
        );
    }

    #[test]
    fn kinds_and_states_are_numbers_or_words() {
        check(
            kind,
            &[
                ("2", Some(SpanKind::Server)),
                (r#""2""#, Some(SpanKind::Server)),
                (r#""Server""#, Some(SpanKind::Server)),
                (r#""SPAN_KIND_SERVER""#, Some(SpanKind::Server)),
                ("9", None),
                (r#""service""#, None),
            ],
        );
        check(
            status,
            &[
                ("2", Some(StatusCode::Error)),
                (r#""2""#, Some(StatusCode::Error)),
                (r#""error""#, Some(StatusCode::Error)),
                (r#""STATUS_CODE_OK""#, Some(StatusCode::Ok)),
                (r#"{"code":2,"message":"m"}"#, Some(StatusCode::Error)),
                ("true", None),
            ],
        );
    }

    #[test]
    fn zero_ids_are_not_ids() {
        let json = parse(r#"["0000000000000000","","00f067aa0ba902b7","x"]"#);
        let values: Vec<_> = json.root().items().collect();
        assert_eq!(span_id(Some(values[0])), Err(BadSpan::SpanId));
        assert_eq!(span_id(None), Err(BadSpan::SpanId));
        assert_eq!(trace_id(Some(values[2])), Err(BadSpan::TraceId));
        assert_eq!(parent_id(values[0]), Some(SpanId::default()));
        assert_eq!(parent_id(values[1]), Some(SpanId::default()));
        assert_eq!(parent_id(values[2]).unwrap().to_string(), "00f067aa0ba902b7");
        assert_eq!(parent_id(values[3]), None);
    }
}
