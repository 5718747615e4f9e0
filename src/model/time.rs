//! Points in time and durations, in nanoseconds.

use super::digits::eight_digits;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. Zero means "not known", as in OTLP.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(pub u64);

/// A duration in nanoseconds.
pub type DurationNs = u64;

impl Time {
    /// Whether the time is unknown.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// Nanoseconds from `earlier` to this time; 0 if `earlier` is later, since clocks differ.
    pub fn since(self, earlier: Time) -> DurationNs {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 in UTC with nanoseconds: `2026-11-20T10:00:15.000000001Z`. Every `u64` has one (the last is in 2554).
    pub fn rfc3339(self) -> String {
        let mut text = String::with_capacity(30);
        self.rfc3339_into(&mut text);
        text
    }

    /// Appends [`Time::rfc3339`].
    pub fn rfc3339_into(self, text: &mut String) {
        let (seconds, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let (year, month, day) = civil(seconds / 86_400);
        let second = seconds % 86_400;
        let mut fixed = *b"0000-00-00T00:00:00.000000000Z";
        digits(&mut fixed[0..4], year);
        digits(&mut fixed[5..7], month);
        digits(&mut fixed[8..10], day);
        digits(&mut fixed[11..13], second / 3_600);
        digits(&mut fixed[14..16], second / 60 % 60);
        digits(&mut fixed[17..19], second % 60);
        digits(&mut fixed[20..29], nanos);
        text.push_str(std::str::from_utf8(&fixed).unwrap_or_default());
    }

    /// Reads RFC 3339 with `Z` or an offset; a time without a zone is UTC. `None` before 1970, after 2554, or
    /// for anything else.
    pub fn from_rfc3339(text: &str) -> Option<Time> {
        utc(text.as_bytes()).or_else(|| any_rfc3339(text.trim()))
    }
}

/// Reads `2026-11-20T10:00:15Z`, with up to nine digits after a dot, the form that nearly all senders use. `None` for other
/// forms of RFC 3339 and for invalid times.
fn utc(text: &[u8]) -> Option<Time> {
    let text = text.strip_suffix(b"Z").or_else(|| text.strip_suffix(b"+00:00"))?;
    let (fixed, fraction) = text.split_first_chunk::<19>()?;
    let [b'-', b'-', b'T', b':', b':'] = [4, 7, 10, 13, 16].map(|at| fixed[at]) else { return None };
    let pair = |at: usize| two(fixed[at], fixed[at + 1]);
    let (year, month, day) = (pair(0)? * 100 + pair(2)?, pair(5)?, pair(8)?);
    let (hour, minute, second) = (pair(11)?, pair(14)?, pair(17)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // Times after 2554 do not fit.
    if !(1970..2554).contains(&year) || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days_to(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    let nanos = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            // Padded with zeros to nine digits.
            let mut nine = [b'0'; 9];
            nine[..digits.len()].copy_from_slice(digits);
            let [eight @ .., last] = nine;
            let last = last.wrapping_sub(b'0');
            (last < 10).then_some(eight_digits(eight)? * 10 + u64::from(last))?
        }
        _ => return None,
    };
    Some(Time(seconds * 1_000_000_000 + nanos))
}

fn two(tens: u8, ones: u8) -> Option<u64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u64::from(tens * 10 + ones))
}

/// Reads every form of RFC 3339, also without a zone.
fn any_rfc3339(text: &str) -> Option<Time> {
    let nanos = match text.parse::<jiff::Timestamp>() {
        Ok(timestamp) => timestamp.as_nanosecond(),
        Err(_) => {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond()
        }
    };
    u64::try_from(nanos).ok().map(Time)
}

fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month, day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, day)
}

/// The inverse: days from 1970-01-01 to a day that is not before it.
fn days_to(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, yoe) = (year / 400, year % 400);
    let mp = (month + 9) % 12;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + doe - 719_468
}

/// A duration with three significant digits and a suitable unit: `999ns`, `12.3µs`, `182ms`, `1.20s`, `2m05s`, `3h07m`.
pub fn human_duration(nanos: DurationNs) -> String {
    let scaled = |unit: f64, name: &str| {
        let value = nanos as f64 / unit;
        let text = if value < 9.995 {
            format!("{value:.2}")
        } else if value < 99.95 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        };
        format!("{text}{name}")
    };
    match nanos {
        0..1_000 => format!("{nanos}ns"),
        1_000..999_500 => scaled(1e3, "µs"),
        999_500..999_500_000 => scaled(1e6, "ms"),
        999_500_000..59_950_000_000 => scaled(1e9, "s"),
        _ => {
            let seconds = nanos / 1_000_000_000 + u64::from(nanos % 1_000_000_000 >= 500_000_000);
            if seconds < 3_600 {
                format!("{}m{:02}s", seconds / 60, seconds % 60)
            } else if seconds < 172_800 {
                format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60)
            } else {
                format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc3339_round_trips_to_the_nanosecond() {
        for nanos in [0, 1, 951_782_400_000_000_000, 1_732_096_815_000_000_001, 4_102_444_799_999_999_999] {
            assert_eq!(Time::from_rfc3339(&Time(nanos).rfc3339()), Some(Time(nanos)), "{}", Time(nanos).rfc3339());
        }
    }

    #[test]
    fn the_last_time_has_a_text() {
        assert_eq!(Time(u64::MAX).rfc3339(), "2554-07-21T23:34:33.709551615Z");
        assert_eq!(Time(951_782_400_000_000_000).rfc3339(), "2000-02-29T00:00:00.000000000Z");
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        assert_eq!(Time::from_rfc3339("2026-11-20T10:00:15"), Time::from_rfc3339("2026-11-20T10:00:15Z"));
        assert_eq!(Time::from_rfc3339("2026-11-20T11:00:15+01:00"), Time::from_rfc3339("2026-11-20T10:00:15Z"));
        assert_eq!(Time::from_rfc3339("yesterday"), None);
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        for (nanos, text) in [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1.00µs"),
            (182_400_000, "182ms"),
            (999_600_000, "1.00s"),
            (9_996_000, "10.0ms"),
            (59_960_000_000, "1m00s"),
            (125_000_000_000, "2m05s"),
            (11_220_000_000_000, "3h07m"),
            (u64::MAX, "213503d23h"),
        ] {
            assert_eq!(human_duration(nanos), text);
        }
    }

    proptest! {
        #[test]
        fn the_usual_way_of_a_time_is_read_as_any_other(
            time in any::<u64>(), digits in 0..10usize, zone in prop::sample::select(vec!["Z", "+00:00", "", "-00:00", "z"]),
            broken in prop::option::of((0..30usize, prop::sample::select(b"0123456789-:.TZ+ ".to_vec()))),
        ) {
            let written = Time(time).rfc3339();
            let mut text = format!("{}{zone}", &written[..if digits == 0 { 19 } else { 20 + digits }]).into_bytes();
            if let Some((at, byte)) = broken && let Some(place) = text.get_mut(at) {
                *place = byte;
            }
            let text = String::from_utf8(text).unwrap();
            if let Some(time) = utc(text.as_bytes()) {
                prop_assert_eq!(Some(time), any_rfc3339(&text), "{}", text);
            }
            if broken.is_none() && zone == "Z" && time < 18_000_000_000_000_000_000 {
                prop_assert!(utc(text.as_bytes()).is_some(), "{}", text);
            }
        }

        #[test]
        fn every_day_is_counted_as_it_is_written(day in 0..213_000u64) {
            let (year, month, date) = civil(day);
            prop_assert_eq!(days_to(year, month, date), day);
        }
    }
}
