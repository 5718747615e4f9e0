//! The layout of the panes. Drawing, scrolling and the mouse share it.
//!
//! ```text
//!  tabs      from 5 rows on, not zoomed
//!  bar       from 3 rows on, or while edited: the filter, or the prompt for a source
//!  header    column titles of a visible list, from 6 rows on
//!  list      always
//!  ── title  with an open detail and room for both; else the detail replaces the list
//!  detail    facts beside the other sections from 110 columns on
//!  status    from 2 rows on, or while a line is typed there
//! ```

/// A rectangle of cells.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Area {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// The pane that has the focus.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Pane {
    /// The list.
    #[default]
    List,
    /// The detail of the selected row.
    Detail,
}

/// The panes of a screen: open, focused, zoomed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Panes {
    /// Whether the detail is open.
    pub detail: bool,
    /// The focused pane.
    pub focus: Pane,
    /// Whether the focused pane fills the screen.
    pub zoom: bool,
}

impl Panes {
    /// Opens the detail, or focuses it if it is open already.
    pub(in crate::app) fn open(&mut self) {
        if self.detail {
            self.focus = Pane::Detail;
        }
        self.detail = true;
    }

    /// Closes the detail.
    pub(in crate::app) fn close(&mut self) {
        *self = Panes::default();
    }

    /// Leaves the zoom, else the detail, else closes the detail. Returns whether it did any of these.
    pub(in crate::app) fn back(&mut self) -> bool {
        match self {
            Panes { zoom: true, .. } => self.zoom = false,
            Panes { focus: Pane::Detail, .. } => self.focus = Pane::List,
            Panes { detail: true, .. } => self.close(),
            _ => return false,
        }
        true
    }
}

/// The inputs of the layout, besides the size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The panes of the screen.
    pub panes: Panes,
    /// Maximum rows that the list can use; the detail may take the rest.
    pub list_rows: usize,
    /// Whether the bar is being edited.
    pub bar_edited: bool,
    /// Whether the list has column titles.
    pub titled: bool,
    /// Whether a line is being typed at the bottom.
    pub bottom_typed: bool,
}

impl Default for Shape {
    /// A list that fills the screen.
    fn default() -> Shape {
        let panes = Panes::default();
        Shape { panes, list_rows: usize::MAX, bar_edited: false, titled: false, bottom_typed: false }
    }
}

/// The area of each part. A hidden part has no rows.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The line of tabs.
    pub tabs: Area,
    /// The filter bar, or the bar in its place.
    pub bar: Area,
    /// The column titles of the list.
    pub header: Area,
    /// The rows of the list.
    pub list: Area,
    /// The rule with the detail's title.
    pub title: Area,
    /// The item's facts; 0 columns without room beside the content.
    pub facts: Area,
    /// The sections of the detail.
    pub content: Area,
    /// The status line, or the line typed in its place.
    pub status: Area,
}

/// Minimum columns to show facts and content side by side.
const SIDE_BY_SIDE: u16 = 110;
/// Minimum rows of the detail, besides its title.
const DETAIL_ROWS: u16 = 4;
/// Rows that the list keeps beside a detail, if the screen has that many.
const LIST_ROWS: u16 = 5;
const LEAST_LIST_ROWS: u16 = 3;
/// Minimum lines for a list of five rows and a detail. The list gets three fifths of any further lines.
const BOTH_ROWS: u16 = 21;

