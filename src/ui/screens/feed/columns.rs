//! The columns of a row, and which go first where there is no room.
//!
//! ```text
//!  ▌time         service   name                  kind      value  bar      state  message
//! ```
//!
//! As the screen narrows they go in this order: the bar, the kind, the message, the service; the time loses its
//! milliseconds, then goes, then the value; the state loses its word. Name and the state's sign stay. What is left keeps
//! its place in every row.

/// A column: where it begins, and how many cells it has; none where it is not shown.
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

/// Widths by importance: what is wanted at which width of the screen.
pub(super) const VALUE: u16 = 8;
pub(super) const BAR: u16 = 8;
pub(super) const STATE: u16 = 5;
const KIND: u16 = 8;
const GAP: u16 = 2;
const TIME: u16 = 12;
const SHORT_TIME: u16 = 8;
/// A message of fewer cells says nothing.
const MESSAGE: u16 = 24;
/// A name of fewer cells is cut too often to share its place.
const NAME: u16 = 20;

impl Columns {
    /// The columns of a list of this width, in cells.
    pub fn fit(width: u16) -> Columns {
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
        // The name takes the rest; if the rest is wide, it shares with the message.
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
            service: place(service),
            name: place(name),
            kind: place(kind),
            value: place(value),
            bar: place(bar),
            ..Columns::default()
        };
        columns.state = first.unwrap_or_else(|| place(state));
        columns.message = place(message);
        columns.end = width;
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_overlap_and_never_leave_the_list() {
        for width in 0..400 {
            let columns = Columns::fit(width);
            let mut placed = [
                columns.time,
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
        let shown = |width| {
            let columns = Columns::fit(width);
            let all = [columns.bar, columns.kind, columns.message, columns.service, columns.time, columns.value];
            all.iter().filter(|column| !column.is_shown()).count()
        };
        for width in 1..300 {
            let columns = Columns::fit(width);
            let order = [columns.bar, columns.kind, columns.message, columns.service, columns.time, columns.value]
                .map(Column::is_shown);
            assert!(order.is_sorted(), "{width}: {order:?}");
            assert!(shown(width) <= shown(width - 1), "{width}");
            assert!(columns.name.is_shown() || width < 4, "{width}");
        }
    }
}
