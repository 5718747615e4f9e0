//! The parts of screens: panes, list, detail, filter, sorting; and how the shared keys and the mouse use them.
//!
//! A screen holds one [`Parts`] and a list: a [`Table`], or its own type that implements [`List`]. `acting` maps the shared
//! actions to them, so a screen handles only its own actions.

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

/// The parts that every screen has beside its list.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Whether the detail is open, and which pane has the focus.
    pub panes: Panes,
    /// The detail of the selected row.
    pub detail: Detail,
    /// The filter in force, if the screen has one.
    pub filter: Filtering,
    /// The text searched in the list; empty for none.
    pub search: String,
}
