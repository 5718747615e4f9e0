//! Formats numbers for people: three significant digits and a suitable unit.

use crate::model::{human_duration, visible};

/// An exact count, in groups of three digits: `98 231`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A size: `812 B`, `1.20 MiB`.
pub fn bytes(number: f64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number.abs() < 1_024.0 {
        return format!("{} B", three_digits(number));
    }
    let mut value = number;
    let mut unit = "B";
    for next in UNITS {
        if value.abs() < 1_023.5 {
            break;
        }
        value /= 1_024.0;
        unit = next;
    }
    format!("{} {unit}", three_digits(value))
}

/// A number with a suffix for thousands: `12`, `99 999`, `1.20M`, `0.0312`, `3.10e-7`.
pub fn short(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return format!("{number}");
    }
    if number.fract() == 0.0 && size < 100_000.0 {
        return format!("{}{}", if number < 0.0 { "-" } else { "" }, count(size as u64));
    }
    match size {
        0.0..0.001 | 1e18.. => format!("{number:.2e}"),
        ..99_950.0 => three_digits(number),
        ..999_500.0 => format!("{}k", three_digits(number / 1e3)),
        ..999_500_000.0 => format!("{}M", three_digits(number / 1e6)),
        ..999_500_000_000.0 => format!("{}G", three_digits(number / 1e9)),
        ..999_500_000_000_000.0 => format!("{}T", three_digits(number / 1e12)),
        _ => format!("{}P", three_digits(number / 1e15)),
    }
}

/// A rate per second for a column of rates: `0`, `0.02`, `4.5`, `98 231`, `1.20M`.
pub fn rate(per_second: f64) -> String {
    match per_second {
        ..=0.0 => "0".to_owned(),
        ..0.005 => "<0.01".to_owned(),
        ..0.095 => format!("{per_second:.2}"),
        ..9.95 => format!("{per_second:.1}"),
        ..999_999.5 => count(per_second.round() as u64),
        _ => short(per_second),
    }
}

/// A number with its UCUM unit: `182ms`, `1.20 MiB`, `61%`, `12 request`. The unit comes from the sender and is made safe to
/// print.
pub fn with_unit(number: f64, unit: &str) -> String {
    let duration = |nanos: f64| {
        let sign = if number < 0.0 { "-" } else { "" };
        format!("{sign}{}", human_duration((number.abs() * nanos).round() as u64))
    };
    match unit {
        "" | "1" => short(number),
        "ns" => duration(1.0),
        "us" => duration(1e3),
        "ms" => duration(1e6),
        "s" => duration(1e9),
        "By" => bytes(number),
        "KiBy" => bytes(number * 1_024.0),
        "MiBy" => bytes(number * 1_048_576.0),
        "%" => format!("{}%", short(number)),
        unit => {
            let annotation = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}')).unwrap_or(unit);
            format!("{} {}", short(number), visible(annotation))
        }
    }
}

fn three_digits(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.0995 => format!("{number:.4}"),
        size if size < 0.995 => format!("{number:.3}"),
        size if size < 9.995 => format!("{number:.2}"),
        size if size < 99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_counts_are_exact() {
        assert_eq!([0, 12, 999, 1_204, 98_231, 1_000_000].map(count).join("|"), "0|12|999|1 204|98 231|1 000 000");
        for (number, text) in [
            (0.0, "0"),
            (12.0, "12"),
            (-1_204.0, "-1 204"),
            (98_231.0, "98 231"),
            (1_204_000.0, "1.20M"),
            (0.031_25, "0.0312"),
            (0.5, "0.500"),
            (12.345, "12.3"),
            (3.1e-7, "3.10e-7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::MAX, "1.80e308"),
        ] {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn a_rate_that_is_small_is_not_nothing() {
        for (number, text) in [
            (0.0, "0"),
            (0.000_1, "<0.01"),
            (0.016_7, "0.02"),
            (0.1, "0.1"),
            (9.94, "9.9"),
            (9.96, "10"),
            (98_231.4, "98 231"),
            (1_204_000.0, "1.20M"),
        ] {
            assert_eq!(rate(number), text);
        }
    }

    #[test]
    fn units_are_those_that_people_read() {
        for (number, unit, text) in [
            (0.182, "s", "182ms"),
            (-3.0, "ms", "-3.00ms"),
            (1_258_291.0, "By", "1.20 MiB"),
            (1_023.9, "By", "1024 B"),
            (12.0, "{request}", "12 request"),
            (61.0, "%", "61%"),
            (3.0, "1", "3"),
            (1.0, "\u{1b}[2J", "1 ␛[2J"),
        ] {
            assert_eq!(with_unit(number, unit), text);
        }
    }
}
