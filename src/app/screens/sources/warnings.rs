//! Warnings about a connection, shown beside its state: an insecure connection, missing credentials, a silence, a wrong
//! clock.

use crate::app::traffic::Traffic;
use crate::model::{Connection, ConnectionState, CredentialsOrigin, Time};
use crate::present::clock::SKEW;
use crate::present::number;

/// A warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Warning {
    /// The server's certificate is not checked.
    Insecure,
    /// The connection failed for lack of credentials.
    Credentials,
    /// The connection failed because the server refused the typed credentials.
    OtherCredentials,
    /// The connection is paused; the number of skipped items.
    Skipping(u64),
    /// The connection is live but silent; the duration in nanoseconds, in coarse steps.
    Quiet(u64),
    /// The source's clock minus this computer's, in nanoseconds.
    Clock(i64),
}

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// The steps in which a silence is reported. Coarse, so that a silent source is seldom redrawn.
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
/// The shortest silence that is reported, even for a fast source.
const LEAST_SILENCE: u64 = 10 * SECOND;

impl Warning {
    /// The warning as text: `insecure`, `wants credentials`, `arriving items are skipped, 412 so far`, `quiet 2m`, `clock
    /// +3m`.
    pub fn words(self) -> String {
        match self {
            Warning::Insecure => "insecure".to_owned(),
            Warning::Credentials => "wants credentials".to_owned(),
            Warning::OtherCredentials => "refused the credentials".to_owned(),
            Warning::Skipping(items) => format!("arriving items are skipped, {} so far", number::count(items)),
            Warning::Quiet(nanos) => format!("quiet {}", coarse(nanos)),
            Warning::Clock(nanos) => {
                format!(
                    "clock {}{}",
                    if nanos < 0 { '-' } else { '+' },
                    coarse(nanos.unsigned_abs().saturating_add(SECOND / 2))
                )
            }
        }
    }
}

/// A connection's warnings, the most important first.
pub fn warnings(connection: &Connection, traffic: &Traffic, now: Time) -> Vec<Warning> {
    let insecure = connection.insecure && connection.state != ConnectionState::Disconnected;
    let quiet = silence(connection, traffic).and_then(|(from, least)| said(now.since(from), least)).map(Warning::Quiet);
    let credentials = if has_typed_credentials(connection) { Warning::OtherCredentials } else { Warning::Credentials };
    let credentials = Some(credentials).filter(|_| connection.wants_credentials);
    let insecure = insecure.then_some(Warning::Insecure);
    let clock = skew(connection, traffic).map(Warning::Clock);
    [insecure, credentials, skipping(connection, traffic), quiet, clock].into_iter().flatten().collect()
}

/// The cost of a pause. Polls and files lose nothing, but pushed items are skipped.
fn skipping(connection: &Connection, traffic: &Traffic) -> Option<Warning> {
    let kind = connection.kind;
    let skips = connection.state == ConnectionState::Paused && (kind.is_pushed() || kind.is_received());
    skips.then(|| Warning::Skipping(traffic.counts_of(connection.id).map_or(0, |counts| counts.skipped)))
}

/// The time at which the text of the silence changes next.
pub(super) fn quiet_at(connection: &Connection, traffic: &Traffic, now: Time) -> Option<Time> {
    let (from, least) = silence(connection, traffic)?;
    let next = SILENCES.into_iter().chain((1..).map(|days| days * 24 * HOUR)).take(1_000);
    let times = next.map(|silence| silence.max(least)).map(|silence| Time(from.0.saturating_add(silence)));
    times.into_iter().find(|at| *at > now)
}

/// The time of a live connection's last item, and the duration after which its silence is reported. `None` before the first
/// item and for files.
fn silence(connection: &Connection, traffic: &Traffic) -> Option<(Time, u64)> {
    let last = traffic.last_item(connection);
    let live = connection.state == ConnectionState::Active && !last.is_unknown();
    // A file that stops growing is normal, so its silence is not reported.
    if !live || connection.kind.is_read() {
        return None;
    }
    let polled = connection.interval.filter(|_| connection.kind.is_polled());
    let usual = polled.max(traffic.activity.usual(connection.id));
    Some((last, usual.map_or(MINUTE, |usual| usual.saturating_mul(3).max(LEAST_SILENCE))))
}

/// The difference between the source's clock and this computer's, if it exceeds a minute. `None` for files, since their items
/// are old.
fn skew(connection: &Connection, traffic: &Traffic) -> Option<i64> {
    let (told, received) = traffic.counts_of(connection.id)?.newest;
    let differs = told.since(received).max(received.since(told)) > SKEW;
    let known = !told.is_unknown() && !received.is_unknown() && !connection.kind.is_read();
    let nanos = i128::from(told.0) - i128::from(received.0);
    (differs && known).then(|| nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}

/// Whether the user typed its credentials.
pub(in crate::app) fn has_typed_credentials(connection: &Connection) -> bool {
    connection.credentials == CredentialsOrigin::Typed
}

/// The reported duration of a silence; `None` while it is short.
fn said(silence: u64, least: u64) -> Option<u64> {
    let days = silence / (24 * HOUR) * 24 * HOUR;
    let known = SILENCES.into_iter().rev().find(|known| *known <= silence)?;
    (silence >= least).then_some(known.max(days))
}

/// Formats with a single unit: `20s`, `3m`, `2h`, `4d`.
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
        warnings(connection, traffic, NOW).into_iter().map(Warning::words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_silence_is_shown_in_coarse_steps() {
        let quiet = |silent| words(&Traffic::default(), &live(SourceKind::pushed("sse"), silent));
        assert_eq!(quiet(59 * SECOND), "");
        assert_eq!(quiet(60 * SECOND), "quiet 1m");
        assert_eq!(quiet(299 * SECOND), "quiet 3m");
        assert_eq!(quiet(5 * HOUR), "quiet 3h");
        assert_eq!(quiet(100 * HOUR), "quiet 4d");
        assert_eq!(words(&Traffic::default(), &live(SourceKind::read("file"), HOUR)), "");
    }

    #[test]
    fn a_paused_stream_shows_its_skipped_items() {
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
    fn a_silence_changes_its_text_as_predicted() {
        let traffic = Traffic::default();
        let connection = live(SourceKind::pushed("sse"), 0);
        let mut now = NOW;
        for expected in ["quiet 1m", "quiet 2m", "quiet 3m", "quiet 5m", "quiet 10m"] {
            now = quiet_at(&connection, &traffic, now).unwrap();
            assert_eq!(warnings(&connection, &traffic, now)[0].words(), expected);
            assert!(
                !warnings(&connection, &traffic, Time(now.0 - 1)).iter().any(|warning| warning.words() == expected)
            );
        }
    }

    #[test]
    fn a_wrong_clock_is_shown_with_its_sign() {
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
    fn refused_credentials_differ_from_missing_ones() {
        let connection = Connection { wants_credentials: true, ..live(SourceKind::polled("http"), 0) };
        assert_eq!(words(&Traffic::default(), &connection), "wants credentials");
        let refused = Connection { credentials: CredentialsOrigin::Typed, ..connection };
        assert_eq!(words(&Traffic::default(), &refused), "refused the credentials");
    }

    #[test]
    fn an_open_insecure_source_stays_marked() {
        let connection = Connection { insecure: true, ..live(SourceKind::polled("http"), 0) };
        assert_eq!(words(&Traffic::default(), &connection), "insecure");
        let off = Connection { state: ConnectionState::Disconnected, ..connection };
        assert_eq!(words(&Traffic::default(), &off), "");
    }
}
