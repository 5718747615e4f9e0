//! Points in time and lengths of it, in nanoseconds.

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. Zero means "not known", as in OTLP.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(pub u64);

/// A length of time in nanoseconds.
pub type Span = u64;

impl Time {
    /// Whether nothing is known.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// Nanoseconds from `earlier` to here; 0 where `earlier` is later (clocks differ).
    pub fn since(self, earlier: Time) -> Span {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 in UTC with nanoseconds: `2026-11-20T10:00:15.000000001Z`. Every `u64` has one (the last is in 2554).
    pub fn rfc3339(self) -> String {
        let mut text = String::with_capacity(30);
        self.rfc3339_into(&mut text);
        text
    }

    /// [`Time::rfc3339`], appended.
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

    /// Reads RFC 3339 with `Z` or an offset; a time without a zone is UTC (ruling R6). `None` before 1970, after 2554, or
    /// for anything else.
    pub fn from_rfc3339(text: &str) -> Option<Time> {
        let text = text.trim();
        let nanos = match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => timestamp.as_nanosecond(),
            Err(_) => {
                let civil: jiff::civil::DateTime = text.parse().ok()?;
                civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond()
            }
        };
        u64::try_from(nanos).ok().map(Time)
    }
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

/// A length of time with three significant digits and the unit that fits: `999ns`, `12.3µs`, `182ms`, `1.20s`, `2m05s`, `3h07m`.
pub fn human_duration(nanos: Span) -> String {
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
}
