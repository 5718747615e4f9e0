//! What is to be known of a connection at a glance, beside its state: that anybody may read along, that it asks for
//! credentials, that it has fallen silent, that its clock is off.

use crate::app::traffic::Traffic;
use crate::model::{Connection, ConnectionState, CredentialsOrigin, Time};
use crate::present::clock::SKEW;
use crate::present::number;

/// Something to be wary of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Any certificate of the server's is accepted.
    Insecure,
    /// It was given up for want of credentials.
    Credentials,
    /// It was given up since those that were typed are not the right ones.
    OtherCredentials,
    /// It is paused; the number of skipped items.
    Skipping(u64),
    /// It delivered and has been silent for so many nanoseconds, rounded down to what is said of it.
    Quiet(u64),
    /// How far its clock seems to be ahead of ours, in nanoseconds; negative: behind.
    Clock(i64),
}

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// The length of a silence in coarse steps, so that a silent source is seldom redrawn.
const SILENCES: [u64; 14] = [
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    3 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
];
/// A silence is none before this, however fast items came.
const LEAST_SILENCE: u64 = 10 * SECOND;

impl Mark {
    /// In words: `insecure`, `wants credentials`, `arriving items are skipped, 412 so far`, `quiet 2m`, `clock +3m`.
    pub fn words(self) -> String {
        match self {
            Mark::Insecure => "insecure".to_owned(),
            Mark::Credentials => "wants credentials".to_owned(),
            Mark::OtherCredentials => "refused what was typed".to_owned(),
            Mark::Skipping(items) => format!("arriving items are skipped, {} so far", number::count(items)),
            Mark::Quiet(nanos) => format!("quiet {}", coarse(nanos)),
            Mark::Clock(nanos) => {
                format!(
                    "clock {}{}",
                    if nanos < 0 { '-' } else { '+' },
                    coarse(nanos.unsigned_abs().saturating_add(SECOND / 2))
                )
            }
        }
    }
}

/// What is to be known of a connection, the weightiest first.
pub fn marks(connection: &Connection, traffic: &Traffic, now: Time) -> Vec<Mark> {
    let insecure = connection.insecure && connection.state != ConnectionState::Disconnected;
    let quiet = silence(connection, traffic).and_then(|(from, least)| said(now.since(from), least)).map(Mark::Quiet);
    let credentials = if has_typed_credentials(connection) { Mark::OtherCredentials } else { Mark::Credentials };
    let credentials = Some(credentials).filter(|_| connection.wants_credentials);
    let insecure = insecure.then_some(Mark::Insecure);
    let clock = skew(connection, traffic).map(Mark::Clock);
    [insecure, credentials, skipping(connection, traffic), quiet, clock].into_iter().flatten().collect()
}

/// What a pause costs: a poll or a file waits, but nobody keeps what a server or a sender pushes.
fn skipping(connection: &Connection, traffic: &Traffic) -> Option<Mark> {
    let kind = connection.kind;
    let skips = connection.state == ConnectionState::Paused && (kind.is_pushed() || kind.is_received());
    skips.then(|| Mark::Skipping(traffic.counts_of(connection.id).map_or(0, |counts| counts.skipped)))
}

/// When the text of a silence changes next.
pub(super) fn quiet_at(connection: &Connection, traffic: &Traffic, now: Time) -> Option<Time> {
    let (from, least) = silence(connection, traffic)?;
    let next = SILENCES.into_iter().chain((1..).map(|days| days * 24 * HOUR)).take(1_000);
    let times = next.map(|silence| silence.max(least)).map(|silence| Time(from.0.saturating_add(silence)));
    times.into_iter().find(|at| *at > now)
}

/// Since when a live connection has been silent, and how long it is usually silent at most; none where nothing came or
/// nothing is awaited.
fn silence(connection: &Connection, traffic: &Traffic) -> Option<(Time, u64)> {
    let last = traffic.last_item(connection);
    let live = connection.state == ConnectionState::Active && !last.is_unknown();
    // A file is as long as it is.
    if !live || connection.kind.is_read() {
        return None;
    }
    let polled = connection.interval.filter(|_| connection.kind.is_polled());
    let usual = polled.max(traffic.activity.usual(connection.id));
    Some((last, usual.map_or(MINUTE, |usual| usual.saturating_mul(3).max(LEAST_SILENCE))))
}

