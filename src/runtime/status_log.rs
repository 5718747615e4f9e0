//! Messages about connections on standard error: each problem once, its end, and rejected items.
//!
//! Pure: the clock is an argument, and messages are return values.

use super::ingest::listening;
use crate::model::{Connection, ConnectionEvent, ConnectionState, Rejection, SourceId, Time};
use crate::present::number;
use std::collections::BTreeMap;
use std::time::Duration;

/// Rejections are reported at once, then at most once in this time with their sum.
pub(super) const REJECTIONS_EVERY: Duration = Duration::from_secs(10);

/// The messages so far, to avoid repetition.
#[derive(Debug, Default)]
pub(super) struct StatusLog {
    sources: BTreeMap<SourceId, Reported>,
}

#[derive(Debug, Default)]
struct Reported {
    /// An outage goes on and has been reported.
    trouble: bool,
    /// The last message of a connection that was given up.
    gave_up: Option<String>,
    /// The rejections and their counts as last reported, and the time of the report.
    rejection: Option<(Rejection, Time)>,
}

impl StatusLog {
    /// The messages about a connection that started before the log.
    pub fn begin(&mut self, connection: &Connection, now: Time) -> Vec<String> {
        let mut lines = Vec::new();
        if connection.kind.is_received() && connection.state == ConnectionState::Active {
            lines.push(listening(connection));
        }
        if let Some(error) = &connection.error {
            lines.extend(self.trouble(connection, error, now));
        }
        lines.extend(self.turned_away(connection, now));
        lines
    }

    /// The message about an event. The connection may already have changed since.
    pub fn event(&mut self, event: &ConnectionEvent, connection: &Connection, now: Time) -> Option<String> {
        match event {
            ConnectionEvent::Established(id) => {
                let reported = self.sources.entry(*id).or_default();
                reported.gave_up = None;
                let was_troubled = std::mem::take(&mut reported.trouble);
                match connection.kind.is_received() {
                    true => Some(listening(connection)),
                    false => was_troubled.then(|| format!("{}: connected to {}", connection.label, connection.url)),
                }
            }
            ConnectionEvent::Error(_, message) => self.trouble(connection, message, now),
            _ => None,
        }
    }

    /// Whether the end of every connection that was given up has been reported.
    pub fn is_complete(&self, connections: &[Connection]) -> bool {
        let is_reported = |id| self.sources.get(&id).is_some_and(|reported| reported.gave_up.is_some());
        connections.iter().all(|connection| connection.state != ConnectionState::Error || is_reported(connection.id))
    }

    /// The end of a connection, if it was given up and has not been reported.
    pub fn end(&mut self, connection: &Connection, now: Time) -> Option<String> {
        let error = connection.error.as_deref().unwrap_or("failed");
        let is_reported = self.is_complete(std::slice::from_ref(connection));
        if is_reported { None } else { self.trouble(connection, error, now) }
    }

    /// Rejections that have not been reported, if a report is due.
    pub fn turned_away(&mut self, connection: &Connection, now: Time) -> Option<String> {
        let all = connection.rejection.as_ref()?;
        let reported = self.sources.entry(connection.id).or_default();
        let (before, at) = reported.rejection.get_or_insert_default();
        let is_new = (before.count, before.refused, before.at) != (all.count, all.refused, all.at);
        let is_due = at.is_unknown() || now.since(*at) >= REJECTIONS_EVERY.as_nanos() as u64;
        if !is_new || !is_due {
            return None;
        }
        let (count, refused) = (all.count - before.count, all.refused - before.refused);
        let since = Rejection { count, refused, ..all.clone() };
        (*before, *at) = (all.clone(), now);
        Some(format!("{}: {}", connection.label, since_words(&since)))
    }

    fn trouble(&mut self, connection: &Connection, message: &str, now: Time) -> Option<String> {
        let limit = connection.max_retries;
        let reported = self.sources.entry(connection.id).or_default();
        let was_troubled = std::mem::replace(&mut reported.trouble, true);
        let line = format!("{}: {message}", connection.label);
        match connection.state {
            ConnectionState::Error => {
                // The state may have moved on since the event: the last error is reported once.
                let error = connection.error.as_deref().unwrap_or(message);
                let line = format!("{}: {error}", connection.label);
                (reported.gave_up.as_ref() != Some(&line)).then(|| reported.gave_up.insert(line).clone())
            }
            _ if was_troubled => None,
            ConnectionState::Connecting => {
                let waiting = connection.retry_at.is_some();
                let retry = connection.attempts + u32::from(waiting);
                let of = limit.map_or(String::new(), |limit| format!(" of {limit}"));
                let wait = connection.retry_at.map_or(0, |at| at.since(now)) as f64 / 1e9;
                let soon = if waiting { format!(" in {wait:.1} s") } else { String::new() };
                // A file that does not exist yet is awaited and counts no retries.
                let counted = if retry > 0 { format!(" (retry {retry}{of})") } else { String::new() };
                Some(format!("{line}; trying again{soon}{counted}"))
            }
            _ => Some(line),
        }
    }
}

