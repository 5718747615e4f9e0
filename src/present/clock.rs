//! Formats times for people, in the displayed time zone.

use crate::model::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// Clocks that differ by more than this many nanoseconds (one minute) are marked.
pub const SKEW: u64 = 60_000_000_000;

/// `12:04:31.482`; on another day than `today` `11-20 12:04 `, in another year `2025-11-20  `; `--:--:--.---` if unknown. In
/// fewer cells, whole parts are left out instead of cutting one: `12:04:31`, `11-20`, `2025-11`.
pub fn short(time: Time, today: Time, zone: &TimeZone, cells: u16, text: &mut String) {
    let narrow = cells < 12;
    let Some(local) = civil(time, zone) else { return text.push_str(if narrow { "--:--:--" } else { "--:--:--.---" }) };
    let today = civil(today, zone).unwrap_or(local);
    let (year, month, day) = (local.year(), local.month(), local.day());
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    _ = match (local.date() == today.date(), year == today.year()) {
        (true, _) if narrow => write!(text, "{hour:02}:{minute:02}:{second:02}"),
        (true, _) => write!(text, "{hour:02}:{minute:02}:{second:02}.{:03}", local.subsec_nanosecond() / 1_000_000),
        (_, true) if narrow => write!(text, "{month:02}-{day:02}   "),
        (_, true) => write!(text, "{month:02}-{day:02} {hour:02}:{minute:02} "),
        _ if narrow => write!(text, "{year:04}-{month:02} "),
        _ => write!(text, "{year:04}-{month:02}-{day:02}  "),
    };
}

/// `12:04`; `12:04:31` within two minutes of `now`; on another day `11-20 12:04`, in another year `2025-11-20`; `not known`
/// for zero.
pub fn minute(time: Time, now: Time, zone: &TimeZone) -> String {
    let Some(local) = civil(time, zone) else { return "not known".to_owned() };
    let today = civil(now, zone).unwrap_or(local);
    let format = match (local.date() == today.date(), local.year() == today.year()) {
        (true, _) if now.since(time) < 2 * SKEW => "%H:%M:%S",
        (true, _) => "%H:%M",
        (false, true) => "%m-%d %H:%M",
        (false, false) => "%Y-%m-%d",
    };
    local.strftime(format).to_string()
}

/// The full time, `2026-11-20 12:04:31.482913007 +01:00`; `not known` for zero.
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

    const DAY: u64 = 86_400_000_000_000;

    #[test]
    fn a_time_of_today_has_milliseconds_and_another_day_its_date() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let time = Time::from_rfc3339("2026-11-20T10:04:31.482913007Z").unwrap();
        let cut = |time, today, cells| {
            let mut text = String::new();
            short(time, today, &zone, cells, &mut text);
            text
        };
        let shown = |time, today| cut(time, today, 12);
        let (tomorrow, in_a_year) = (Time(time.0 + DAY), Time(time.0 + 366 * DAY));
        assert_eq!(shown(time, time), "12:04:31.482");
        assert_eq!(shown(time, tomorrow), "11-20 12:04 ");
        assert_eq!(shown(time, in_a_year), "2026-11-20  ");
        assert_eq!([time, tomorrow, in_a_year].map(|now| cut(time, now, 8)), ["12:04:31", "11-20   ", "2026-11 "]);
        assert_eq!(cut(Time(0), time, 8), "--:--:--");
        assert_eq!(shown(Time(0), time), "--:--:--.---");
        assert_eq!(shown(Time(u64::MAX), time).len(), 12);
        let ago = |nanos: u64| minute(time, Time(time.0 + nanos), &zone);
        assert_eq!(
            [ago(0), ago(3 * SKEW), ago(DAY), ago(366 * DAY)],
            ["12:04:31", "12:04", "11-20 12:04", "2026-11-20"]
        );
        assert_eq!(long(time, &zone), "2026-11-20 12:04:31.482913007 +02:00");
        assert_eq!(long(time, &TimeZone::UTC), "2026-11-20 10:04:31.482913007 UTC");
    }
}