/// By how much the clock of a source seems to differ from ours, where that is over a minute. A file tells of
/// the past, so its clock is never judged.
fn skew(connection: &Connection, traffic: &Traffic) -> Option<i64> {
    let (told, received) = traffic.counts_of(connection.id)?.newest;
    let differs = told.since(received).max(received.since(told)) > SKEW;
    let known = !told.is_unknown() && !received.is_unknown() && !connection.kind.is_read();
    let nanos = i128::from(told.0) - i128::from(received.0);
    (differs && known).then(|| nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}

/// Whether it was given credentials by the user.
pub(in crate::app) fn has_typed_credentials(connection: &Connection) -> bool {
    connection.credentials == CredentialsOrigin::Typed
}

/// The text of a silence; `None` while it is short.
fn said(silence: u64, least: u64) -> Option<u64> {
    let days = silence / (24 * HOUR) * 24 * HOUR;
    let known = SILENCES.into_iter().rev().find(|known| *known <= silence)?;
    (silence >= least).then_some(known.max(days))
}

/// One unit is enough: `20s`, `3m`, `2h`, `4d`.
fn coarse(nanos: u64) -> String {
    match nanos {
        0..MINUTE => format!("{}s", nanos / SECOND),
        MINUTE..HOUR => format!("{}m", nanos / MINUTE),
        HOUR..172_800_000_000_000 => format!("{}h", nanos / HOUR),
        _ => format!("{}d", nanos / (24 * HOUR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Counts, SourceId, SourceKind};

    const NOW: Time = Time(1_000_000 * SECOND);

    fn live(kind: SourceKind, silent: u64) -> Connection {
        Connection {
            state: ConnectionState::Active,
            last_data: Time(NOW.0 - silent),
            ..Connection::new(SourceId(1), kind, "a".into(), String::new(), Time(1))
        }
    }

    fn words(traffic: &Traffic, connection: &Connection) -> String {
        marks(connection, traffic, NOW).into_iter().map(Mark::words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_silence_is_told_in_few_words() {
        let quiet = |silent| words(&Traffic::default(), &live(SourceKind::pushed("sse"), silent));
        assert_eq!(quiet(59 * SECOND), "");
        assert_eq!(quiet(60 * SECOND), "quiet 1m");
        assert_eq!(quiet(299 * SECOND), "quiet 3m");
        assert_eq!(quiet(5 * HOUR), "quiet 3h");
        assert_eq!(quiet(100 * HOUR), "quiet 4d");
        assert_eq!(words(&Traffic::default(), &live(SourceKind::read("file"), HOUR)), "");
    }

    #[test]
    fn a_paused_stream_says_what_the_pause_costs() {
        let counts = Counts { skipped: 412, ..Counts::default() };
        let traffic = Traffic { counts: vec![(SourceId(1), counts)].into(), ..Traffic::default() };
        let paused = |kind| Connection { state: ConnectionState::Paused, ..live(kind, 0) };
        let skipped = "arriving items are skipped, 412 so far";
        for kind in [SourceKind::pushed("sse"), SourceKind::received("otlp")] {
            assert_eq!(words(&traffic, &paused(kind)), skipped);
            assert_eq!(words(&traffic, &live(kind, 0)), "");
        }
        assert_eq!(words(&traffic, &paused(SourceKind::read("file"))), "", "it waits");
    }

    #[test]
    fn a_poll_is_quiet_after_three_intervals() {
        let polled = |interval: u64, silent: u64| {
            words(
                &Traffic::default(),
                &Connection { interval: Some(interval), ..live(SourceKind::polled("http"), silent) },
            )
        };
        assert_eq!(polled(5 * SECOND, 14 * SECOND), "");
        assert_eq!(polled(5 * SECOND, 15 * SECOND), "quiet 10s");
        assert_eq!(polled(5 * MINUTE, 14 * MINUTE), "");
        assert_eq!(polled(5 * MINUTE, 15 * MINUTE), "quiet 10m");
    }

    #[test]
    fn the_words_of_a_silence_change_when_they_say() {
        let traffic = Traffic::default();
        let connection = live(SourceKind::pushed("sse"), 0);
        let mut now = NOW;
        for expected in ["quiet 1m", "quiet 2m", "quiet 3m", "quiet 5m", "quiet 10m"] {
            now = quiet_at(&connection, &traffic, now).unwrap();
            assert_eq!(marks(&connection, &traffic, now)[0].words(), expected);
            assert!(!marks(&connection, &traffic, Time(now.0 - 1)).iter().any(|mark| mark.words() == expected));
        }
    }

    #[test]
    fn a_clock_is_marked_with_its_direction_from_a_minute_on() {
        let at = |told: u64| Traffic {
            counts: vec![(SourceId(1), Counts { newest: (Time(told), NOW), ..Counts::default() })].into(),
            ..Traffic::default()
        };
        let connection = live(SourceKind::received("listen"), 0);
        assert_eq!(words(&at(NOW.0 + 3 * MINUTE), &connection), "clock +3m");
        assert_eq!(words(&at(NOW.0 - 61 * SECOND), &connection), "clock -1m");
        assert_eq!(words(&at(NOW.0 - 59 * SECOND), &connection), "");
        assert_eq!(words(&at(NOW.0 - HOUR), &live(SourceKind::read("file"), 0)), "");
    }

    #[test]
    fn what_was_typed_and_refused_is_told_apart_from_nothing_typed() {
        let connection = Connection { wants_credentials: true, ..live(SourceKind::polled("http"), 0) };
        assert_eq!(words(&Traffic::default(), &connection), "wants credentials");
        let refused = Connection { credentials: CredentialsOrigin::Typed, ..connection };
        assert_eq!(words(&Traffic::default(), &refused), "refused what was typed");
    }

    #[test]
    fn what_is_insecure_says_so_for_as_long_as_it_is_open() {
        let connection = Connection { insecure: true, ..live(SourceKind::polled("http"), 0) };
        assert_eq!(words(&Traffic::default(), &connection), "insecure");
        let off = Connection { state: ConnectionState::Disconnected, ..connection };
        assert_eq!(words(&Traffic::default(), &off), "");
    }
}
