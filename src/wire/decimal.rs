//! Reads decimal numbers digit by digit: a detour through `f64` would lose digits.

/// How to treat digits after the decimal point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fraction {
    /// The number must be whole; zeros may follow the point.
    Refused,
    /// Drop them.
    CutOff,
}

/// Parses `text` as a JSON number (`-1.5e3`) and multiplies it by 10 to the power of `shift`. `None` if the text is not a
/// number, if it has a fraction that is refused, or if the result overflows.
pub(super) fn integer(text: &str, shift: i64, fraction: Fraction) -> Option<i128> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (rest, 0),
    };
    let (whole, behind) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(behind.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // How many of the digits end up before the point.
    let point = (whole.len() as i64).saturating_add(exponent).saturating_add(shift);
    let mut value: i128 = 0;
    let mut count: i64 = 0;
    for digit in whole.bytes().chain(behind.bytes()).map(|byte| i128::from(byte - b'0')) {
        if count < point {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else if digit != 0 && fraction == Fraction::Refused {
            return None;
        }
        count += 1;
    }
    if value != 0 {
        for _ in count..point {
            value = value.checked_mul(10)?;
        }
    }
    Some(if is_negative { -value } else { value })
}

/// Parses an exponent. One that overflows `i64` is clamped; at that size only zero still fits.
fn power(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes() {
        [b'-', ..] => (-1, &text[1..]),
        [b'+', ..] => (1, &text[1..]),
        _ => (1, text),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| sign * digits.parse::<i64>().unwrap_or(i64::MAX).min(1 << 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<i128> {
        integer(text, 0, Fraction::Refused)
    }

    #[test]
    fn whole_numbers_keep_every_digit_in_any_spelling() {
        for (text, number) in [
            ("9.007199254740993e15", 9_007_199_254_740_993),
            ("1.78000000025e18", 1_780_000_000_250_000_000),
            ("-9223372036854775808", -9_223_372_036_854_775_808),
            ("18446744073709551615.000", 18_446_744_073_709_551_615),
            ("1e3", 1_000),
            ("1000E-3", 1),
            ("-0", 0),
            ("0e999999999999999999999", 0),
            ("00.10e+1", 1),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_whole_numbers() {
        for text in
            ["1.5", "1.5e0", "15e-1", "1e400", "", "-", ".5", "5.", "1e", "1e+", "0x10", "NaN", "+5", " 5", "1_0"]
        {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_shift_moves_the_point() {
        assert_eq!(integer("1780000000.123456", 9, Fraction::Refused), Some(1_780_000_000_123_456_000));
        assert_eq!(integer("1.00000000019", 9, Fraction::CutOff), Some(1_000_000_000));
        assert_eq!(integer("1.00000000019", 9, Fraction::Refused), None);
    }
}
