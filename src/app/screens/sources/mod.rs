//! The Sources screen: what each connection is doing, and what can be done about it.
//!
//! State lies here; beside it `order` (the rows), `columns` (what stands in them), `marks` (what is to be known at a glance),
//! `detail`, `seeking` (matches and trouble), and `acting`, which says what its own keys do. What is typed about sources is in
//! `app::connecting`.

mod acting;
mod columns;
mod detail;
mod marks;
mod order;
mod seeking;

pub use columns::{Column, What};
pub(in crate::app) use marks::has_typed_credentials;
pub use marks::{Mark, marks};
pub use order::SortBy;

use super::asks_nothing;
use crate::app::parts::{Outcome, Parts, Scene, Sort, Table};
use crate::model::{Connection, SourceId, Time};
use std::collections::BTreeMap;

/// The state of the Sources screen. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Panes, detail and search.
    pub parts: Parts,
    /// The connections in their order, and the selected one.
    pub table: Table<SourceId>,
    /// The order of the rows.
    pub sort: Sort<SortBy>,
    /// The numbers that rows are sorted by, where those tremble: held still.
    still: BTreeMap<SourceId, f64>,
    /// When that was.
    stilled: Time,
    /// The connection to select once it is known.
    wanted: Option<SourceId>,
}

asks_nothing!(Sources);

impl Sources {
    /// The selected connection.
    pub fn selected_of<'a>(&self, connections: &'a [Connection]) -> Option<&'a Connection> {
        let selected = self.table.selected?;
        connections.iter().find(|connection| connection.id == selected)
    }

    /// Selects a connection that is about to be known.
    pub(in crate::app) fn select_when_known(&mut self, id: SourceId) {
        self.wanted = Some(id);
    }
}
