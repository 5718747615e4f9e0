//! The order of the rows.

use super::{Column, Scene, Sort, Sources};
use crate::model::{Connection, ConnectionState, Counts, SourceId};
use std::cmp::Ordering;

/// A lag below this is as good as none, in nanoseconds.
const LEAST_LAG: u64 = 10_000_000;
/// So slowly, in nanoseconds, does a number that trembles go to its new value.
const SETTLES: f64 = 10e9;

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

impl Sort<SortBy> {
    /// Whether the rows rise from the top: names from A usually do, numbers do not.
    pub fn rises(self) -> bool {
        let is_number = matches!(
            self.by,
            SortBy::Rate | SortBy::Items | SortBy::Bytes | SortBy::Lag | SortBy::Tries | SortBy::Lost
        );
        is_number == self.inverted
    }

    /// In words: `rate`, `age, the newest first`, `source, the other way round`.
    pub fn words(self) -> String {
        let way = match (self.by, self.inverted) {
            (_, false) => "",
            (SortBy::Age, true) => ", the newest first",
            (_, true) => ", the other way round",
        };
        format!("{}{way}", self.by.word())
    }
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

    /// Whether it is age, which has no column, or one of these.
    pub(super) fn is_shown(self, columns: &[Column]) -> bool {
        self == SortBy::Age || columns.iter().any(|column| column.what.sort() == Some(self))
    }
}

impl Sources {
    /// The connections in their order. Equal ones stand as they were asked for.
    pub(super) fn ordered(&self, scene: &Scene<'_>) -> Vec<SourceId> {
        let mut rows: Vec<usize> = (0..scene.connections.len()).collect();
        if self.sort != Sort::default() {
            let keys: Vec<Key<'_>> = scene.connections.iter().map(|connection| self.key(connection, scene)).collect();
            rows.sort_by(|a, b| {
                let order = compare(&keys[*a], &keys[*b]);
                let order = if self.sort.inverted { order.reverse() } else { order };
                order.then(a.cmp(b))
            });
            if self.sort.by == SortBy::Age {
                rows.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
        rows.into_iter().map(|row| scene.connections[row].id).collect()
    }

    /// Holds still the trembling numbers that rows are sorted by, so that rows do not change places over nothing: a number
    /// near its held value moves there slowly, any other at once.
    pub(super) fn hold_still(&mut self, scene: &Scene<'_>) {
        let about = match self.sort.by {
            SortBy::Rate => 0.25,
            SortBy::Lag => 0.5,
            _ => return self.still.clear(),
        };
        let now = scene.now;
        let step = -(-(now.since(self.stilled) as f64) / SETTLES).exp_m1();
        self.stilled = now;
        self.still.retain(|id, _| scene.connections.iter().any(|connection| connection.id == *id));
        for connection in scene.connections {
            let number = match self.sort.by {
                SortBy::Lag => scene.traffic.counts_of(connection.id).map_or(0, lag) as f64,
                _ => scene.traffic.per_second(connection, now),
            };
            let held = self.still.entry(connection.id).or_insert(number);
            let is_about = number > 0.0 && (number - *held).abs() <= about * *held;
            *held = if is_about { *held + (number - *held) * step } else { number };
        }
    }

    fn key<'a>(&self, connection: &'a Connection, scene: &Scene<'_>) -> Key<'a> {
        let counts = scene.traffic.counts_of(connection.id);
        let number = |of: fn(&Counts) -> u64| Key::Number(counts.map_or(0, of) as f64);
        match self.sort.by {
            SortBy::Age => Key::Number(0.0),
            SortBy::State => Key::Place(urgency(connection)),
            SortBy::Label => Key::Text(connection.label.to_lowercase()),
            SortBy::Group => Key::Text(connection.group.as_deref().unwrap_or("\u{10ffff}").to_lowercase()),
            SortBy::Kind => Key::Word(connection.recognised()),
            // What is about the same stands as it was asked for: steps of a twentieth.
            SortBy::Rate | SortBy::Lag => {
                Key::Number(self.still.get(&connection.id).copied().unwrap_or_default().log(1.05).round())
            }
            SortBy::Items => number(|counts| counts.received),
            SortBy::Bytes => number(|counts| counts.bytes),
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

/// Event time against receipt, in nanoseconds; of a few milliseconds nothing is to be learnt.
fn lag(counts: &Counts) -> u64 {
    let (told, received) = counts.newest;
    Some(received.since(told)).filter(|lag| *lag >= LEAST_LAG && !told.is_unknown()).unwrap_or_default()
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
