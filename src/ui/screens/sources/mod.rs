//! How the Sources screen looks: the bar that a source is added by, the rows, the detail.

mod bar;
mod detail;
mod list;
mod row;

pub(in crate::ui) use bar::{cursor, draw_bar, draw_error};
pub(in crate::ui) use detail::draw_detail;
pub(in crate::ui) use list::{draw_list, header_column};
