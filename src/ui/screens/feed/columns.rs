//! The columns of a row, and the order in which a narrow screen loses them.
//!
//! ```text
//!  ▌time         source  service   name                  kind      value  bar      state  message
//! ```
//!
//! The source has a column if the rows have several sources. A narrowing screen loses the columns in this order: bar,
//! kind, message, source, service; then the milliseconds of the time, the time, the value, and the word of the state. The
//! name and the sign of the state stay. Each column has the same place in every row.

/// A column: its first cell, and its width in cells; 0 if it is not shown.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Column {
    pub x: u16,
    pub width: u16,
}

impl Column {
    pub fn is_shown(self) -> bool {
        self.width > 0
    }

    /// The column after the last cell.
    pub fn end(self) -> u16 {
        self.x + self.width
    }
}

/// The columns of a list.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Columns {
    pub time: Column,
    /// Shown if the rows have several sources.
    pub source: Column,
    pub service: Column,
    pub name: Column,
    pub kind: Column,
    pub value: Column,
    pub bar: Column,
    pub state: Column,
    pub message: Column,
    /// The first column behind the list.
    pub end: u16,
}

/// Widths in cells.
pub(super) const VALUE: u16 = 8;
pub(super) const BAR: u16 = 8;
pub(super) const STATE: u16 = 5;
const KIND: u16 = 8;
const GAP: u16 = 2;
const TIME: u16 = 12;
const SHORT_TIME: u16 = 8;
/// A narrower list has no room for the names of sources.
const SOURCE_FROM: u16 = 72;
const MOST_SOURCE: u16 = 16;
/// A shorter message says nothing.
const MESSAGE: u16 = 24;
/// A shorter name would be cut too often.
const NAME: u16 = 20;

impl Columns {
    /// The columns of a list of this width. `source`: cells of the longest source name; 0 for no such column.
    pub fn fit(width: u16, source: u16) -> Columns {
        let source = if width < SOURCE_FROM { 0 } else { source.min(width / 6).min(MOST_SOURCE) };
        let end = width;
        // The other columns share the rest.
        let width = if source > 0 { width - source - GAP } else { width };
        let gap = if width < 60 { 1 } else { GAP };
        let (time, service, value, state) = match width {
            120.. => (TIME, 16, VALUE, STATE),
            96.. => (TIME, 12, VALUE, STATE),
            72.. => (TIME, 10, VALUE, STATE),
            50.. => (TIME, 8, VALUE, 1),
            34.. => (SHORT_TIME, 0, 7, 1),
            22.. => (0, 0, 7, 1),
            _ => (0, 0, 0, 1),
        };
        let kind = if width >= 104 { KIND } else { 0 };
        let bar = if width >= 116 { BAR } else { 0 };
        let fixed: u16 = [time, service, kind, value, bar, state].map(|w| if w > 0 { w + gap } else { 0 }).iter().sum();
        let rest = width.saturating_sub(1 + fixed);
        // The name takes the rest, or shares a wide rest with the message.
        let shared = rest.saturating_sub(gap);
        let message = match shared {
            _ if shared < NAME + MESSAGE => 0,
            _ => (shared / 2).max(MESSAGE).min(shared - NAME).max(shared.saturating_sub(44)),
        };
        let name = if message > 0 { shared - message } else { rest };
        let mut x = 1;
        let mut place = |width: u16| {
            let column = Column { x, width };
            x += if width > 0 { width + gap } else { 0 };
            column
        };
        let first = if value == 0 { Some(place(state)) } else { None };
        let mut columns = Columns {
            time: place(time),
            source: place(source),
            service: place(service),
            name: place(name),
            kind: place(kind),
            value: place(value),
            bar: place(bar),
            ..Columns::default()
        };
        columns.state = first.unwrap_or_else(|| place(state));
        columns.message = place(message);
        columns.end = end;
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_overlap_and_never_leave_the_list() {
        for (width, source) in (0..400).flat_map(|width| [(width, 0), (width, 9), (width, 40)]) {
            let columns = Columns::fit(width, source);
            let mut placed = [
                columns.time,
                columns.source,
                columns.service,
                columns.name,
                columns.kind,
                columns.value,
                columns.bar,
                columns.state,
                columns.message,
            ];
            placed.sort_by_key(|column| column.x);
            let shown: Vec<Column> = placed.into_iter().filter(|column| column.is_shown()).collect();
            for pair in shown.windows(2) {
                assert!(pair[0].end() < pair[1].x, "{width}: {columns:?}");
            }
            assert!(shown.iter().all(|column| column.end() <= width.max(4)), "{width}: {columns:?}");
        }
    }

    #[test]
    fn columns_go_in_the_stated_order() {
        let order = |width, source| {
            let columns = Columns::fit(width, source);
            let mut order = vec![columns.bar, columns.kind, columns.message, columns.source, columns.service];
            order.extend([columns.time, columns.value]);
            if source == 0 {
                order.remove(3);
            }
            order
        };
        let missing = |width, source| order(width, source).iter().filter(|column| !column.is_shown()).count();
        for (width, source) in (1..300).flat_map(|width| [(width, 0), (width, 9), (width, 40)]) {
            let shown: Vec<bool> = order(width, source).into_iter().map(Column::is_shown).collect();
            assert!(shown.is_sorted(), "{width} {source}: {shown:?}");
            assert!(missing(width, source) <= missing(width - 1, source), "{width} {source}");
            assert!(Columns::fit(width, source).name.is_shown() || width < 4, "{width}");
        }
    }
}
