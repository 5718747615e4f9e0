//! The order of the rows.

use super::{Sources, activity::Activity};
use crate::model::{Connection, ConnectionState, Counts, SourceId, Time};
use std::cmp::Ordering;

/// What rows are sorted by.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum SortBy {
    /// When they were asked for.
    #[default]
    Age,
    /// What needs an eye first.
    State,
    /// The label.
    Label,
    /// The group.
    Group,
    /// What kind of thing it is.
    Kind,
    /// Items a second.
    Rate,
    /// Items received.
    Items,
    /// Bytes of what came, as they are kept.
    Bytes,
    /// Event time against receipt.
    Lag,
    /// Attempts in a row without an item.
    Tries,
    /// Dropped and rejected.
    Lost,
}

/// By what, and which way.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Against the usual way: names from A, numbers from the largest.
    pub inverted: bool,
}

impl SortBy {
    /// All of them, in the order of the columns.
    pub const ALL: [SortBy; 11] = [
        SortBy::Age,
        SortBy::State,
        SortBy::Label,
        SortBy::Group,
        SortBy::Kind,
        SortBy::Rate,
        SortBy::Items,
        SortBy::Bytes,
        SortBy::Lag,
        SortBy::Tries,
        SortBy::Lost,
    ];

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            SortBy::Age => "age",
            SortBy::State => "state",
            SortBy::Label => "source",
            SortBy::Group => "group",
            SortBy::Kind => "kind",
            SortBy::Rate => "rate",
            SortBy::Items => "items",
            SortBy::Bytes => "memory",
            SortBy::Lag => "lag",
            SortBy::Tries => "tries",
            SortBy::Lost => "lost",
        }
    }

    /// The next one.
    pub(super) fn next(self) -> SortBy {
        let at = SortBy::ALL.iter().position(|by| *by == self).unwrap_or_default();
        SortBy::ALL[(at + 1) % SortBy::ALL.len()]
    }
}

impl Sources {
    /// The rows in their order, by their place among the connections. Equal ones stand as they were asked for.
    pub fn rows(&self, connections: &[Connection], now: Time) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..connections.len()).collect();
        if self.sort != Sort::default() {
            let keys: Vec<Key<'_>> = connections.iter().map(|connection| self.key(connection, now)).collect();
            rows.sort_by(|a, b| {
                let order = compare(&keys[*a], &keys[*b]);
                let order = if self.sort.inverted { order.reverse() } else { order };
                order.then(a.cmp(b))
            });
            if self.sort.by == SortBy::Age {
                rows.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
        rows
    }

    fn key<'a>(&self, connection: &'a Connection, now: Time) -> Key<'a> {
        let counts = self.counts_of(connection.id);
        let number = |of: fn(&Counts) -> u64| Key::Number(counts.map_or(0, of) as f64);
        match self.sort.by {
            SortBy::Age => Key::Number(0.0),
            SortBy::State => Key::Place(urgency(connection)),
            SortBy::Label => Key::Text(connection.label.to_lowercase()),
            SortBy::Group => Key::Text(connection.group.as_deref().unwrap_or("\u{10ffff}").to_lowercase()),
            SortBy::Kind => Key::Word(connection.kind.word()),
            SortBy::Rate => Key::Number(rate(&self.activity, connection.id, now)),
            SortBy::Items => number(|counts| counts.received),
            SortBy::Bytes => number(|counts| counts.bytes),
            SortBy::Lag => number(|counts| counts.newest.1.since(counts.newest.0)),
            SortBy::Tries => Key::Number(connection.attempts.into()),
            SortBy::Lost => number(Counts::lost),
        }
    }
}

enum Key<'a> {
    Text(String),
    Word(&'a str),
    Place(u8),
    Number(f64),
}

fn compare(a: &Key<'_>, b: &Key<'_>) -> Ordering {
    match (a, b) {
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Word(a), Key::Word(b)) => a.cmp(b),
        (Key::Place(a), Key::Place(b)) => a.cmp(b),
        (Key::Number(a), Key::Number(b)) => b.total_cmp(a),
        _ => Ordering::Equal,
    }
}

/// A rate that trembles must not make rows change places: two digits of it count.
fn rate(activity: &Activity, id: SourceId, now: Time) -> f64 {
    let rate = activity.per_second(id, now);
    if rate <= 0.0 {
        return 0.0;
    }
    let unit = 10f64.powf(rate.log10().floor() - 1.0);
    (rate / unit).round() * unit
}

fn urgency(connection: &Connection) -> u8 {
    match connection.state {
        ConnectionState::Error => 0,
        ConnectionState::Active if connection.error.is_some() => 1,
        ConnectionState::Connecting => 2,
        ConnectionState::Paused => 3,
        ConnectionState::Active => 4,
        ConnectionState::Disconnected => 5,
    }
}
