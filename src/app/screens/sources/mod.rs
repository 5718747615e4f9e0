//! The Sources screen: the state of each connection, and actions on it.
//!
//! The state is here. Beside it: `order` (row order), `columns` (the columns of a row), `warnings`, `detail`,
//! `seeking` (search and errors), `acting` (the screen's own keys). Adding sources is in `app::connecting`.

mod acting;
mod columns;
mod detail;
mod order;
mod seeking;
mod warnings;

pub use columns::{Column, What};
pub use order::SortBy;
pub(in crate::app) use warnings::has_typed_credentials;
pub use warnings::{Warning, warnings};

use super::asks_nothing;
use crate::app::parts::{Outcome, Parts, Scene, Sort, Table};
use crate::model::{Connection, SourceId, Time};
use std::collections::BTreeMap;

/// The state of the Sources screen. Only the app changes it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Panes, detail and search.
    pub parts: Parts,
    /// The connections in order, and the selected one.
    pub table: Table<SourceId>,
    /// The order of the rows.
    pub sort: Sort<SortBy>,
    /// The smoothed numbers that rows are sorted by, so that rows do not jump.
    still: BTreeMap<SourceId, f64>,
    /// The time of the last smoothing.
    stilled: Time,
    /// The connection to select once it appears.
    wanted: Option<SourceId>,
}

asks_nothing!(Sources);

impl Sources {
    /// The selected connection.
    pub fn selected_of<'a>(&self, connections: &'a [Connection]) -> Option<&'a Connection> {
        let selected = self.table.selected?;
        connections.iter().find(|connection| connection.id == selected)
    }

    /// Selects a connection once it appears in the list.
    pub(in crate::app) fn select_when_known(&mut self, id: SourceId) {
        self.wanted = Some(id);
    }
}
