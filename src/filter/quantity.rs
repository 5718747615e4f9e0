//! Numbers with units, such as `250ms`, `1m30s`, `1.5KB`, `-3` and `1e6`, and their comparison.

use std::cmp::Ordering;

/// A number from telemetry or from an expression.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Number {
    /// An integer; exact.
    Int(i64),
    /// A double.
    Double(f64),
}

/// What a unit measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dimension {
    /// No unit.
    None,
    /// Time, in nanoseconds.
    Time,
    /// Information, in bytes.
    Bytes,
}

/// A number in the base unit of its dimension.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantity {
    /// The amount, in base units.
    pub number: Number,
    /// The dimension of the unit.
    pub dimension: Dimension,
}

/// Why a text is not a quantity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoQuantity {
    /// It is not a number, or something other than letters follows the number.
    NoNumber,
    /// The letters after the number are not a unit.
    UnknownUnit(String),
}

/// The accepted units of time, for messages.
pub const TIME_UNITS: &str = "ns, us, ms, s, m, h or d";
/// The accepted units of information, for messages.
pub const BYTE_UNITS: &str = "B, KB, MB, GB, TB, KiB, MiB, GiB or TiB";

impl Number {
    /// Reads a decimal number with an optional sign and exponent. Anything after it is an error. `inf` and `nan` are not
    /// accepted.
    pub fn read(text: &str) -> Option<Number> {
        let (number, rest) = split_number(text)?;
        rest.is_empty().then_some(number)
    }

    /// Compares two numbers, exactly even between an integer and a double; `None` if either is not a number.
    pub fn compare(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Double(a), Number::Double(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Double(b)) => compare_mixed(a, b),
            (Number::Double(a), Number::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }

    /// The value as a double; integers beyond 2^53 are rounded.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Double(value) => value,
        }
    }
}

impl Quantity {
    /// Reads a number with an optional unit. Times may have several parts (`1m30s`).
    pub fn read(text: &str) -> Result<Quantity, NoQuantity> {
        let (mut quantity, mut rest) = Quantity::read_one(text)?;
        while !rest.is_empty() {
            let (more, left) = Quantity::read_one(rest)?;
            let unsigned = rest.starts_with(|c: char| c.is_ascii_digit());
            if quantity.dimension != Dimension::Time || more.dimension != Dimension::Time || !unsigned {
                return Err(NoQuantity::NoNumber);
            }
            let negative = text.starts_with('-');
            quantity.number = match (quantity.number, more.number) {
                (Number::Int(a), Number::Int(b)) if negative => Number::Int(a.saturating_sub(b)),
                (Number::Int(a), Number::Int(b)) => Number::Int(a.saturating_add(b)),
                (a, b) if negative => Number::Double(a.as_f64() - b.as_f64()),
                (a, b) => Number::Double(a.as_f64() + b.as_f64()),
            };
            rest = left;
        }
        Ok(quantity)
    }

    fn read_one(text: &str) -> Result<(Quantity, &str), NoQuantity> {
        let (number, rest) = split_number(text).ok_or(NoQuantity::NoNumber)?;
        if rest.is_empty() {
            return Ok((Quantity { number, dimension: Dimension::None }, rest));
        }
        let (unit, rest) = split_unit(rest);
        match unit_factor(unit) {
            Some((factor, dimension)) => Ok((Quantity { number: scaled(number, factor, dimension), dimension }, rest)),
            None if rest.is_empty() && !unit.is_empty() => Err(NoQuantity::UnknownUnit(unit.to_owned())),
            None => Err(NoQuantity::NoNumber),
        }
    }
}

/// The size of a UCUM unit in base units, if it measures time or information.
pub fn ucum_factor(unit: &str) -> Option<(f64, Dimension)> {
    let bytes = |factor: f64| Some((factor, Dimension::Bytes));
    match unit {
        "min" | "ns" | "us" | "ms" | "s" | "h" | "d" => unit_factor(unit),
        "By" => bytes(1.0),
        "kBy" | "KBy" => bytes(1e3),
        "MBy" => bytes(1e6),
        "GBy" => bytes(1e9),
        "TBy" => bytes(1e12),
        "KiBy" => bytes(1024.0),
        "MiBy" => bytes(1_048_576.0),
        "GiBy" => bytes(1_073_741_824.0),
        "TiBy" => bytes(1_099_511_627_776.0),
        _ => None,
    }
}

fn unit_factor(unit: &str) -> Option<(f64, Dimension)> {
    let time = match unit {
        "ns" => Some(1.0),
        "us" | "µs" | "μs" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        "m" | "min" => Some(60e9),
        "h" => Some(3_600e9),
        "d" => Some(86_400e9),
        _ => None,
    };
    let bytes = || match unit.to_ascii_lowercase().as_str() {
        "b" => Some(1.0),
        "kb" => Some(1e3),
        "mb" => Some(1e6),
        "gb" => Some(1e9),
        "tb" => Some(1e12),
        "kib" => Some(1024.0),
        "mib" => Some(1_048_576.0),
        "gib" => Some(1_073_741_824.0),
        "tib" => Some(1_099_511_627_776.0),
        _ => None,
    };
    match time {
        Some(factor) => Some((factor, Dimension::Time)),
        None => bytes().map(|factor| (factor, Dimension::Bytes)),
    }
}

