//! What screens are made of: panes, a list, a detail, a filter, sorting; and what the shared keys and the mouse do with them.
//!
//! A screen holds one [`Parts`] and a list: a [`Table`], or one of its own that implements [`List`]. `acting` maps the shared
//! actions to them, so a screen handles only its own.

pub(in crate::app) mod acting;
mod column;
mod detail;
mod detail_search;
mod filtering;
mod list;
mod rows;
mod scene;
mod sort;
mod table;

pub use column::{Column, PlacedLine};
pub use detail::{Contents, Detail, Section, Side};
pub use filtering::Filtering;
pub(in crate::app) use filtering::{restore_filter, set_filter};
pub(in crate::app) use list::List;
pub use rows::{Entries, Rows};
pub(in crate::app) use scene::{Outcome, Request, Scene};
pub use sort::Sort;
pub use table::Table;

use super::layout::Panes;

/// What every screen has beside its list.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Whether the detail is open, and which pane has the keys.
    pub panes: Panes,
    /// The detail of the selected row.
    pub detail: Detail,
    /// The filter in force, on a screen that has one.
    pub filter: Filtering,
    /// The text that is searched for in the list; empty for none.
    pub search: String,
}
