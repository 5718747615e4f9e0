//! The Sources screen: what each connection is doing, and what can be done about it.
//!
//! State lies here; beside it `order` (the rows), `columns` (what stands in them), `activity` (rates and the last minute), `marks` (what is to be known at a
//! glance), `detail`, `moving`, and `acting`, which says which action is whose. What is typed here is in `app::connecting`.

mod acting;
mod activity;
mod columns;
mod detail;
mod marks;
mod moving;
mod order;

pub use activity::{Activity, SECONDS};
pub use columns::{Column, What};
pub use detail::Detail;
pub use marks::Mark;
pub(in crate::app) use marks::has_typed_credentials;
pub use order::{Sort, SortBy};

use super::{Outcome, Scene};
use crate::app::layout::Panes;
use crate::model::{Connection, ConnectionState, Counts, SourceId, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

const SECOND: u64 = 1_000_000_000;

/// The state of the Sources screen. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The selected connection; it stays so whatever comes and goes around it.
    pub selected: Option<SourceId>,
    /// The row that it stood in last.
    place: usize,
    /// The row that is first on the screen.
    pub top: usize,
    /// The order of the rows.
    pub sort: Sort,
    /// What is searched for; empty where nothing is.
    pub search: String,
    /// What is known of the selected connection.
    pub detail: Detail,
    /// Whether the detail is open, and which pane has the keys.
    pub panes: Panes,
    /// What became of what came, source by source.
    pub counts: Arc<[(SourceId, Counts)]>,
    /// How much comes.
    pub activity: Activity,
    /// The connection that the next press of the key ends.
    doomed: Option<SourceId>,
    /// What of the rows trembles and is sorted by, held still.
    still: BTreeMap<SourceId, f64>,
    /// When that was.
    stilled: Time,
    /// The connection to select once it is known.
    wanted: Option<SourceId>,
    /// The wheel has gone to rows without the selected one.
    strayed: bool,
}

impl Sources {
    /// What became of what came from a source.
    pub fn counts_of(&self, id: SourceId) -> Option<&Counts> {
        self.counts.iter().find(|(of, _)| *of == id).map(|(_, counts)| counts)
    }

    /// Items a second that come from a connection of late.
    pub fn per_second(&self, connection: &Connection, now: Time) -> f64 {
        match connection.state {
            // What is held, given up or off takes nothing, whatever came in the seconds before.
            ConnectionState::Paused | ConnectionState::Error | ConnectionState::Disconnected => 0.0,
            ConnectionState::Connecting | ConnectionState::Active => self.activity.per_second(connection.id, now),
        }
    }

    /// The selected connection.
    pub fn selected_of<'a>(&self, connections: &'a [Connection]) -> Option<&'a Connection> {
        let selected = self.selected?;
        connections.iter().find(|connection| connection.id == selected)
    }

    /// Takes what was counted; whether anything is another than before.
    pub(in crate::app) fn count(&mut self, counts: Arc<[(SourceId, Counts)]>, now: Time) -> bool {
        self.activity.take(&counts, now);
        let changed = counts != self.counts;
        self.counts = counts;
        changed
    }

    /// The connection that the next press of the key ends.
    pub(in crate::app) fn doomed(&self) -> Option<SourceId> {
        self.doomed
    }

    /// Nobody is asked any more whether a connection is to end.
    pub(in crate::app) fn spare(&mut self) {
        self.doomed = None;
    }

    /// Selects a connection that is about to be known.
    pub(in crate::app) fn select_when_known(&mut self, id: SourceId) {
        self.wanted = Some(id);
    }

    /// Takes what is known of the connections.
    pub(in crate::app) fn know(&mut self, connections: &[Connection]) {
        if let Some(wanted) = self.wanted.take_if(|wanted| connections.iter().any(|known| known.id == *wanted)) {
            self.select(wanted);
        }
        let polls = |connection: &&Connection| connection.kind.is_polled();
        let interval = |connection: &Connection| Some((connection.id, connection.interval?));
        self.activity.expect(connections.iter().filter(polls).filter_map(interval));
    }

    /// When what is said of a silence changes next. Rates are in the status line of every screen.
    pub(in crate::app) fn wake_at(&self, connections: &[Connection], now: Time) -> Option<Time> {
        connections.iter().filter_map(|connection| self.quiet_at(connection, now)).min()
    }

    /// When to look at the counts next: what is skipped, or had come before, makes no view and no change of a connection.
    /// Where nothing has come for long there is little to be seen.
    pub(in crate::app) fn look_at(&self, now: Time) -> Time {
        let last = self.counts.iter().map(|(_, counts)| counts.last_received).max().unwrap_or_default();
        let wait = if now.since(last) < 60 * SECOND { SECOND } else { 30 * SECOND };
        Time((now.0 / wait + 1).saturating_mul(wait))
    }

    /// Sees to it that a connection is selected, that it is to be seen, and that the detail tells of it.
    pub(in crate::app) fn settle(&mut self, scene: &Scene<'_>) {
        self.hold_still(scene.connections, scene.now);
        let rows = self.rows(scene.connections);
        let place = |id: SourceId| rows.iter().position(|row| scene.connections[*row].id == id);
        if self.selected.and_then(place).is_none() {
            // What comes to stand where it stood, or the last one.
            let row = rows.get(self.place.min(rows.len().saturating_sub(1)));
            self.selected = row.map(|row| scene.connections[*row].id);
            if self.selected.is_none() && self.panes.detail {
                self.panes.close();
            }
        }
        let at = self.selected.and_then(place);
        self.place = at.unwrap_or_default();
        self.keep_in_sight(rows.len(), at, scene);
        self.read_selected(scene);
    }
}
