//! The order of the Sources rows.

use super::{Column, Scene, Sort, Sources};
use crate::model::{Connection, ConnectionState, Counts, SourceId};
use std::cmp::Ordering;

/// Smaller lags count as zero, in nanoseconds.
const LEAST_LAG: u64 = 10_000_000;
/// Time constant of the smoothing of small changes, in nanoseconds.
const SETTLES: f64 = 10e9;

/// The sort order of the Sources screen.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum SortBy {
    /// The time of adding.
    #[default]
    Age,
    /// The urgency of the state.
    State,
    /// The name.
    Label,
    /// The group.
    Group,
    /// The kind or the recognised format.
    Kind,
    /// Items per second.
    Rate,
    /// Items received.
    Items,
    /// Bytes received, in their stored form.
    Bytes,
    /// Difference between event time and receipt.
    Lag,
    /// Consecutive attempts without an item.
    Tries,
    /// Items dropped and rejected.
    Lost,
}

impl Sort<SortBy> {
    /// Whether the order is ascending by default: yes for names, no for numbers.
    pub fn rises(self) -> bool {
        let is_number = matches!(
            self.by,
            SortBy::Rate | SortBy::Items | SortBy::Bytes | SortBy::Lag | SortBy::Tries | SortBy::Lost
        );
        is_number == self.inverted
    }

    /// In words: `rate`, `age, newest first`, `source, reversed`.
    pub fn words(self) -> String {
        let way = match (self.by, self.inverted) {
            (_, false) => "",
            (SortBy::Age, true) => ", newest first",
            (_, true) => ", reversed",
        };
        format!("{}{way}", self.by.word())
    }
}

impl SortBy {
    /// All sort orders, in column order.
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

    /// In one word.
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

    /// Whether this is the age, which has no column, or a visible column.
    pub(super) fn is_shown(self, columns: &[Column]) -> bool {
        self == SortBy::Age || columns.iter().any(|column| column.what.sort() == Some(self))
    }
}

impl Sources {
    /// The connections in order. Equal ones keep the order in which they were added.
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

    /// Smooths the numbers that rows are sorted by, so that small changes do not reorder rows. A number near its smoothed
    /// value approaches it slowly; any other takes effect at once.
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
            // Values within about 5 % count as equal and keep the order in which they were added.
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

/// Difference between event time and receipt, in nanoseconds. A few milliseconds count as 0.
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
