//! Times as people read them, in the zone that they are shown in.

use crate::model::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// Nanoseconds of a minute: clocks that differ by more are marked (ruling G11).
pub const SKEW: u64 = 60_000_000_000;

/// `12:04:31.482`, or `11-20 12:04` for a time of another day than `today`; `--:--:--.---` where it is not known.
pub fn short(time: Time, today: Time, zone: &TimeZone, text: &mut String) {
    let Some(local) = civil(time, zone) else { return text.push_str("--:--:--.---") };
    let same_day = civil(today, zone).is_none_or(|today| today.date() == local.date());
    _ = if same_day {
        let millis = local.subsec_nanosecond() / 1_000_000;
        write!(text, "{:02}:{:02}:{:02}.{millis:03}", local.hour(), local.minute(), local.second())
    } else {
        write!(text, "{:02}-{:02} {:02}:{:02} ", local.month(), local.day(), local.hour(), local.minute())
    };
}

/// `2026-11-20 12:04:31.482913007 +01:00`: everything that is known; `not known` for zero.
pub fn long(time: Time, zone: &TimeZone) -> String {
    let Some(timestamp) = timestamp(time) else { return "not known".to_owned() };
    let local = timestamp.to_zoned(zone.clone());
    let seconds = local.offset().seconds();
    let offset = match seconds {
        0 => "UTC".to_owned(),
        _ => {
            let sign = if seconds < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() / 60 % 60)
        }
    };
    format!("{}.{:09} {offset}", local.strftime("%Y-%m-%d %H:%M:%S"), local.subsec_nanosecond())
}

fn civil(time: Time, zone: &TimeZone) -> Option<jiff::civil::DateTime> {
    let timestamp = timestamp(time)?;
    Some(zone.to_offset(timestamp).to_datetime(timestamp))
}

fn timestamp(time: Time) -> Option<Timestamp> {
    (!time.is_unknown()).then_some(())?;
    Timestamp::from_nanosecond(i128::from(time.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_today_has_milliseconds_and_another_day_its_date() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let time = Time::from_rfc3339("2026-11-20T10:04:31.482913007Z").unwrap();
        let shown = |time, today| {
            let mut text = String::new();
            short(time, today, &zone, &mut text);
            text
        };
        assert_eq!(shown(time, time), "12:04:31.482");
        assert_eq!(shown(time, Time(time.0 + 86_400_000_000_000)), "11-20 12:04 ");
        assert_eq!(shown(Time(0), time), "--:--:--.---");
        assert_eq!(shown(Time(u64::MAX), time).len(), 12);
        assert_eq!(long(time, &zone), "2026-11-20 12:04:31.482913007 +02:00");
        assert_eq!(long(time, &TimeZone::UTC), "2026-11-20 10:04:31.482913007 UTC");
    }
}