/// The amount in base units, exact where possible: nothing is smaller than a nanosecond or a byte.
fn scaled(number: Number, factor: f64, dimension: Dimension) -> Number {
    if let Number::Int(value) = number
        && let Some(value) = value.checked_mul(factor as i64)
    {
        return Number::Int(value);
    }
    let value = number.as_f64() * factor;
    let whole = if dimension == Dimension::None { value } else { value.round() };
    match whole.abs() < 9e15 {
        true => Number::Int(whole as i64),
        false => Number::Double(whole),
    }
}

/// Splits a text into its leading number and the rest.
fn split_number(text: &str) -> Option<(Number, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += if fraction > 0 { 1 + fraction } else { 0 };
    }
    if whole + fraction == 0 {
        return None;
    }
    let mut integral = fraction == 0;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = if signed <= bytes.len() { digits(signed) } else { 0 };
        if exponent > 0 {
            end = signed + exponent;
            integral = false;
        }
    }
    let (number, rest) = text.split_at(end);
    let exact = if integral { number.parse().ok().map(Number::Int) } else { None };
    Some((exact.or_else(|| number.parse().ok().map(Number::Double))?, rest))
}

fn split_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()))
}

fn compare_mixed(int: i64, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // Every double of this size or more is beyond every i64.
    if double >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if double < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let whole = double.trunc();
    Some(int.cmp(&(whole as i64)).then(0.0_f64.partial_cmp(&(double - whole)).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_into_nanoseconds_and_bytes() {
        use Dimension::{Bytes, None, Time};
        for (text, number, dimension) in [
            ("250ms", 250_000_000, Time),
            ("1.5s", 1_500_000_000, Time),
            ("0.1s", 100_000_000, Time),
            ("3us", 3_000, Time),
            ("3µs", 3_000, Time),
            ("2m", 120_000_000_000, Time),
            ("1m30s", 90_000_000_000, Time),
            ("1h", 3_600_000_000_000, Time),
            ("1d", 86_400_000_000_000, Time),
            ("1KB", 1_000, Bytes),
            ("1MB", 1_000_000, Bytes),
            ("1.5kb", 1_500, Bytes),
            ("1MiB", 1_048_576, Bytes),
            ("12B", 12, Bytes),
            ("-5", -5, None),
            ("+5", 5, None),
        ] {
            assert_eq!(Quantity::read(text), Ok(Quantity { number: Number::Int(number), dimension }), "{text}");
        }
    }

    #[test]
    fn fractions_and_exponents_are_doubles() {
        for (text, value) in [("0.5", 0.5), (".5", 0.5), ("1e3", 1e3), ("-1.5E-2", -0.015)] {
            assert_eq!(Number::read(text), Some(Number::Double(value)), "{text}");
        }
        assert_eq!(Number::read("18446744073709551615"), Some(Number::Double(18_446_744_073_709_551_615.0)));
    }

    #[test]
    fn letters_behind_a_number_are_a_unit_or_an_error() {
        for text in ["5q", "250msec", "1e", "3KBs"] {
            assert!(matches!(Quantity::read(text), Err(NoQuantity::UnknownUnit(_))), "{text}");
        }
        for text in ["", "abc", "1.2.3", "2026-01-01", "1KB5s", "5-3", "1m-30s", "nan", "inf", "-", "."] {
            assert_eq!(Quantity::read(text), Err(NoQuantity::NoNumber), "{text}");
        }
    }

    #[test]
    fn integers_and_doubles_compare_exactly() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, order) in [
            (Number::Int(1), Number::Double(1.0), Some(Equal)),
            (Number::Int(1), Number::Double(1.5), Some(Less)),
            (Number::Int(-1), Number::Double(-1.5), Some(Greater)),
            (Number::Int(9_007_199_254_740_993), Number::Double(9_007_199_254_740_992.0), Some(Greater)),
            (Number::Int(i64::MAX), Number::Double(9_223_372_036_854_775_808.0), Some(Less)),
            (Number::Int(i64::MIN), Number::Double(-9_223_372_036_854_775_808.0), Some(Equal)),
            (Number::Int(0), Number::Double(f64::NAN), None),
            (Number::Int(0), Number::Double(f64::NEG_INFINITY), Some(Greater)),
        ] {
            assert_eq!(a.compare(b), order, "{a:?} {b:?}");
            assert_eq!(b.compare(a), order.map(Ordering::reverse), "{b:?} {a:?}");
        }
    }
}
