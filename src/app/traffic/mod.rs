//! What came from each source: the counts, and how fast they grow. Every screen may show it.

mod activity;

pub use activity::{Activity, SECONDS};

use crate::model::{Connection, ConnectionState, Counts, SourceId, Time};
use std::sync::Arc;

const SECOND: u64 = 1_000_000_000;

/// The newest counts of every source, and its rate.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// What became of the items of each source.
    pub counts: Arc<[(SourceId, Counts)]>,
    /// How fast items come.
    pub activity: Activity,
}

impl Traffic {
    /// The counts of one source.
    pub fn counts_of(&self, id: SourceId) -> Option<&Counts> {
        self.counts.iter().find(|(of, _)| *of == id).map(|(_, counts)| counts)
    }

    /// Items a second that come from a connection at present.
    pub fn per_second(&self, connection: &Connection, now: Time) -> f64 {
        match connection.state {
            // Such a connection takes nothing, whatever came in the seconds before.
            ConnectionState::Paused | ConnectionState::Error | ConnectionState::Disconnected => 0.0,
            ConnectionState::Connecting | ConnectionState::Active => self.activity.per_second(connection.id, now),
        }
    }

    /// When the last item of a connection came; unknown before the first one.
    pub fn last_item(&self, connection: &Connection) -> Time {
        let counted = self.counts_of(connection.id).map_or(Time::default(), |counts| counts.last_received);
        connection.last_data.max(counted)
    }

    /// Takes new counts; whether any of them changed.
    pub(super) fn count(&mut self, counts: Arc<[(SourceId, Counts)]>, now: Time) -> bool {
        self.activity.take(&counts, now);
        let changed = counts != self.counts;
        self.counts = counts;
        changed
    }

    /// Takes the intervals of the polled connections.
    pub(super) fn expect(&mut self, connections: &[Connection]) {
        let polls = |connection: &&Connection| connection.kind.is_polled();
        let interval = |connection: &Connection| Some((connection.id, connection.interval?));
        self.activity.expect(connections.iter().filter(polls).filter_map(interval));
    }

    /// When to read the counts next. Skipped and duplicate items change neither a view nor a connection, so nobody announces
    /// them. Once a second while items come, else every 30 s.
    pub(super) fn look_at(&self, now: Time) -> Time {
        let last = self.counts.iter().map(|(_, counts)| counts.last_received).max().unwrap_or_default();
        let wait = if now.since(last) < 60 * SECOND { SECOND } else { 30 * SECOND };
        Time((now.0 / wait + 1).saturating_mul(wait))
    }
}
