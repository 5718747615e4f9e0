//! The item counts and rates of each source, for every screen.

mod activity;

pub use activity::{Activity, SECONDS};

use crate::model::{Connection, ConnectionState, Counts, SourceId, Time};
use std::sync::Arc;

const SECOND: u64 = 1_000_000_000;

/// The latest counts and rates of all sources.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The counts of each source.
    pub counts: Arc<[(SourceId, Counts)]>,
    /// The rates.
    pub activity: Activity,
}

impl Traffic {
    /// The counts of one source.
    pub fn counts_of(&self, id: SourceId) -> Option<&Counts> {
        self.counts.iter().find(|(of, _)| *of == id).map(|(_, counts)| counts)
    }

    /// The current rate of a connection in items per second.
    pub fn per_second(&self, connection: &Connection, now: Time) -> f64 {
        match connection.state {
            // Such a connection accepts nothing, even if it was busy a moment ago.
            ConnectionState::Paused | ConnectionState::Error | ConnectionState::Disconnected => 0.0,
            ConnectionState::Connecting | ConnectionState::Active => self.activity.per_second(connection.id, now),
        }
    }

    /// The time of a connection's last item; unknown before the first.
    pub fn last_item(&self, connection: &Connection) -> Time {
        let counted = self.counts_of(connection.id).map_or(Time::default(), |counts| counts.last_received);
        connection.last_data.max(counted)
    }

    /// Takes new counts. Returns whether any changed.
    pub(super) fn count(&mut self, counts: Arc<[(SourceId, Counts)]>, now: Time) -> bool {
        self.activity.take(&counts, now);
        let changed = counts != self.counts;
        self.counts = counts;
        changed
    }

    /// Sets the intervals of the polled connections.
    pub(super) fn expect(&mut self, connections: &[Connection]) {
        let polls = |connection: &&Connection| connection.kind.is_polled();
        let interval = |connection: &Connection| Some((connection.id, connection.interval?));
        self.activity.expect(connections.iter().filter(polls).filter_map(interval));
    }

    /// The time to read the counts again: after a second while items arrive, else after 30 s. Skipped and duplicate items
    /// change neither a view nor a connection, so no event announces them.
    pub(super) fn look_at(&self, now: Time) -> Time {
        let last = self.counts.iter().map(|(_, counts)| counts.last_received).max().unwrap_or_default();
        let wait = if now.since(last) < 60 * SECOND { SECOND } else { 30 * SECOND };
        Time((now.0 / wait + 1).saturating_mul(wait))
    }
}