impl Layout {
    /// The layout of a screen of this size.
    pub fn build(width: u16, height: u16, shape: Shape) -> Layout {
        let row = |y: u16, height: u16| Area { x: 0, y, width, height };
        let Panes { detail, focus, zoom } = shape.panes;
        let tabs = u16::from(height >= 5 && !zoom);
        let status = u16::from(height >= 2 || shape.bottom_typed && height > 0);
        let bar = u16::from(height >= 3 || shape.bar_edited && height > status);
        let body = height - tabs - status - bar;
        let alone = detail && (zoom && focus == Pane::Detail || body < LEAST_LIST_ROWS + DETAIL_ROWS + 2);
        let header = u16::from(shape.titled && height >= 6 && !alone);
        let body = body - header;
        let (list, detail) = match (detail, zoom, focus) {
            (false, ..) | (_, true, Pane::List) => (body, 0),
            (_, true, Pane::Detail) => (0, body),
            _ if body < LEAST_LIST_ROWS + DETAIL_ROWS + 1 => (0, body),
            _ => {
                let wanted = LIST_ROWS + body.saturating_sub(BOTH_ROWS) * 3 / 5;
                let needed = u16::try_from(shape.list_rows).unwrap_or(u16::MAX).max(LEAST_LIST_ROWS).saturating_add(1);
                let list = wanted.min(needed).min(body - DETAIL_ROWS - 1);
                (list, body - list)
            }
        };
        let top = tabs + bar + header;
        let title = detail.min(1);
        let facts = if width >= SIDE_BY_SIDE { (width * 2 / 5).min(64) } else { 0 };
        let inner = row(top + list + title, detail - title);
        Layout {
            tabs: row(0, tabs),
            bar: row(tabs, bar),
            header: row(tabs + bar, header),
            list: row(top, list),
            title: row(top + list, title),
            facts: Area { width: facts, ..inner },
            content: Area { x: facts, width: width - facts, ..inner },
            status: row(top + body, status),
        }
    }
}

impl Area {
    /// Whether the rectangle contains a cell.
    pub fn contains(self, column: u16, row: u16) -> bool {
        (self.x..self.x.saturating_add(self.width)).contains(&column)
            && (self.y..self.y.saturating_add(self.height)).contains(&row)
    }

    /// Whether the rectangle is empty.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_screen_row_belongs_to_one_pane(
            width in 0u16..300, height in 0u16..120, detail: bool, zoom: bool, on_detail: bool, bar: bool,
            titled: bool, bottom: bool, list_rows: u16,
        ) {
            let focus = if on_detail { Pane::Detail } else { Pane::List };
            let list_rows = list_rows.into();
            let panes = Panes { detail, focus, zoom };
            let shape = Shape { panes, list_rows, bar_edited: bar, titled, bottom_typed: bottom };
            let layout = Layout::build(width, height, shape);
            let mut y = 0;
            for area in [layout.tabs, layout.bar, layout.header, layout.list, layout.title, layout.content, layout.status] {
                prop_assert_eq!(area.y, y);
                y += area.height;
            }
            prop_assert_eq!(y, height);
            prop_assert_eq!(layout.facts.width + layout.content.width, width);
        }
    }

    #[test]
    fn a_list_beside_a_detail_keeps_five_rows() {
        let panes = Panes { detail: true, ..Panes::default() };
        let rows = |height, list_rows| {
            let layout = Layout::build(80, height, Shape { panes, list_rows, ..Shape::default() });
            (layout.list.height, layout.content.height)
        };
        assert_eq!(rows(24, usize::MAX), (5, 15));
        assert_eq!(rows(35, usize::MAX), (11, 20));
        assert_eq!(rows(45, usize::MAX), (17, 24));
        assert_eq!(rows(45, 4), (5, 36), "the detail takes the list's unused lines");
        assert_eq!(rows(12, usize::MAX), (4, 4));
    }

    #[test]
    fn small_screens_lose_tabs_first_list_last() {
        let rows = |height| {
            let layout = Layout::build(20, height, Shape::default());
            (layout.tabs.height, layout.bar.height, layout.list.height, layout.status.height)
        };
        assert_eq!(rows(1), (0, 0, 1, 0));
        assert_eq!(rows(2), (0, 0, 1, 1));
        assert_eq!(rows(3), (0, 1, 1, 1));
        assert_eq!(rows(5), (1, 1, 2, 1));
    }
}
