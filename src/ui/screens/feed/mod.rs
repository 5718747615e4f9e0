//! How the Feed looks: its bar, its rows, its detail.

mod bar;
mod columns;
mod detail;
mod empty;
mod list;
mod row;

pub(in crate::ui) use bar::{draw_bar, draw_filter_error, filter_cursor, scrolled};
pub(in crate::ui) use detail::{draw_detail, tab_places};
pub(in crate::ui) use list::draw_list;