/// `rejected 1 item: why`, `rejected 20 items, the last: why`.
fn since_words(since: &Rejection) -> String {
    let Rejection { reason, count, refused, .. } = since;
    let items = |number: u64| format!("{} item{}", number::count(number), if number == 1 { "" } else { "s" });
    let last = if count + refused > 1 { ", the last" } else { "" };
    match (*count, *refused) {
        (0, 0) => format!("turned away: {reason}"),
        (count, 0) => format!("rejected {}{last}: {reason}", items(count)),
        (0, refused) => format!("refused {}{last}: {reason}", items(refused)),
        (count, refused) => format!("rejected {}, refused {}{last}: {reason}", items(count), items(refused)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceKind;

    const SECOND: u64 = 1_000_000_000;
    const ID: SourceId = SourceId(1);

    fn connection(state: ConnectionState) -> Connection {
        let connection =
            Connection::new(ID, SourceKind::pushed("sse"), "live".into(), "http://host/live".into(), Time(1));
        Connection { state, error: Some("refused".into()), attempts: 1, ..connection }
    }

    fn error() -> ConnectionEvent {
        ConnectionEvent::Error(ID, "refused".into())
    }

    fn waiting(attempts: u32) -> Connection {
        let retry_at = Some(Time(3 * SECOND + 200_000_000));
        Connection { attempts, max_retries: Some(5), retry_at, ..connection(ConnectionState::Connecting) }
    }

    #[test]
    fn an_outage_and_its_end_are_reported_once() {
        let (mut status_log, now) = (StatusLog::default(), Time(2 * SECOND));
        let first = status_log.event(&error(), &waiting(1), now);
        assert_eq!(first.unwrap(), "live: refused; trying again in 1.2 s (retry 2 of 5)");
        assert_eq!(status_log.event(&error(), &waiting(2), now), None);
        let active = Connection { error: None, ..connection(ConnectionState::Active) };
        let back = status_log.event(&ConnectionEvent::Established(ID), &active, now);
        assert_eq!(back.unwrap(), "live: connected to http://host/live");
        assert_eq!(status_log.event(&ConnectionEvent::Established(ID), &active, now), None);
        assert!(status_log.event(&error(), &waiting(1), now).is_some(), "another outage");
    }

    #[test]
    fn giving_up_is_reported_once() {
        let (mut status_log, now) = (StatusLog::default(), Time(1));
        status_log.event(&error(), &waiting(1), now);
        let error_text = Some("refused; gave up after 5 retries".into());
        let given_up = Connection { attempts: 5, error: error_text, ..connection(ConnectionState::Error) };
        assert!(!status_log.is_complete(std::slice::from_ref(&given_up)));
        // The event of an earlier attempt may arrive this late.
        assert_eq!(status_log.event(&error(), &given_up, now).unwrap(), "live: refused; gave up after 5 retries");
        assert_eq!(status_log.event(&error(), &given_up, now), None);
        assert!(status_log.is_complete(std::slice::from_ref(&given_up)));
        assert_eq!(status_log.end(&given_up, now), None);
        let mut unheard = StatusLog::default();
        assert!(unheard.end(&given_up, now).is_some() && unheard.end(&given_up, now).is_none());
        let at_once = connection(ConnectionState::Error);
        assert_eq!(StatusLog::default().event(&error(), &at_once, now).unwrap(), "live: refused");
    }

    #[test]
    fn retries_without_limit_show_no_total() {
        let delivered = Connection { max_retries: None, ..waiting(7) };
        let line = StatusLog::default().event(&error(), &delivered, Time(3 * SECOND)).unwrap();
        assert!(line.ends_with("trying again in 0.2 s (retry 8)"), "{line}");
    }

    #[test]
    fn waiting_without_retries_names_no_number() {
        let awaited = Connection { retry_at: None, max_retries: None, ..waiting(0) };
        let line = StatusLog::default().event(&error(), &awaited, Time(3 * SECOND)).unwrap();
        assert!(line.ends_with("; trying again"), "{line}");
    }

    fn rejecting(count: u64, refused: u64, at: u64) -> Connection {
        let rejection = Some(Rejection { reason: "no such path".into(), at: Time(at), count, refused });
        Connection { error: None, rejection, ..connection(ConnectionState::Active) }
    }

    #[test]
    fn rejections_are_reported_at_once_then_in_sums() {
        let mut status_log = StatusLog::default();
        let mut tell = |count, refused, second: u64| {
            status_log.turned_away(&rejecting(count, refused, second), Time(second * SECOND))
        };
        assert_eq!(tell(1, 0, 100).unwrap(), "live: rejected 1 item: no such path");
        assert_eq!(tell(2, 0, 101), None);
        assert_eq!(tell(1_201, 0, 109), None);
        assert_eq!(tell(1_201, 0, 110).unwrap(), "live: rejected 1 200 items, the last: no such path");
        assert_eq!(tell(1_201, 0, 110), None, "nothing new");
        assert_eq!(tell(1_201, 1, 130).unwrap(), "live: refused 1 item: no such path");
        assert_eq!(tell(1_202, 3, 150).unwrap(), "live: rejected 1 item, refused 2 items, the last: no such path");
        assert_eq!(tell(1_202, 3, 170).unwrap(), "live: turned away: no such path");
    }

    #[test]
    fn earlier_problems_are_reported_at_the_start() {
        let mut status_log = StatusLog::default();
        let listener =
            Connection { kind: SourceKind::received("listen"), error: Some("half".into()), ..rejecting(1, 0, 1) };
        let lines = status_log.begin(&listener, Time(SECOND));
        assert_eq!(
            lines,
            ["listening for OTLP on http://host/live", "live: half", "live: rejected 1 item: no such path"]
        );
    }
}
